"""Save: once, for one of two editors at a time, and in sight."""

from collections.abc import Callable

import pytest
from browser.conftest import OpenWindow
from browser.sites import Wire
from browser.window import Window
from playwright.sync_api import expect
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
    expect(window["saved"]).to_contain_text("Saved. Employees: off → on")
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


def test_the_second_of_two_editors_adds_to_what_the_first_saved(saved: Callable[[], Window]) -> None:
    first, second = saved(), saved()
    first.switch("import_materials")
    first.save()
    first.is_saved()
    second.switch("import_employees")
    second.save()
    expect(second["saved"]).to_contain_text("beheer changed Materials, Hour types meanwhile; that stays.")
    second.has(import_materials=True, import_employees=True)


@pytest.mark.parametrize("mine", [True, False])
def test_the_second_of_two_editors_decides_what_both_changed(saved: Callable[[], Window], mine: bool) -> None:
    first, second = saved(), saved()
    for window, rounding in ((first, "30"), (second, "5")):
        window.switch("export_sales_orders")
        window["export_hour_rounding"].select_option(rounding)
        window.save()
        expect(window["question"]).to_be_focused()
        if window is first:
            window.save()
            window.is_saved()
    expect(second["question"]).to_contain_text("beheer changed Hour rounding to 30 minutes meanwhile")
    if not mine:
        second["export_hour_rounding"].select_option("30")
    second.save()
    second.is_saved()
    first.open()
    first.has(export_hour_rounding="5" if mine else "30")
