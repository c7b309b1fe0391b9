"""Save, and what depends on the administration."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from support.visitor import CHOICES, Visitor

from webapp.cash.model import Settings
from webapp.cash.page import views
from webapp.cash.store.settings import Conflict, SettingsStore
from webapp.db import connect
from webapp.demo.cash import CashSandbox


def versions(app: Flask, account: str = "1001") -> int:
    with connect(app.config["DATABASE"]) as db:
        return db.execute("SELECT count(*) FROM settings WHERE account = ?", [account]).fetchone()[0]


def logged(app: Flask, kind: str) -> int:
    with connect(app.config["DATABASE"]) as db:
        return db.execute("SELECT count(*) FROM timeline WHERE kind = ?", [kind]).fetchone()[0]


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
    assert visitor.choices() == CHOICES
    colleague = Visitor(app).open()
    assert colleague.choices() == CHOICES
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
    assert visitor.choices() == CHOICES
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
    merged = connected.get("/").choices()
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

    monkeypatch.setattr("webapp.cash.store.activity.Activity.add", refuse)
    visitor.save(administration="1571/x001")
    assert visitor.status == 500
    monkeypatch.undo()
    assert versions(app) == 0
    assert Visitor(app).open().page.css_first("form#settings") is None


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
