"""The page in one screen: how high it is, and that what waits for the user is seen."""

import time
from itertools import product
from pathlib import Path

import pytest
from browser.conftest import OpenWindow
from browser.sites import Wire
from browser.window import HEIGHT, Window
from flask import Flask
from playwright.sync_api import expect
from support.runs import Worker
from support.visitor import ONE_ADMINISTRATION, Visitor

from webapp.db import connect
from webapp.demo.cash import CashSandbox

YEAR = 365 * 24 * 60 * 60
WIDTH = "(frame) => frame.clientWidth"
# As with the arrow keys, but at once, however busy the machine is.
GO_THROUGH = """(list, ids) => {
  for (list.value of ids) list.dispatchEvent(new Event("change", { bubbles: true }));
}"""


@pytest.fixture
def exporting(connected: Visitor) -> Visitor:
    """Connected, with orders on and a list of warehouses."""
    connected.list_warehouses(administration="1571/x001", export_sales_orders=True)
    return connected.save(export_sales_orders=True, import_materials=True)


@pytest.mark.parametrize(
    ("lang", "imported"),
    [*product(["nl", "en", "de", "pt"], [False]), ("de", True), ("pt", True)],  # the longest words
    ids=lambda value: value if isinstance(value, str) else "after a large import" if value else "at first",
)
def test_all_is_seen_at_once(exporting: Visitor, open_window: OpenWindow, lang: str, imported: bool) -> None:
    if imported:
        import_much(exporting.app)
    window = open_window().open(lang=lang)
    for width, most in ((1100, 800), (760, 1300), (360, 2200)):
        window.look(width, False)
        frame = window.tab.locator('iframe[name="cash"]')
        window.look(width + width - frame.evaluate(WIDTH), False)
        expect(window["page"]).to_have_css("width", f"{width}px")
        assert window["sync"].evaluate(HEIGHT) <= (240 if width > 1000 else 160)
        assert window["page"].evaluate(HEIGHT) <= most, f"{lang}, {width} px wide: {window['page'].evaluate(HEIGHT)}"


def import_much(app: Flask) -> None:
    """The first import, of which nothing is small."""
    worker = Worker(app)
    worker.connect()
    worker.runs(lambda runs: runs.ask("1001", "changed", ""))
    numbers = {"new": 75_000, "refused_rows": 1_234, "skipped": {"no_street": 12_345}}
    worker.end(result={"administration": "1571/x001", "kinds": {"relations": numbers, "materials": numbers}})
    worker.note("INSERT INTO schedules (account, due) VALUES ('1001', ?)", int(time.time()) + 900)


def in_sight(window: Window, id: str) -> bool:
    """Whether all of an element in our frame is in what the browser shows."""
    box = window[id].bounding_box()
    size = window.tab.viewport_size
    assert box
    assert size
    return box["y"] >= 0 and box["y"] + box["height"] <= size["height"] + 1


def is_in_sight(window: Window, id: str) -> None:
    for _ in range(50):
        if in_sight(window, id):
            return
        window.tab.wait_for_timeout(100)
    raise AssertionError(f"{id}: {window[id].bounding_box()}")


@pytest.mark.parametrize("size", [(1366, 768), (400, 700)])
def test_save_is_in_sight_while_something_is_unsaved(
    exporting: Visitor, open_window: OpenWindow, size: tuple[int, int]
) -> None:
    window = open_window()
    window.tab.set_viewport_size({"width": size[0], "height": size[1]})
    window.open()
    window.tab.evaluate("scrollTo(0, 0)")
    window["import_relations"].evaluate("(each) => each.click()")
    is_in_sight(window, "save")
    window.tab.evaluate("scrollTo(0, 150)")
    is_in_sight(window, "save")
    window["import_relations"].evaluate("(each) => each.click()")
    expect(window.text("#finish.held")).to_have_count(0)


def test_the_log_of_a_year_has_days_with_their_year_and_does_not_grow_the_page(
    exporting: Visitor, app: Flask, open_window: OpenWindow
) -> None:
    year = time.localtime().tm_year - 1
    with connect(app.config["DATABASE"]) as db:
        rows = [
            ("1001", int(time.time()) - YEAR - each * 7200, f"user{each}", "tested", 0, "{}") for each in range(400)
        ]
        with db.conn:
            db.conn.execute("DELETE FROM timeline")
            db.conn.executemany(
                'INSERT INTO timeline (account, at, "user", kind, error, facts) VALUES (?, ?, ?, ?, ?, ?)', rows
            )
    app.config["LOG_DAYS"] = 900
    window = open_window(width=1132).open()
    expect(window.text("#log .day").first).to_contain_text(str(year))
    expect(window.text("#log .events > li:not(.day)")).to_have_count(20)
    assert window["page"].evaluate(HEIGHT) <= 800
    pages = 1
    while window["older"].count():
        window.press("older", "/log")
        pages += 1
    assert pages == 20
    expect(window.text("#log .day").first).to_contain_text(str(year))


def test_going_through_the_administrations_asks_cash_once_and_only_for_orders(
    connected: Visitor, window: Window, cash: CashSandbox, wire: Wire
) -> None:
    cash.forget_calls()
    window["administration"].focus()
    with window.answer_to("/administration"):
        window.keyboard.press("ArrowDown")
    window.settled()
    assert cash.calls == [], "no orders, no warehouses"
    window.choose_administration("1571/x001")
    with window.answer_to("/administration"):
        window.switch("export_sales_orders")
    window.settled()
    cash.forget_calls()
    asked = wire.count("POST /administration")
    with window.answer_to("/administration"):
        window["administration"].evaluate(GO_THROUGH, ["1571/x002", "1571/a024", "1702/x001"])
    window.settled()
    assert wire.count("POST /administration") == asked + 1
    assert cash.count("Export") == 1


def test_a_read_only_administration_switches_orders_off_and_says_why(exporting: Visitor, window: Window) -> None:
    window.choose_administration("1571/a024")
    expect(window["export_sales_orders"]).to_be_disabled()
    expect(window["export_sales_orders"]).not_to_be_checked()
    expect(window["switch"]).to_contain_text("read-only in Cash")
    window.choose_administration("1571/x001")
    expect(window["export_sales_orders"]).to_be_enabled()


def test_a_login_to_another_environment_can_be_taken_back(connected: Visitor, window: Window) -> None:
    window.log_in(**ONE_ADMINISTRATION)
    expect(window["changes"]).to_contain_text("the login api@example.nl (54852)")
    expect(window["back-to-stored"]).to_have_text("Back to 25583 (Demo B.V.)")
    window.press("back-to-stored", "/login/back")
    window.is_connected()
    window.has(relation_code="25583", administration="1571/x001")
    expect(window["changes"]).to_have_text("")


@pytest.mark.parametrize("javascript", [True, False])
def test_a_refused_login_is_repaired_with_its_new_password_alone(
    connected: Visitor, cash: CashSandbox, open_window: OpenWindow, javascript: bool
) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    connected.submit("test-form")
    window = open_window(javascript=javascript).open()
    expect(window.text("label[for=password]")).to_have_text("New password for api@example.nl (25583)")
    expect(window["relation_code"]).to_be_hidden()
    expect(window["password"]).to_have_attribute("aria-invalid", "true")
    window["password"].fill("nieuw")
    if javascript:
        expect(window["import_employees"]).to_be_enabled()
        window.press("submit-login", "/login")
    else:
        window["submit-login"].click()
    window.is_connected()
    expect(window["refused"]).to_have_count(0)


def test_without_a_script_a_question_does_not_look_saved(connected: Visitor, open_window: OpenWindow) -> None:
    window = open_window(javascript=False).open()
    window.switch("export_sales_orders")
    window["save"].click()
    expect(window["question"]).to_be_visible()
    assert window.frame().url.endswith("#finish")
    expect(window["save"]).to_have_text("Save and send work orders")
    window["back"].click()
    expect(window["question"]).to_have_count(0)
    expect(window["export_sales_orders"]).to_be_checked()


def test_materials_and_hour_types_go_together(connected: Visitor, window: Window) -> None:
    window.switch("import_hour_types")
    window.has(import_materials=True)
    expect(window["changes"]).to_have_text("Not saved: Materials, Hour types")
    window.switch("import_materials")
    window.has(import_hour_types=False)


def test_a_long_list_is_searched(open_window: OpenWindow) -> None:
    window = open_window().open()
    window.log_in(email="veel@example.nl")
    window["administration-filter"].fill("klant 07")
    expect(window.text("#administration option:not([value=''])")).to_have_text(["Klant 07 B.V. (k007)"])
    window["administration-filter"].fill("")
    expect(window.text("#administration option")).to_have_count(61)


def test_a_password_is_shown_and_hidden_again(connected: Visitor, window: Window) -> None:
    window["password"].fill("verkeerd")
    window.text("[data-show]").click()
    expect(window["password"]).to_have_attribute("type", "text")
    window.press("submit-login", "/login")
    expect(window["password"]).to_have_attribute("type", "password")


def test_the_manual_opens_at_what_one_asks_about(connected: Visitor, window: Window) -> None:
    window.log_in(password="verkeerd")
    window.text("#problem [data-manual]").click()
    expect(window["m-rejected"]).to_be_focused()
    window.keyboard.press("Escape")
    expect(window["manual-title"]).to_have_count(0)
    expect(window.text("#problem [data-manual]")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False])
def test_all_rows_are_found_and_saved_as_a_file(
    exporting: Visitor, open_window: OpenWindow, javascript: bool, tmp_path: Path
) -> None:
    import_much(exporting.app)
    with connect(exporting.app.config["DATABASE"]) as db, db.conn:
        rows = [("1001", "relations", f"{n:06d}", f"Klant {n} " + "x" * 80, "no_street") for n in range(120)]
        db.conn.executemany("INSERT INTO skipped_rows VALUES (?, ?, ?, ?, ?)", rows)
    window = open_window(javascript=javascript, width=360).open()
    if javascript:
        window.switch("import_relations")
    for id, path in (("sync-details", "/sync"), ("all-left_out", "/sync/rows"), ("rows-next", "/sync/rows")):
        window.press(id, path) if javascript else window[id].click()
    expect(window["sync"]).to_contain_text("51–100 of 120")
    expect(window.text("#sync .came li")).to_have_count(50)
    assert window["page"].evaluate("(page) => page.scrollWidth <= page.clientWidth")
    with window.tab.expect_download() as saved:
        window["rows-save"].click()
    saved.value.save_as(tmp_path / "rows.csv")
    assert len((tmp_path / "rows.csv").read_text("utf-8-sig").splitlines()) == 121
    expect(window["sync"]).to_contain_text("51–100 of 120")
    if javascript:
        expect(window["changes"]).to_contain_text("Relations")
