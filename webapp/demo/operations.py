"""What the sandbox's operations answer: logins, tokens, administrations, exports, imports, transactions."""

import re
import secrets
import threading
import time
from collections.abc import Callable, Mapping

from .books import BadCommand, Books
from .envelopes import Dialect, Value
from .imports import BadImport, Transaction, read_import
from .logins import ADMINISTRATIONS, LOGINS, Administration, DemoLogin
from .switches import Switches
from .transactions import Transactions

SERVICE = "OUTSMART"
MESSAGES = {
    1: "Success",
    2: "Error during login",
    3: "Error while handling file",
    4: "Error while issuing token",
    5: "Invalid token",
    6: "Corrupted token",
    7: "Unrecognized service",
    200: "Error sending payment",
    300: "Error during download",
    400: "Error during upload",
    500: "Error sending digipoort",
    600: "Error putting file",
    700: "Error getting directory listing",
    800: "Error during export",
    900: "Error during import",
    901: "Importing transaction failed",
    902: "Transaction does not exist",
    903: "Empty administration",
}

Parts = Mapping[str, str | Mapping[str, str]]
Reply = dict[str, Value]


class Refused(Exception):
    """The answer is a response code other than 1."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Unavailable(Exception):
    """The answer is no SOAP at all but an HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def response(code: int) -> Reply:
    """The reply of a code and nothing more: on failure only `response` is certain (2.1)."""
    return {"response": {"code": code, "message": MESSAGES.get(code, f"Unknown error ({code})")}}


class Operations:
    """The state behind the five operations; every method may be called from many threads."""

    def __init__(self, wait: Callable[[float], None], *, prefix: bool, token_seconds: float) -> None:
        """`wait` waits so many seconds for a slow login; `prefix` puts the leaked header before exports."""
        self._wait = wait
        self._prefix = "Content-type: text/xml " if prefix else ""
        self._token_seconds = token_seconds
        self._lock = threading.Lock()
        self._logins = {(login.relation_code, login.email): login for login in LOGINS}
        self._passwords = {key: login.password for key, login in self._logins.items()}
        self._sees = {key: login.sees for key, login in self._logins.items()}
        self._tokens: dict[str, tuple[tuple[str, str], float]] = {}
        self._books: dict[str, Books] = {}
        self.switches = Switches()
        self._transactions = Transactions(self.switches, self._books_of)
        self.rejecting = False

    def answer(self, operation: str, parts: Parts, dialect: Dialect) -> Reply:
        """The reply of one operation by its WSDL name. Raises Unavailable, and ConnectionError for no reply."""
        with self._lock:
            self._transactions.land_due()
        try:
            if operation == "Authenticate":
                return response(1) | {"token": self._authenticate(parts)}
            login = self._login(parts, dialect)
            match operation:
                case "ListAdministrations":
                    return response(1) | {"administrationList": self._list(login)}
                case "Export":
                    return response(1) | {"exportResult": self._export(login, parts)}
                case "Import":
                    return response(1) | {"transaction": self._import(login, parts)}
                case _:
                    return response(1) | {"transaction": self._transaction(login, _text(parts, "id"))}
        except Refused as refused:
            return response(refused.code)

    def change_password(self, relation_code: str, email: str, password: str) -> None:
        """Also ends the login's tokens (ASSUMPTION: they answer 5 from then on). KeyError for an unknown login."""
        with self._lock:
            login = self._logins[relation_code, email.casefold()]
            key = (login.relation_code, login.email)
            self._passwords[key] = password
            self._tokens = {token: held for token, held in self._tokens.items() if held[0] != key}

    def show_administrations(self, relation_code: str, email: str, ids: list[str]) -> None:
        """What a login sees from now on, as `map/code`. KeyError for an unknown login or administration."""
        with self._lock:
            login = self._logins[relation_code, email.casefold()]
            self._sees[login.relation_code, login.email] = tuple(ADMINISTRATIONS[id].id for id in ids)

    def administrations_of(self, login: DemoLogin) -> list[str]:
        """The ids (`map/code`) of the administrations a login sees now."""
        with self._lock:
            return list(self._sees[login.relation_code, login.email])

    def expire_tokens(self) -> None:
        """Every token issued so far is too old from now on (code 5)."""
        with self._lock:
            self._tokens.clear()

    def books(self, id: str) -> Books:
        """The books of an administration (`map/code`)."""
        with self._lock:
            self._transactions.land_due()
            return self._books_of(id)

    def land(self) -> None:
        """Every import that is late or pending is carried out now."""
        with self._lock:
            self._transactions.land()

    def under_way(self) -> int:
        """How many imports are late or pending."""
        with self._lock:
            self._transactions.land_due()
            return len(self._transactions.under_way)

    def _authenticate(self, parts: Parts) -> str:
        """A token. Code 7 before anything else: the service is the integrator's, not the user's."""
        if _text(parts, "service") != SERVICE:
            raise Refused(7)
        login = self._check(_text(parts, "relation"), _text(parts, "email"), _text(parts, "password"))
        token = secrets.token_hex(16)
        with self._lock:
            expires = time.monotonic() + self._token_seconds
            self._tokens[token] = ((login.relation_code, login.email), expires)
        return token

    def _login(self, parts: Parts, dialect: Dialect) -> DemoLogin:
        """Who calls: by token, or in 3.0 with an empty token by relatie, email and pass (WP, H)."""
        token = _text(parts, "token")
        if dialect == "3.0" and not token:
            return self._check(_text(parts, "relatie"), _text(parts, "email"), _text(parts, "pass"))
        if token and not re.fullmatch("[0-9a-f]{32}", token):
            raise Refused(6)
        with self._lock:
            key, expires = self._tokens.get(token, (("", ""), 0.0))
        if key not in self._logins or time.monotonic() >= expires:
            raise Refused(5)
        return self._logins[key]

    def _check(self, relation_code: str, email: str, password: str) -> DemoLogin:
        """The login these credentials are right for, after its faults. Raises Refused, Unavailable."""
        key = (relation_code, email.casefold())
        with self._lock:
            right = key in self._logins and secrets.compare_digest(self._passwords[key].encode(), password.encode())
        if self.rejecting or not right:
            raise Refused(2)
        login = self._logins[key]
        self._wait(login.seconds)
        if login.status != 200:
            raise Unavailable(login.status)
        if login.code != 1:
            raise Refused(login.code)
        return login

    def _list(self, login: DemoLogin) -> list[dict[str, Value]]:
        """ASSUMPTION-10, and ReadOnly as REST has it: `J` or `N`."""
        return [
            {"admCode": seen.code, "admMap": seen.map, "admName": seen.name, "ReadOnly": "NJ"[seen.read_only]}
            for seen in (ADMINISTRATIONS[id] for id in self.administrations_of(login))
        ]

    def _export(self, login: DemoLogin, parts: Parts) -> str:
        """Code 800 for an administration the login does not see, and for a command Cash does not know."""
        administration = self._administration(login, parts, 800)
        if login.export_code != 1:
            raise Refused(login.export_code)
        with self._lock:
            try:
                return self._prefix + self._books_of(administration.id).export(
                    _text(parts, "export"), self.switches.hides
                )
            except BadCommand as error:
                raise Refused(800) from error

    def _import(self, login: DemoLogin, parts: Parts) -> Value:
        """Code 900 for an administration unseen or read-only, and for a text that is no `<CASH>` XML."""
        administration = self._administration(login, parts, 900)
        if administration.read_only:
            raise Refused(900)
        try:
            incoming = read_import(_text(parts, "import"))
        except BadImport as error:
            raise Refused(900) from error
        user = str(271363 + LOGINS.index(login))
        with self._lock:
            transaction = Transaction(administration.id, login.relation_code, user, incoming)
            return self._transactions.take(transaction).written()

    def _transaction(self, login: DemoLogin, id: str) -> Value:
        """Code 902 for an unknown id, and for a transaction in an administration the login does not see."""
        seen = self.administrations_of(login)
        with self._lock:
            transaction = self._transactions.ask(id, seen)
            if transaction is None:
                raise Refused(902)
            return transaction.written()

    def _administration(self, login: DemoLogin, parts: Parts, unseen: int) -> Administration:
        """The administration argument; code 903 when it, its code or its map is missing, else `unseen`."""
        given = parts.get("administration", {})
        if isinstance(given, str) or not given.get("admCode") or not given.get("admMap"):
            raise Refused(903)
        if _text(parts, "formaat") not in ("", "0"):  # ASSUMPTION-12: only 0 is known
            raise Refused(unseen)
        id = f"{given['admMap']}/{given['admCode']}"
        if id not in self.administrations_of(login):
            raise Refused(unseen)
        return ADMINISTRATIONS[id]

    def _books_of(self, id: str) -> Books:
        """The books of an administration, filled when first asked for. The lock must be held."""
        if id not in self._books:
            self._books[id] = Books(ADMINISTRATIONS[id])
        return self._books[id]


def _text(parts: Parts, name: str) -> str:
    value = parts.get(name, "")
    return value if isinstance(value, str) else ""
