"""The list of orders in a browser: it takes the place of the settings and gives it back."""

import pytest
from browser.conftest import OpenWindow
from browser.window import Window
from flask import Flask
from playwright.sync_api import expect
from support.ledger import Ledger
from support.runs import Worker
from support.visitor import Visitor

from webapp.cash.store.orders import State

THERE = '[formaction*="/orders/1/there"]'
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def ledger(connected: Visitor, app: Flask) -> Ledger:
    connected.save(export_sales_orders=True)
    Worker(app).connect()
    ledger = Ledger(app)
    ledger.put("1", State.ASKING, reason="unknown", customer="Een-klant-met-een-heel-lange-naam-zonder-spatie B.V.")
    return ledger


def test_the_list_takes_the_place_of_the_settings_and_gives_it_back(ledger: Ledger, open_window: OpenWindow) -> None:
    window = open_window().open()
    window.switch("import_warehouses")
    window.press("orders-open", "/orders")
    expect(window["orders-title"]).to_be_focused()
    expect(window["settings"]).to_be_hidden()
    window.text(THERE).click()
    expect(window["orders-said"]).to_be_focused()
    window.press("orders-close", "/orders/close")
    expect(window["orders-open"]).to_be_focused()
    expect(window["import_warehouses"]).to_be_checked()
    expect(window["changes"]).to_contain_text("Warehouses")


@pytest.mark.parametrize("cdn", ["up", "down"])
@pytest.mark.parametrize("javascript", [True, False])
def test_what_a_person_says_arrives_without_htmx_too(
    ledger: Ledger, open_window: OpenWindow, cdn: str, javascript: bool
) -> None:
    window: Window = open_window(cdn=cdn, javascript=javascript).open()
    window["orders-open"].click()
    window.text(THERE).click()
    expect(window["orders-said"]).to_contain_text("You said that it is in Cash.")
    expect(window.text(THERE)).to_have_count(0)
    window["orders-close"].click()
    expect(window["settings"]).to_be_visible()
    order = ledger.one("1")
    assert order
    assert order.said == "there"


@pytest.mark.parametrize("width", [320, 360, 760, 1100])
def test_it_fits_every_width(ledger: Ledger, open_window: OpenWindow, width: int) -> None:
    window = open_window(width=width).open(lang="nl")
    window.press("orders-open", "/orders")
    assert not window.frame().evaluate(OVERFLOWS)


def test_the_file_is_a_download(ledger: Ledger, open_window: OpenWindow) -> None:
    window = open_window().open()
    window.press("orders-open", "/orders")
    with window.tab.expect_download() as download:
        window["orders-save"].click()
    assert download.value.suggested_filename == "cash-orders.csv"
    expect(window["orders-title"]).to_be_visible()
