"""What Save asks first: what it sets in motion, and whose change goes when two have changed the same choice."""

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor


def stored(app: Flask) -> dict[str, str]:
    """What someone who opens the page sees chosen."""
    return Visitor(app).open().values("settings")


def test_switching_exports_on_is_asked_once(english: Visitor, app: Flask) -> None:
    english.press_save(export_sales_orders=True)
    assert english.status == 200
    assert "sent to" in english.says("question")
    assert english.values("settings")["export_sales_orders"] == "on"
    assert "export_sales_orders" not in stored(app)
    english.press_save()
    assert english.page.css_first(".done")
    assert stored(app)["export_sales_orders"] == "on"


def test_another_status_is_asked_while_exports_are_on(english: Visitor, app: Flask) -> None:
    english.press_save(export_work_status="0")
    assert english.page.css_first(".done"), "while they are off it sets nothing in motion"
    english.save(export_sales_orders=True)
    english.press_save(export_work_status="99")
    assert "Every completed work order with status 99" in english.says("question")
    assert stored(app)["export_work_status"] == "0"
    english.press_save()
    assert english.page.css_first(".done")
    assert stored(app)["export_work_status"] == "99"


def test_a_program_that_posts_the_form_is_asked_too(english: Visitor, app: Flask) -> None:
    fields = english.values("settings")
    del fields["confirmed"]
    english.post("/settings", {**fields, "export_sales_orders": "on"})
    assert "sent to" in english.says("question")
    assert "export_sales_orders" not in stored(app)


def test_another_administration_is_asked_and_a_new_consequence_is_asked_anew(english: Visitor) -> None:
    english.press_save(administration="1571/x002")
    assert "Instead of" in english.says("question")
    english.press_save(export_sales_orders=True)
    assert english.says("question").count("Demo Service B.V.") >= 2
    english.press_save()
    assert english.page.css_first(".done")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"export_sales_orders": True}, {"export_work_status": "99"}),
        ({"administration": "1571/x002"}, {"administration": "1702/x001"}),
    ],
)
def test_what_was_told_must_be_what_is_saved(
    english: Visitor, app: Flask, first: dict[str, object], then: dict[str, object]
) -> None:
    before = stored(app)
    english.press_save(**first)
    english.press_save(**then)
    assert english.says("question"), "something else would be set in motion: it asks again"
    assert stored(app)["administration"] == before["administration"]
    assert "export_sales_orders" not in stored(app)


def test_another_environment_is_asked(english: Visitor) -> None:
    english.log_in(**ONE_ADMINISTRATION)
    english.press_save()
    assert "Instead of Cash environment 25583" in english.says("question")
    english.press_save()
    assert english.page.css_first(".done")


def test_what_sets_nothing_in_motion_is_saved_at_once(english: Visitor) -> None:
    english.press_save(import_employees=True)
    assert "Employees: off → on" in english.page.css_first(".done").text()


# --- two editors ---


def test_what_only_the_other_changed_is_taken_and_said(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_employees=True, export_hour_rounding="30")
    late.press_save(import_warehouses=True)
    assert late.status == 200
    done = late.page.css_first(".done").text()
    assert "Warehouses: off → on" in done
    assert "anna changed Employees, Hour rounding meanwhile; that stays." in done
    values = stored(app)
    assert values["import_employees"] == values["import_warehouses"] == "on"
    assert values["export_hour_rounding"] == "30"


def conflicting(app: Flask, **changes: object) -> Visitor:
    """Someone whose Save met that bram changed the hour rounding meanwhile, and anna something else before."""
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="bram").save(export_hour_rounding="30")
    Visitor(app).open(sub="anna").save(import_materials=True)
    assert late.press_save(export_hour_rounding="5", **changes).status == 409
    return late


def test_only_what_both_changed_is_asked_and_who_did_is_named(connected: Visitor, app: Flask) -> None:
    late = conflicting(app, import_employees=True)
    question = late.says("question")
    assert "bram changed Hour rounding to 30 minutes meanwhile. Saving makes it 5 minutes." in question
    assert "anna" not in question
    assert "Employees" not in question
    values = late.values("settings")
    assert values["export_hour_rounding"] == "5", "nothing typed is lost"
    assert values["import_materials"] == values["import_employees"] == "on"
    assert "import_employees" not in stored(app)


def test_one_more_save_takes_mine(connected: Visitor, app: Flask) -> None:
    assert conflicting(app).press_save().status == 200
    assert stored(app)["export_hour_rounding"] == "5"
    assert stored(app)["import_materials"] == "on"


def test_what_is_set_to_theirs_or_back_is_no_question_any_more(connected: Visitor, app: Flask) -> None:
    for answer in ("30", "0"):
        late = conflicting(app, import_employees=True)
        assert late.press_save(export_hour_rounding=answer).status == 200
        assert stored(app)["export_hour_rounding"] == "30"
        Visitor(app).open().save(export_hour_rounding="0", import_materials=False, import_employees=False)


@pytest.mark.parametrize("detour", ["a login", "the warehouses", "a second tab"])
def test_a_conflict_is_not_forgotten_on_a_detour(connected: Visitor, app: Flask, detour: str) -> None:
    late = conflicting(app, import_employees=True)
    typed = late.values("settings")
    if detour == "a login":
        late.post("/login", {**typed, **GOOD_LOGIN})
    elif detour == "the warehouses":
        late.list_warehouses()
    else:
        late.post("/settings", {**typed, "confirmed": ""})
    if detour != "a second tab":
        late.press_save(confirmed="")
    assert late.status == 409, "it asks again"
    assert "Hour rounding" in late.says("question")


def test_a_third_editor_is_a_question_of_its_own(connected: Visitor, app: Flask) -> None:
    late = conflicting(app)
    Visitor(app).open(sub="cor").save(export_hour_rounding="15")
    assert late.press_save().status == 409, "what was confirmed is not what would be overridden"
    assert "cor changed Hour rounding to 15 minutes" in late.says("question")


def test_a_conflict_with_a_consequence_is_one_question(connected: Visitor, app: Flask) -> None:
    late = conflicting(app, export_sales_orders=True)
    assert "Hour rounding" in late.says("question")
    assert "sent to" in late.says("question")
    assert late.press_save().status == 200
    assert stored(app)["export_sales_orders"] == "on"


def test_two_who_changed_the_administration_are_asked(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(administration="1571/x002")
    assert late.press_save(administration="1702/x001").status == 409
    assert "anna changed Administration to Demo Service B.V." in late.says("question")
    late.press_save()
    assert stored(app)["administration"] == "1702/x001"


def test_a_merge_that_may_not_be_is_refused_at_its_field(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(administration="1571/a024")
    late.press_save(export_sales_orders=True)
    assert late.status == 422, "the administration that anna chose is read-only"
    assert late.says("export_sales_orders-error")


def test_a_form_of_another_environment_is_not_saved_into_this_one(english: Visitor, app: Flask) -> None:
    form = english.page
    Visitor(app).open(sub="anna").log_in(**ONE_ADMINISTRATION).save()
    english.page = form
    english.press_save(import_employees=True)
    assert english.status == 422
    assert english.says("problem")
