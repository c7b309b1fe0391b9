"""What Save asks first: what it sets in motion, and whose change goes when two have the page open."""

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor


def press_save(visitor: Visitor, **changes: object) -> Visitor:
    """Presses the page's own button, which sends its name along."""
    return visitor.submit("settings", {**changes, "ask": visitor.page.css_first("#save").attributes["value"]})


def test_switching_exports_on_is_asked_once(english: Visitor) -> None:
    press_save(english, export_sales_orders=True)
    assert english.status == 200
    assert "sent to" in english.says("consequences")
    assert english.values("settings")["export_sales_orders"] == "on"
    assert "export_sales_orders" not in english.__class__(english.app).open().values("settings")
    press_save(english)
    assert english.page.css_first(".done")
    assert english.__class__(english.app).open().values("settings")["export_sales_orders"] == "on"


def test_another_administration_is_asked_and_a_new_consequence_is_asked_anew(english: Visitor) -> None:
    press_save(english, administration="1571/x002")
    assert "Instead of" in english.says("consequences")
    press_save(english, export_sales_orders=True)
    assert english.says("consequences").count("Demo Service B.V.") >= 2
    press_save(english)
    assert english.page.css_first(".done")


def test_another_environment_is_asked(english: Visitor) -> None:
    english.log_in(**ONE_ADMINISTRATION)
    press_save(english)
    assert "Instead of Cash environment 25583" in english.says("consequences")
    press_save(english)
    assert english.page.css_first(".done")


def test_what_sets_nothing_in_motion_is_saved_at_once(english: Visitor) -> None:
    press_save(english, import_employees=True)
    assert "Employees: off → on" in english.page.css_first(".done").text()


# --- two editors ---


def test_who_changed_what_is_told_field_by_field(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_employees=True)
    Visitor(app).open(sub="bram").save(export_hour_rounding="30")
    late.save(export_hour_rounding="5")
    assert late.status == 409
    rows = [
        [" ".join(cell.text(separator=" ").split()) for cell in row.css("th, td")]
        for row in late.page.css("#conflict tr")
    ]
    assert [row[0] for row in rows[1:]] == ["Employees", "Hour rounding"]
    assert [row[3] for row in rows[1:]] == ["anna", "bram"]
    assert "off" in rows[1][1]
    assert "on" in rows[1][2]


@pytest.mark.parametrize(("take", "rounding", "employees"), [("yours", "5", False), ("theirs", "30", True)])
def test_all_of_one_side_can_be_taken(
    connected: Visitor, app: Flask, take: str, rounding: str, employees: bool
) -> None:
    late = Visitor(app).open()
    Visitor(app).open(sub="anna").save(import_employees=True, export_hour_rounding="30")
    late.save(export_hour_rounding="5", import_warehouses=True)
    late.submit("settings", {"take": take})
    assert late.status == 200
    values = late.values("settings")
    assert values["export_hour_rounding"] == rounding
    assert ("import_employees" in values) == employees
    assert ("import_warehouses" in values) == (take == "yours")


def conflicting(app: Flask, **changes: object) -> Visitor:
    """Someone whose Save met what anna saved meanwhile."""
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_materials=True, export_hour_rounding="30")
    assert late.save(**changes).status == 409
    return late


@pytest.mark.parametrize("detour", ["a login", "the warehouses", "a second tab"])
def test_a_conflict_is_not_forgotten_on_a_detour(connected: Visitor, app: Flask, detour: str) -> None:
    late = conflicting(app, import_employees=True)
    typed = {**late.values("settings"), **GOOD_LOGIN}
    for name in [name for name in typed if name == "answers" or name.startswith(("take_", "yours_"))]:
        if detour == "a second tab":
            del typed[name]
    if detour == "a login":
        late.post("/login", typed)
    elif detour == "the warehouses":
        late.submit("settings", action="/administration")
    assert late.status == 200 or detour == "a second tab"
    if detour == "a second tab":
        late.post("/settings", typed)
    else:
        late.save()
    assert late.status == 409, "it asks again"
    assert "Hour rounding" in late.says("conflict")
    late.save()
    values = Visitor(app).open().values("settings")
    assert values["import_materials"] == values["import_employees"] == "on"
    assert values["export_hour_rounding"] == "30"


def test_what_is_changed_after_the_question_goes_before_its_answer(connected: Visitor, app: Flask) -> None:
    late = conflicting(app, import_employees=True)
    assert late.save(export_hour_rounding="15", import_materials=False).status == 200
    values = Visitor(app).open().values("settings")
    assert values["export_hour_rounding"] == "15"
    assert values["import_materials"] == "on", "not touched: anna's"


def test_a_conflict_with_a_consequence_is_asked_about_once_each(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_materials=True)
    press_save(late, export_sales_orders=True)
    assert late.status == 409
    press_save(late)
    assert late.page.css_first("#consequences")
    press_save(late)
    assert late.status == 200
    values = Visitor(app).open().values("settings")
    assert values["export_sales_orders"] == values["import_materials"] == "on"


def test_a_form_of_another_environment_is_not_saved_into_this_one(english: Visitor, app: Flask) -> None:
    form = english.page
    Visitor(app).open(sub="anna").log_in(**ONE_ADMINISTRATION).save()
    english.page = form
    english.save(import_employees=True)
    assert english.status == 422
    assert english.says("problem-text")
