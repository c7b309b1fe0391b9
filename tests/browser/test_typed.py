"""Nothing typed is lost: over a login, a refusal, a Cash or a server that is gone, the manual, a used launch."""

import pytest
from browser.conftest import OpenWindow
from browser.sites import Site
from browser.window import Window
from playwright.sync_api import expect
from support.visitor import Visitor

from webapp.demo.cash import CashSandbox

CHOICES = {"import_employees": True, "import_relations": False, "export_hour_rounding": "5"}


@pytest.fixture
def typed(connected: Visitor, window: Window) -> Window:
    """The page of a connected account with choices that are not saved."""
    window.switch("import_employees", "import_relations", "export_sales_orders")
    window["export_hour_rounding"].select_option("5")
    return window


def test_choices_survive_a_login(typed: Window) -> None:
    typed.log_in()
    expect(typed["status"]).to_have_text("The new login is stored. Your settings stay as they are.")
    typed.has(**CHOICES)
    expect(typed["changes"]).to_have_text("Not saved: Relations, Employees, Sales orders, Hour rounding")
    typed.save(told=True)
    typed.is_saved()


@pytest.mark.parametrize(
    ("login", "summary"),
    [
        ({"password": "verkeerd"}, "problem"),
        ({"relation_code": "abc"}, "loginform-summary"),
        ({"email": "geen@example.nl"}, "problem"),
    ],
    ids=["refused by Cash", "not a relation code", "sees no administration"],
)
def test_choices_survive_a_refused_login(typed: Window, login: dict[str, str], summary: str) -> None:
    typed.log_in(**login)
    expect(typed[summary]).to_be_focused()
    # What has the wrong form was not sent: only that has to be typed again.
    password = "geheim" if "relation_code" in login else ""
    typed.has(**{"relation_code": "25583", "email": "api@example.nl", **login, "password": password}, **CHOICES)
    typed.log_in()
    typed.has(**CHOICES)


# The time until a choice is asked about passes when the test says so.
HELD = """() => {
  const usual = window.setTimeout;
  window.setTimeout = (act, ms, ...more) => (ms === 600 ? (window.timePasses = act) && 0 : usual(act, ms, ...more));
}"""


def test_a_choice_made_just_before_a_refused_login_does_not_wipe_out_the_refusal(
    connected: Visitor, window: Window
) -> None:
    window.frame().evaluate(HELD)
    window.switch("export_sales_orders")  # lists the warehouses a moment later
    window.log_in(password="verkeerd")
    expect(window["problem"]).to_be_visible()
    with window.answer_to("/administration"):
        window.frame().evaluate("timePasses()")
    expect(window["export_default_warehouse"]).to_contain_text("Hoofdmagazijn")
    expect(window["problem"]).to_be_visible()
    window.log_in()
    expect(window["problem"]).to_have_count(0)


def test_cash_is_down_and_comes_back(window: Window, cash: CashSandbox) -> None:
    cash.go_down()
    window.log_in()
    expect(window.text("#problem h3")).to_have_text("Cash is down or under maintenance")
    expect(window["problem"]).to_be_focused()
    window.has(relation_code="25583", email="api@example.nl", password="")
    cash.recover()
    window["password"].fill("geheim")
    window.press("submit-login", "/login")
    expect(window["settings"]).to_be_visible()
    expect(window["problem"]).to_have_count(0)


def test_settings_are_edited_and_saved_while_cash_is_down(typed: Window, cash: CashSandbox) -> None:
    cash.go_down()
    typed.press("list-warehouses", "/administration")
    expect(typed.text("#problem h3")).to_have_text("Cash is down or under maintenance")
    typed.has(**CHOICES)
    typed.save(told=True)
    typed.is_saved()
    typed.open().has(**CHOICES)


def test_our_server_is_gone_and_comes_back(typed: Window, our_site: Site) -> None:
    with our_site.gone():
        typed.click("save")
        expect(typed.text("#alert .notice")).to_be_focused()
        expect(typed["alert"]).to_contain_text("Check your internet connection and try again.")
        typed.has(**CHOICES)
    typed.save(told=True)
    typed.is_saved()
    expect(typed["alert"]).to_have_text("")
    typed.has(**CHOICES)


def test_the_manual_opens_in_the_page_and_closes_again(typed: Window) -> None:
    typed["password"].fill("half getypt")
    typed.click(".manual-link")
    expect(typed["manual-title"]).to_be_focused()
    expect(typed["manual-title"]).to_be_in_viewport()
    typed.click("close-manual")
    expect(typed["manual-title"]).to_have_count(0)
    expect(typed.text(".manual-link")).to_be_focused()
    typed.has(password="half getypt", **CHOICES)
    assert len(typed.tab.context.pages) == 1


@pytest.mark.parametrize("again", ["document.forms.launch.submit()", "frames.cash.location.reload()"])
def test_a_launch_used_twice_asks_to_reopen_the_page(open_window: OpenWindow, again: str) -> None:
    window = open_window().open()
    if again.startswith("frames"):
        window.frame().evaluate("location.reload()")
    else:
        window.tab.evaluate(again)
    expect(window["alert"]).to_contain_text("This link was used before")
    expect(window["alert"]).to_contain_text("The page was loaded again, and for safety each link opens it once.")
    window.hears("last('expired')")
    window.text("[data-reopen]").click()
    expect(window["relation_code"]).to_be_visible()


def test_the_support_code_is_copied(window: Window, cash: CashSandbox) -> None:
    cash.go_down()
    window.log_in()
    code = window["support-code"].inner_text()
    window.text("#problem [data-copy]").click()
    expect(window.text("#problem [data-copy]")).to_have_text("Copied")
    window["email"].fill("")
    window.keyboard.press("Control+V")
    window.has(email=code)
