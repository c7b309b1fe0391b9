"""An answer to an older page changes nothing."""

import pytest
from browser.conftest import OpenWindow
from browser.sites import Wire
from browser.window import Window
from playwright.sync_api import expect
from support.visitor import Visitor

LISTING = "POST /administration"


def choosing(connected: Visitor, open_window: OpenWindow, wire: Wire) -> Window:
    """Somebody with orders on who chose a read-only administration, whose warehouses Cash has yet to list."""
    connected.save(export_sales_orders=True)
    window = open_window().open()
    window["administration"].select_option("1571/a024")
    wire.wait_for(LISTING, 1)
    return window


def test_a_save_during_a_listing_stays_saved(connected: Visitor, open_window: OpenWindow, wire: Wire) -> None:
    with wire.hold(LISTING):
        window = choosing(connected, open_window, wire)
        window["administration"].select_option("1571/x001")
        window.switch("import_employees")
        window.save()
        window.is_saved()
    window.settled()
    expect(window["saved"]).to_contain_text("Employees")
    expect(window["switch"]).not_to_contain_text("read-only")


def test_undo_during_a_listing_undoes_all(connected: Visitor, open_window: OpenWindow, wire: Wire) -> None:
    with wire.hold(LISTING):
        window = choosing(connected, open_window, wire)
        window.click("undo")
        expect(window["undo"]).to_be_hidden()
    window.settled()
    window.has(administration="1571/x001")
    expect(window["switch"]).not_to_contain_text("read-only")


def test_a_wrong_login_during_a_listing_stays_said(connected: Visitor, open_window: OpenWindow, wire: Wire) -> None:
    with wire.hold(LISTING):
        window = choosing(connected, open_window, wire)
        window.log_in(password="verkeerd")
        expect(window.text("#problem h3")).to_have_text("Gegevens API gebruiker niet geldig")
    window.settled()
    expect(window.text("#problem h3")).to_have_text("Gegevens API gebruiker niet geldig")


@pytest.mark.parametrize("id", ["manual-link", "export_sales_orders", "export_default_warehouse", "list-warehouses"])
def test_a_listing_leaves_the_focus_where_it_is(
    connected: Visitor, open_window: OpenWindow, wire: Wire, id: str
) -> None:
    connected.save(export_sales_orders=True)
    window = open_window().open()
    with wire.hold(LISTING):
        window["administration"].select_option("1571/x002")
        wire.wait_for(LISTING, 1)
        window[id].focus()
    window.settled()
    expect(window[id]).to_be_focused()
