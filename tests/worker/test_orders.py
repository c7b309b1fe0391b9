"""When orders go: after each import, when one is to be looked for, and not by choices that were changed meanwhile."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from support.office import Office
from support.workers import make_ready

from webapp.cash import jobs
from webapp.cash.due import ask_due, schedules
from webapp.cash.store.openings import AGREED, OpeningStore
from webapp.cash.store.orders import OrderStore, State
from webapp.cash.sync.driver import Driver
from webapp.db import get_db, now
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox

ACCOUNT, STATUS, BOOKS = "1002", "5812441", "2085/demo"


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "CASH_CALLS_PER_MINUTE": 1_000_000}


@pytest.fixture
def office(app: Flask, cash: CashSandbox, outsmart: OutSmartSandbox) -> Any:
    """An account that exports, and imports warehouses; it has nothing to export yet."""
    choices = {"export_sales_orders": True, "export_work_status": STATUS, "import_warehouses": True}
    make_ready(app, ACCOUNT, token=outsmart.token(ACCOUNT), **choices)
    outsmart.forget_work_orders(ACCOUNT)
    with app.test_request_context():
        OpeningStore(get_db()).put(ACCOUNT, "54852", BOOKS, AGREED)
        yield Office(app, ACCOUNT)


def complete(outsmart: OutSmartSandbox) -> str:
    return outsmart.complete_another(STATUS, ACCOUNT, CustomerDebtorNr="007047")


def orders() -> OrderStore:
    return OrderStore(get_db())


def test_orders_follow_an_import(office: Office, cash: CashSandbox, outsmart: OutSmartSandbox) -> None:
    complete(outsmart)
    assert office.by_itself().kinds["warehouses"]["sent"] == 3
    ended = office.work()
    assert (ended.kind, ended.state, ended.kinds) == ("orders", "done", {"orders": {"done": 1, "made": 0}})
    assert office.runs.open(ACCOUNT) is None
    assert len(cash.sales_orders(BOOKS)) == 1


def test_an_import_that_only_the_operator_can_mend_holds_up_no_orders(office: Office, cash: CashSandbox) -> None:
    cash.answer(800, "Export")
    assert office.by_itself().reason == "code_800"
    cash.recover()
    assert office.work().kind == "orders"
    cash.go_down()
    assert office.by_itself().state == "failed"
    assert office.runs.open(ACCOUNT) is None


def test_imports_that_wait_for_a_person_hold_up_no_orders(office: Office, outsmart: OutSmartSandbox) -> None:
    ask_due(now())
    schedules().hold(ACCOUNT, "doubles")
    office.work()
    schedules().hold(ACCOUNT, "doubles")
    ask_due(now() + 3600)
    assert office.work().kind == "orders"


def test_an_account_that_exports_nothing_has_no_runs_of_orders(office: Office) -> None:
    saved = office.state.saved
    office.cash.settings.add(ACCOUNT, replace(saved.settings, export_sales_orders=False), saved.version, "beheer")
    office.by_itself()
    assert office.runs.open(ACCOUNT) is None


def test_an_order_is_looked_for_when_its_time_has_come_and_asked_for_once(
    office: Office, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    complete(outsmart)
    office.runs.ask(ACCOUNT, "orders", "")
    office.work()
    cash.lose_answers("after")
    id = complete(outsmart)
    office.runs.ask(ACCOUNT, "orders", "")
    assert office.work().kinds["orders"] == {"unknown": 1, "made": 0}
    schedules().discover(now())
    ask_due(now() + 30)
    assert office.runs.open(ACCOUNT) is None
    cash.go_down()
    ask_due(now() + 61)
    assert office.work().state == "failed"
    ask_due(now() + 120)  # not again and again, while Cash cannot be asked
    assert office.runs.open(ACCOUNT) is None
    cash.recover()
    office.by_itself()
    assert office.work().kinds["orders"] == {"done": 1, "made": 0}
    row = orders().one(ACCOUNT, id)
    assert row
    assert row.state == State.DONE


def test_after_very_many_orders_imports_and_others_have_their_turn(
    office: Office, outsmart: OutSmartSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.cash.sync.exports.MOST", 2)
    for _ in range(3):
        complete(outsmart)
    office.by_itself()
    assert office.work().result["more"]
    assert office.work().kind == "changed"
    assert office.work().kinds["orders"] == {"done": 1, "made": 0}
    assert office.runs.open(ACCOUNT) is None


def test_what_is_saved_while_orders_go_counts_at_once(
    office: Office, cash: CashSandbox, outsmart: OutSmartSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        complete(outsmart)
    real, saved = Driver.drive, office.state.saved

    def drive(driver: Driver, *args: Any) -> Any:
        row = real(driver, *args)
        office.cash.settings.add(ACCOUNT, replace(saved.settings, export_sales_orders=False), saved.version, "beheer")
        return row

    monkeypatch.setattr(Driver, "drive", drive)
    office.runs.ask(ACCOUNT, "orders", "")
    waiting = office.work()
    assert waiting.state == "waiting"
    assert office.work().kinds["orders"] == {"made": 0}
    assert len(cash.sales_orders(BOOKS)) == 1


def test_a_preview_tells_what_an_export_would_do_and_writes_nothing(
    office: Office, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    complete(outsmart)
    outsmart.complete_another(STATUS, ACCOUNT, Materials=[], Workperiods=[])
    office.start("preview")
    found = office.work().result["orders"]
    assert (found["count"], found["refused_rows"], found["reasons"]) == (2, 1, {"no_lines": 1})
    assert cash.sales_orders(BOOKS) == []
    assert jobs.ORDERS not in {kind for (kind,) in get_db().execute("SELECT kind FROM runs")}


def test_orders_that_a_person_asks_for_do_not_push_an_import_aside(office: Office) -> None:
    office.runs.ask(ACCOUNT, "changed", "")
    run, new = office.runs.ask(ACCOUNT, "orders", "beheer")
    assert (run.kind, run.user, new) == ("changed", "beheer", True)
    office.work()
    assert office.work().kind == "orders"
