"""The OutSmart sandbox: an HTTP server that speaks REST v8 over demo rows, with switchable faults."""

import threading
from collections import Counter
from dataclasses import dataclass
from math import inf
from secrets import token_hex

from . import outsmart_seed as seeds
from .listening import Listening
from .outsmart_orders import COMPLETE, Order, Orders
from .outsmart_page import page
from .outsmart_routes import BAD_TOKEN, Account, Refused, Request, account_of, answer, refusal
from .outsmart_rows import Row, Tables
from .outsmart_server import BASE, OutSmartServer, Reply

SOFTWARE_TOKEN = token_hex(16)
TOKENS = {"1001": "demo-token-1001", "1002": "demo-token-1002", "1003": "demo-token-1003"}
"""The account's tokens by account: 1001 spells debtor numbers `100`, 1002 as Cash does, 1003 both ways."""
STATUSES = {"0": "Niet naar Cash", "1": "Naar Cash", "99": "Error"}
OTHER_STATUSES = {"5812441": "Ingepland", "wacht op (extern) materiaal": "Wacht op materiaal"}
MAINTENANCE = b"<!doctype html><html lang=en><title>OutSmart</title><h1>Maintenance</h1></html>"


@dataclass
class _Fault:
    operation: str  # or "" for any
    left: float  # times


class OutSmartSandbox(Listening):
    """An OutSmart that runs here; use it as a context manager, or start and stop it.

    An operation is a method and an endpoint, such as `POST relations`.
    """

    software_token = SOFTWARE_TOKEN

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

    def connect(self, account: str, token: str) -> None:
        """An account that has nothing yet."""
        self._accounts[account] = Account(token, Tables({}), Orders([]))

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

    def add_work_order(self, account: str = "1001", **fields: object) -> str:
        """A new one, `Klaargezet`; returns its id."""
        return self._accounts[account].orders.add(fields)

    def complete(self, id: str, work_status: str = "1", account: str = "1001") -> None:
        """A mechanic finishes a work order. KeyError for an unknown id."""
        done = {"status": COMPLETE, "WorkFinished": "1", "WorkStatus": work_status}
        self._accounts[account].orders.change(id, done)

    def change_work_order(self, id: str, account: str = "1001", **fields: object) -> None:
        """Somebody changes a work order, its `status` or `WorkStatus` too. KeyError for an unknown id."""
        self._accounts[account].orders.change(id, fields)

    def lose_answers(self, operation: str = "", times: float = inf) -> None:
        """Every operation, or the one named, is carried out and gets no answer, so often or until recover()."""
        self._faults["lost"] = _Fault(operation, times)

    def cut_answers(self, operation: str = "", times: float = inf) -> None:
        """The same with half of the JSON, as if that were all of it."""
        self._faults["cut"] = _Fault(operation, times)

    def break_off_answers(self, operation: str = "", times: float = inf) -> None:
        """The same with half of the JSON, after which the connection breaks."""
        self._faults["broken"] = _Fault(operation, times)

    def go_down(self, status: int = 503, operation: str = "", times: float = inf) -> None:
        """Nothing is carried out, and the answer is this HTTP status."""
        self._status = status
        self._faults["down"] = _Fault(operation, times)

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
        self._faults: dict[str, _Fault] = {}
        self._seconds, self._refusing, self._comma = 0.0, 0, False
        for account in self._accounts.values():
            account.tables.refuse_none()

    def reset(self) -> None:
        """As it was at first: no faults, no calls, nothing changed, no account beyond the first ones."""
        self._accounts = {
            "1001": _account("1001", "1571/x001", seeds.short, STATUSES),
            "1002": _account("1002", "2085/demo", seeds.padded, OTHER_STATUSES),
            "1003": _account("1003", "1702/x001", seeds.mixed, {**OTHER_STATUSES, **STATUSES}),
        }
        self.recover()
        self.forget_calls()

    def serve(self, request: Request) -> Reply:
        """The reply to a request. ConnectionError when it gets none."""
        operation = f"{request.method} {request.endpoint}"
        with self._lock:
            self._calls.append(operation)
        self.wait(self._seconds)
        if self._suffers("down", operation):
            headers = {"Retry-After": "30"} if self._status in (429, 503) else {}
            return Reply(MAINTENANCE, "text/html", self._status, headers)
        body = self._carried_out(request)
        if self._suffers("lost", operation):
            raise ConnectionAbortedError
        if self._suffers("cut", operation):
            return Reply(body[: len(body) // 2])
        return Reply(body, sent=len(body) // 2 if self._suffers("broken", operation) else None)

    def look(self, asked: str, form: dict[str, str]) -> Reply:
        """A page for people, or what one of its forms does."""
        chosen = form.get("account", asked.rpartition("/")[2]) or next(iter(self._accounts))
        try:
            if asked.startswith("POST"):
                self._obey(asked, form, chosen)
                return Reply(b"", "text/plain", 303, {"Location": f"/{chosen}"})
            return Reply(page(self._accounts, chosen, self.calls).encode(), "text/html")
        except KeyError:
            return Reply(b"Not found", "text/plain", 404)

    def _obey(self, asked: str, form: dict[str, str], account: str) -> None:
        if asked == "POST /orders":
            changed = {"status": form["status"], "WorkStatus": form["work_status"]}
            self._accounts[account].orders.change(form["id"], {**changed})
        match form.get("switch"):
            case "down":
                self.go_down()
            case "lost":
                self.lose_answers()
            case "cut":
                self.cut_answers()
            case "recover":
                self.recover()

    def _carried_out(self, request: Request) -> bytes:
        try:
            account = account_of(request, self._accounts, self.software_token)
            if self._refusing:
                raise Refused(self._refusing)
            return answer(request, account, self._comma).json()
        except Refused as refused:
            return refusal(refused).json()

    def _suffers(self, fault: str, operation: str) -> bool:
        """Whether this call has the fault; counts it."""
        with self._lock:
            found = self._faults.get(fault)
            if found is None or not found.left or found.operation not in ("", operation):
                return False
            found.left -= 1
            return True


def _account(name: str, administration: str, spell: seeds.Spelling, statuses: Row) -> Account:
    rows = seeds.rows(seeds.books_of(administration), spell, statuses)
    work_status = "1" if "1" in statuses else next(iter(statuses))
    return Account(TOKENS[name], Tables(rows), Orders(seeds.orders(rows, work_status)))
