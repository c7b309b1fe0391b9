"""The page in a narrow and a wide frame, light and dark, with names nobody expects."""

import pytest
from browser.conftest import OpenWindow
from browser.window import Window
from playwright.sync_api import expect
from support.visitor import Visitor

WIDTHS = (320, 360, 768, 1200)
AROUND = 32  # what the host keeps free beside the frame
SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, summary")]
  .filter((each) => each.checkVisibility() && each.type !== "hidden")
  .map((each) => [each.id || each.outerHTML, each.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""
WIDE = """() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const ends = (each) => each.checkVisibility() && each.getBoundingClientRect().right > clientWidth;
  const out = [...document.querySelectorAll("#cash *, #alert *")].filter(ends);
  return scrollWidth > clientWidth ? [`${scrollWidth} px`, ...out.map((each) => each.outerHTML.slice(0, 80))] : [];
}"""


def at_every_width(window: Window, *problems: str) -> list[str]:
    """What scripts find wrong with the page, at each width of the frame."""
    found = []
    for width in WIDTHS:
        window.tab.set_viewport_size({"width": width + AROUND, "height": 800})
        expect(window.tab.locator("iframe")).to_have_css("width", f"{width}px")
        expect(window.text("#page")).to_have_css("width", f"{width}px")
        found += [f"at {width} px: {each}" for script in problems for each in window.frame().evaluate(script)]
    return found


# The colours change no size.
@pytest.mark.parametrize(("lang", "dark"), [("nl", False), ("de", True)])
def test_nothing_scrolls_sideways_and_everything_is_large_enough_to_hit(
    open_window: OpenWindow, connected: Visitor, lang: str, dark: bool
) -> None:
    window = open_window(dark=dark).open(lang=lang, account="1002")
    found = at_every_width(window, WIDE, SMALL)
    window.log_in(relation_code="x")
    found += at_every_width(window, WIDE, SMALL)
    window.open(lang=lang)
    window.switch("export_sales_orders", "import_employees", "import_hour_types", "export_work_description")
    window.log_in(password="verkeerd")
    expect(window["problem"]).to_be_visible()
    found += at_every_width(window, WIDE, SMALL)
    window.click(".manual-link")
    expect(window["manual-title"]).to_be_visible()
    assert [*found, *at_every_width(window, WIDE, SMALL)] == []


@pytest.mark.parametrize(("dark", "colour"), [(False, "rgb(244, 244, 248)"), (True, "rgb(27, 30, 37)")])
def test_the_page_is_dark_when_the_system_is(open_window: OpenWindow, dark: bool, colour: str) -> None:
    expect(open_window(dark=dark).open().text("body")).to_have_css("background-color", colour)


def test_markup_in_names_is_text_and_runs_nothing(window: Window) -> None:
    dialogs: list[str] = []
    window.tab.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.accept()))
    window.log_in(email="opmaak@example.nl")
    expect(window.text("#administration option").nth(1)).to_have_text("<img src=x onerror=alert(1)> (m001)")
    for id in ("6660/m001", "6660/m002", "6660/m003"):
        window.choose_administration(id)
        window.save(told=id != "6660/m001")
        window.is_saved()
    window.text("#log .event").first.click()
    expect(window.text("#log table").first).to_contain_text("<script>alert('cash')</script>")
    expect(window.text("#log table").first).to_contain_text("Jansen & Zn.")
    expect(window.text(".pill")).to_contain_text("&amp; {{ 7*7 }} ${7*7}")
    expect(window.text("#page :is(img, script)")).to_have_count(0)
    assert dialogs == []


def test_a_very_long_name_fits(window: Window) -> None:
    window.log_in(email="opmaak@example.nl")
    window.choose_administration("6660/m007")
    window.save()
    expect(window.text(".pill")).to_contain_text("Lang HeelHeelHeel")
    assert at_every_width(window, WIDE) == []
