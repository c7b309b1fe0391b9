"""The OutSmart sandbox: an HTTP server that speaks REST v8 over demo rows, with switchable faults."""

import threading
from collections import Counter
from math import inf
from secrets import token_hex
from typing import Literal

from . import outsmart_seed as seeds
from .listening import Listening
from .outsmart_faults import CLOSING, MARKING, Faults
from .outsmart_forms import change_orders
from .outsmart_orders import COMPLETE, Order, Orders
from .outsmart_page import page
from .outsmart_routes import BAD_TOKEN, Account, Refused, Request, account_of, answer, refusal
from .outsmart_rows import Row, Tables
from .outsmart_server import BASE, OutSmartServer, Reply
from .outsmart_visits import first_orders, fresh

SOFTWARE_TOKEN = token_hex(16)
TOKENS = {"1001": "demo-token-1001", "1002": "demo-token-1002", "1003": "demo-token-1003"}
"""The account's tokens by account: 1001 spells debtor numbers `100`, 1002 as Cash does, 1003 both ways."""
STATUSES = {"0": "Niet naar Cash", "1": "Naar Cash", "99": "Error"}
OTHER_STATUSES = {"5812441": "Ingepland", "wacht op (extern) materiaal": "Wacht op materiaal"}
MAINTENANCE = b"<!doctype html><html lang=en><title>OutSmart</title><h1>Maintenance</h1></html>"


class OutSmartSandbox(Listening):
    """An OutSmart that runs here; use it as a context manager, or start and stop it.

    An operation is a method and an endpoint, such as `POST relations`; `closing` and `marking` are the two that say
    what became of a work order.
    """

    software_token = SOFTWARE_TOKEN
    closing, marking = CLOSING, MARKING

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__(host, port)
        self._lock = threading.Lock()
        self._calls: list[str] = []
        self.reset()

    def listen(self, address: tuple[str, int]) -> OutSmartServer:
        """The server of a start."""
        return OutSmartServer(address, self.serve, self.look)

    @property
    def api(self) -> str:
        """The address that endpoints stand behind."""
        return f"{self.url}{BASE}"

    @property
    def calls(self) -> list[str]:
        """The operations asked so far, in order; those that failed too."""
        with self._lock:
            return list(self._calls)

    def count(self, operation: str) -> int:
        """How often an operation was asked."""
        return self.calls.count(operation)

    def token(self, account: str) -> str:
        """What the account proves itself with."""
        return self._accounts[account].token

    @property
    def accounts(self) -> list[str]:
        """Those that it knows."""
        return [*self._accounts]

    def connect(self, account: str, token: str, administration: str = "") -> None:
        """An account that has nothing yet, or part of the books of an administration of Cash (`map/code`)."""
        known = _account(token, administration, seeds.short, STATUSES) if administration else None
        self._accounts[account] = known or Account(token, Tables({}), Orders([]))

    def rows(self, kind: str, account: str = "1001") -> list[Row]:
        """What the account has of a kind (`relations`, `workstatusses`, …), with ids, in the order it was made."""
        return self._accounts[account].tables.rows(kind)

    def written(self, kind: str, account: str = "1001") -> Counter[str]:
        """How often each key of a kind was written by a POST."""
        return self._accounts[account].tables.written(kind)

    def forget_calls(self) -> None:
        """Starts counting anew, calls and writes."""
        with self._lock:
            self._calls.clear()
        for account in self._accounts.values():
            account.tables.forget_writes()

    def add(self, kind: str, account: str = "1001", **fields: str) -> None:
        """A person makes a row in OutSmart; the key may be there already."""
        self._accounts[account].tables.add(kind, fields)

    def change(self, kind: str, key: str, account: str = "1001", **fields: str) -> None:
        """A person changes a row in OutSmart. KeyError for an unknown key."""
        self._accounts[account].tables.change(kind, key, fields)

    def remove(self, kind: str, key: str, account: str = "1001") -> None:
        """A person deletes a row in OutSmart. KeyError for an unknown key."""
        self._accounts[account].tables.remove(kind, key)

    def work_orders(self, account: str = "1001") -> list[Order]:
        """The work orders of an account, the oldest first."""
        return self._accounts[account].orders.all()

    def order(self, id: str, account: str = "1001") -> Order:
        """One work order. KeyError for an unknown id."""
        return self._accounts[account].orders.get(id)

    def forget_work_orders(self, account: str = "1001") -> None:
        """The account has none from now on; ids go on."""
        self._accounts[account].orders.clear()

    def remove_work_order(self, id: str, account: str = "1001") -> None:
        """Somebody deletes one. KeyError for an unknown id."""
        self._accounts[account].orders.remove(id)

    def add_work_order(self, account: str = "1001", **fields: object) -> str:
        """A new one, `Klaargezet`; returns its id."""
        return self._accounts[account].orders.add(fields)

    def complete(self, id: str, work_status: str = "1", account: str = "1001") -> None:
        """A mechanic finishes a work order. KeyError for an unknown id."""
        done = {"status": COMPLETE, "WorkFinished": "1", "WorkStatus": work_status}
        self._accounts[account].orders.change(id, done)

    def complete_another(self, work_status: str = "1", account: str = "1001", **fields: object) -> str:
        """A mechanic made a visit today, and finished a work order with materials and hours; returns its id."""
        known = self._accounts[account]
        id = known.orders.add({**fresh(len(known.orders.all()), known.tables.all()), **fields})
        self.complete(id, work_status, account)
        return id

    def change_work_order(self, id: str, account: str = "1001", **fields: object) -> None:
        """Somebody changes a work order, its `status` or `WorkStatus` too. KeyError for an unknown id."""
        self._accounts[account].orders.change(id, fields)

    def lose_answers(self, operation: str = "", times: float = inf, when: Literal["before", "after"] = "after") -> None:
        """Every operation, or the one named, gets no answer, so often or until recover().

        It is carried out `after` all, or the connection ends `before` that.
        """
        self._faults.begin("lost" if when == "after" else "unheard", operation, times)

    def cut_answers(self, operation: str = "", times: float = inf) -> None:
        """Every operation, or the one named, is carried out, and gets half of the JSON as if that were all of it."""
        self._faults.begin("cut", operation, times)

    def break_off_answers(self, operation: str = "", times: float = inf) -> None:
        """The same, after which the connection breaks."""
        self._faults.begin("broken", operation, times)

    def go_down(self, status: int = 503, operation: str = "", times: float = inf) -> None:
        """Nothing is carried out, and the answer is this HTTP status."""
        self._status = status
        self._faults.begin("down", operation, times)

    def slow(self, seconds: float) -> None:
        """Every answer takes so long until recover()."""
        self._seconds = seconds

    def refuse_rows(self, kind: str, *keys: str, code: int | None = None, account: str = "1001") -> None:
        """A POST with one of these keys is refused with this code, else with the kind's own, until recover()."""
        self._accounts[account].tables.refuse(kind, keys, code)

    def refuse_tokens(self, code: int = BAD_TOKEN) -> None:
        """Every call is refused with this code, 1002 to 1006, until recover()."""
        self._refusing = code

    def write_commas(self) -> None:
        """Prices come with a decimal comma until recover()."""
        self._comma = True

    def recover(self) -> None:
        """Ends every fault; rows and work orders stay as changed."""
        self._faults = Faults()
        self._status, self._seconds, self._refusing, self._comma = 503, 0.0, 0, False
        for account in self._accounts.values():
            account.tables.refuse_none()

    def reset(self) -> None:
        """As it was at first: no faults, no calls, nothing changed, no account beyond the first ones."""
        self._accounts = {
            "1001": _account(TOKENS["1001"], "1571/x001", seeds.short, STATUSES),
            "1002": _account(TOKENS["1002"], "2085/demo", seeds.padded, OTHER_STATUSES),
            "1003": _account(TOKENS["1003"], "1702/x001", seeds.mixed, {**OTHER_STATUSES, **STATUSES}),
        }
        self.recover()
        self.forget_calls()

    def serve(self, request: Request) -> Reply:
        """The reply to a request. ConnectionError when it gets none."""
        operation = f"{request.method} {request.endpoint}"
        with self._lock:
            self._calls.append(operation)
        names = (operation, CLOSING) if request.closes else (operation,)
        self.wait(self._seconds)
        if self._faults.strike("down", names):
            headers = {"Retry-After": "30"} if self._status in (429, 503) else {}
            return Reply(MAINTENANCE, "text/html", self._status, headers)
        if self._faults.strike("unheard", names):
            raise ConnectionAbortedError
        body = self._carried_out(request)
        if self._faults.strike("lost", names):
            raise ConnectionAbortedError
        if self._faults.strike("cut", names):
            return Reply(body[: len(body) // 2])
        return Reply(body, sent=len(body) // 2 if self._faults.strike("broken", names) else None)

    def look(self, asked: str, form: dict[str, str]) -> Reply:
        """A page for people, or what one of its forms does."""
        chosen = form.get("account", asked.rpartition("/")[2]) or next(iter(self._accounts))
        try:
            if asked.startswith("POST"):
                self._obey(asked, form, chosen)
                return Reply(b"", "text/plain", 303, {"Location": f"/{chosen}"})
            return Reply(page(self._accounts, chosen, self.calls, self._faults.told()).encode(), "text/html")
        except (KeyError, ValueError):
            return Reply(b"Not found", "text/plain", 404)

    def _obey(self, asked: str, form: dict[str, str], account: str) -> None:
        if asked == "POST /orders/complete":
            self.complete_another(account=account)
        elif asked != "POST /switch":
            change_orders(asked, form, self._accounts[account])
        elif form["switch"] == "recover":
            self.recover()
        else:
            self._faults.pull(form)

    def _carried_out(self, request: Request) -> bytes:
        try:
            account = account_of(request, self._accounts, self.software_token)
            if self._refusing:
                raise Refused(self._refusing)
            return answer(request, account, self._comma).json()
        except Refused as refused:
            return refusal(refused).json()


def _account(token: str, administration: str, spell: seeds.Spelling, statuses: Row) -> Account:
    rows = seeds.rows(seeds.books_of(administration), spell, statuses)
    work_status = "1" if "1" in statuses else next(iter(statuses))
    return Account(token, Tables(rows), Orders(first_orders(rows, work_status)))
