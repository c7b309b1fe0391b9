"""What we ask of Cash, in our words, and how it can fail."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Self

from ..model import Administration, Credentials, Transaction
from .answers import read_administrations, read_transaction
from .errors import CashBusy, NoAdministration, error_for
from .records import write_records
from .soap import CallFailed, Exchange, Node, Refused, Soap, Value, Wsdl, has_log_in

IN_FLIGHT_WAIT = 2  # seconds
WSDL_SECONDS = 60 * 60  # how old the WSDL may be
DOUBTED_WSDL_SECONDS = 60  # the same, when Cash refuses a login that was sent as it says
REJECTED = 2  # response codes (VDBF, H)
TOKEN_LOST = {5, 6}


@dataclass(frozen=True)
class CallRecord:
    """One call, for log and metrics: the operation, "ok" or why not, and how long it took."""

    operation: str
    outcome: str
    ms: float
    caller: str = ""


class CashGateway:
    """One Cash, for all who ask it: its WSDL, and how many may ask at once. Safe to share between threads.

    `before_call` runs before every SOAP call, `before_wsdl` before every reading of the WSDL; a number they return
    means that our own limit per minute is reached for that many seconds. `observer` hears of both when they are over.
    """

    def __init__(
        self,
        wsdl: str,
        service: str,
        *,
        ca_file: str | None = None,
        connect_timeout: float = 3.0,
        deadline: float = 10.0,
        calls_in_flight: int = 10,
        before_call: Callable[[str], int | None] | None = None,
        before_wsdl: Callable[[str], int | None] | None = None,
        observer: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self.soap = Soap(wsdl, ca_file, connect_timeout)
        self.service = service
        self.deadline = deadline
        self._free = BoundedSemaphore(calls_in_flight)
        self._before_call = before_call or (lambda caller: None)
        self._before_wsdl = before_wsdl or (lambda caller: None)
        self._observer = observer or (lambda call: None)

    def session(
        self, credentials: Credentials, *, caller: str = "", on_step: Callable[[str], None] | None = None
    ) -> "CashSession":
        """A conversation with Cash under one login; nothing is sent yet. For one thread; close it.

        `caller` is the account that asks: it is handed to `before_call`, `before_wsdl` and the observer.
        `on_step` hears of each step as it passes, some more than once: resolved, connected, secure, answered,
        logged_in, administrations.
        """
        return CashSession(self, credentials, caller, on_step or (lambda step: None))

    @contextmanager
    def exchange(self, seconds: float, on_step: Callable[[str], None] = lambda step: None) -> Iterator[Exchange]:
        """A place among the calls in flight, for at most `seconds`; turns every failure into a CashError."""
        if not self._free.acquire(blocking=False):
            raise CashBusy("in_flight", "as many calls as may be are under way", IN_FLIGHT_WAIT)
        try:
            yield Exchange(seconds, on_step)
        except CallFailed as failure:
            raise error_for(failure) from None  # the cause may hold what was sent
        finally:
            self._free.release()

    @contextmanager
    def observed(self, operation: str, caller: str) -> Iterator[None]:
        """Tells the observer about one call, or reading of the WSDL; asks the limit per minute first."""
        started, outcome = time.monotonic(), "ok"
        before = self._before_wsdl if operation == "WSDL" else self._before_call
        try:
            if (wait := before(caller)) is not None:
                raise CallFailed("rate_limit", "our own limit per minute is reached", wait)
            yield
        except CallFailed as failure:
            outcome = failure.reason
            raise
        except BaseException:
            outcome = "stopped"
            raise
        finally:
            self._observer(CallRecord(operation, outcome, (time.monotonic() - started) * 1000, caller))


class CashSession:
    """A conversation with Cash: one login, one kept connection, a token that lives only here.

    Every method raises CashError; each has the deadline of the gateway for all the calls it makes.
    """

    def __init__(
        self, gateway: CashGateway, credentials: Credentials, caller: str, on_step: Callable[[str], None]
    ) -> None:
        self._gateway = gateway
        self._caller = caller
        self._credentials = credentials
        self._soap = gateway.soap
        self._wire = gateway.soap.wire()
        self._token: str | None = None
        self._on_step = on_step

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection and forgets the token."""
        self._token = None
        self._wire.close()

    def log_in(self) -> None:
        """Gets a token; in the 3.0 dialect nothing is sent, and the next call proves the credentials (WP, H)."""
        with self._gateway.exchange(self._gateway.deadline) as exchange:
            if has_log_in(self._wsdl(exchange)):
                self._authenticate(exchange)

    def administrations(self) -> list[Administration]:
        """The administrations the login sees, in Cash's order; raises NoAdministration when there is none."""
        with self._gateway.exchange(self._gateway.deadline, self._on_step) as exchange:
            found = read_administrations(self._ask(exchange, "ListAdministrations"))
        self._on_step("logged_in")  # in the 3.0 dialect this call was the login
        if not found:
            raise NoAdministration("no_administration", "the login is right, but sees no administration")
        self._on_step("administrations")
        return found

    def export(
        self, administration: Administration, command: str, *args: str, deadline: float = 300.0
    ) -> Iterator[dict[str, str]]:
        """Asks for records, such as `2260` or `0101W` with "7", and gives them one by one as they arrive (WP, H).

        A record is its fields by number, with the record number: {"record": "2229", "0101": "000100"}. Fields with
        another letter than F keep it: "Z0101", "Zjpg". Nothing is sent before the first record is taken. The place
        among the calls in flight is free again when the iterator ends or is closed. An error may come after records.
        """
        if any("|" in text for text in (command, *args)):
            raise ValueError("an export command cannot hold a |")
        return self._export(deadline, export="|".join([command, *args]), administration=_struct(administration))

    def import_records(
        self, administration: Administration, records: Iterable[tuple[str, Mapping[str, str]]]
    ) -> Transaction:
        """Sends records, each a number and its fields by number as `export` gives them (VDBF, WP, H).

        Never repeated by itself after a failure whose outcome is unknown. A transaction may be pending, and one
        with status ERROR is an answer, not an exception. Raises ValueError for a name that is no record or field.
        """
        written = write_records(records)
        with self._gateway.exchange(self._gateway.deadline) as exchange:
            values: dict[str, Value] = {"import": written, "administration": _struct(administration)}
            return read_transaction(self._ask(exchange, "Import", **values))

    def transaction(self, id: str) -> Transaction:
        """What became of an import; raises CashFault("code_902") when Cash does not know it."""
        with self._gateway.exchange(self._gateway.deadline) as exchange:
            return read_transaction(self._ask(exchange, "GetTransaction", id=id))

    def _export(self, deadline: float, **values: Value) -> Iterator[dict[str, str]]:
        with self._gateway.exchange(deadline) as exchange:
            started = False
            for last_try in (False, True):
                self._be_logged_in(exchange)
                wsdl = self._wsdl(exchange)
                try:
                    with self._gateway.observed("Export", self._caller):
                        for record in self._soap.export(self._wire, exchange, wsdl, self._values(values)):
                            started = True
                            yield record
                    return
                except Refused as refusal:
                    if started or last_try or not self._token_is_lost(refusal):
                        raise

    def _ask(self, exchange: Exchange, operation: str, **values: Value) -> Node:
        """One call; logs in first when needed, and again, once, when Cash has lost the token."""
        self._be_logged_in(exchange)
        try:
            return self._call(exchange, operation, values)
        except Refused as refusal:
            if not self._token_is_lost(refusal):
                raise
        self._be_logged_in(exchange)
        return self._call(exchange, operation, values)

    def _call(self, exchange: Exchange, operation: str, values: Mapping[str, Value]) -> Node:
        """One call; and a second one when Cash refuses the login, but only where its WSDL asks for other parts now."""
        wsdl = self._wsdl(exchange)
        try:
            return self._call_once(exchange, wsdl, operation, values)
        except Refused as refusal:
            newer = self._wsdl(exchange, DOUBTED_WSDL_SECONDS) if refusal.code == REJECTED else wsdl
            if newer.operations == wsdl.operations:
                raise
        return self._call_once(exchange, newer, operation, values)

    def _call_once(self, exchange: Exchange, wsdl: Wsdl, operation: str, values: Mapping[str, Value]) -> Node:
        with self._gateway.observed(operation, self._caller):
            return self._soap.ask(self._wire, exchange, wsdl, operation, self._values(values))

    def _wsdl(self, exchange: Exchange, seconds: float = WSDL_SECONDS) -> Wsdl:
        """The WSDL, asked for less than so many seconds ago; an older one where it cannot be read again."""
        known = self._soap.wsdl
        if known and self._soap.wsdl_age() < seconds:
            return known
        try:
            with self._gateway.observed("WSDL", self._caller):
                if known:  # the call itself must still get its turn
                    exchange = Exchange(exchange.left() / 2, exchange.step)
                return self._soap.read_wsdl(self._wire, exchange)
        except CallFailed:
            if known is None:
                raise
            return known

    def _be_logged_in(self, exchange: Exchange) -> None:
        if has_log_in(self._wsdl(exchange)) and not self._token:
            self._authenticate(exchange)

    def _authenticate(self, exchange: Exchange) -> None:
        self._token = None
        self._token = self._call(exchange, "Authenticate", {}).value("token")
        if not self._token:
            raise CallFailed("no_token", "Cash accepted the login without giving a token")
        self._on_step("logged_in")

    def _token_is_lost(self, refusal: Refused) -> bool:
        """Whether logging in again may help; forgets the token then (codes 5 and 6: VDBF, H)."""
        lost = refusal.code in TOKEN_LOST and bool(self._token)
        if lost:
            self._token = None
        return lost

    def _values(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """What parts can be filled with; formaat 0 is the structured form, the only one known (WP, H)."""
        login = self._credentials
        return {
            "relation": login.relation_code,
            "email": login.email,
            "password": login.password,
            "service": self._gateway.service,
            "token": self._token or "",
            "formaat": "0",
            **values,
        }


def _struct(administration: Administration) -> dict[str, str]:
    return {"admCode": administration.code, "admMap": administration.map}
