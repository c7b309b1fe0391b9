"""The demo as a whole, in a browser: the frame, and the inspector beside it."""

from collections.abc import Iterator

import pytest
from browser import chromium
from browser.conftest import Browsers
from browser.sites import Site
from flask import Flask
from playwright.sync_api import Frame, FrameLocator, Page, expect

from webapp.demo.cash import CashSandbox
from webapp.demo.host import create_host
from webapp.demo.past import USERS
from webapp.demo.scenarios import NEW
from webapp.demo.showcase import CASH, SESSION, Showcase

DARK = "() => matchMedia('(prefers-color-scheme: dark)').matches"


@pytest.fixture
def tab(browsers: Browsers, app: Flask, cash: CashSandbox, our_site: Site, host_site: Site) -> Iterator[Page]:
    """The demo open in a wide window, in the colours of nobody's choice; nothing may fail in it."""
    showcase = Showcase(app, cash)
    our_site.app = app
    host_site.app = create_host(our_site.address, host_site.address, app.config["LAUNCH_KEYS"], showcase)
    viewport = {"width": 1440, "height": 900}
    with browsers("allowed").new_context(viewport=viewport, color_scheme="null") as context:  # type: ignore[arg-type]
        chromium.connect_cdn(context, "up")
        failed: list[str] = []
        context.on("weberror", lambda error: failed.append(str(error.error)))
        tab = context.new_page()
        tab.goto(f"{host_site.address}/?lang=en")
        expect(inside(tab).locator(".pill.on")).to_be_visible()
        yield tab
        assert failed == []


def inside(tab: Page) -> FrameLocator:
    return tab.frame_locator("#cash")


def frame(tab: Page) -> Frame:
    found = tab.frame(name="cash")
    assert found
    return found


def press(tab: Page, button: str) -> None:
    tab.locator("#inspector").get_by_role("button", name=button, exact=True).click()


def choose(tab: Page, label: str) -> None:
    tab.locator("#inspector .choice").get_by_text(label, exact=True).click()


def see(tab: Page, words: str) -> None:
    expect(tab.locator(".see").filter(has_text=words)).to_be_visible()


def hears(tab: Page, message: str) -> None:
    expect(tab.locator("#messages").get_by_text(message).first).to_be_visible()


def test_a_card_fills_in_the_login(tab: Page) -> None:
    press(tab, NEW.title)
    expect(tab.locator(".now")).to_contain_text(NEW.see)
    expect(inside(tab).locator("#password")).to_have_value("geheim")
    inside(tab).locator("#submit-login").click()
    expect(inside(tab).locator("#administration option")).to_have_count(5)
    expect(tab.locator("#claims")).to_contain_text(NEW.company)


def test_cash_goes_down_while_the_frame_keeps_what_was_chosen(tab: Page) -> None:
    inside(tab).locator("#import_employees").click()
    hears(tab, "cash:dirty")
    press(tab, "Down")
    see(tab, CASH["down"].see)
    inside(tab).locator("#test-connection").click()
    expect(inside(tab).locator("#problem")).to_be_visible()
    expect(inside(tab).locator("#import_employees")).to_be_checked()


def test_width_colours_and_language_change_and_stay_in_the_address(tab: Page) -> None:
    choose(tab, "360")
    expect(tab.locator("#cash")).to_have_css("width", "360px")
    for scheme, dark in (("Dark", True), ("Light", False)):
        choose(tab, scheme)
        frame(tab).wait_for_function(f"(dark) => ({DARK})() === dark", arg=dark)
    choose(tab, "de")
    expect(inside(tab).locator("html")).to_have_attribute("lang", "de")
    expect(tab.locator("#cash")).to_have_css("width", "360px")
    assert tab.evaluate("document.documentElement.style.colorScheme") == "light"


def test_the_host_renews_a_session_that_ends_soon(tab: Page) -> None:
    press(tab, "End it soon")
    see(tab, SESSION["soon"].see)
    before = tab.locator("#claims dd").nth(2).text_content()
    hears(tab, "cash:renew")
    hears(tab, "a new launch token")
    expect(tab.locator("#claims dd").nth(2)).not_to_have_text(before or "")
    expect(inside(tab).locator("#extend")).to_have_count(0)


def test_a_session_that_was_ended_is_opened_again(tab: Page) -> None:
    press(tab, "End session")
    see(tab, SESSION["end"].see)
    inside(tab).locator("#test-connection").click()
    hears(tab, "cash:expired")
    inside(tab).locator("[data-reopen]").first.click()
    hears(tab, "cash:reopen")
    inside(tab).locator("#test-connection").click()
    expect(inside(tab).locator("#problem")).to_have_count(0)


def test_two_editors_with_two_names(tab: Page) -> None:
    with tab.expect_popup() as popup:
        tab.locator("#second").click()
    second = popup.value
    expect(second.locator(".user")).to_have_text(USERS[1])
    inside(second).locator("#import_employees").click()
    inside(second).locator("#save").click()
    expect(inside(second).locator("#log")).to_contain_text("Employees")
    inside(tab).locator("#refresh").click()
    expect(inside(tab).locator("#log li:not(.day)").first).to_contain_text(USERS[1])


def test_the_code_of_the_host_is_shown(tab: Page) -> None:
    press(tab, "Show the code")
    expect(tab.locator("#code pre")).to_have_count(3)
    expect(tab.locator("#code")).to_be_visible()
    tab.keyboard.press("Escape")
    expect(tab.locator("#code")).to_be_hidden()


def test_the_inspector_is_below_where_there_is_no_room_beside(tab: Page) -> None:
    for width, beside in ((1440, True), (1100, False), (760, False)):
        tab.set_viewport_size({"width": width, "height": 900})
        stage, inspector = tab.locator(".stage").bounding_box(), tab.locator("#inspector").bounding_box()
        assert stage
        assert inspector
        assert (inspector["x"] >= stage["x"] + stage["width"]) == beside
        assert beside or inspector["y"] >= stage["y"] + stage["height"]
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reset_undoes_everything(tab: Page) -> None:
    press(tab, "Down")
    inside(tab).locator("#import_employees").click()
    inside(tab).locator("#save").click()
    expect(inside(tab).locator("#log li:not(.day)").first).to_contain_text("Employees")
    press(tab, "Reset the demo")
    expect(tab.locator("#inspector [aria-pressed=true]").last).to_have_text(CASH["works"].title)
    expect(inside(tab).locator("#log li")).not_to_have_count(0)
    expect(inside(tab).locator("#import_employees")).not_to_be_checked()
