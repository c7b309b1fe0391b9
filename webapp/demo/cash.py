"""The Cash sandbox: an HTTP server that speaks the Cash SOAP protocol over demo books, with switchable faults."""

import threading

from . import cash_levers, cash_page
from .books import Books, SalesOrder
from .envelopes import REQUESTS, Dialect, Malformed, Style, read_request, write_reply, wsdl
from .listening import Listening
from .logins import LOGINS, DemoLogin
from .operations import Operations, Unavailable, response
from .posting import ORDER, Existing
from .server import CashServer
from .switches import Keys, Lost

SHOWN = ("1571/x001", "1571/x002", "1702/x001", "2085/demo")  # to people

__all__ = ["LOGINS", "CashSandbox", "DemoLogin"]


class CashSandbox(Listening):
    """A Cash that runs here; use it as a context manager, or start and stop it.

    `style` is how SOAP is written where the address does not say `&style=encoded` or `&style=literal`;
    `prefix` puts the leaked `Content-type: text/xml ` before exports; tokens last `token_seconds`.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        style: Style = "encoded",
        prefix: bool = True,
        token_seconds: float = 20 * 60,
    ) -> None:
        self.style: Style = style
        super().__init__(host, port)
        self._prefix, self._token_seconds = prefix, token_seconds
        self._lock = threading.Lock()
        self._calls: list[str] = []
        self._codes: dict[str, int] = {}
        self.reset()

    def listen(self, address: tuple[str, int]) -> CashServer:
        """The server of a start."""
        return CashServer(address, self.serve_wsdl, self.serve_operation, self.look)

    @property
    def wsdl(self) -> str:
        """The address of the WSDL of the token dialect."""
        return f"{self.url}/?api/wsdl"

    @property
    def wsdl_3(self) -> str:
        """The address of the 3.0 WSDL: credentials in every call."""
        return f"{self.url}/?api/3.0/wsdl"

    @property
    def calls(self) -> list[str]:
        """The operations asked so far, in order, by their WSDL names; those that failed too."""
        with self._lock:
            return list(self._calls)

    @property
    def wsdl_reads(self) -> int:
        """How often a WSDL was asked for."""
        with self._lock:
            return self._wsdl_reads

    def count(self, operation: str) -> int:
        """How often an operation was asked."""
        return self.calls.count(operation)

    def forget_calls(self) -> None:
        """Starts counting anew."""
        with self._lock:
            self._calls.clear()
            self._wsdl_reads = 0

    def reject(self) -> None:
        """Every login is wrong (code 2) until recover(); tokens stay good."""
        self.operations.rejecting = True

    def go_down(self) -> None:
        """Everything answers HTTP 503 with a maintenance page until recover()."""
        self._down = True

    def answer(self, code: int, operation: str = "") -> None:
        """Every operation, or the one named, answers this response code until recover()."""
        self._codes[operation] = code

    def slow(self, seconds: float) -> None:
        """Every answer takes so long until recover()."""
        self._seconds = seconds

    def recover(self) -> None:
        """Ends every fault; passwords and administrations stay as changed, and what is under way lands in time."""
        self.operations.rejecting = False
        self.operations.switches.reset()
        self._down, self._seconds, self._codes = False, 0.0, {}

    def reset(self) -> None:
        """As it was at first: no faults, no calls, no imports, no tokens, nothing changed."""
        self.operations = Operations(self.wait, prefix=self._prefix, token_seconds=self._token_seconds)
        self.recover()
        self.forget_calls()

    def sales_orders(self, administration: str) -> list[SalesOrder]:
        """The orders of an administration, `map/code`, by number. KeyError for an unknown one."""
        return self.books(administration).sales_orders()

    def lose_answers(self, when: Lost, times: float = 1, *, seconds: float = 30, of: str = ORDER) -> None:
        """The connection ends instead of an answer: `before` or `after` the import is carried out, or `late`, when it
        is carried out so many seconds later, at most 120. The next `times` imports that hold a record `of` this
        number ("" for any) have this, 0 for none more. ValueError for another word or time.
        """
        self.operations.switches.lose_answers(when, times, seconds, of)

    def pending(self, calls: int | None, times: float = 1, *, of: str = ORDER) -> None:
        """The next imports are pending for so many GetTransaction calls, or for ever; counted as lost answers are."""
        self.operations.switches.wait(calls, times, of)

    def half(self, times: float = 1, *, lines: int = 0) -> None:
        """Of the next imports with lines of orders only so many lines are taken, and all else."""
        self.operations.switches.halve(lines, times)

    def land(self) -> None:
        """Carries out now what is under way: imports that are late, and those that are pending."""
        self.operations.land()

    @property
    def under_way(self) -> int:
        """How many imports are late or pending."""
        return self.operations.under_way()

    def existing_number(self, does: Existing) -> None:
        """An order with a number that is there from now on will `change` that order, be `refuse`d, or be a `second`."""
        self.operations.switches.existing_number(does)

    def key_reads(self, do: Keys) -> None:
        """From now on an order or its lines are found by key (`work`), or never so (`blind`)."""
        self.operations.switches.key_reads(do)

    def administrations_of(self, login: DemoLogin) -> list[str]:
        """The administrations a login sees now, as `map/code`."""
        return self.operations.administrations_of(login)

    def show_administrations(self, relation_code: str, email: str, administrations: list[str]) -> None:
        """What a login sees from now on, as `map/code`. KeyError for an unknown login or administration."""
        self.operations.show_administrations(relation_code, email, administrations)

    def change_password(self, relation_code: str, email: str, password: str) -> None:
        """The password from now on; tokens of this login end. KeyError for an unknown login."""
        self.operations.change_password(relation_code, email, password)

    def expire_tokens(self) -> None:
        """Every token issued so far answers code 5 from now on."""
        self.operations.expire_tokens()

    def books(self, administration: str) -> Books:
        """The books of an administration, by `map/code`: to look into and to change. KeyError for an unknown one."""
        return self.operations.books(administration)

    def serve_wsdl(self, dialect: Dialect, style: Style | None, address: str) -> str:
        """The WSDL text. Raises Unavailable."""
        with self._lock:
            self._wsdl_reads += 1
        self._suffer()
        return wsdl(dialect, style or self.style, address)

    def serve_operation(self, dialect: Dialect, style: Style | None, body: bytes) -> str:
        """The envelope that answers the envelope `body`. Raises Malformed, Unavailable; ConnectionError for none."""
        name, parts = read_request(body)
        operation = next((known for known in REQUESTS[dialect] if known.lower() == name.lower()), None)
        if operation is None:
            raise Malformed(f"Procedure '{name}' not present")
        with self._lock:
            self._calls.append(operation)
        self._suffer()
        code = self._codes.get(operation, self._codes.get("", 1))
        reply = response(code) if code != 1 else self.operations.answer(operation, parts, dialect)
        return write_reply(operation, reply, style or self.style)

    def look(self, administration: str, form: dict[str, str] | None) -> str:
        """The page of an administration, `map/code`, after what its form says; as CashServer wants it."""
        books = {each: self.books(each) for each in SHOWN}
        chosen = administration or SHOWN[0]
        if form is not None:
            self._obey(form, books[chosen])
        levers = cash_levers.levers(self.operations.switches, self.under_way, f"/books/{chosen}")
        return cash_page.page(books, chosen, levers)

    def _obey(self, form: dict[str, str], books: Books) -> None:
        match form.get("switch"):
            case None:
                cash_page.change(books, form)
            case "land":
                self.land()
            case "recover":
                self.recover()
            case _:
                cash_levers.pull(self.operations.switches, form)

    def _suffer(self) -> None:
        self.wait(self._seconds)
        if self._down:
            raise Unavailable(503)
