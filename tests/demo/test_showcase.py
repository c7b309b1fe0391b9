"""What stands beside the frame of the demo: each card and each button does what it says."""

import shutil
import time
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser
from support import database
from support.app import HOST, configure
from support.readme_blocks import block
from support.visitor import Visitor

from webapp import create_app
from webapp.cash.store.openings import OPEN, OpeningStore
from webapp.cash.store.order_books import PROVEN
from webapp.cash.store.orders import Order, OrderStore
from webapp.db import connect
from webapp.demo import past
from webapp.demo.cash import LOGINS, CashSandbox
from webapp.demo.host import create_host
from webapp.demo.opening import SOON
from webapp.demo.outsmart import OutSmartSandbox
from webapp.demo.scenarios import NEW, SCENARIOS, SEEN, TROUBLE, YEAR, Scenario
from webapp.demo.showcase import CASH, CHANGED_TO, Showcase
from webapp.web.tokens import read_launch

PAGE = "http://localhost:5000"
DAY = 24 * 60 * 60
WITH_LOGIN = [each for each in SCENARIOS.values() if each.login]
REFUSED = "Gegevens API gebruiker niet geldig"


@pytest.fixture(scope="module")
def lived(sandbox: CashSandbox, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The configuration of a demo that was started: to live through its year takes longer than most tests."""
    path = tmp_path_factory.mktemp("year") / "app.db"
    configuration = configure(path, CASH_WSDL=sandbox.wsdl, LOG_DAYS=past.DAYS_KEPT, CASH_DEADLINE=3.0)
    database.create(path)
    sandbox.reset()
    app = create_app(configuration)
    Showcase(app, sandbox)
    app.extensions["connections"].close()
    return configuration


@pytest.fixture
def configuration(lived: dict[str, object], cash: CashSandbox, tmp_path: Path) -> dict[str, object]:
    return {**lived, "DATABASE": str(tmp_path / "app.db"), "CASH_WSDL": cash.wsdl}


@pytest.fixture
def app(lived: dict[str, object], configuration: dict[str, object]) -> Flask:
    shutil.copy(str(lived["DATABASE"]), str(configuration["DATABASE"]))
    return create_app(configuration)


@pytest.fixture
def host(app: Flask, cash: CashSandbox) -> FlaskClient:
    links = {"Another sandbox": "http://localhost:5003"}
    return create_host(PAGE, HOST, app.config["LAUNCH_KEYS"], Showcase(app, cash, links)).test_client()


@pytest.fixture
def year(app: Flask, host: FlaskClient) -> Visitor:
    """The page of the account that has been connected for a year."""
    return opened(app, YEAR)


def opened(app: Flask, scenario: Scenario) -> Visitor:
    """The page as a browser gets it. A Visitor refuses a page with a password in it; only the demo has one."""
    visitor = Visitor(app)
    token = visitor.launch_token(account=scenario.account, lang="en")
    answer = app.test_client(use_cookies=False).post("/launch", data={"token": token})
    assert answer.status_code == 200
    visitor.session, visitor.page = answer.headers["X-Cash-Session"], LexborHTMLParser(answer.text)
    return visitor


def shown(host: FlaskClient, address: str = "/") -> LexborHTMLParser:
    answer = host.get(address)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def claims(app: Flask, page: LexborHTMLParser) -> dict[str, str]:
    token = page.css_first("#launch input[name=token]").attributes["value"]
    return read_launch(app.config["LAUNCH_KEYS"], token or "")


def moments(visitor: Visitor) -> list[float]:
    """The times of the log, newest first."""
    return [datetime.fromisoformat(each.attributes["datetime"]).timestamp() for each in visitor.page.css("#log time")]


def test_one_account_has_been_connected_for_a_year(year: Visitor) -> None:
    now, times = time.time(), moments(year)
    assert times == sorted(times, reverse=True)
    assert now - 366 * DAY < times[-1] < now - 364 * DAY
    assert len({int(each // DAY) for each in times}) > 8
    assert len(year.page.css("#log li.error")) == 3
    assert year.values("login")["relation_code"] == "25583"
    assert year.choices()["export_hour_rounding"] == "15"
    assert "MAG1" in year.options("export_default_warehouse")
    shown = [datetime.fromisoformat(each.attributes["datetime"]).timestamp() for each in year.page.css("time")]
    assert max(shown) < now - 12 * DAY


def test_a_demo_that_starts_again_keeps_what_was_done(
    configuration: dict[str, object], cash: CashSandbox, year: Visitor
) -> None:
    year.save(import_employees=True)
    app = create_app(configuration)
    Showcase(app, cash)
    assert opened(app, YEAR).choices()["import_employees"]
    assert len(moments(year)) == len(moments(opened(app, YEAR)))


def test_the_year_leaves_the_cash_sandbox_as_it_was(app: Flask, cash: CashSandbox) -> None:
    past.forget(app)
    past.begin(app, cash)
    year = opened(app, YEAR)
    assert year.submit("test-form").status == 200


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda each: each.key)
def test_a_card_opens_an_account_of_its_own_and_says_what_to_see(
    app: Flask, host: FlaskClient, scenario: Scenario
) -> None:
    card = shown(host).css_first(f'#try button[name=scenario][value="{scenario.key}"]')
    assert card.text(strip=True) == scenario.title
    page = shown(host, f"/?scenario={scenario.key}&lang=de")
    assert scenario.see in page.css_first(".now").text()
    assert page.css_first('[name=scenario][aria-pressed="true"]').attributes["value"] == scenario.key
    asked = claims(app, page)
    assert (asked["account"], asked["company"], asked["lang"]) == (scenario.account, scenario.company, "de")


def test_no_two_cards_share_an_account_and_every_login_has_one() -> None:
    assert len({each.account for each in SCENARIOS.values()}) == len(SCENARIOS)
    assert {each.login for each in WITH_LOGIN} >= set(LOGINS)


@pytest.mark.parametrize("scenario", WITH_LOGIN, ids=lambda each: each.key)
def test_the_login_of_a_card_stands_in_the_form(app: Flask, host: FlaskClient, scenario: Scenario) -> None:
    login = scenario.login
    assert login
    typed = opened(app, scenario).values("login")
    assert [typed[name] for name in ("relation_code", "email", "password")] == [
        login.relation_code,
        login.email,
        login.password,
    ]


def test_a_login_that_is_stored_is_not_typed_over(app: Flask, host: FlaskClient) -> None:
    visitor = opened(app, NEW).submit("login")
    visitor.save(administration=visitor.administrations()[0])
    assert opened(app, NEW).values("login").get("password", "") == ""


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize(
    ("scenario", "administrations"),
    list(zip(SEEN, (1, 60, 0, 1, 7), strict=True)),
    ids=lambda each: getattr(each, "key", ""),
)
def test_a_login_that_works_sees_what_its_card_says(app: Flask, scenario: Scenario, administrations: int) -> None:
    visitor = opened(app, scenario).submit("login")
    assert len(visitor.page.css("select#administration option[value]:not([value=''])")) == administrations


@pytest.mark.usefixtures("host")
@pytest.mark.parametrize("scenario", [each for each in TROUBLE if each.key not in ("slot", "traag")])
def test_a_login_in_trouble_says_so_and_stores_nothing(app: Flask, scenario: Scenario) -> None:
    visitor = opened(app, scenario).submit("login")
    assert (REFUSED in visitor.page.root.text()) == (scenario.key in ("fout", "inactief"))  # type: ignore[union-attr]
    assert visitor.page.css_first("#problem")
    assert not visitor.page.css_first("select#administration")


@pytest.mark.parametrize("state", ["slow", "down", "password", "reject"])
def test_cash_is_as_the_button_says_until_it_works_again(host: FlaskClient, year: Visitor, state: str) -> None:
    assert host.post(f"/demo/cash/{state}").status_code == 303
    page = shown(host)
    assert page.css_first("[formaction^='/demo/cash'][aria-pressed='true']").text(strip=True) == CASH[state].title
    assert CASH[state].see in unescape(page.root.text())  # type: ignore[union-attr]
    assert year.submit("test-form").status in (422, 503, 504)
    assert (REFUSED in year.page.root.text()) == (state in ("password", "reject"))  # type: ignore[union-attr]
    host.post("/demo/cash/works")
    assert year.submit("test-form").status == 200


def test_a_changed_password_is_told_and_works(host: FlaskClient, year: Visitor) -> None:
    host.post("/demo/cash/password")
    assert CHANGED_TO in shown(host).root.text()  # type: ignore[union-attr]
    assert year.log_in(password=CHANGED_TO).status == 200
    assert year.submit("test-form").status == 200


def test_a_session_ends_at_once(host: FlaskClient, year: Visitor) -> None:
    host.post("/demo/session/end", data={"scenario": YEAR.key})
    assert year.get("/").status == 401


def test_a_session_ends_soon_in_the_page_that_is_opened_next_and_in_no_other(app: Flask, host: FlaskClient) -> None:
    host.post("/demo/session/soon", data={"scenario": YEAR.key})
    seconds = [opened(app, each).page.body.attributes["data-session-seconds"] for each in (NEW, YEAR, YEAR)]  # type: ignore[union-attr]
    assert seconds == ["900", str(SOON), "900"]


def test_a_button_leads_back_to_the_page_it_was_on(host: FlaskClient) -> None:
    on = {"scenario": "veel", "width": "360", "scheme": "dark", "lang": "pt"}
    address = urlsplit(host.post("/demo/cash/down", data=on).headers["Location"])
    assert (address.path, {name: value for name, (value,) in parse_qs(address.query).items()}) == ("/", on)


def test_width_scheme_and_language_work_without_script(host: FlaskClient) -> None:
    page = shown(host, "/?width=760&scheme=dark&lang=pt")
    assert page.css_first(".stage").attributes["data-width"] == "760"
    assert page.css_first("html").attributes["style"] == "color-scheme: dark"
    checked = [each.attributes["value"] for each in page.css("#try input[type=radio][checked]")]
    assert checked == ["760", "dark", "pt"]


def test_reset_brings_the_demo_back_to_its_first_state(app: Flask, host: FlaskClient, year: Visitor) -> None:
    lines = len(moments(year))
    host.post("/demo/cash/password")
    year.save(import_relations=False)
    other = opened(app, NEW).submit("login", {"password": "wrong"})
    assert host.post("/demo/reset").headers["Location"] == "/"
    assert other.get("/").status == 401
    again = opened(app, YEAR)
    assert (len(moments(again)), again.choices()["import_relations"]) == (lines, True)
    assert again.submit("test-form").status == 200
    assert not opened(app, NEW).page.css_first("#log time")


def test_a_demo_that_starts_anew_forgets_what_the_sandboxes_have_forgotten(
    app: Flask, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    """Their numbers begin anew, too."""
    with connect(app.config["DATABASE"]) as db:
        store = OrderStore(db, "a worker", first_number=900_000)
        store.claim(Order("1001", outsmart.work_orders()[0]["id"], "25583", "1571/x001"))
        store.books.learn("25583", "1571/x001", PROVEN)
        OpeningStore(db).put("1001", "25583", "1571/x001", OPEN)
        Showcase(app, cash, outsmart=outsmart)
        assert [db.table(name).count for name in ("orders", "order_books", "openings")] == [0, 0, 0]


def test_the_work_orders_of_an_account_are_for_customers_its_login_sees(
    app: Flask, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    Showcase(app, cash, outsmart=outsmart)
    for scenario in SCENARIOS.values():
        sees = scenario.login.sees if scenario.login else ("1571/x001",)
        found = {order["CustomerDebtorNr"].zfill(6) for order in outsmart.work_orders(scenario.account)}
        known = {key[0] for id in sees[:1] for key in cash.books(id).records("2220")}
        assert found - {"088001"} <= known
        assert bool(found) == bool(sees)


def test_the_second_editor_is_another_user_and_has_no_inspector(app: Flask, host: FlaskClient) -> None:
    page = shown(host, "/?scenario=veel&lang=en")
    second = shown(host, page.css_first("#second").attributes["href"] or "")
    first, other = claims(app, page), claims(app, second)
    assert first["sub"] != other["sub"]
    assert {name for name in first if first[name] != other[name]} == {"sub", "jti"}
    assert not second.css_first("#inspector")
    assert second.css_first(".user").text() == other["sub"]


def test_a_new_token_is_for_the_same_user(app: Flask, host: FlaskClient) -> None:
    page = host.get("/?scenario=veel&lang=en&user=A%26B%3C/script%3E").text
    route = page.partition('fetch("')[2].partition('"')[0].encode().decode("unicode_escape")
    again = read_launch(app.config["LAUNCH_KEYS"], host.post(route).text)
    assert (again["account"], again["lang"], again["sub"]) == ("scenario-veel", "en", "A&B</script>")


def test_the_host_does_what_the_readme_says_and_shows_it(host: FlaskClient) -> None:
    page = shown(host)
    code = [each.text() for each in page.css("#code pre")]
    assert code == [block("html"), block("python"), block("js")]
    script = block("js").replace("https://cash.example", PAGE)
    before, route, after = script.partition('"/cash-launch-token')
    running = page.css("script")[0].text()
    assert running.startswith(before + route)
    assert running.endswith(after.partition('"')[2])
    assert page.css_first("iframe").attributes["sandbox"] in block("html")


def test_there_is_room_for_another_sandbox(host: FlaskClient) -> None:
    assert shown(host).css_first("#inspector a[href='http://localhost:5003']").text() == "Another sandbox"
