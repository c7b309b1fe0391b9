"""What is not saved yet: named, undone, and told to the host."""

import pytest
from browser.conftest import OpenWindow
from browser.sites import Site
from browser.window import Window
from playwright.sync_api import expect
from support.visitor import Visitor

SPY_ON_MESSAGES = """
if (window !== window.top) {
  const host = window.parent;
  window.targets = [];
  Object.defineProperty(window, "parent", { get: () => ({
    postMessage: (message, target) => { window.targets.push(target); host.postMessage(message, target); },
  }) });
}
"""


@pytest.fixture
def window(connected: Visitor, window: Window) -> Window:
    """The page of an account that imports relations and exports nothing."""
    return window


def test_the_bar_names_what_changed_and_undo_restores_it(window: Window) -> None:
    expect(window["undo"]).to_be_hidden()
    window.switch("import_relations", "export_sales_orders")
    window["export_hour_rounding"].select_option("30")
    expect(window["changes"]).to_have_text("Not saved: Relations, Sales orders, Hour rounding")
    window.click("undo")
    expect(window["changes"]).to_have_text("")
    expect(window["undo"]).to_be_hidden()
    expect(window["save"]).to_be_focused()
    window.has(import_relations=True, export_sales_orders=False, export_hour_rounding="0")


def test_undoing_by_hand_empties_the_bar_too(window: Window) -> None:
    window.switch("import_relations")
    expect(window["changes"]).to_have_text("Not saved: Relations")
    window.switch("import_relations")
    expect(window["changes"]).to_have_text("")


def test_undo_brings_back_the_administration_with_its_warehouse(connected: Visitor, window: Window) -> None:
    first, second = connected.administrations()[:2]
    window.switch("export_sales_orders")
    window.press("list-warehouses", "/administration")
    window["export_default_warehouse"].select_option("MAG2")
    window.save(told=True)
    window.is_saved()

    window.choose_administration(second)
    window["export_default_warehouse"].select_option("MAG1")
    expect(window["changes"]).to_have_text("Not saved: Administration, Default warehouse")
    with window.answer_to("/"):
        window.click("undo")
    window.settled()
    window.has(administration=first, export_default_warehouse="MAG2")
    expect(window["changes"]).to_have_text("")


def test_the_host_hears_what_is_not_saved(window: Window) -> None:
    window.switch("import_employees")
    window.hears("last('dirty')?.dirty === true")
    window.click("undo")
    window.hears("last('dirty')?.dirty === false")
    assert window.messages("saved") == []
    window.switch("import_employees")
    window.hears("last('dirty')?.dirty === true")
    window.save()
    window.hears("last('saved') && last('dirty')?.dirty === false")
    assert len(window.messages("saved")) == 1


def test_the_frame_grows_and_shrinks_with_the_page(window: Window) -> None:
    window.hears("last('height')")
    without = window.messages("height")[-1]["height"]
    window.switch("export_sales_orders")
    window.hears(f"last('height').height > {without}")
    window.switch("export_sales_orders")
    window.hears(f"last('height').height === {without}")
    shown = window.tab.locator("iframe")
    expect(shown).to_have_css("height", f"{without}px")


def test_messages_go_to_the_host_only(connected: Visitor, open_window: OpenWindow, host_site: Site) -> None:
    window = open_window()
    window.tab.add_init_script(SPY_ON_MESSAGES)
    window.open()
    window.switch("import_employees")
    window.save()
    window.hears("last('height') && last('saved') && last('dirty')?.dirty === false")
    assert set(window.frame().evaluate("window.targets")) == {host_site.address}


def test_an_unsaved_login_is_named(open_window: OpenWindow) -> None:
    window = open_window().open()
    window.log_in()
    expect(window["changes"]).to_have_text("Not saved: the login api@example.nl (25583)")
    expect(window["undo"]).to_be_hidden()
    window.hears("last('dirty')?.dirty === true")
