"""What is asked of Cash, in our words."""

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from math import inf
from typing import Self, TypeVar

from ...outbound.deadline import Deadline
from ...outbound.failures import CallFailed
from ..model import Administration, Credentials, Transaction, Warehouse
from .answers import read_administrations, read_token, read_transaction, read_warehouses
from .calls import Calls
from .errors import CashError, ImportLost, error_for_reason
from .parts import Value, has_log_in
from .reasons import ResponseError
from .records import write_records
from .soap import Soap
from .wsdl import Wsdl
from .xml import Node

WSDL_SECONDS = 60 * 60  # how old the WSDL may be
DOUBTED_WSDL_SECONDS = 60  # the same, when Cash refuses a login that was sent as it says
TURN_SECONDS = 10 * 60  # until it is the turn of an import
REJECTED = 2  # response codes (VDBF, H)
TOKEN_LOST = {5, 6}
NOTHING_STORED = {f"code_{code}" for code in (REJECTED, *TOKEN_LOST, 7, 903)}  # what is refused before it is read

_T = TypeVar("_T")


class CashSession:
    """A conversation with Cash: one login, one kept connection, a token that lives only here.

    Every method raises CashError; each has `seconds` for all the calls it makes, an import its own.
    """

    def __init__(
        self,
        soap: Soap,
        calls: Calls,
        credentials: Credentials,
        service: str,
        seconds: float,
        import_seconds: float,
        on_step: Callable[[str], None],
    ) -> None:
        self._soap = soap
        self._calls = calls
        self._credentials = credentials
        self._service = service
        self._seconds = seconds
        self._import_seconds = import_seconds
        self._wire = soap.wire()
        self._token: str | None = None
        self._on_step = on_step
        self.import_has_left = False  # whether anything of the last import went out

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
        with self._calls.within(self._seconds) as deadline:
            if has_log_in(self._wsdl(deadline)):
                self._authenticate(deadline)

    def administrations(self) -> list[Administration]:
        """The administrations the login sees, in Cash's order; raises NoAdministration when there is none."""
        with self._calls.within(self._seconds, self._on_step) as deadline:
            found = self._ask(deadline, "ListAdministrations", read_administrations)
        self._on_step("logged_in")  # in the 3.0 dialect this call was the login
        if not found:
            raise error_for_reason("no_administration", "the login is right, but sees no administration")
        self._on_step("administrations")
        return found

    def export(
        self, administration: Administration, command: str, *args: str, deadline: float = 300.0
    ) -> Generator[dict[str, str], None, None]:
        """Asks for records, such as `2260` or `0101W` with "7", and gives them one by one as they arrive (WP, H).

        A record is its fields by number, with the record number: {"record": "2229", "0101": "000100"}. Fields with
        another letter than F keep it: "Z0101", "Zjpg". With the property X, "@2260" is what Cash calls field 2260.
        Nothing is sent before the first record is taken. The place among the calls in flight is free again when the
        iterator ends or is closed. An error may come after records.
        """
        if any("|" in text for text in (command, *args)):
            raise ValueError("an export command cannot hold a |")
        return self._export(deadline, export="|".join([command, *args]), administration=_struct(administration))

    def warehouses(self, administration: Administration) -> tuple[tuple[Warehouse, ...], bool]:
        """The warehouses of an administration that are not blocked, and whether there are more than these."""
        with closing(self._export(self._seconds, export="2209", administration=_struct(administration))) as records:
            return read_warehouses(records)

    def import_records(
        self, administration: Administration, records: Iterable[tuple[str, Mapping[str, str]]], *, ends: float = inf
    ) -> Transaction:
        """Sends records, each a number and its fields by number as `export` gives them (VDBF, WP, H).

        `ends` is when the last byte may go out, by the monotonic clock. Never repeated by itself after a failure whose
        outcome is unknown: that is ImportLost, and after any other error nothing was stored. A transaction may be
        pending, and one with status ERROR is an answer, not an exception. Raises ValueError for a name that is no
        record or field.
        """
        values: dict[str, Value] = {"import": write_records(records), "administration": _struct(administration)}
        self.import_has_left = False
        try:
            with self._calls.within(TURN_SECONDS, ends=ends, each=self._import_seconds) as deadline:
                return self._ask(deadline, "Import", read_transaction, **values)
        except CashError as error:
            if not self.import_has_left or error.reason in NOTHING_STORED:
                raise
            raise ImportLost(error.reason, error.detail, error.retry_after) from None

    def transaction(self, id: str) -> Transaction:
        """What became of an import; raises CashFault("code_902") when Cash does not know it."""
        with self._calls.within(self._seconds) as deadline:
            return self._ask(deadline, "GetTransaction", read_transaction, id=id)

    def _export(self, seconds: float, **values: Value) -> Generator[dict[str, str], None, None]:
        with self._calls.within(seconds) as deadline:
            started = False
            for last_try in (False, True):
                self._be_logged_in(deadline)
                wsdl = self._wsdl(deadline)
                try:
                    with self._calls.observed("Export"):
                        for record in self._soap.export(self._wire, deadline, wsdl, self._values(values)):
                            started = True
                            yield record
                    return
                except ResponseError as refusal:
                    if started or last_try or not self._token_is_lost(refusal):
                        raise

    def _ask(self, deadline: Deadline, operation: str, read: Callable[[Node], _T], **values: Value) -> _T:
        """One call; logs in first when needed, and again, once, when Cash has lost the token."""
        self._be_logged_in(deadline)
        try:
            return self._call(deadline, operation, read, values)
        except ResponseError as refusal:
            if not self._token_is_lost(refusal):
                raise
        self._be_logged_in(deadline)
        return self._call(deadline, operation, read, values)

    def _call(self, deadline: Deadline, operation: str, read: Callable[[Node], _T], values: Mapping[str, Value]) -> _T:
        """One call; and a second one when Cash refuses the login, but only where its WSDL asks for other parts now."""
        wsdl = self._wsdl(deadline)
        try:
            return self._call_once(deadline, wsdl, operation, read, values)
        except ResponseError as refusal:
            newer = self._wsdl(deadline, DOUBTED_WSDL_SECONDS) if refusal.code == REJECTED else wsdl
            if newer.operations == wsdl.operations:
                raise
        return self._call_once(deadline, newer, operation, read, values)

    def _call_once(
        self, deadline: Deadline, wsdl: Wsdl, operation: str, read: Callable[[Node], _T], values: Mapping[str, Value]
    ) -> _T:
        deadline.sent = False
        try:
            with self._calls.observed(operation):
                return self._soap.ask(self._wire, deadline, wsdl, operation, self._values(values), read)
        finally:
            self.import_has_left = operation == "Import" and deadline.sent

    def _wsdl(self, deadline: Deadline, seconds: float = WSDL_SECONDS) -> Wsdl:
        """The WSDL, asked for less than so many seconds ago; an older one where it cannot be read again."""
        known = self._soap.wsdl
        if known and self._soap.wsdl_age() < seconds:
            return known
        try:
            with self._calls.observed("WSDL"):
                if known:  # the call itself must still get its turn
                    deadline = Deadline(deadline.left() / 2, deadline.step)
                return self._soap.read_wsdl(self._wire, deadline)
        except CallFailed:
            if known is None:
                raise
            return known

    def _be_logged_in(self, deadline: Deadline) -> None:
        if has_log_in(self._wsdl(deadline)) and not self._token:
            self._authenticate(deadline)

    def _authenticate(self, deadline: Deadline) -> None:
        self._token = None
        self._token = self._call(deadline, "Authenticate", read_token, {})
        self._on_step("logged_in")

    def _token_is_lost(self, refusal: ResponseError) -> bool:
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
            "service": self._service,
            "token": self._token or "",
            "formaat": "0",
            **values,
        }


def _struct(administration: Administration) -> dict[str, str]:
    return {"admCode": administration.code, "admMap": administration.map}
