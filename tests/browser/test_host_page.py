"""The host page that the README describes."""

from collections.abc import Iterator

import pytest
from browser import chromium
from browser.conftest import Browsers
from browser.sites import Site
from browser.window import fits
from flask import Flask
from playwright.sync_api import Frame, Page, expect
from support.app import launch_token
from support.readme_blocks import block
from support.workers import wait_until
from werkzeug.wrappers import Request, Response

from webapp.web.tokens import read_launch

IN_README = "https://cash.example"
SANDBOX = "allow-scripts allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads"
HUGE = "{ v: 1, type: 'cash:height', height: 1e9 }"
TINY = "{ v: 1, type: 'cash:height', height: 1 }"
ASK_TO_RENEW = """() => new Promise((done) => {
  addEventListener("message", ({ origin, data }) => done({ ...data, origin }), { once: true });
  parent.postMessage({ v: 1, type: "cash:renew" }, "*");
})"""


@pytest.fixture
def host(app: Flask, our_site: Site, host_site: Site) -> str:
    """The markup and the listener of the README around our page; `/used` starts with a token that was used before."""
    used: list[str] = []

    def token() -> str:
        used.append(launch_token(app.config["LAUNCH_KEYS"], lang="en", parent=host_site.address))
        return used[-1]

    @Request.application
    def host_page(request: Request) -> Response:
        if request.path == "/cash-launch-token":
            assert request.method == "POST"
            return Response(token())
        if request.path not in ("/", "/used"):
            return Response("", 204)
        page = f"<!doctype html><title>Host</title>{block('html')}<script>{block('js')}</script>"
        page = page.replace(IN_README, our_site.address)
        return Response(
            page.replace("THE LAUNCH TOKEN", used[0] if request.path == "/used" else token()), mimetype="text/html"
        )

    our_site.app, host_site.app = app, host_page
    return host_site.address


@pytest.fixture
def tab(browsers: Browsers) -> Iterator[Page]:
    with browsers("allowed").new_context() as context:
        chromium.connect_cdn(context, "up")
        yield context.new_page()


def test_the_frame_takes_the_height_of_the_page(tab: Page, host: str) -> None:
    tab.goto(host)
    inside = tab.frame_locator("#cash")
    expect(inside.locator("#relation_code")).to_be_visible()
    assert tab.locator("#cash").get_attribute("sandbox") == SANDBOX
    takes_the_height_of_the_page(tab)


def takes_the_height_of_the_page(tab: Page) -> None:
    frame, page = tab.locator("#cash"), tab.frame_locator("#cash").locator("#page")
    wait_until(lambda: fits(frame, page))


def test_the_host_listens_to_our_page_only_and_within_reason(tab: Page, host: str) -> None:
    tab.goto(host)
    page = tab.frame_locator("#cash").locator("#page")
    expect(page).to_be_visible()
    takes_the_height_of_the_page(tab)  # what it tells of itself is told
    page.evaluate(f"() => new Promise((done) => {{ parent.postMessage({HUGE}, '*'); setTimeout(done, 100); }})")
    expect(tab.locator("#cash")).to_have_css("height", "20000px")
    tab.evaluate(f"() => new Promise((done) => {{ postMessage({TINY}, '*'); setTimeout(done, 100); }})")
    expect(tab.locator("#cash")).to_have_css("height", "20000px")


def test_a_page_that_has_expired_is_opened_again_when_it_asks(tab: Page, host: str) -> None:
    tab.goto(host)
    expect(tab.frame_locator("#cash").locator("#relation_code")).to_be_visible()
    tab.goto(f"{host}/used")
    expect(tab.frame_locator("#cash").locator("h1")).to_be_visible()
    expect(tab.frame_locator("#cash").locator("#relation_code")).to_have_count(0)
    tab.frame_locator("#cash").locator("[data-reopen]").click()
    expect(tab.frame_locator("#cash").locator("#relation_code")).to_be_visible()


def test_a_session_that_ends_gets_a_new_token_from_the_host(tab: Page, host: str, app: Flask) -> None:
    tab.goto(host)
    expect(tab.frame_locator("#cash").locator("#relation_code")).to_be_visible()
    heard = frame(tab).evaluate(ASK_TO_RENEW)
    assert (heard["origin"], heard["v"], heard["type"]) == (host, 1, "cash:launch")
    assert read_launch(app.config["LAUNCH_KEYS"], heard["token"])["parent"] == host


def frame(tab: Page) -> Frame:
    found = tab.frame(name="cash")
    assert found
    return found


def test_the_browser_asks_before_unsaved_changes_are_left(tab: Page, host: str) -> None:
    tab.goto(host)
    inside = tab.frame_locator("#cash")
    inside.locator("#relation_code").fill("54852")
    inside.locator("#email").fill("api@example.nl")
    inside.locator("#password").fill("welkom")
    inside.locator("#submit-login").click()
    inside.locator("#import_relations").click()
    asked: list[str] = []
    tab.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    tab.goto("about:blank")
    assert asked == ["beforeunload"]
