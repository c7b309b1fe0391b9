"""What a user does while an answer is awaited, and when the answer comes to a page that has changed."""

from browser.conftest import OpenWindow
from browser.sites import Wire
from browser.window import Window
from flask import Flask
from playwright.sync_api import expect
from support.visitor import Visitor

from webapp.demo.cash import CashSandbox


def test_the_settings_wait_for_the_answer_to_a_login(connected: Visitor, window: Window, wire: Wire) -> None:
    window.type_login()
    with wire.hold("POST /login"):
        window.click("submit-login")
        wire.wait_for("POST /login", 1)
        expect(window.text("#settings[inert]")).to_have_count(1)
        expect(window["submit-login"]).to_be_focused()
    window.settled()
    expect(window.text("[inert]")).to_have_count(0)
    window.switch("import_employees")
    window.save()
    window.is_saved()


def test_a_save_during_a_connection_test_stays_on_the_page(
    connected: Visitor, window: Window, cash: CashSandbox, wire: Wire
) -> None:
    with wire.hold("POST /connection/test"):
        window.click("test-connection")
        wire.wait_for("POST /connection/test", 1)
        window.switch("import_employees")
        window.save()
        window.is_saved()
    window.settled()
    expect(window["tested"]).to_be_empty()
    expect(window.text("[id=top]")).to_have_count(1)
    window.has(import_employees=True)


def test_a_login_found_refused_by_choosing_an_administration_is_said_on_top(
    connected: Visitor, window: Window, cash: CashSandbox
) -> None:
    connected.save(export_sales_orders=True)
    window.open()
    cash.change_password("25583", "api@example.nl", "nieuw")
    window.choose_administration("1571/x002")
    expect(window["refused"]).to_contain_text("no longer accepts")
    expect(window.text(".pill.off")).to_be_visible()
    expect(window.text("#log .error")).to_have_count(1)
    window.has(administration="1571/x002")


def test_paging_through_the_log_keeps_the_focus_there(connected: Visitor, window: Window, app: Flask) -> None:
    for turn in range(22):
        connected.save(export_hour_rounding=(5, 15)[turn % 2])
    window.open()
    window.press("older", "/log")
    expect(window["log-title"]).to_be_focused()
    window.press("newest", "/log")
    expect(window["log-title"]).to_be_focused()


def test_a_message_goes_away_when_the_next_answer_is_good(connected: Visitor, open_window: OpenWindow) -> None:
    window = open_window().open()
    window.frame().evaluate("document.getElementById('alert').textContent = 'No answer'")
    window.press("test-connection", "/connection/test")
    expect(window["alert"]).to_be_empty()
