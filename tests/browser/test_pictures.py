"""The page as the README shows it. `make pictures` keeps what is taken here in tests/pictures."""

import os
from pathlib import Path

import pytest
from browser.conftest import OpenWindow
from browser.window import Window
from playwright.sync_api import expect

KEPT = Path(__file__).parents[1] / "pictures"
WIDTH = "(frame) => frame.clientWidth"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the pictures go: beside the tests only when asked for, as no two runs give the same bytes."""
    return KEPT if os.environ.get("PICTURES") else tmp_path


def widen_frame(window: Window, width: int, *, dark: bool = False) -> None:
    """Gives the page itself this width, whatever the host has around it."""
    window.look(width, dark)
    around = width - window.tab.locator("iframe").evaluate(WIDTH)
    window.look(width + around, dark)
    assert window.tab.locator("iframe").evaluate(WIDTH) == width


def connect(window: Window) -> None:
    """Logs in at the second try, chooses and saves, so that the log has something to tell."""
    window.log_in(password="verkeerd")
    expect(window["problem"]).to_be_visible()
    window.log_in()
    window.switch("import_relations", "import_materials", "import_employees", "export_sales_orders")
    window.choose_administration("1571/x001")
    window["export_hour_rounding"].select_option("15")
    window["export_default_warehouse"].select_option("MAG1")
    window.save(told=True)
    window.is_saved()


def take(window: Window, file: Path) -> None:
    """The whole frame, once it has the height of the page and nothing moves or has the focus."""
    window.fits()
    window.frame().evaluate("document.activeElement.blur()")
    window.tab.locator("iframe").screenshot(path=file, animations="disabled")
    assert file.read_bytes().startswith(b"\x89PNG")


def test_pictures_of_a_connected_page(open_window: OpenWindow, folder: Path) -> None:
    window = open_window(width=1100).open(account="1002")
    connect(window)

    window.open("en", account="1002")
    widen_frame(window, 1100)
    window.is_connected()
    take(window, folder / "settings.png")

    window.look(360, True).open("nl", account="1002")
    widen_frame(window, 360, dark=True)
    expect(window["page"]).to_contain_text("Importinstellingen")
    take(window, folder / "dark-360.png")
