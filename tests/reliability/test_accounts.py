"""Two accounts, every route, every verb: nothing of the one reaches the other, and nothing of the other changes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from support.database import Kept
from support.host import Host
from support.ledger import Ledger
from support.visitor import ONE_ADMINISTRATION, Visitor
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from webapp.cash.actions.ordering import SAID
from webapp.cash.store.orders import State
from webapp.db import connect, owned_tables
from webapp.demo.cash import CashSandbox
from webapp.web.tokens import read_session, sign_session

VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")
READS_ONLY = {"relation_code": "25583", "email": "lezen@example.nl", "password": "geheim"}
A = {"account": "account-alfa", "company": "Loodgieter Alfa", "sub": "annet.alfa", "lang": "en"}
B = {"account": "account-beta", "company": "Elektro Beta", "sub": "bert.beta", "lang": "en"}
LEFT_OUT, BUYER = "Klant van Alfa", "Koper bij Alfa"
# What only A has: who it is, its login, what it sees in Cash, what it chose, what a run left out, and an order.
OF_A = (
    *[A[name] for name in ("account", "company", "sub")],
    "54852",
    "api@example.nl",
    "2085/demo",
    "Oosterbeek",
    LEFT_OUT,
    BUYER,
)
ORDER = "4711"  # of A
HOST_TOKEN = "a-token-of-the-host"
# What the host may ask, who proves itself with its token.
HOSTS = {
    "api.description",
    "api.list_accounts",
    "api.put_account",
    "api.get_account",
    "api.delete_account",
    "api.list_orders",
    "api.ask_for_a_run",
    "api.get_run",
    "api.end_sessions",
}
PUBLIC = {"static", "observe.metrics", "cash.launch", "cash.manual", "health.healthz", "health.readyz"}


class World(NamedTuple):
    """Both accounts, connected and saved, with an error in each log; and a copy of the file as it is then."""

    app: Flask
    a: Visitor
    b: Visitor
    events: list[int]  # of A
    run: str  # of A
    kept: Kept

    def session(self, visitor: Visitor) -> dict[str, Any]:
        return read_session(self.app.config["SESSION_KEYS"], visitor.session)

    def rows_of_a(self) -> list[list[tuple[object, ...]]]:
        with connect(self.app.config["DATABASE"]) as db:
            return [
                db.execute(f"SELECT * FROM {table} WHERE account = ?", [A["account"]]).fetchall()
                for table in owned_tables()
            ]

    def is_as(self, before: list[list[tuple[object, ...]]]) -> bool:
        """Whether A still has these rows."""
        return not self.kept.is_written() or self.rows_of_a() == before


@pytest.fixture
def world(app: Flask, cash: CashSandbox, tmp_path: Path) -> World:
    a, b = Visitor(app).open(**A), Visitor(app).open(**B)
    for visitor, login in ((a, ONE_ADMINISTRATION), (b, READS_ONLY)):
        visitor.log_in(**login)
        visitor.save(administration=visitor.administrations()[0], import_relations=True)
        visitor.list_warehouses()
        visitor.save(export_work_status="99" if visitor is a else "0")
        assert visitor.status == 200
        visitor.log_in(**{**login, "password": "verkeerd"})
        cash.go_down()
        visitor.submit("test-form")
        cash.recover()
        visitor.get("/")
    app.config["CASH_CALLS_PER_MINUTE"] = app.config["CASH_CALLS_PER_ACCOUNT"] = 1_000_000
    with connect(app.config["DATABASE"]) as db:
        db.execute("INSERT INTO skipped_rows VALUES (?, 'relations', '100', ?, 'no_street')", [A["account"], LEFT_OUT])
        events = [row[0] for row in db.execute("SELECT id FROM timeline WHERE account = ?", [A["account"]])]
    ledger = Ledger(app, A["account"], relation_code="54852", administration="2085/demo")
    ledger.put(ORDER, State.ASKING, customer=BUYER)
    ledger.open()
    app.config["API_TOKENS"] = (HOST_TOKEN,)
    host = Host(app, HOST_TOKEN)
    for account in (A, B):
        host.put(account["account"], f"outsmart-token-of-{account['account']}")
    run = host.post(f"/accounts/{A['account']}/runs", {"user": A["sub"]}).json["id"]
    return World(app, a, b, events, run, Kept(app, tmp_path / "untouched.db"))


def addresses(rule: Rule, world: World) -> Iterator[str]:
    """The addresses of a rule, with the ids of A's events where it takes a number, and A itself for the host."""
    if rule.endpoint in HOSTS and "<" in rule.rule:
        yield address_of_host(rule, A["account"], world.run)
        return
    if "<" not in rule.rule:
        yield rule.rule
    if "<work_order>" in rule.rule:
        for said in SAID:
            yield rule.build({"work_order": ORDER, "said": said})[1]
        return
    for event in world.events if "<" in rule.rule else []:
        values = {
            name: event if "Integer" in type(each).__name__ else "app.css" for name, each in rule._converters.items()
        }
        built = rule.build(values)
        assert built, f"{rule} takes what this test does not know: teach it"
        yield built[1]


def address_of_host(rule: Rule, account: str, run: str) -> str:
    built = rule.build({"account": account, **({"run": run} if "<run>" in rule.rule else {})})
    assert built, f"{rule} takes what this test does not know: teach it"
    return built[1]


def requests(world: World) -> Iterator[tuple[Rule, str, str]]:
    """Every route, each of its addresses, every verb."""
    for rule in world.app.url_map.iter_rules():
        for address in addresses(rule, world):
            for verb in VERBS:
                yield rule, address, verb


def fields_of(world: World, own: Visitor, **tokens: str) -> dict[str, str]:
    """Every field that any form knows, filled with what belongs to A; the tokens of `own` unless others are given."""
    latest = str(world.events[-1])
    choices = world.a.values("settings")
    paging = {"before": str(2**40), "opened": latest, "id": latest, "show": "all", "account": A["account"]}
    mine = {name: own.values("settings")[name] for name in ("session", "csrf_token")}
    return {**choices, **READS_ONLY, **paging, **mine, "token": "", **tokens}


def ask(
    world: World, verb: str, address: str, fields: dict[str, str], session: str = "", **headers: str
) -> TestResponse:
    """Sends a request over the file as it was; in the query too, which some verbs have instead of a body."""
    world.kept.put_back()
    client = world.app.test_client(use_cookies=False)
    sent = {**headers, **({"X-Cash-Session": session} if session else {})}
    query = {name: value for name, value in fields.items() if name not in ("session", "csrf_token", "password")}
    body = {"data": fields} if verb not in ("GET", "HEAD", "OPTIONS") else {"query_string": query}
    return client.open(address, method=verb, headers=sent, buffered=True, **body)


def shows_nothing_of_a(answer: TestResponse, request: object) -> None:
    told = answer.text + str(answer.headers)
    for text in OF_A:
        assert text not in told, (request, answer.status, text)


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_another_account_neither_sees_nor_changes_anything(world: World, htmx: bool) -> None:
    """B, with its own tokens, and with the ids, versions and choices of A."""
    before, statuses = world.rows_of_a(), {}
    headers = {"HX-Request": "true"} if htmx else {}
    for rule, address, verb in requests(world):
        answer = ask(world, verb, address, fields_of(world, world.b), world.b.session, **headers)
        shows_nothing_of_a(answer, (verb, address))
        assert world.is_as(before), (verb, address)
        assert answer.status_code < 500, (verb, address)
        if ("<int" in rule.rule or "<work_order>" in rule.rule) and verb in rule.methods - {"OPTIONS"}:
            assert answer.status_code == 404, "an event or an order of another account does not exist"
        statuses[verb, rule.rule] = answer.status_code
    assert statuses["POST", "/settings"] in (409, 422)
    assert statuses["POST", "/connection/disconnect"] == statuses["POST", "/login"] == statuses["GET", "/"] == 200


def test_tokens_of_another_form_are_refused(world: World) -> None:
    """B with the form token that A's page holds."""
    before = world.rows_of_a()
    stolen = fields_of(world, world.b, csrf_token=world.a.values("settings")["csrf_token"])
    for rule, address, verb in requests(world):
        answer = ask(world, verb, address, stolen, world.b.session)
        shows_nothing_of_a(answer, (verb, address))
        assert world.is_as(before)
        if verb == "POST" and verb in rule.methods and rule.endpoint not in PUBLIC | HOSTS:
            assert answer.status_code == 400, address
            with connect(world.app.config["DATABASE"]) as now, connect(str(world.kept.copy)) as then:
                assert list(now.iterdump()) == list(then.iterdump()), "nothing of B changed either"


@pytest.mark.parametrize("who", ["nobody", "a forger", "B with A's session id", "A with B's session id", "A, ended"])
def test_without_a_session_of_its_own_nobody_sees_or_changes_anything(world: World, who: str) -> None:
    a, b, keys = world.session(world.a), world.session(world.b), world.app.config["SESSION_KEYS"]
    session = {
        "nobody": lambda: "",
        "a forger": lambda: sign_session(["another key altogether"], a),
        "B with A's session id": lambda: sign_session(keys, {**b, "sid": a["sid"]}),
        "A with B's session id": lambda: sign_session(keys, {**a, "sid": b["sid"]}),
        "A, ended": lambda: world.a.session,
    }[who]()
    if who == "A, ended":
        result = world.app.test_cli_runner().invoke(args=["revoke-sessions", "--account", A["account"]])
        assert result.exit_code == 0
        world.kept.keep()
    before, tokens = world.rows_of_a(), {"session": session} if session else {"session": "", "csrf_token": ""}
    for rule, address, verb in requests(world):
        answer = ask(world, verb, address, fields_of(world, world.a, **tokens), session)
        shows_nothing_of_a(answer, (verb, address))
        assert world.is_as(before)
        if rule.endpoint not in PUBLIC:  # nor what the host may ask
            assert answer.status_code in (401, 405), (verb, address)


def test_these_words_are_what_the_account_itself_sees(world: World) -> None:
    seen = "".join(world.a.get(path).response.text for path in ("/", "/diagnostics", "/orders", "/sync/rows"))
    assert LEFT_OUT in world.a.post("/sync/rows.csv", world.a.values("rows-file")).response.text
    assert [text for text in OF_A if text not in seen] == []


def test_only_the_known_routes_answer_without_a_session(app: Flask) -> None:
    open_to_all = {name for name, view in app.view_functions.items() if getattr(view, "public", False)}
    assert open_to_all | {"static"} == PUBLIC | HOSTS


def test_without_its_token_nobody_is_the_host(world: World) -> None:
    """A itself, with its own session, about itself; and tokens that are none."""
    before = world.rows_of_a()
    for rule, address, verb in requests(world):
        for sent in ("", f"Bearer {HOST_TOKEN}x", f"Bearer {world.a.session}") if rule.endpoint in HOSTS else ():
            fields = fields_of(world, world.a)
            answer = ask(world, verb, address, fields, world.a.session, Authorization=sent)
            assert answer.status_code in (401, 405), (verb, address)
            shows_nothing_of_a(answer, (verb, address))
            assert world.is_as(before)


def test_what_the_host_does_to_one_account_reaches_no_other(world: World) -> None:
    """The host, about B, with the id of A's run."""
    before, statuses = world.rows_of_a(), {}
    bodies = {"api.put_account": {"outsmart_token": "another-token"}, "api.end_sessions": {}, "api.ask_for_a_run": {}}
    for rule in world.app.url_map.iter_rules():
        for verb in VERBS if rule.endpoint in HOSTS - {"api.list_accounts"} else ():
            world.kept.put_back()
            answer = world.app.test_client().open(
                address_of_host(rule, B["account"], world.run) if "<" in rule.rule else rule.rule,
                method=verb,
                headers={"Authorization": f"Bearer {HOST_TOKEN}"},
                json=bodies.get(rule.endpoint),
            )
            shows_nothing_of_a(answer, (verb, rule))
            assert world.is_as(before), (verb, rule)
            statuses[verb, rule.endpoint] = answer.status_code
    assert statuses["GET", "api.get_run"] == 404, "a run of another account does not exist"
    done = [("PUT", "put_account"), ("DELETE", "delete_account"), ("POST", "end_sessions"), ("GET", "get_account")]
    assert [statuses[verb, f"api.{name}"] for verb, name in done] == [200] * len(done)
    assert statuses["POST", "api.ask_for_a_run"] == 202
