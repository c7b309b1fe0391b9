"""What depends on the administration: its warehouses."""

import json

from flask import Flask
from support.visitor import CHOICES, ONE_ADMINISTRATION, Visitor

from webapp.cash.store.settings import SettingsStore
from webapp.db import connect, now
from webapp.demo.cash import CashSandbox


def test_choosing_an_administration_lists_its_warehouses_and_keeps_what_was_typed(
    visitor: Visitor, cash: CashSandbox
) -> None:
    visitor.log_in()
    cash.forget_calls()
    visitor.list_warehouses(**{"administration": "1571/x001", **CHOICES})
    assert visitor.status == 200
    assert cash.calls == ["Authenticate", "Export"]
    assert len(visitor.options("export_default_warehouse")) >= 2
    assert visitor.choices() == CHOICES
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
        visitor.list_warehouses(**{"administration": administration})
        lists.append(visitor.options("export_default_warehouse"))
    assert lists[0] != lists[1]
    visitor.save(administration="1702/x001", export_default_warehouse=lists[0][0])
    assert visitor.status == (422 if lists[0][0] not in lists[1] else 200)


def test_no_administration_chosen_is_said_and_cash_is_not_asked(visitor: Visitor, cash: CashSandbox) -> None:
    visitor.log_in()
    cash.forget_calls()
    visitor.list_warehouses(**{"administration": ""})
    assert visitor.status == 422
    assert visitor.says("administration-error")
    assert cash.calls == []


def test_the_administration_needs_a_login(visitor: Visitor) -> None:
    visitor.post("/administration", {**visitor.values("login"), "administration": "1571/x001"})
    assert visitor.status == 422
    assert visitor.says("problem")


def test_cash_down_says_why_the_warehouses_are_missing(visitor: Visitor, cash: CashSandbox) -> None:
    visitor.log_in()
    cash.go_down()
    visitor.list_warehouses(**{"administration": "1571/x001", **CHOICES})
    assert visitor.status == 503
    title = visitor.page.css_first("#problem h3").text()
    assert title in visitor.says("warehouse")
    assert visitor.choices() == CHOICES
    cash.recover()
    visitor.list_warehouses()
    assert visitor.status == 200


def test_a_saved_warehouse_can_be_saved_again_while_its_list_is_missing(connected: Visitor, app: Flask) -> None:
    connected.list_warehouses()
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
    connected.list_warehouses()
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
    connected.list_warehouses(**{"import_employees": True})
    assert connected.status == 422
    assert "Gegevens API gebruiker niet geldig" in connected.says("refused")
    assert connected.choices()["import_employees"]


def test_cash_is_asked_for_warehouses_only_where_orders_need_one(visitor: Visitor, cash: CashSandbox) -> None:
    def choose(**choices: object) -> Visitor:
        return visitor.submit("settings", choices, action="/administration")

    visitor.log_in()
    cash.forget_calls()
    visitor.htmx = True
    assert choose(administration="1571/a024").status == 200
    assert "alleen-lezen" in visitor.says("switch"), "read-only is said all the same"
    assert cash.calls == []
    for _ in range(2):
        choose(administration="1571/x001", export_sales_orders=True)
    assert cash.count("Export") == 1, "what was listed is not asked for again"
    visitor.list_warehouses(administration="1571/x001", export_sales_orders=True)
    assert cash.count("Export") == 2, "but for who presses the button"


def test_a_listing_that_fails_leaves_the_focus_where_it_is(visitor: Visitor, cash: CashSandbox) -> None:
    visitor.log_in()
    cash.go_down()
    visitor.list_warehouses(**{"list": "1", "administration": "1571/x001"})
    assert visitor.status == 503
    assert "data-focus" not in visitor.page.css_first("#warehouse #problem").attributes


def test_a_code_with_an_end_of_line_is_stored_as_cash_has_it(connected: Visitor, app: Flask) -> None:
    lists = {"1571/x001": {"seen": now(), "warehouses": [{"code": "M\n1", "name": "Magazijn"}], "cut": False}}
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE logins SET warehouses = ?", [json.dumps(lists)])
    connected.get("/")
    connected.save(export_default_warehouse="M\r\n1")  # as every browser sends it
    assert connected.status == 200
    with connect(app.config["DATABASE"]) as db:
        assert SettingsStore(db).current("1001").settings.export_default_warehouse == "M\n1"
