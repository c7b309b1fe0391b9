"""A real Chromium, a host page on one site and our page on another, each on a socket."""

from collections import defaultdict
from collections.abc import Callable, Iterator

import pytest
from browser import chromium
from browser.chromium import Cdn, Cookies
from browser.sites import Site, Wire
from browser.window import Window
from flask import Flask
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from support.app import HOST, LONGEST_WAIT
from werkzeug.wrappers import Request, Response

from webapp.demo.host import create_host

OpenWindow = Callable[..., Window]
Browsers = Callable[[Cookies], Browser]
Kind = tuple[Cookies, Cdn, bool]  # with or without JavaScript
Left = defaultdict[Kind, list[Window]]

expect.set_options(timeout=LONGEST_WAIT * 1000)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browsers]:
    """A browser for each cookie setting, started when first asked for."""
    started: dict[Cookies, Browser] = {}

    def with_cookies(cookies: Cookies) -> Browser:
        if cookies not in started:
            started[cookies] = chromium.start(playwright, tmp_path_factory.mktemp("profile"), cookies)
        return started[cookies]

    yield with_cookies
    for browser in started.values():
        chromium.stop(browser)


def _site(name: str) -> Iterator[Site]:
    site = Site(name)
    yield site
    site.stop()


@pytest.fixture(scope="session")
def our_site() -> Iterator[Site]:
    yield from _site("localhost")


@pytest.fixture(scope="session")
def host_site() -> Iterator[Site]:
    """Another site than ours: to a browser `localhost` and `127.0.0.1` have nothing in common."""
    yield from _site("127.0.0.1")


@pytest.fixture
def configuration(configuration: dict[str, object], host_site: Site) -> dict[str, object]:
    return {**configuration, "FRAME_ANCESTORS": [HOST, host_site.address]}


@pytest.fixture
def wire(app: Flask, our_site: Site, host_site: Site) -> Iterator[Wire]:
    """Our page and the host page, served."""
    our_site.app = wire = Wire(app)
    host_site.app = create_host(our_site.address, host_site.address, app.config["LAUNCH_KEYS"])
    yield wire
    assert wire.cookies == []


@pytest.fixture
def silent_host(wire: Wire, host_site: Site) -> None:
    """A host page from before hosts could vouch for their user again."""
    knows = host_site.app

    @Request.application
    def does_not(request: Request) -> Response:
        answer = Response.from_app(knows, request.environ)
        answer.data = answer.data.replace(b'"cash:renew"', b'"cash:unheard-of"')
        return answer

    host_site.app = does_not


@pytest.fixture(scope="session")
def left_windows() -> Left:
    """What earlier tests left, by what cannot be changed of it: to start a window takes longer than to use it."""
    return defaultdict(list)


@pytest.fixture
def open_window(
    wire: Wire, browsers: Browsers, left_windows: Left, our_site: Site, host_site: Site
) -> Iterator[OpenWindow]:
    """Opens windows that share nothing; afterwards nothing may have gone wrong in any of them."""
    windows: list[tuple[Window, Kind]] = []

    def open_one(
        *, cookies: Cookies = "allowed", cdn: Cdn = "up", javascript: bool = True, width: int = 1000, dark: bool = False
    ) -> Window:
        kind = (cookies, cdn, javascript)
        if left_windows[kind]:
            window = left_windows[kind].pop()
        else:
            context = browsers(cookies).new_context(java_script_enabled=javascript)
            chromium.connect_cdn(context, cdn)
            window = Window(context, host_site.address, our_site.address, javascript=javascript)
        windows.append((window, kind))
        return window.look(width, dark)

    yield open_one
    found = []
    for window, kind in windows:
        found += window.leave()
        left_windows[kind].append(window)
    assert found == []


@pytest.fixture
def window(open_window: OpenWindow) -> Window:
    """A window with the page open, in English."""
    return open_window().open()
