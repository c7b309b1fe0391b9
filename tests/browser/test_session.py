"""The end of a session: announced, put off, and lived through without losing what was typed."""

from unittest.mock import patch

import pytest
from browser.chromium import Cdn
from browser.conftest import OpenWindow
from browser.sites import Site
from browser.window import Window
from flask import Flask
from playwright.sync_api import expect
from support.visitor import Visitor

from webapp.db import get_db
from webapp.web.launches import LaunchStore

ENDS_IN_A_MINUTE = patch("webapp.web.tokens.SESSION_SECONDS", 60)
pytestmark = pytest.mark.usefixtures("silent_host")


def test_the_session_is_extended_by_one_action(window: Window) -> None:
    with ENDS_IN_A_MINUTE:
        window.open()
        expect(window["extend"]).to_be_visible()
    with window.answer_to("/session/extend"):
        window.click("extend")
    expect(window["alert"]).to_be_empty()
    window.log_in()
    expect(window["save"]).to_be_visible()


def test_extending_without_a_network_can_be_tried_again(window: Window, our_site: Site) -> None:
    with ENDS_IN_A_MINUTE:
        window.open()
        expect(window["extend"]).to_be_visible()
    with our_site.gone():
        window.click("extend")
        expect(window["alert"]).to_contain_text("No answer")
    with window.answer_to("/session/extend"):
        window.click("extend")
    expect(window["alert"]).to_be_empty()


def test_extending_a_session_that_was_ended_says_so_and_tells_the_host(window: Window, app: Flask) -> None:
    with ENDS_IN_A_MINUTE:
        window.open()
        expect(window["extend"]).to_be_visible()
    with app.app_context():
        LaunchStore(get_db()).revoke("1001")
    window.click("extend")
    expect(window["alert"]).to_contain_text("Your session has ended")
    window.hears("last('expired')")


@pytest.mark.parametrize("cdn", ["up", "down"])
def test_after_the_end_what_was_typed_stays_but_not_the_password(
    connected: Visitor, open_window: OpenWindow, cdn: Cdn
) -> None:
    window = open_window(cdn=cdn)
    with patch("webapp.web.tokens.SESSION_SECONDS", 2):
        window.open()
        window.type_login(email="ander@example.nl")
        window["import_employees"].check()
        expect(window["alert"]).to_contain_text("Your session has ended")
    window.hears("last('expired')")
    window["save"].click()
    window.has(email="ander@example.nl", password="", import_employees=True)
    expect(window["alert"]).to_contain_text("Your session has ended")


def test_typing_extends_a_session_that_was_not_renewed_for_a_minute(window: Window) -> None:
    window.frame().evaluate("() => { const now = Date.now; Date.now = () => now() + 61_000; }")
    with window.answer_to("/session/extend"):
        window["email"].fill("iemand@example.nl")
    window.has(email="iemand@example.nl")
