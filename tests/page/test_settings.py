"""Save, and what depends on the administration."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from support.visitor import CHOICES, Visitor

from webapp.cash.actions import saving
from webapp.cash.choices import CHOICES as CHOICES_DECLARED
from webapp.cash.choices import Settings
from webapp.cash.store import settings
from webapp.cash.store.settings import SettingsStore
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
    assert "alleen-lezen" in visitor.says("switch")
    assert "disabled" in visitor.page.css_first("#export_sales_orders").attributes


def test_save_without_a_login_asks_for_one(visitor: Visitor, app: Flask) -> None:
    visitor.post("/settings", {**visitor.values("login"), "administration": "1571/x001", "import_relations": "on"})
    assert visitor.status == 422
    assert visitor.says("problem")
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


@pytest.mark.parametrize("version", ["", "x", "-1", "99"])
def test_a_version_that_never_was_does_not_overwrite(connected: Visitor, app: Flask, version: str) -> None:
    connected.press_save(version=version, import_employees=True)
    assert connected.status == 409, "nobody knows who changed what"
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

    monkeypatch.setattr("webapp.cash.store.activity.Activity.add_all", refuse)
    visitor.save(administration="1571/x001")
    assert visitor.status == 500
    monkeypatch.undo()
    assert versions(app) == 0
    assert Visitor(app).open().page.css_first("form#settings") is None


# --- the store ---


def test_the_store_lets_one_of_two_win(app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        store = SettingsStore(db)
        first = store.add("1001", Settings(import_relations=True), 0, "a")
        assert first
        assert first.version == 1
        assert store.add("1001", Settings(import_materials=True), 0, "b") is None
        assert store.current("1001") == store.version("1001", 1) == first
        assert store.version("1002", 1) is None
        assert store.current("1002").version == 0


def test_earlier_versions_are_kept_for_ninety_days_and_at_most_two_hundred(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(app.config["DATABASE"]) as db:
        store = SettingsStore(db)
        for version in range(210):
            store.add("1001", Settings(export_hour_rounding=version), version, "a")
        store.sweep("1001")
        assert [store.version("1001", 10), store.version("1001", 11) is not None] == [None, True]
        later = settings.now() + 91 * 86400
        monkeypatch.setattr(settings, "now", lambda: later)
        store.sweep("1001")
        assert store.version("1001", 209) is None
        assert store.current("1001").version == 210, "the current one is never too old"


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Something happens after a Save was judged and before it is stored."""
    write = saving.write

    def late(*args: Any) -> Any:
        monkeypatch.undo()
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(happens).result()
        return write(*args)

    monkeypatch.setattr(saving, "write", late)


def test_a_save_that_loses_at_the_last_moment_is_merged(
    connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Visitor(app).open(sub="anna")
    meanwhile(monkeypatch, lambda: anna.save(import_materials=True))
    assert connected.save(import_employees=True).status == 200
    assert "anna" in connected.page.css_first(".done").text()
    assert versions(app) == 3
    meanwhile(monkeypatch, lambda: anna.save(export_hour_rounding="5"))
    assert connected.press_save(export_hour_rounding="30").status == 409


def test_a_save_whose_login_goes_at_the_last_moment_stores_nothing(
    connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = Visitor(app).open(sub="anna")
    meanwhile(monkeypatch, lambda: anna.submit("disconnect-form"))
    assert connected.save(import_employees=True).status == 422
    assert versions(app) == 1


def test_saving_all_the_time_has_to_wait(connected: Visitor, app: Flask) -> None:
    for number in range(30):
        connected.press_save(export_hour_rounding="5" if number % 2 else "15")
        if connected.status == 429:
            break
    assert 15 <= number < 25
    assert connected.says("problem")
    assert int(connected.response.headers["Retry-After"]) > 0
    assert Visitor(app).open(account="1002").log_in().save(administration="1571/x001").status == 200, "others do not"


def test_every_switch_and_every_option_can_be_saved(connected: Visitor) -> None:
    for choice in CHOICES_DECLARED.values():
        if choice.is_switch:
            for value in (True, False):
                connected.save(**{choice.name: value})
                assert (connected.values("settings").get(choice.name) == "on") == value
        for option in choice.options or ():
            connected.save(**{choice.name: option})
            assert connected.values("settings")[choice.name] == str(option)
