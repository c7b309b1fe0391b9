"""Two accounts with two sessions each do anything in any order; the model says how each request must be answered."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.fernet import Fernet
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from reliability.model import DEFAULTS, NOTHING, Choices, Model, Person, Told
from selectolax.lexbor import LexborHTMLParser
from support.app import UNLIMITED, configure, launch_token
from support.database import create
from support.visitor import held_by

from webapp import create_app
from webapp.cash.store.activity import Activity
from webapp.db import connect
from webapp.demo.cash import CashSandbox
from webapp.web.tokens import read_session

LOGINS = {
    ("25583", "api@example.nl"): ["1571/x001", "1571/x002", "1571/a024", "1702/x001"],
    ("25583", "lezen@example.nl"): ["2140/a023"],
    ("54852", "api@example.nl"): ["2085/demo"],
}
PASSWORDS = {login: {"25583": "geheim", "54852": "welkom"}[login[0]] for login in LOGINS}
BOOKS = sorted({id for ids in LOGINS.values() for id in ids})
WHO = {"anna": "account-a", "arie": "account-a", "bea": "account-b", "bob": "account-b"}
ACCOUNTS = sorted(set(WHO.values()))

people = st.sampled_from(sorted(WHO))
logins = st.sampled_from(sorted(LOGINS))
seldom = st.integers(0, 5).map(lambda number: number == 5)
sometimes = st.integers(0, 2).map(lambda number: number == 2)
number = st.integers(0, 1000)
switches = {"import_relations": st.booleans(), "export_sales_orders": seldom}
choices = st.fixed_dictionaries({**switches, "export_hour_rounding": st.sampled_from([0, 15])})
FIXED = {"export_work_status": "1", "export_default_warehouse": ""}
OFF = {name: False for name, default in DEFAULTS.items() if isinstance(default, bool)}


@dataclass
class Browser:
    """The page as someone has it open."""

    sid: str
    session: str
    csrf_token: str
    launch: str  # the token that opened it
    version: str = "0"  # that the page shows
    confirmed: str = ""  # with which the next Save repeats what the page told
    told: Told = NOTHING
    asked: tuple[Choices, dict[str, str]] | None = None  # what it asks about, and the form that does


@dataclass(frozen=True)
class Form:
    """A POST as it was sent, to be sent again; and what it does in the model."""

    path: str
    fields: dict[str, str]
    sid: str
    act: Callable[[Person], int]


class Accounts(RuleBasedStateMachine):
    """The machine; `cash` and `folder` are set by the test, `taken` counts steps, `happened` holds what did."""

    cash: CashSandbox
    folder: Path
    taken: int
    happened: set[object]

    def __init__(self) -> None:
        super().__init__()
        self.cash.reset()
        self.database = self.folder / f"{uuid4()}.db"
        create(self.database)
        self.model = Model(
            ACCOUNTS, Fernet.generate_key().decode(), {login: list(ids) for login, ids in LOGINS.items()}
        )
        self.configuration = configure(self.database, CASH_WSDL=self.cash.wsdl, **UNLIMITED)
        self.browsers: dict[str, Browser] = {}
        self.sent: dict[str, Form] = {}
        self.start(self.model.keys)

    def start(self, keys: list[str]) -> None:
        """The app with these vault keys, as after a restart."""
        self.app = create_app({**self.configuration, "VAULT_KEYS": keys})
        self.client = self.app.test_client(use_cookies=False)

    def send(self, name: str, form: Form) -> None:
        """Sends a form; the model says how it must be answered."""
        expected = self.model.answer(self.person(name), form.sid, form.act)
        headers = {"X-Cash-Session": self.browsers[name].session, "HX-Request": "true"}
        answer = self.client.post(form.path, data=form.fields, headers=headers)
        assert answer.status_code == expected, (form.path, form.fields, answer.text)
        path = re.sub(r"\d+", "1", form.path)
        self.happened |= {(path, expected), *([("asked", path)] if self.model.asked else [])}
        self.take(name, answer.text)
        self.sent[name] = form

    def person(self, name: str) -> Person:
        return Person(WHO[name], self.browsers[name].sid, name)

    def is_live(self, name: str) -> bool:
        return self.browsers[name].sid in self.model.accounts[WHO[name]].live

    def take(self, name: str, page: str) -> None:
        """What the settings form of the answer holds, if it has one."""
        browser, asked = self.browsers[name], self.model.asked
        assert ('id="question"' in page) == bool(asked)
        if form := LexborHTMLParser(page).css_first("form#settings"):
            fields = held_by(form)
            browser.version, browser.confirmed = fields["version"], fields["confirmed"]
            browser.told = asked[1] if asked else browser.told if browser.confirmed else NOTHING
            browser.asked = (asked[0], fields) if asked else None

    def form(self, name: str, path: str, act: Callable[[Person], int], **fields: str) -> Form:
        return Form(path, {"csrf_token": self.browsers[name].csrf_token, **fields}, self.browsers[name].sid, act)

    @initialize()
    def everybody_opens_the_page(self) -> None:
        list(map(self.open, WHO))

    @rule(name=people, ended=seldom)
    def open(self, name: str, ended: bool = False) -> None:
        """A new session, perhaps after all others of the account were ended; what waits in an old one is lost to it."""
        if ended:
            line = ["revoke-sessions", "--account", WHO[name]]
            assert self.app.test_cli_runner().invoke(args=line).exit_code == 0
            self.model.accounts[WHO[name]].live.clear()
        launch = launch_token(self.configuration["LAUNCH_KEYS"], account=WHO[name], company=WHO[name], sub=name)
        answer = self.client.post("/launch", data={"token": launch})
        assert answer.status_code == 200
        session = answer.headers["X-Cash-Session"]
        csrf_token = re.search(r'name="csrf_token" value="([^"]+)"', answer.text)
        assert csrf_token
        sid = read_session(self.configuration["SESSION_KEYS"], session)["sid"]
        self.browsers[name] = Browser(sid, session, csrf_token[1], launch)
        self.model.accounts[WHO[name]].live.add(sid)
        self.model.asked = None
        self.take(name, answer.text)

    @rule(name=people, by_an_old_launch=seldom)
    def look(self, name: str, by_an_old_launch: bool = False) -> None:
        if by_an_old_launch:
            assert self.client.post("/launch", data={"token": self.browsers[name].launch}).status_code == 409
        self.model.asked = None
        answer = self.client.get("/", headers={"X-Cash-Session": self.browsers[name].session})
        assert answer.status_code == (200 if self.is_live(name) else 401)
        self.take(name, answer.text)

    @rule(name=people, login=logins, password=st.sampled_from(["", "", "mis", "fout"]))
    def log_in(self, name: str, login: tuple[str, str], password: str = "") -> None:
        self.submit_login(name, login, password or PASSWORDS[login])

    def submit_login(self, name: str, login: tuple[str, str], password: str) -> None:
        def act(who: Person) -> int:
            return self.model.log_in(who, login, password, password == PASSWORDS[login])

        typed = dict(zip(("relation_code", "email", "password"), (*login, password), strict=True))
        self.send(name, self.form(name, "/login", act, **typed))

    def offered(self, name: str, number: int, anything: bool) -> str:
        """An administration that this person can choose, opening the page and logging in first; or any other one."""
        if anything:
            return [*BOOKS, "1571/nowhere"][number % (len(BOOKS) + 1)]
        if not self.is_live(name):
            self.open(name)
        if self.model.in_force(self.person(name)) is None:
            self.log_in(name, sorted(LOGINS)[number % len(LOGINS)])
        login, saved = self.model.in_force(self.person(name)), self.model.accounts[WHO[name]].current["administration"]
        if login is None or (saved in login.administrations and number % 3):
            return str(saved)
        return login.administrations[number % len(login.administrations)]

    @rule(name=people, number=number, anything=seldom)
    def choose(self, name: str, number: int, anything: bool) -> None:
        self.list_warehouses(name, self.offered(name, number, anything))

    def list_warehouses(self, name: str, administration: str) -> None:
        def act(who: Person) -> int:
            return self.model.choose(who, administration)

        version = self.browsers[name].version
        self.send(
            name, self.form(name, "/administration", act, administration=administration, version=version, list="1")
        )

    @rule(name=people, number=number, anything=seldom, typed=choices)
    def save(self, name: str, number: int, anything: bool, typed: dict[str, Any]) -> None:
        chosen, browser = {"administration": self.offered(name, number, anything), **typed}, self.browsers[name]
        choices, version, told = {**OFF, **FIXED, **chosen}, int(browser.version), browser.told

        def act(who: Person) -> int:
            return self.model.save(who, choices, version, told)

        fields = {key: "on" if value is True else str(value) for key, value in chosen.items() if value is not False}
        hidden = {"version": browser.version, "confirmed": browser.confirmed}
        self.send(name, self.form(name, "/settings", act, **{**fields, **FIXED, **hidden}))

    # Twice, so that there is more to disconnect, to restore and to conflict about.
    save_again = rule(name=people, number=number, anything=seldom, typed=choices)(save.__wrapped__)

    @rule(name=people)
    def press_save_again(self, name: str) -> None:
        """As the page asks: what it shows is what it told."""
        if not self.browsers[name].asked:
            return
        (choices, shown), told = self.browsers[name].asked, self.browsers[name].told
        fields = {key: value for key, value in shown.items() if key not in ("session", "csrf_token", "environment")}

        def act(who: Person) -> int:
            return self.model.save(who, choices, int(fields["version"]), told)

        self.send(name, self.form(name, "/settings", act, **fields))
        if not self.model.asked:
            self.happened.add("pressed again")

    @rule(name=people, number=number, anything=seldom)
    def restore(self, name: str, number: int, anything: bool) -> None:
        """An earlier save of one's own, or (refused) another event, perhaps of the other account."""
        account = ACCOUNTS[number % 2] if anything else WHO[name]
        ids, version_of = self.event_ids(account), self.model.accounts[account].version_of
        indexes = [index for index, version in version_of.items() if anything or version]
        if not anything:
            at_once = [index for index in indexes if self.model.restores_at_once(self.person(name), index)]
            indexes = at_once or indexes
        index, version = (indexes or [0])[number % (len(indexes) or 1)], self.browsers[name].version

        def act(who: Person) -> int:
            return self.model.restore(who, index, int(version)) if who.account == account and ids else 404

        path = f"/log/{ids[index] if ids else 0}/restore"
        self.send(name, self.form(name, path, act, seen=version))

    restore_again = rule(name=people, number=number, anything=seldom)(restore.__wrapped__)

    @rule(name=people, really=sometimes)
    def disconnect(self, name: str, really: bool) -> None:
        if really:
            self.send(name, self.form(name, "/connection/disconnect", self.model.disconnect))

    @rule(name=people)
    def test_the_connection(self, name: str) -> None:
        self.send(name, self.form(name, "/connection/test", self.model.test))

    @rule(name=people)
    def replay(self, name: str) -> None:
        """The last form once more, as it was."""
        if name in self.sent:
            self.send(name, self.sent[name])

    @rule(name=people, hide=st.booleans(), choose=st.booleans())
    def cash_shows(self, name: str, hide: bool, choose: bool) -> None:
        """Somebody in Cash hides what this account works with, or shows all again; somebody here comes upon it."""
        account = self.model.accounts[WHO[name]]
        if account.stored is None:
            nothing = {"import_relations": False, "export_sales_orders": False, "export_hour_rounding": 0}
            self.save(name, number=0, anything=False, typed=nothing)
        login = account.stored.at_cash if account.stored else sorted(LOGINS)[0]
        saved = account.current["administration"]
        others = [id for id in LOGINS[login] if id != saved]
        self.model.shows[login] = others if hide and others else LOGINS[login]
        self.cash.show_administrations(*login, self.model.shows[login])
        if choose:
            self.list_warehouses(name, saved)
        else:
            self.test_the_connection(name)

    @rule(drop=st.booleans(), lose=seldom)
    def rotate(self, drop: bool, lose: bool) -> None:
        """A new key, and then without the old one; or all keys are lost."""
        self.model.rotate([Fernet.generate_key().decode(), *self.model.keys])
        self.start(self.model.keys)
        assert self.app.test_cli_runner().invoke(args=["rotate-vault-keys"]).exit_code == 0
        if drop or lose:
            self.model.keys = [Fernet.generate_key().decode()] if lose else self.model.keys[:1]
            self.start(self.model.keys)

    def event_ids(self, account: str) -> list[int]:
        """Oldest first, as the model has them."""
        with connect(str(self.database)) as db:
            return [event.id for event in Activity(db).latest(account, most=10_000)][::-1]
