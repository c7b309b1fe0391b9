"""The whole flow in a frame of another site, whatever the user's browser blocks."""

from typing import Any

import pytest
from browser.conftest import Browsers, OpenWindow
from browser.sites import Site, cookie_jar, framed
from playwright.sync_api import expect

INVALID_LOGIN = "Gegevens API gebruiker niet geldig"
SURROUNDINGS: dict[str, dict[str, Any]] = {
    "third-party cookies blocked": {"cookies": "third party blocked"},
    "all cookies blocked": {"cookies": "all blocked"},
    "CDN down": {"cdn": "down"},
    "JavaScript off": {"javascript": False},
}


@pytest.mark.parametrize("surroundings", SURROUNDINGS.values(), ids=SURROUNDINGS)
def test_log_in_choose_and_save(open_window: OpenWindow, surroundings: dict[str, Any]) -> None:
    window = open_window(**surroundings).open()
    assert window.has_htmx() == (not {"cdn", "javascript"} & surroundings.keys())
    window.is_connected(False)
    expect(window["settings"]).to_have_count(0)

    window.log_in(password="verkeerd")
    expect(window.text("#problem h3")).to_have_text(INVALID_LOGIN)
    window.has(relation_code="25583", email="api@example.nl", password="")
    expect(window["settings"]).to_have_count(0)

    window.log_in()
    expect(window["settings"]).to_be_visible()
    expect(window["problem"]).to_have_count(0)
    window.is_connected(False)

    warehouses = window.text("#export_default_warehouse option")
    window.switch("import_relations", "import_employees", "export_sales_orders")
    window["export_hour_rounding"].select_option("15")
    expect(warehouses).to_have_count(1)
    window.choose_administration("1571/x001")
    if not window.has_htmx():
        window.press("list-warehouses", "/administration")
    expect(warehouses).not_to_have_count(1)
    window.has(import_relations=True, import_materials=False, import_employees=True, export_hour_rounding="15")
    window.has(administration="1571/x001", export_sales_orders=True)
    window["export_default_warehouse"].select_option("MAG1")
    window.save(told=True)
    window.is_saved()
    window.is_connected()

    window.open()
    window.is_connected()
    window.has(relation_code="25583", email="api@example.nl", password="", administration="1571/x001")
    window.has(import_relations=True, import_materials=False, import_employees=True)
    window.has(export_sales_orders=True, export_hour_rounding="15", export_default_warehouse="MAG1")
    expect(window["changes"]).to_have_text("")


def test_a_changed_file_on_the_cdn_is_refused_by_the_browser(open_window: OpenWindow) -> None:
    window = open_window(cdn="changed").open()
    assert not window.has_htmx()
    assert any("integrity" in text for text in window.console)


@pytest.mark.parametrize(
    ("cookies", "in_a_frame", "on_its_own"),
    [
        ("allowed", "partitioned plain", "partitioned plain"),
        ("third party blocked", "partitioned", "partitioned plain"),
        ("all blocked", "none", "none"),
    ],
)
def test_the_browser_really_blocks_cookies(
    browsers: Browsers, our_site: Site, host_site: Site, cookies: Any, in_a_frame: str, on_its_own: str
) -> None:
    """Proves the surroundings of the test above: which cookies come back."""
    our_site.app, host_site.app = cookie_jar, framed(our_site.address)
    with browsers(cookies).new_context() as context:
        tab = context.new_page()
        for found in ("none", in_a_frame):
            tab.goto(host_site.address)
            expect(tab.frame_locator("iframe").locator("p")).to_have_text(found)
        tab.goto(our_site.address)
        tab.reload()
        expect(tab.locator("p")).to_have_text(on_its_own)
