"""What the database must hold after each request, in plain Python: what each request does, and how it is answered."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from webapp.cash.choices import TOGETHER, Settings
from webapp.demo.logins import ADMINISTRATIONS

FAILURES_OF_AN_ACCOUNT, FAILURES_OF_AN_ADDRESS = 5, 20
READ_ONLY = [id for id, each in ADMINISTRATIONS.items() if each.read_only]
DEFAULTS = asdict(Settings())
WHERE = ("relation_code", "administration", "administration_name")
Choices = dict[str, Any]
Told = frozenset[tuple[object, ...]]  # what a Save sets in motion, and whose choices it overrides
NOTHING: Told = frozenset()


def together(typed: Choices, stored: Choices) -> bool:
    """Materials and hour types are one: whichever was switched decides; where both were, one on is on."""
    switched = {typed[name] for name in TOGETHER if typed[name] != stored[name]}
    return True in (switched if len(switched) == 1 else {typed[name] for name in TOGETHER})


def parts(choices: Choices) -> dict[str, object]:
    """What is chosen, with the environment and the administration as the one choice that they are."""
    rest = {name: value for name, value in choices.items() if name not in WHERE}
    return {**rest, "administration": (choices["relation_code"], choices["administration"])}


def changed(before: Choices, after: Choices) -> set[str]:
    """The choices that differ."""
    then, now = parts(before), parts(after)
    return {name for name in then if then[name] != now[name]}


def set_in_motion(before: Choices, after: Choices) -> Told:
    """What a Save asks about where nobody else saved meanwhile."""
    told: set[tuple[object, ...]] = set()
    if before["administration"] and "administration" in changed(before, after):
        told.add(("elsewhere", *(before[name] for name in WHERE), *(after[name] for name in WHERE)))
    if after["export_sales_orders"] and {"export_sales_orders", "export_work_status"} & changed(before, after):
        told.add(("orders", after["export_work_status"], after["administration"]))
    return frozenset(told)


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
    version_of: dict[int, int] = field(default_factory=dict)  # of the events that tell of one
    live: set[str] = field(default_factory=set)  # session ids

    @property
    def current(self) -> Choices:
        return self.version(len(self.versions))

    def version(self, number: int) -> Choices:
        return self.versions[number - 1][0] if number else DEFAULTS

    def changed_by(self, since: int) -> dict[str, str]:
        """Who changed each choice last."""
        users = {}
        for number in range(since + 1, len(self.versions) + 1):
            users |= dict.fromkeys(
                changed(self.version(number - 1), self.version(number)), self.versions[number - 1][1]
            )
        return users

    def merge(self, mine: Choices, seen: int) -> tuple[Choices, Told]:
        """What a Save over version `seen` comes to, and what of it overrides the choices of others."""
        base, theirs, users = self.version(seen), self.current, self.changed_by(seen)
        here, there, apart = changed(base, mine), changed(base, theirs), changed(mine, theirs)
        taken = apart & there - here
        names = {*taken, *(WHERE if "administration" in taken else ())}
        merged = {**mine, **{name: theirs[name] for name in names}}
        told = {(name, users[name], parts(theirs)[name], parts(merged)[name]) for name in apart & here & there}
        return merged, frozenset(told)


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
        self.failures: set[tuple[str, tuple[str, str], str]] = set()  # account, login, password
        self.asked: tuple[Choices, Told] | None = None  # what the last answer asks about, instead of storing it

    def answer(self, who: Person, form_of: str, act: Callable[[Person], int]) -> int:
        """What goes before every request: a live session, and a form of that very session."""
        self.asked = None
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

    def log_in(self, who: Person, login: tuple[str, str], password: str, right: bool) -> int:
        if (who.account, login, password) in self.failures:
            return 422  # Cash is not asked again
        of_account = [each for each in self.failures if each[0] == who.account]
        if len(of_account) >= FAILURES_OF_AN_ACCOUNT or len(self.failures) >= FAILURES_OF_AN_ADDRESS:
            return 429
        if not right:
            self.failures.add((who.account, login, password))
            self.note(who, "login_refused")
            return 422
        self.failures = {each for each in self.failures if each[:2] != (who.account, login)}
        account, sees = self.accounts[who.account], tuple(self.shows[login])
        proven = Login(*login, who.user, sees, self.keys[0])
        if account.stored and account.stored.relation_code == login[0] and account.current["administration"] in sees:
            account.stored = replace(proven, listed=account.stored.listed)
            account.waiting.pop(who.sid, None)
            self.note(who, "login_replaced")
        else:
            account.waiting[who.sid] = proven
            self.note(who, "login_proven")
        return 200

    def choose(self, who: Person, administration: str) -> int:
        account, login = self.accounts[who.account], self.in_force(who)
        if login is None or administration not in login.administrations or login.key not in self.keys:
            return 422
        if administration not in self.shows[login.at_cash]:
            self.note(who, "cash_failed")
            return 503
        login = replace(login, listed=tuple(sorted({*login.listed, administration})))
        if who.sid in account.waiting:
            account.waiting[who.sid] = login
        else:
            account.stored = login
        return 200

    def save(self, who: Person, typed: Choices, seen: int, confirmed: Told) -> int:
        account, login, administration = self.accounts[who.account], self.in_force(who), typed["administration"]
        if login is None:
            return 422
        name = ADMINISTRATIONS[administration].name if administration in login.administrations else ""
        typed = {**typed, **dict.fromkeys(TOGETHER, together(typed, account.current))}
        mine = {**typed, "relation_code": login.relation_code, "administration_name": name}
        choices, overrides = account.merge(mine, seen)
        if choices["administration"] not in login.administrations:
            return 422
        if choices["export_sales_orders"] and choices["administration"] in READ_ONLY:
            return 422
        return self.store(who, choices, overrides, confirmed)

    def store(
        self, who: Person, choices: Choices, overrides: Told = NOTHING, confirmed: Told = NOTHING, kind: str = "saved"
    ) -> int:
        account = self.accounts[who.account]
        told = overrides | set_in_motion(account.current, choices)
        if told and told != confirmed:
            self.asked = choices, told
            return 409 if overrides else 200
        if who.sid in account.waiting:
            account.stored = account.waiting.pop(who.sid)
            self.note(who, "connected")
        if not account.versions or changed(account.current, choices):
            account.versions.append((choices, who.user))
            self.note(who, kind, len(account.versions))
        return 200

    def restores_at_once(self, who: Person, event: int) -> bool:
        """Whether restoring this event changes something and asks nothing."""
        account, login = self.accounts[who.account], self.in_force(who)
        choices = account.version(account.version_of[event])
        sees = login is not None and choices["administration"] in login.administrations
        asks = set_in_motion(account.current, choices)
        return sees and not asks and bool(changed(account.current, choices))

    def restore(self, who: Person, event: int, seen: int) -> int:
        account, login = self.accounts[who.account], self.in_force(who)
        if not account.version_of.get(event):
            return 404
        choices = account.version(account.version_of[event])
        same = login is not None and login.relation_code == choices["relation_code"]
        if not same or choices["administration"] not in login.administrations:
            return 422
        if changed(account.current, choices) and seen != len(account.versions):
            return 409
        if choices["export_sales_orders"] and choices["administration"] in READ_ONLY:
            return 422
        return self.store(who, choices, kind="restored")

    def test(self, who: Person) -> int:
        account = self.accounts[who.account]
        login, saved = account.stored, account.current["administration"]
        if login is None or login.key not in self.keys:
            return 422
        account.stored = replace(login, administrations=tuple(self.shows[login.at_cash]))
        if saved in account.stored.administrations:
            self.note(who, "tested")
            return 200
        self.note(who, "administration_gone")
        return 422

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
