"""What the ledger of the exports tells of an account."""

from pathlib import Path

import pytest
from support import database

from webapp.cash.store.orders import Order, OrderStore, State
from webapp.db import connect

BOOKS = ("54852", "2085/demo")


@pytest.fixture
def ledger(tmp_path: Path):  # type: ignore[no-untyped-def]
    database.create(tmp_path / "app.db")
    with connect(str(tmp_path / "app.db")) as db:
        yield OrderStore(db, "worker", first_number=900_000, clock=lambda: 100)


def put(ledger: OrderStore, id: str, state: State, account: str = "1001", **fields: object) -> Order:
    return ledger.claim(Order(account, id, *BOOKS, state=state, reference=f"WB-{id}", **fields))  # type: ignore[arg-type]


def test_orders_are_counted_by_state_and_by_who_is_to_act(ledger: OrderStore) -> None:
    put(ledger, "1", State.DONE)
    put(ledger, "2", State.DONE)
    put(ledger, "3", State.ASKING)
    put(ledger, "4", State.CHANGED)
    put(ledger, "5", State.ASKING, account="1002")
    assert ledger.counts("1001") == {"done": 2, "asking": 1, "changed": 1}
    assert ledger.needed("1001") == 2
    assert not ledger.has_work("1001")
    assert ledger.say("1001", "3", State.ASKING, "there")
    assert not ledger.say("1001", "3", State.ASKING, "again")
    assert not ledger.say("1001", "4", State.ASKING, "there")
    assert ledger.needed("1001") == 1
    assert ledger.has_work("1001")
    assert not ledger.has_work("1002")


def test_orders_come_in_pages(ledger: OrderStore) -> None:
    for id in "12345":
        put(ledger, id, State.DONE if id != "3" else State.FAILED)
    first = ledger.page("1001", [], (0, ""), 2)
    rest = ledger.page("1001", [], (first[-1].changed, first[-1].work_order), 9)
    assert [order.work_order for order in (*first, *rest)] == ["1", "2", "3", "4", "5"]
    assert [order.work_order for order in ledger.page("1001", [State.FAILED], (0, ""), 9)] == ["3"]


def test_accounts_are_woken_once_when_the_time_to_look_has_come(ledger: OrderStore) -> None:
    put(ledger, "1", State.UNKNOWN, next_look=50)
    put(ledger, "2", State.UNKNOWN, next_look=60)
    put(ledger, "3", State.UNKNOWN, account="1002", next_look=70)
    assert not ledger.is_any_to_be_looked_for(49)
    assert ledger.is_any_to_be_looked_for(60)
    assert ledger.wake(60) == ["1001"]
    assert not ledger.is_any_to_be_looked_for(60)
    assert ledger.wake(100) == ["1002"]


def test_numbers_go_up_and_are_nobody_elses(ledger: OrderStore) -> None:
    rows = [put(ledger, id, State.CLAIMED, account) for id, account in (("1", "1001"), ("2", "1002"), ("3", "1001"))]
    assert [row.number for row in rows] == [900_000, 900_001, 900_002]
    assert ledger.is_under_way("1001", *BOOKS) is False
    looking = ledger.change(rows[0], put_state(rows[0], State.LOOKING))
    assert looking.number == 900_000
    assert ledger.is_under_way("1001", *BOOKS)


def put_state(row: Order, state: State) -> Order:
    return Order(**{**vars(row), "state": state})
