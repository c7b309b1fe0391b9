"""Save, and what depends on the administration."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from visitor import ONE_ADMINISTRATION, Visitor

from webapp.cash import views
from webapp.cash.settings import Conflict, Settings, SettingsStore
from webapp.db import connect
from webapp.demo.cash import CashSandbox

CHOICES = {
    "import_relations": True,
    "import_materials": True,
    "import_hour_types": True,
    "import_warehouses": True,
    "import_employees": True,
    "export_sales_orders": True,
    "export_work_status": "99",
    "export_new_relations": False,
    "export_new_materials": False,
    "export_hour_rounding": "15",
    "export_work_description": True,
}


def versions(app: Flask, account: str = "1001") -> int:
    with connect(app.config["DATABASE"]) as db:
        return db.execute("SELECT count(*) FROM settings WHERE account = ?", [account]).fetchone()[0]


def logged(app: Flask, kind: str) -> int:
    with connect(app.config["DATABASE"]) as db:
        return db.execute("SELECT count(*) FROM timeline WHERE kind = ?", [kind]).fetchone()[0]


def shown(visitor: Visitor) -> dict[str, object]:
    """The form as choices."""
    values = visitor.values("settings")
    return {name: values.get(name) == "on" if isinstance(CHOICES[name], bool) else values[name] for name in CHOICES}


def test_a_new_account_has_the_documented_defaults(visitor: Visitor) -> None:
    visitor.log_in()
    on = [name for name, value in visitor.values("settings").items() if value == "on"]
    assert on == ["export_new_relations", "export_new_materials"]
    values = visitor.values("settings")
    assert values["export_work_status"] == "1"
    assert values["export_hour_rounding"] == "0"
    assert values["export_default_warehouse"] == ""
    assert values["administration"] == ""


def test_everything_saved_is_there_again(visitor: Visitor, app: Flask) -> None:
    visitor.log_in()
    visitor.save(administration="1571/x002", **CHOICES)
    assert visitor.status == 200
    assert shown(visitor) == CHOICES
    colleague = Visitor(app).open()
    assert shown(colleague) == CHOICES
    assert colleague.values("settings")["administration"] == "1571/x002"
    assert colleague.page.css_first(".pill").attributes["class"] == "pill on"


def test_save_and_opening_the_page_never_ask_cash(connected: Visitor, app: Flask, cash: CashSandbox) -> None:
    cash.forget_calls()
    connected.save(import_employees=True)
    Visitor(app).open()
    assert cash.calls == []
    assert cash.wsdl_reads == 0


def test_an_administration_is_required_and_nothing_typed_is_lost(visitor: Visitor, app: Flask) -> None:
    visitor.log_in()
    visitor.save(**CHOICES)
    assert visitor.status == 422
    assert visitor.says("administration-error")
    assert visitor.page.css_first("#settingsform-summary a[href='#administration']")
    assert shown(visitor) == CHOICES
    assert versions(app) == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"administration": "1571/zzz"}, "administration"),
        ({"export_work_status": "7"}, "export_work_status"),
        ({"export_hour_rounding": "7"}, "export_hour_rounding"),
        ({"export_hour_rounding": "veel"}, "export_hour_rounding"),
        ({"export_default_warehouse": "ZZZ"}, "export_default_warehouse"),
    ],
)
def test_a_choice_that_is_not_offered_is_refused_at_its_field(
    connected: Visitor, app: Flask, changes: dict[str, str], field: str
) -> None:
    connected.save(**changes)
    assert connected.status == 422
    assert connected.says(f"{field}-error")
    assert versions(app) == 1


def test_a_read_only_administration_takes_imports_but_no_exports(visitor: Visitor) -> None:
    visitor.log_in()
    visitor.save(administration="1571/a024", export_sales_orders=True)
    assert visitor.status == 422
    assert visitor.says("export_sales_orders-error")
    visitor.save(export_sales_orders=False, import_relations=True)
    assert visitor.status == 200
    assert visitor.says("administration-note")


def test_save_without_a_login_asks_for_one(visitor: Visitor, app: Flask) -> None:
    visitor.post("/settings", {**visitor.values("login"), "administration": "1571/x001", "import_relations": "on"})
    assert visitor.status == 422
    assert visitor.says("problem-text")
    assert versions(app) == 0


def test_a_save_that_changes_nothing_writes_nothing(connected: Visitor, app: Flask) -> None:
    connected.save()
    assert connected.status == 200
    assert (versions(app), logged(app, "saved")) == (1, 1)


def test_the_same_post_twice_has_one_effect(connected: Visitor, app: Flask) -> None:
    form = connected.page
    connected.save(import_employees=True)
    connected.page = form
    connected.save(import_employees=True)
    assert connected.status == 200
    assert (versions(app), logged(app, "saved")) == (2, 2)


def test_the_second_of_two_editors_is_told_what_differs_and_loses_nothing(connected: Visitor, app: Flask) -> None:
    colleague = Visitor(app).open(sub="collega", lang="en")
    connected.save(import_employees=True, export_hour_rounding="30")
    colleague.save(import_warehouses=True)
    assert colleague.status == 409
    conflict = colleague.says("conflict")
    assert "beheer" in conflict
    assert "Employees" in conflict
    assert "Hour rounding" in conflict
    assert "Warehouses" in conflict
    assert "Materials" not in conflict
    assert colleague.values("settings")["import_warehouses"] == "on"
    assert versions(app) == 2
    colleague.save()
    assert colleague.status == 200
    merged = shown(connected.get("/"))
    assert merged["import_warehouses"], "what you changed"
    assert merged["import_employees"], "what you did not touch stays as the other one saved it"
    assert merged["export_hour_rounding"] == "30"


@pytest.mark.parametrize("version", ["", "x", "-1", "99"])
def test_a_version_that_never_was_does_not_overwrite(connected: Visitor, app: Flask, version: str) -> None:
    connected.save(version=version, import_employees=True)
    assert connected.status == 409
    assert versions(app) == 1


def test_settings_can_be_changed_while_cash_is_down(connected: Visitor, cash: CashSandbox) -> None:
    cash.go_down()
    assert connected.get("/").status == 200
    assert "1571/x002" in connected.administrations()
    connected.save(administration="1571/x002", import_warehouses=True)
    assert connected.status == 200
    connected.log_in()
    assert connected.status == 503
    assert connected.values("settings")["administration"] == "1571/x002"


def test_a_login_that_waited_is_stored_with_the_settings_or_not_at_all(
    visitor: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.log_in()

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is gone")

    monkeypatch.setattr("webapp.cash.timeline.Timeline.add", refuse)
    visitor.save(administration="1571/x001")
    assert visitor.status == 500
    monkeypatch.undo()
    assert versions(app) == 0
    assert Visitor(app).open().page.css_first("form#settings") is None


# --- what depends on the administration ---


def test_choosing_an_administration_lists_its_warehouses_and_keeps_what_was_typed(
    visitor: Visitor, cash: CashSandbox
) -> None:
    visitor.log_in()
    cash.forget_calls()
    visitor.submit("settings", {"administration": "1571/x001", **CHOICES}, action="/administration")
    assert visitor.status == 200
    assert cash.calls == ["Authenticate", "Export"]
    assert len(visitor.options("export_default_warehouse")) >= 2
    assert shown(visitor) == CHOICES
    assert visitor.values("settings")["administration"] == "1571/x001"
    chosen = visitor.options("export_default_warehouse")[0]
    visitor.save(export_default_warehouse=chosen)
    assert visitor.status == 200
    assert visitor.get("/").values("settings")["export_default_warehouse"] == chosen
    assert cash.count("Export") == 1, "what was listed is kept"


def test_each_administration_has_its_own_warehouses(visitor: Visitor) -> None:
    visitor.log_in()
    lists = []
    for administration in ("1571/x001", "1702/x001"):
        visitor.submit("settings", {"administration": administration}, action="/administration")
        lists.append(visitor.options("export_default_warehouse"))
    assert lists[0] != lists[1]
    visitor.save(administration="1702/x001", export_default_warehouse=lists[0][0])
    assert visitor.status == (422 if lists[0][0] not in lists[1] else 200)


def test_no_administration_chosen_is_said_and_cash_is_not_asked(visitor: Visitor, cash: CashSandbox) -> None:
    visitor.log_in()
    cash.forget_calls()
    visitor.submit("settings", {"administration": ""}, action="/administration")
    assert visitor.status == 422
    assert visitor.says("administration-error")
    assert cash.calls == []


def test_the_administration_needs_a_login(visitor: Visitor) -> None:
    visitor.post("/administration", {**visitor.values("login"), "administration": "1571/x001"})
    assert visitor.status == 422
    assert visitor.says("problem-text")


def test_cash_down_says_why_the_warehouses_are_missing(visitor: Visitor, cash: CashSandbox) -> None:
    visitor.log_in()
    cash.go_down()
    visitor.submit("settings", {"administration": "1571/x001", **CHOICES}, action="/administration")
    assert visitor.status == 503
    title = visitor.page.css_first("#problem-text h3").text()
    assert title in visitor.says("warehouse")
    assert shown(visitor) == CHOICES
    cash.recover()
    visitor.submit("settings", {}, action="/administration")
    assert visitor.status == 200


def test_a_saved_warehouse_can_be_saved_again_while_its_list_is_missing(connected: Visitor, app: Flask) -> None:
    connected.submit("settings", {}, action="/administration")
    code = connected.options("export_default_warehouse")[0]
    connected.save(export_default_warehouse=code)
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE logins SET warehouses = '{}'")
    connected.get("/")
    assert connected.options("export_default_warehouse") == [code]
    connected.save(import_employees=True)
    assert connected.status == 200


def test_a_warehouse_does_not_move_to_an_equal_administration_of_another_environment(
    connected: Visitor, cash: CashSandbox
) -> None:
    connected.submit("settings", {}, action="/administration")
    connected.save(export_default_warehouse="MAG2")
    cash.show_administrations("54852", "api@example.nl", ["1571/x001"])
    connected.log_in(**ONE_ADMINISTRATION)
    assert connected.values("settings")["administration"] == "1571/x001"
    assert connected.options("export_default_warehouse") == []


def test_a_wrong_login_says_nothing_about_warehouses(connected: Visitor) -> None:
    connected.log_in(password="verkeerd")
    assert "niet geldig" not in connected.says("warehouse")


def test_a_password_changed_in_cash_is_found_out_when_cash_is_asked(connected: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    connected.submit("settings", {"import_employees": True}, action="/administration")
    assert connected.status == 422
    assert "Gegevens API gebruiker niet geldig" in connected.says("problem-text")
    assert shown(connected)["import_employees"]


# --- the store ---


def test_the_store_lets_one_of_two_win(app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        store = SettingsStore(db)
        first = store.save("1001", Settings(import_relations=True), 0, "a")
        assert first.version == 1
        with pytest.raises(Conflict) as conflict:
            store.save("1001", Settings(import_materials=True), 0, "b")
        assert conflict.value.current == first
        assert store.version("1001", 1) == first
        assert store.version("1002", 1) is None
        assert store.current("1002").version == 0


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something happens after a Save was judged and before it is stored."""
    store = views.store

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        happens()
        return store(*args)

    monkeypatch.setattr(views, "store", late)


def test_a_save_that_loses_at_the_last_moment_is_told_what_differs(
    connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Visitor(app).open(sub="anna")
    meanwhile(monkeypatch, lambda: anna.save(import_materials=True))
    assert connected.save(import_employees=True).status == 409
    assert "anna" in connected.says("conflict")
    assert versions(app) == 2


def test_a_save_whose_login_goes_at_the_last_moment_stores_nothing(
    connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Visitor(app).open(sub="anna")
    meanwhile(monkeypatch, lambda: anna.submit("disconnect-form"))
    assert connected.save(import_employees=True).status == 422
    assert versions(app) == 1
