"""Save: once, for one of two editors at a time, and in sight."""

from collections.abc import Callable

import pytest
from browser.conftest import OpenWindow
from browser.sites import Wire
from browser.window import Window
from playwright.sync_api import Locator, expect
from support.visitor import Visitor

from webapp.demo.cash import CashSandbox


@pytest.fixture
def saved(connected: Visitor, open_window: OpenWindow) -> Callable[[], Window]:
    """Opens the page of an account that is connected and saved before."""
    return lambda: open_window().open()


def test_save_says_so_beside_its_button(saved: Callable[[], Window]) -> None:
    window = saved()
    window.switch("import_employees")
    window.save()
    expect(window["changes"]).to_contain_text("Saved. Employees: off → on")
    expect(window["undo"]).to_be_hidden()


def test_double_click_on_save_saves_once(saved: Callable[[], Window], wire: Wire) -> None:
    window = saved()
    before = window.log_lines("Settings saved").count()
    window.switch("import_employees")
    with window.answer_to("/settings"), wire.hold("POST /settings"):
        window.click("save", times=2)
        wire.wait_for("POST /settings", 1)
    window.is_saved()
    expect(window.log_lines("Settings saved")).to_have_count(before + 1)
    assert wire.count("POST /settings") == 1


def test_double_click_on_submit_asks_cash_once(open_window: OpenWindow, wire: Wire, cash: CashSandbox) -> None:
    window = open_window().open()
    window.type_login()
    with window.answer_to("/login"), wire.hold("POST /login"):
        window.click("submit-login", times=2)
        wire.wait_for("POST /login", 1)
    expect(window["settings"]).to_be_visible()
    assert wire.count("POST /login") == cash.count("Authenticate") == 1


def test_two_posts_without_javascript_save_once(connected: Visitor, open_window: OpenWindow, wire: Wire) -> None:
    window = open_window(javascript=False).open()
    before = window.log_lines("Settings saved").count()
    window.switch("import_employees")
    window["save"].focus()
    with wire.hold("POST /settings"):
        for times in (1, 2):
            window.keyboard.press("Enter")
            wire.wait_for("POST /settings", times)
    expect(window.log_lines("Settings saved")).to_have_count(before + 1)
    expect(window["import_employees"]).to_be_checked()


def conflict(first: Window, second: Window) -> Locator:
    """The first editor saves Materials, the second presses Save on Relations and Employees."""
    first.switch("import_materials")
    first.save()
    first.is_saved()
    second.switch("import_relations", "import_employees")
    second.save()
    expect(second["conflict"]).to_be_focused()
    expect(second.text("#conflict tbody th")).to_have_text(["Relations", "Materials", "Employees"])
    second.has(import_relations=False, import_materials=False, import_employees=True)
    return second["conflict"]


def test_the_second_of_two_editors_adds_to_what_the_first_saved(saved: Callable[[], Window]) -> None:
    first, second = saved(), saved()
    shown = conflict(first, second)
    second.save()
    second.is_saved()
    expect(shown).to_have_count(0)
    first.open()
    first.has(import_relations=False, import_materials=True, import_employees=True)


@pytest.mark.parametrize(("button", "yours"), [("take-yours", True), ("take-theirs", False)])
def test_the_second_of_two_editors_decides(saved: Callable[[], Window], button: str, yours: bool) -> None:
    first, second = saved(), saved()
    conflict(first, second)
    second.press(button, "/settings")
    second.is_saved()
    first.open()
    first.has(import_relations=not yours, import_materials=not yours, import_employees=yours)


def test_after_a_conflict_the_bar_names_what_differs_from_what_is_stored_now(saved: Callable[[], Window]) -> None:
    first, second = saved(), saved()
    first.switch("import_materials")
    first.save()
    second.switch("import_employees")
    second.save()
    expect(second["changes"]).to_have_text("Not saved: Materials, Employees")
