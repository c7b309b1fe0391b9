"""What another version stored, or nobody can explain, never takes a page down: every page answers, in neutral words."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from support.database import Kept
from support.host import TOKEN, Host
from support.ledger import Ledger
from support.visitor import Visitor
from werkzeug.routing import Rule

from webapp import create_app
from webapp.accounts import AccountStore
from webapp.cash.actions.ordering import SAID
from webapp.cash.choices import CHOICES, Settings
from webapp.cash.client.reasons import REASONS
from webapp.cash.store.activity import Activity
from webapp.cash.store.logins import LoginStore
from webapp.cash.store.orders import State
from webapp.cash.store.runs import RunStore
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect, now, write
from webapp.vault import Vault

WITHOUT_STORAGE = {"static", "observe.metrics", "health.healthz", "cash.launch"}  # launches have tests of their own
GOOD: dict[str, Any] = {
    **asdict(Settings(relation_code="25583", administration_name="Demo B.V.", administration="1571/x001")),
    "export_sales_orders": True,
    "export_default_warehouse": "HOOFD",
}
BOOKS: dict[str, Any] = {"map": "1571", "code": "x001", "name": "Demo B.V.", "read_only": False}
STOCK: dict[str, Any] = {"code": "HOOFD", "name": "Hoofdmagazijn"}
ODD = (None, True, 10**30, -(10**30), float("nan"), "", "\ud800", [{}], {"zzz": [1]})
DAMAGED = ("", "{", '{"administration":', "zzz", "null", "7", "[null]", '"zzz"', "NaN", "[" * 100_000)

OF_A_PROGRAM = re.compile(r"\b(None|nan|NaN|null|Traceback|Project-Id|\w+Error)\b|[{}\[\]]")

# --- the rows ---


def objects(good: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An object as a newer and as an older version writes it, and with each value, in every place, of another kind."""
    yield {**good, "zzz": True, "added later": {"deep": ["down"]}}
    yield {}
    for name in good:
        yield {key: value for key, value in good.items() if key != name}
    for odd in ODD:
        yield dict.fromkeys(good, odd)


def settings_rows() -> Iterator[str]:
    yield from DAMAGED
    yield from map(json.dumps, objects(GOOD))
    gone = {"administration": "9999/gone", "export_default_warehouse": "GONE", "relation_code": "1"}
    gone |= {"export_work_status": "7", "export_hour_rounding": 45}  # options of another version
    for name, value in gone.items():
        yield json.dumps({**GOOD, name: value})


def administrations_rows() -> Iterator[str]:
    yield from DAMAGED
    yield from (json.dumps([BOOKS, each]) for each in objects({**BOOKS, "code": "x002"}))
    yield from (json.dumps([odd, BOOKS]) for odd in ODD)
    yield json.dumps({"1571/x001": BOOKS})


def warehouses_rows() -> Iterator[str]:
    yield from DAMAGED
    good = {"seen": now(), "warehouses": [STOCK], "cut": False}
    yield from (json.dumps({"1571/x001": each, "zzz": each}) for each in objects(good))
    yield from (json.dumps({"1571/x001": {**good, "warehouses": [STOCK, each]}}) for each in objects(STOCK))
    yield from (json.dumps({"1571/x001": odd}) for odd in ODD)
    yield json.dumps({"1571/x001": [STOCK]})


LOGIN = {"relation_code": "25583", "email": "api@example.nl"}
NAME = {"name": "Demo B.V."}
ORDER = {"order": "W-1", "number": 900_000, "customer": "Bakker", "run": "1"}
SAVE: dict[str, Any] = {"version": 1, "before": asdict(Settings()), "after": GOOD}
KINDS: dict[str, dict[str, Any]] = {
    "login_refused": LOGIN,
    "login_proven": LOGIN,
    "login_replaced": LOGIN,
    "connected": LOGIN,
    "disconnected": NAME,
    "administration_gone": NAME,
    "saved": SAVE,
    "restored": SAVE,
    "tested": {},
    "cash_failed": {"reason": "http_503", "support": "AB12CD34"},
    "synced": {"run": "1", "what": "all", "kinds": {"relations": {"sent": 1, "skipped": 2, "refused_rows": 3}}},
    "sync_recovered": {"reason": "dns", "side": "cash", "since": 1},
    "sync_waits": {"why": ["doubles", "zzz"]},
    "sync_failed": {"reason": "dns", "side": "outsmart", "support": "AB12CD34"},
    "order_refused": {**ORDER, "reason": "cash", "problems": [{"word": "cash", "text": "x", "source": "2410|2426=1|"}]},
    "order_asking": {**ORDER, "reason": "half"},
    "order_changed": ORDER,
    "order_said": {**ORDER, "said": "there"},
    "made_in_cash": {"made": [["2220", "100", "Bakker"]], "count": 1},
    "orders_agreed": {"count": 3},
    "orders_left": {"count": 3},
    "added later": {"zzz": 1},
    "": {},
}
# As a version wrote them that stored the names of its classes; and words that a newer one may know.
FAILED = [
    *({"failure": "CashBusy", "reason": word, "support": "AB12CD34"} for word in REASONS),
    *({"reason": word} for word in ("zzz", "code_9999", "http_999", "code_", "_", "")),
]


def events() -> Iterator[tuple[str, str]]:
    for kind, good in KINDS.items():
        yield from ((kind, text) for text in DAMAGED)
        yield from ((kind, json.dumps(facts)) for facts in objects(good))
    yield from (("cash_failed", json.dumps(facts)) for facts in FAILED)
    for choices in objects(GOOD):
        yield "saved", json.dumps({"version": 1, "before": choices, "after": GOOD})
    for odd in ODD:
        yield "restored", json.dumps({"version": odd, "before": odd, "after": odd})
        yield "saved", json.dumps({**SAVE, "version": odd})


KIND = {"new": 1, "skipped": {"no_city": 2}, "refused": [{"key": "1", "code": 1301}], "refused_rows": 1, "waits": ""}


def result_rows() -> Iterator[str]:
    yield from DAMAGED
    yield from (json.dumps(each) for each in objects({"since": 1, "administration": "1571/x001", "kinds": {}}))
    yield from (json.dumps({"kinds": {"relations": each}}) for each in objects(KIND))
    yield from (json.dumps({"kinds": {"relations": odd}, "waits": odd}) for odd in ODD)


# --- the pages ---


class Everything:
    """Someone who opens every page and presses every button, each time over the file as it was put down."""

    def __init__(self, app: Flask, visitor: Visitor, folder: Path) -> None:
        self.app, self.visitor, self.path = app, visitor, app.config["DATABASE"]
        self.kept, self.faults, self.stored = Kept(app, folder / "untouched.db"), list[str](), ""
        self.tokens = {name: visitor.values("settings")[name] for name in ("session", "csrf_token")}
        self.read_before = set[str]()
        self.host = Host(app)

    def put_down(self, sql: str, *values: object) -> bool:
        """Changes what is stored; whether the stores read something that they had not read before."""
        self.stored = str(values)[:150]
        self.app.extensions["connections"].close()
        with connect(self.path) as db:
            db.execute(sql, values)
            login = LoginStore(db, Vault(self.app.config["VAULT_KEYS"])).both("1001", "")
            read = repr((SettingsStore(db).current("1001"), login, RunStore(db).latest("1001", ["changed"])))
        self.kept.keep()
        new = read not in self.read_before
        self.read_before.add(read)
        return new

    def ids(self) -> list[int]:
        with connect(self.path) as db:
            return [row[0] for row in db.execute("SELECT id FROM timeline")]

    def form(self) -> dict[str, str]:
        """The settings form as the page shows it now, if it does."""
        self.check(self.visitor.get("/"), "/")
        shown = self.visitor.page.css_first("form#settings")
        return self.visitor.values("settings") if shown else {**self.tokens, "version": "1"}

    def open_all(self, ids: list[int]) -> None:
        fields = {**self.form(), "seen": "1"}
        for rule in self.app.url_map.iter_rules():
            if rule.endpoint not in WITHOUT_STORAGE and not rule.endpoint.startswith("api."):
                for address in addresses(rule, ids):
                    self._ask(rule, address, fields)
        self.ask_as_host()

    def ask_as_host(self) -> None:
        """What the host reads is what the API says that it is, whatever is stored."""
        run = self.host.get("/accounts/1001/runs/r1")
        for answer in (self.host.get("/accounts"), self.host.get("/accounts/1001"), run):
            if answer.status_code != 200:
                self.faults.append(f"{answer.request.path}: {answer.status} with {self.stored}")

    def _ask(self, rule: Rule, address: str, fields: dict[str, str]) -> None:
        if "GET" in rule.methods:
            self.check(self.visitor.get(address), address)
            if rule.arguments:
                return  # an event: a POST shows the same
        if "POST" in rule.methods:
            self.check(self.visitor.post(address, fields), address)
            self.kept.put_back()

    def check(self, visitor: Visitor, address: str) -> None:
        if visitor.status not in (200, 204, 404, 409, 422):
            self.faults.append(f"{address}: {visitor.status} with {self.stored}")
        found = OF_A_PROGRAM.search(visitor.text)
        if found and address != "/diagnostics":
            self.faults.append(f"{address}: says {found[0]} with {self.stored}")


def addresses(rule: Rule, ids: list[int]) -> list[str]:
    if "<" not in rule.rule:
        return [rule.rule]
    if rule.arguments == {"work_order", "said"}:
        return [f"/orders/1/{said}" for said in SAID]
    assert rule.arguments == {"id"}, f"{rule} takes what this test does not know: teach it"
    return [rule.rule.replace("<int:id>", str(id)) for id in ids]


@pytest.fixture
def everything(connected: Visitor, app: Flask, tmp_path: Path) -> Everything:
    """Of an account that is connected, has saved, and listed its warehouses; in Dutch, whose texts are looked up."""
    app.config["CASH_CALLS_PER_MINUTE"] = app.config["CASH_CALLS_PER_ACCOUNT"] = 1_000_000
    app.extensions["connections"].close()  # nobody else may hold the file
    app = create_app({**app.config, "API_TOKENS": [TOKEN]})
    with connect(app.config["DATABASE"]) as db, write(db):
        AccountStore(db, app.extensions["vault"]).put("1001", "a token")
        ended = 'INSERT INTO runs (id, account, kind, state, "user", asked, due, ended) VALUES (?, ?, ?, ?, ?, 1, 1, ?)'
        db.execute(ended, ["r1", "1001", "changed", "done", "", now()])
    Ledger(app).put("1", State.ASKING)
    visitor = Visitor(app).open(lang="nl")
    assert visitor.submit("settings", action="/administration").status == 200
    return Everything(app, visitor, tmp_path)


@pytest.mark.parametrize(
    ("rows", "sql"),
    [
        (settings_rows, "UPDATE settings SET choices = ?"),
        (administrations_rows, "UPDATE logins SET administrations = ?"),
        (warehouses_rows, "UPDATE logins SET warehouses = ?"),
    ],
    ids=["settings", "administrations", "warehouses"],
)
def test_every_page_answers_whatever_is_stored(everything: Everything, rows: Any, sql: str, nightly: bool) -> None:
    """Of these rows a third by day, and all of them at night."""
    ids = everything.ids()[-1:]  # the Save
    for row in islice(rows(), 0, None, 1 if nightly else 3):
        if everything.put_down(sql, row):
            everything.open_all(ids)
    assert not everything.faults, "\n".join(everything.faults)


@pytest.mark.parametrize("column", ["result", "progress"])
def test_the_host_can_read_a_run_whatever_is_stored_of_it(everything: Everything, column: str) -> None:
    for row in result_rows():
        if everything.put_down(f"UPDATE runs SET {column} = ?", row):
            everything.ask_as_host()
    assert not everything.faults, "\n".join(everything.faults)


def test_every_event_has_a_line_and_a_page(everything: Everything) -> None:
    with connect(everything.path) as db, write(db):
        for kind, facts in events():
            row = {"account": "1001", "at": now(), "user": "beheer", "kind": kind, "error": 1, "facts": facts}
            db.table("timeline").insert(row)
        unlike = {(event.kind, repr(event.facts)): event.id for event in Activity(db).latest("1001", 10_000)}
    everything.put_down("DELETE FROM timeline WHERE error = 0")
    ids = everything.ids()
    everything.open_all(sorted(unlike.values()))
    for id in [0, *ids[::20]]:
        everything.check(everything.visitor.get(f"/log?before={id}"), f"/log?before={id}")
        assert everything.visitor.seen.css(".events > li")
    assert not everything.faults, "\n".join(everything.faults)


# --- and it goes on ---


@pytest.fixture
def english(connected: Visitor, app: Flask) -> Visitor:
    """Connected and saved once."""
    return Visitor(app).open(lang="en")


def change(app: Flask, sql: str, *values: object) -> None:
    with connect(app.config["DATABASE"]) as db:
        db.execute(sql, values)


def lines(visitor: Visitor) -> str:
    visitor.get("/log")
    return visitor.says("log")


def test_what_happened_in_another_version_is_a_neutral_line(english: Visitor, app: Flask) -> None:
    change(app, "UPDATE timeline SET kind = 'sync_done', error = 1")
    assert "Something else happened (sync_done)" in lines(english)
    assert english.get("/diagnostics").response.json["last_errors"][0]["kind"] == "sync_done"


def test_a_failure_stored_with_the_name_of_a_class_has_the_words_of_its_reason(english: Visitor, app: Flask) -> None:
    for name, reason, words in (
        ("CashUnreachable", "http_503", "Cash is down or under maintenance"),
        ("CashBusy", "http_429", "Cash is busy"),
        ("GoneFault", "of another version", "The link does not work now. It is up to us to solve this."),
    ):
        facts = json.dumps({"failure": name, "reason": reason, "support": "AB12CD34"})
        change(app, "UPDATE timeline SET kind = 'cash_failed', error = 1, facts = ?", facts)
        assert words in lines(english)


@pytest.mark.parametrize("damaged", ["", "[]", '{"administration": 7}', '{"zzz": true}'])
def test_settings_that_nobody_can_read_are_the_defaults_and_can_be_saved(
    english: Visitor, app: Flask, damaged: str
) -> None:
    change(app, "UPDATE settings SET choices = ?", damaged)
    english.get("/")
    assert {name: choice.default for name, choice in CHOICES.items() if choice.is_switch}.items() <= {
        **english.choices()
    }.items()
    english.save(administration="1571/x002", import_employees=True)
    assert english.status == 200
    again = Visitor(app).open().values("settings")
    assert (again["administration"], again["import_employees"], again["version"]) == ("1571/x002", "on", "2")


@pytest.mark.parametrize(("choice", "gone"), [("export_work_status", "7"), ("export_hour_rounding", 45)])
def test_an_option_of_another_version_stays_until_another_one_is_chosen(
    english: Visitor, app: Flask, choice: str, gone: object
) -> None:
    change(app, "UPDATE settings SET choices = json_set(choices, ?, ?)", f"$.{choice}", gone)
    english.get("/")
    assert english.values("settings")[choice] == str(gone)
    english.save(import_employees=True)
    assert english.status == 200
    assert Visitor(app).open().values("settings")[choice] == str(gone)
    usual = str(CHOICES[choice].default)
    english.save(**{choice: usual})
    assert str(gone) not in Visitor(app).open().options(choice)


def test_a_login_whose_lists_nobody_can_read_goes_on_after_a_test(english: Visitor, app: Flask) -> None:
    change(app, "UPDATE logins SET administrations = 'zzz', warehouses = '[]'")
    assert english.get("/").page.css_first("form#settings") is None
    assert english.submit("test-form").status == 200
    assert english.get("/").values("settings")["administration"] == "1571/x001"


def test_what_another_version_says_more_of_an_administration_is_left_aside(english: Visitor, app: Flask) -> None:
    listed = [{**BOOKS, "closed": 2026}, {"map": "1571", "code": "x002", "name": "Older"}, {"map": "1571"}, "zzz"]
    change(app, "UPDATE logins SET administrations = ?", json.dumps(listed))
    assert english.get("/").administrations() == ["1571/x001", "1571/x002"]
