"""What the database must hold after each request, in plain Python: what each request does, and how it is answered."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from webapp.demo.logins import ADMINISTRATIONS

FAILURES = {"account": 5, "login": 5, "address": 20}
READ_ONLY = [id for id, each in ADMINISTRATIONS.items() if each.read_only]
DEFAULTS = {
    "relation_code": "",
    "administration": "",
    "administration_name": "",
    **dict.fromkeys(("import_relations", "import_materials", "import_hour_types", "import_warehouses"), False),
    **dict.fromkeys(("import_employees", "export_sales_orders", "export_work_description"), False),
    **dict.fromkeys(("export_new_relations", "export_new_materials"), True),
    "export_work_status": "1",
    "export_hour_rounding": 0,
    "export_default_warehouse": "",
}
Choices = dict[str, Any]


def changed(before: Choices, after: Choices) -> set[str]:
    """The choices that differ."""
    return {name for name in before if before[name] != after[name]} - {"administration_name"}


@dataclass(frozen=True)
class Login:
    """A login at Cash as it is kept: which key sealed its password, whose warehouses are listed."""

    relation_code: str
    email: str
    user: str
    administrations: tuple[str, ...]
    key: str
    listed: tuple[str, ...] = ()

    @property
    def at_cash(self) -> tuple[str, str]:
        return self.relation_code, self.email


@dataclass
class Account:
    """All that one account has."""

    stored: Login | None = None
    waiting: dict[str, Login] = field(default_factory=dict)  # by session id
    versions: list[tuple[Choices, str]] = field(default_factory=list)  # with who saved it
    events: list[tuple[str, str]] = field(default_factory=list)  # kind, user
    told: tuple[object, ...] = ()  # the newest event, where the same one is not told twice
    version_of: dict[int, int] = field(default_factory=dict)  # of the events that tell of one
    live: set[str] = field(default_factory=set)  # session ids

    @property
    def current(self) -> Choices:
        return self.versions[-1][0] if self.versions else DEFAULTS


@dataclass(frozen=True)
class Person:
    """Who asks: an account, a session of it, a name."""

    account: str
    sid: str
    user: str


class Model:
    """Both accounts, the keys, the failures, what Cash shows now. Each method is a request and returns the status."""

    def __init__(self, names: list[str], key: str, shows: dict[tuple[str, str], list[str]]) -> None:
        self.accounts = {name: Account() for name in names}
        self.keys, self.shows = [key], shows
        self.failures: Counter[tuple[str, ...]] = Counter()
        self.refused: set[tuple[str, ...]] = set()

    def answer(self, who: Person, form_of: str, act: Callable[[Person], int]) -> int:
        """What goes before every request: a live session, and a form of that very session."""
        if who.sid not in self.accounts[who.account].live:
            return 401
        return act(who) if form_of == who.sid else 400

    def in_force(self, who: Person) -> Login | None:
        account = self.accounts[who.account]
        return account.waiting.get(who.sid) or account.stored

    def note(self, who: Person, kind: str, version: int = 0) -> None:
        account = self.accounts[who.account]
        account.events.append((kind, who.user))
        account.version_of[len(account.events) - 1] = version
        account.told = ()

    def note_once(self, who: Person, kind: str, *facts: str) -> None:
        """What a double click sends twice is told once."""
        account, told = self.accounts[who.account], (kind, who.user, facts)
        if account.told != told:
            self.note(who, kind)
        account.told = told

    def log_in(self, who: Person, login: tuple[str, str], password: str, right: bool) -> int:
        counted = ("account", who.account), ("login", *login), ("address",)
        if (who.account, *login, password) in self.refused:
            return 422
        if any(self.failures[each] >= FAILURES[each[0]] for each in counted):
            return 429
        if not right:
            self.failures.update(counted)
            self.refused.add((who.account, *login, password))
            self.note_once(who, "login_refused", *login)
            return 422
        for each in counted[:2]:
            del self.failures[each]
        account, sees = self.accounts[who.account], tuple(self.shows[login])
        proven = Login(*login, who.user, sees, self.keys[0])
        if account.stored and account.stored.relation_code == login[0] and account.current["administration"] in sees:
            account.stored = replace(proven, listed=account.stored.listed)
            account.waiting.pop(who.sid, None)
            self.note_once(who, "login_replaced", *login)
        else:
            account.waiting[who.sid] = proven
            self.note_once(who, "login_proven", *login)
        return 200

    def choose(self, who: Person, administration: str) -> int:
        account, login = self.accounts[who.account], self.in_force(who)
        if login is None or administration not in login.administrations or login.key not in self.keys:
            return 422
        if administration not in self.shows[login.at_cash]:
            self.note_once(who, "cash_failed")
            return 503
        login = replace(login, listed=tuple(sorted({*login.listed, administration})))
        if who.sid in account.waiting:
            account.waiting[who.sid] = login
        else:
            account.stored = login
        return 200

    def save(self, who: Person, typed: Choices, version: int) -> int:
        account, login, administration = self.accounts[who.account], self.in_force(who), typed["administration"]
        if login is None:
            return 422
        seen = administration in login.administrations
        name = ADMINISTRATIONS[administration].name if seen else ""
        choices = {**typed, "relation_code": login.relation_code, "administration_name": name}
        if version != len(account.versions) and changed(account.current, choices):
            return 409
        if not seen or (choices["export_sales_orders"] and administration in READ_ONLY):
            return 422
        return self.store(who, choices, version)

    def store(self, who: Person, choices: Choices, version: int, kind: str = "saved") -> int:
        account = self.accounts[who.account]
        new = not account.versions or changed(account.current, choices)
        if new and version != len(account.versions):
            return 409
        if who.sid in account.waiting:
            account.stored = account.waiting.pop(who.sid)
            self.note(who, "connected")
        if new:
            account.versions.append((choices, who.user))
            self.note(who, kind, len(account.versions))
        return 200

    def restores_at_once(self, who: Person, event: int) -> bool:
        """Whether restoring this event changes something without having to be looked at first."""
        account, login = self.accounts[who.account], self.in_force(who)
        choices = account.versions[account.version_of[event] - 1][0]
        elsewhere = {"relation_code", "administration", "export_sales_orders"} & changed(account.current, choices)
        sees = login is not None and choices["administration"] in login.administrations
        return sees and not elsewhere and bool(changed(account.current, choices))

    def restore(self, who: Person, event: int, version: int) -> int:
        account, login = self.accounts[who.account], self.in_force(who)
        if not account.version_of.get(event):
            return 404
        choices = account.versions[account.version_of[event] - 1][0]
        same = login is not None and login.relation_code == choices["relation_code"]
        if not same or choices["administration"] not in login.administrations:
            return 422
        orders, elsewhere = choices["export_sales_orders"], {"relation_code", "administration"}
        sends = orders and (not account.current["export_sales_orders"] or choices["administration"] in READ_ONLY)
        if sends or elsewhere & changed(account.current, choices):
            return 200  # it is put into the form, to be looked at and saved
        return self.store(who, choices, version, "restored")

    def test(self, who: Person) -> int:
        account = self.accounts[who.account]
        login, saved = account.stored, account.current["administration"]
        if login is None or login.key not in self.keys:
            return 200  # and says so
        account.stored = replace(login, administrations=tuple(self.shows[login.at_cash]))
        if saved in account.stored.administrations:
            self.note_once(who, "tested")
        else:
            self.note(who, "administration_gone")
        return 200

    def disconnect(self, who: Person) -> int:
        account = self.accounts[who.account]
        if account.stored or account.waiting:
            self.note(who, "disconnected")
        account.stored = None
        account.waiting.clear()
        return 200

    def rotate(self, keys: list[str]) -> None:
        """The newest key goes before the others and every password that opens moves to it."""
        for account in self.accounts.values():
            account.stored = account.stored and self.renewed(account.stored, keys)
            account.waiting = {sid: self.renewed(login, keys) for sid, login in account.waiting.items()}
        self.keys = keys

    def renewed(self, login: Login, keys: list[str]) -> Login:
        return replace(login, key=keys[0]) if login.key in keys else login
