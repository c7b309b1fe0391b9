"""The whole flow with nothing but a keyboard, and where the focus goes."""

from browser.window import Window
from playwright.sync_api import expect
from support.visitor import Visitor

FOCUS_WHAT_STANDS_BEFORE = """(frame) => [...document.querySelectorAll("a[href], button, input, select, summary")]
  .filter((each) => each.checkVisibility() && each.compareDocumentPosition(frame) & 4).at(-1)?.focus()"""
LOGIN = ("relation_code", "email", "password", "submit-login")
IMPORTS = ("import_relations", "import_materials", "import_hour_types", "import_warehouses", "import_employees")
EXPORTS = ("export_work_status", "export_hour_rounding", "export_default_warehouse", "list-warehouses")
ORDERS = ("export_new_relations", "export_new_materials", "export_work_description")


def enter(window: Window) -> None:
    """From the host's last control into the frame."""
    window.tab.locator('iframe[name="cash"]').evaluate(FOCUS_WHAT_STANDS_BEFORE)
    window.tab_to(".manual-link")


def test_log_in_choose_and_save_by_keyboard(window: Window) -> None:
    keyboard = window.keyboard
    enter(window)
    for id, text in zip(LOGIN, ("25583", "api@example.nl", "verkeerd"), strict=False):
        window.tab_to(id)
        keyboard.type(text)
    window.tab_to("show-password", "submit-login")
    with window.answer_to("/login"):
        keyboard.press("Space")
    window.has_visible_focus("problem")

    for _ in ("what the manual says", "copy the support code"):
        keyboard.press("Tab")
    window.tab_to("relation_code", "email", "password")
    keyboard.type("geheim")
    with window.answer_to("/login"):
        keyboard.press("Enter")
    expect(window["settings"]).to_be_visible()
    window.settled()
    window.has_visible_focus("administration")
    with window.answer_to("/administration"):
        keyboard.press("ArrowDown")
    window.settled()
    window.has_visible_focus("administration")
    window.tab_to("import_relations")
    keyboard.press("Space")
    window.tab_to(*IMPORTS[1:])
    keyboard.press("Tab")  # what the manual says about exports
    window.tab_to("export_sales_orders")
    with window.answer_to("/administration"):
        keyboard.press("Space")
    window.settled()
    window.has_visible_focus("export_sales_orders")
    window.tab_to(*EXPORTS, *ORDERS, "undo", "save")
    window.tab_to("undo", *reversed(ORDERS), *reversed(EXPORTS), back=True)
    window.tab_to(*EXPORTS[1:], *ORDERS, "undo", "save")
    with window.answer_to("/settings"):
        keyboard.press("Enter")
    window.has_visible_focus("question")
    window.tab_to("back", "save")
    with window.answer_to("/settings"):
        keyboard.press("Enter")
    window.is_saved()
    window.settled()
    window.has_visible_focus("save")
    window.has(administration="1571/x001", import_relations=True, export_sales_orders=True)
    window.is_connected()


def test_undo_by_keyboard_leads_to_save(connected: Visitor, window: Window) -> None:
    window["import_relations"].focus()
    window.keyboard.press("Space")
    window["save"].focus()
    window.tab_to("undo", back=True)
    window.keyboard.press("Space")
    expect(window["undo"]).to_be_hidden()
    window.has_visible_focus("save")
    window.has(import_relations=True)


def test_the_manual_by_keyboard(window: Window) -> None:
    enter(window)
    window.keyboard.press("Enter")
    window.has_visible_focus("manual-title")
    window.tab_to("close-manual")
    window.keyboard.press("Enter")
    window.has_visible_focus(".manual-link")


def test_enter_on_a_choice_saves(connected: Visitor, window: Window) -> None:
    """For Enter on a field a browser presses the form's first button; here that must be Save."""
    window["import_employees"].focus()
    window.keyboard.press("Space")
    with window.tab.expect_request(lambda request: request.method == "POST") as sent:
        window.keyboard.press("Enter")
    window.settled()
    assert sent.value.url.endswith("/settings")


def test_a_summary_leads_to_its_field(window: Window) -> None:
    window.log_in(relation_code="abc")
    expect(window["loginform-summary"]).to_be_focused()
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    window.has_visible_focus("relation_code")
    expect(window["relation_code"]).to_have_accessible_description(
        "The relation number you log in to cashweb.nl with The relation code consists of digits only, at most 10."
    )
