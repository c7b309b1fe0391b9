"""Completed work orders become sales orders in Cash, also after an outage."""

from dataclasses import replace

import pytest
from support.exporting import DAY, MINUTE, STATUS, after, complete, is_closed, numbers, order_nr, row
from support.sync import BOOKS, Bridge

from webapp.cash.client.errors import CashFault, CashUnreachable, CredentialsRejected
from webapp.cash.client.session import CashSession
from webapp.cash.store.orders import State
from webapp.cash.store.runs import NotOwned
from webapp.demo.outsmart_faults import CLOSING, MARKING
from webapp.outsmart.errors import OutSmartFault, OutSmartUnreachable
from webapp.outsmart.workorders import WorkOrders


def test_a_completed_work_order_is_one_sales_order_and_closed(office: Bridge) -> None:
    id = complete(office)
    assert office.export() == {"done": 1, "made": 0}
    assert numbers(office) == [order_nr(office, id)]
    assert is_closed(office, id)
    assert office.export() == {"made": 0}
    assert office.told == []


def test_an_order_costs_four_calls_where_customer_and_articles_are_known(shop: Bridge) -> None:
    for _ in range(3):
        complete(shop)
    shop.export()
    assert shop.cash.count("Authenticate") == 1
    assert len(shop.cash.calls) == 1 + 3 * 4


def test_archived_orders_and_those_of_another_status_are_left_alone(office: Bridge) -> None:
    complete(office, Archived="1")
    office.outsmart.complete_another("7", office.account)
    assert office.export() == {"made": 0}
    assert numbers(office) == []


def test_nothing_is_asked_of_cash_where_no_order_waits(shop: Bridge) -> None:
    shop.export()
    assert shop.cash.calls == []


def test_orders_go_oldest_first_and_one_refusal_stops_no_other(shop: Bridge) -> None:
    first, bad, last = complete(shop), complete(shop, Materials=[], Workperiods=[]), complete(shop)
    assert shop.export() == {"done": 2, "failed": 1, "made": 0}
    assert [row(shop, id).number for id in (first, last)] == [900001, 900002]
    assert shop.outsmart.order(bad, shop.account)["WorkStatus"] == "99"
    assert [kind for kind, _ in shop.told] == ["order_refused"]


def test_a_mended_order_is_a_new_attempt(shop: Bridge) -> None:
    id = complete(shop, Materials=[], Workperiods=[])
    shop.export()
    materials = [{"MaterialCode": "A0001", "MaterialNr": "1", "MaterialPrice": "2.00"}]
    shop.outsmart.change_work_order(id, shop.account, Materials=materials, WorkStatus=STATUS)
    assert shop.export() == {"done": 1, "made": 0}
    assert row(shop, id).attempt == 2
    shop.outsmart.change_work_order(id, shop.account, status="Compleet", WorkStatus=STATUS)
    assert shop.export() == {"done": 1, "made": 0}
    assert len(numbers(shop)) == 2


def test_what_cash_refuses_is_told_in_its_words_and_may_be_refused_again(shop: Bridge) -> None:
    id = complete(shop, Materials=[{"MaterialCode": "A0001", "MaterialNr": "1", "MaterialWarehouseCode": "NERGENS"}])
    for _ in range(2):
        assert shop.export() == {"failed": 1, "made": 0}
        (problem,) = row(shop, id).detail["problems"]
        assert "2209" in problem["text"]
        assert problem["source"].startswith("2410|")
        shop.outsmart.change_work_order(id, shop.account, WorkStatus=STATUS)
    shop.outsmart.change_work_order(id, shop.account, Materials=[], Workperiods=[])
    assert shop.export() == {"failed": 1, "made": 0}
    assert row(shop, id).reason == "unsendable"


def test_two_work_orders_with_one_number_are_two_orders(shop: Bridge) -> None:
    first, second = complete(shop, OrderNr="WB-7"), complete(shop, OrderNr="WB-7")
    shop.export()
    assert {"WB-7", f"WB-7 {second}"} <= set(numbers(shop))
    assert is_closed(shop, first)
    assert is_closed(shop, second)


def test_numbers_of_strangers_are_left_alone(shop: Bridge) -> None:
    for number in range(900001, 900004):
        shop.edit("2400", str(number), f2220="007047", f2406=f"stranger {number}")
    id = complete(shop)
    assert shop.export()["done"] == 1
    assert row(shop, id).number == 900004
    assert [each for each in numbers(shop) if each.startswith("stranger")] == [
        f"stranger {n}" for n in range(900001, 900004)
    ]


def test_where_strangers_have_very_many_numbers_the_next_run_goes_on(shop: Bridge) -> None:
    for number in range(900001, 900024):
        shop.edit("2400", str(number), f2220="007047", f2406="stranger")
    id = complete(shop)
    assert shop.export() == {"claimed": 1, "made": 0}
    assert row(shop, id).reason == "numbers_taken"
    assert shop.export()["done"] == 1
    assert row(shop, id).number == 900024


# --- outages ---
@pytest.mark.parametrize("fault", ["cash", "login"])
def test_nothing_is_marked_as_an_error_while_cash_cannot_be_asked(shop: Bridge, fault: str) -> None:
    id = complete(shop)
    kind = CashUnreachable
    if fault == "cash":
        shop.cash.go_down()
    else:
        shop.cash.reject()
        kind = CredentialsRejected  # type: ignore[assignment]
    with pytest.raises(kind):
        shop.export()
    assert shop.outsmart.order(id, shop.account)["WorkStatus"] == STATUS
    shop.cash.recover()
    assert shop.export() == {"done": 1, "made": 0}


@pytest.mark.parametrize("operation", [CLOSING, MARKING])
@pytest.mark.parametrize("when", ["before", "after"])
def test_what_outsmart_did_not_answer_is_told_again(shop: Bridge, operation: str, when: str) -> None:
    bad = complete(shop, Materials=[], Workperiods=[]) if operation == MARKING else ""
    id = bad or complete(shop)
    shop.outsmart.lose_answers(operation, 4, when)  # type: ignore[arg-type]
    with pytest.raises(OutSmartUnreachable):
        shop.export()
    assert shop.export() == {"failed" if bad else "done": 1, "made": 0}
    assert row(shop, id).state == (State.FAILED if bad else State.DONE)


def test_a_work_order_that_is_gone_needs_nothing_more(shop: Bridge) -> None:
    id = complete(shop)
    shop.outsmart.lose_answers(CLOSING, 4, "before")
    with pytest.raises(OutSmartUnreachable):
        shop.export()
    shop.outsmart.forget_work_orders(shop.account)
    assert shop.export() == {"done": 1, "made": 0}
    assert row(shop, id).state == State.DONE


def test_whoever_lost_an_order_does_nothing_more_with_it(shop: Bridge) -> None:
    id = complete(shop)
    shop.cash.lose_answers("after")
    shop.export()
    before = row(shop, id)
    shop.orders.change(before, replace(before, state=State.WAITING))
    with pytest.raises(NotOwned):
        shop.orders.change(before, replace(before, state=State.IN_CASH))


def test_a_run_that_ended_while_it_sent_an_order_looks_for_it(shop: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    id = complete(shop)
    with monkeypatch.context() as patch:
        patch.setattr(CashSession, "import_records", interrupted)
        with pytest.raises(KeyboardInterrupt):
            shop.export()
    assert row(shop, id).state == State.SENDING
    assert shop.export() == {"unknown": 1, "made": 0}
    after(shop, 1, 4, 15)
    assert row(shop, id).state == State.DONE


def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_an_order_that_cash_did_not_read_is_sent_by_the_next_run(shop: Bridge) -> None:
    id = complete(shop)
    shop.cash.answer(903, "Import")
    with pytest.raises(CashFault):
        shop.export()
    assert row(shop, id).state == State.LOOKING
    shop.cash.recover()
    assert shop.export() == {"done": 1, "made": 0}


def test_an_order_is_not_looked_for_before_its_time(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    complete(shop)
    shop.export()
    shop.now += 30 - 15 * MINUTE
    assert shop.export() == {"unknown": 1, "made": 0}
    assert shop.cash.calls == []


def test_an_order_that_waits_for_its_article_can_be_taken_back(shop: Bridge) -> None:
    id = complete(shop, Materials=[{"MaterialCode": "NIEUW", "MaterialNr": "1"}])
    shop.cash.lose_answers("before", of="2260")
    assert shop.export() == {"claimed": 1, "made": 0}
    shop.outsmart.change_work_order(id, shop.account, WorkStatus="0")
    assert shop.export() == {"withdrawn": 1, "made": 0}


def test_an_order_that_is_changed_before_it_is_closed_is_asked_about(shop: Bridge) -> None:
    id = complete(shop)
    shop.outsmart.lose_answers(CLOSING, 4, "before")
    with pytest.raises(OutSmartUnreachable):
        shop.export()
    shop.outsmart.change_work_order(id, shop.account, Workperiods=[])
    assert shop.export() == {"changed": 1, "made": 0}


def test_a_work_order_that_outsmart_does_not_let_be_closed_stops_no_other(
    shop: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = complete(shop), complete(shop)
    with monkeypatch.context() as patch:
        patch.setattr(WorkOrders, "close", not_understood)
        assert shop.export() == {"in_cash": 2, "made": 0}
    assert shop.export() == {"done": 2, "made": 0}
    assert all(is_closed(shop, id) for id in ids)


def not_understood(*_: object) -> None:
    raise OutSmartFault("code_1504")


def test_a_withdrawn_order_begins_anew_in_the_administration_of_now(shop: Bridge) -> None:
    id = complete(shop)
    shop.export()
    before = row(shop, id)
    shop.outsmart.change_work_order(id, shop.account, status="Compleet")
    shop.orders.change(before, replace(before, state=State.WITHDRAWN, administration="2085/former", number=7))
    assert shop.export() == {"done": 1, "made": 0}
    assert (row(shop, id).administration, row(shop, id).number) == (BOOKS, 900002)


@pytest.mark.parametrize("gone", [False, True])
def test_an_order_that_is_taken_back_before_its_turn_is_not_sent(shop: Bridge, gone: bool) -> None:
    complete(shop, Materials=[], Workperiods=[])
    other = complete(shop)

    def meanwhile(*_: object) -> None:
        if gone:
            shop.outsmart.forget_work_orders(shop.account)
        else:
            shop.outsmart.change_work_order(other, shop.account, WorkStatus="0")

    assert shop.export(tell=meanwhile) == {"failed": 1, "made": 0}
    assert shop.orders.one(shop.account, other) is None


def test_where_the_chosen_status_is_that_of_failures_one_is_tried_once_a_day(shop: Bridge) -> None:
    shop.choose(export_work_status="99")
    id = shop.outsmart.complete_another("99", shop.account, Materials=[], Workperiods=[])
    assert shop.export() == {"failed": 1, "made": 0}
    assert shop.export() == {"made": 0}
    shop.now += DAY
    assert shop.export() == {"failed": 1, "made": 0}
    assert row(shop, id).attempt == 1


def test_a_relation_code_with_leading_zeros_is_the_same_account_at_cash(shop: Bridge) -> None:
    shop.use(settings=replace(shop.parts.settings, relation_code="0054852"))
    id = complete(shop)
    assert shop.export() == {"done": 1, "made": 0}
    assert (row(shop, id).relation_code, row(shop, id).number) == ("54852", 900001)
