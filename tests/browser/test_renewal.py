"""A session lasts while the host vouches for its user; and our script waits for nobody's CDN."""

from contextlib import ExitStack
from unittest.mock import patch

import pytest
from browser.conftest import OpenWindow
from browser.sites import Site, Wire
from flask import Flask
from playwright.sync_api import expect
from support.visitor import Visitor


@pytest.fixture
def host(wire: Wire, host_site: Site) -> Wire:
    """The host page, seen from outside."""
    host_site.app = seen = Wire(host_site.app)
    return seen


def test_a_host_that_vouches_again_keeps_the_session_and_all_that_was_typed(
    connected: Visitor, app: Flask, wire: Wire, host: Wire, open_window: OpenWindow
) -> None:
    window = open_window()
    app.jinja_env.globals["session_seconds"] = lambda: 60  # as the page is told; an answer tells it better
    with ExitStack() as held:
        held.enter_context(host.hold("POST /cash-launch-token"))
        window.open()
        window.hears("last('renew')")
        window.type_login(email="ander@example.nl")
        window["import_employees"].check()
        expect(window["extend"]).to_be_visible()
        with window.tab.expect_response(lambda answer: answer.url.endswith("/launch")) as renewal:
            held.close()
    assert renewal.value.status == 204
    expect(window["alert"]).to_be_empty()
    window.has(email="ander@example.nl", password="geheim", import_employees=True)
    window.save()
    window.is_saved()
    assert wire.count("POST /launch") == 2


def test_only_the_host_page_can_renew_a_session(wire: Wire, open_window: OpenWindow) -> None:
    window = open_window().open()
    for where in ("window", "window.parent"):
        window.frame().evaluate(f"{where}.postMessage({{ v: 1, type: 'cash:launch', token: 'x' }}, '*')")
    for more in ("v: 2, token: 'x'", "v: 1", "v: 1, token: {}"):
        window.tab.evaluate(f"frames[0].postMessage({{ type: 'cash:launch', {more} }}, '*')")
    window.log_in()
    assert wire.count("POST /launch") == 1


@pytest.mark.usefixtures("silent_host")
def test_without_an_answer_the_session_ends_and_is_opened_again_from_inside(open_window: OpenWindow) -> None:
    window = open_window()
    with patch("webapp.web.tokens.SESSION_SECONDS", 2):
        window.open()
        expect(window["alert"]).to_contain_text("Your session has ended")
    window.text("[data-reopen]").click()
    expect(window["alert"]).to_be_empty()
    window.log_in()
    expect(window["save"]).to_be_visible()


def test_a_launch_that_was_used_before_is_opened_again_from_inside(
    app: Flask, wire: Wire, host: Wire, open_window: OpenWindow
) -> None:
    window = open_window().open()
    window.tab.evaluate("document.getElementById('launch').submit()")
    expect(window["alert"]).to_contain_text("This link was used before")
    window.text("[data-reopen]").click()
    expect(window["relation_code"]).to_be_visible()
    expect(window["alert"]).to_be_empty()


def test_while_the_cdn_hangs_the_frame_has_its_height_and_every_form_works(
    connected: Visitor, host_site: Site, open_window: OpenWindow
) -> None:
    window = open_window(cdn="hangs")
    window.tab.goto(f"{host_site.address}/?lang=en", wait_until="commit")
    window.hears("last('height')")
    window["import_employees"].check()
    window.hears("last('dirty').dirty")
    expect(window["undo"]).to_be_hidden()
    window.click("save")
    window.is_saved()
