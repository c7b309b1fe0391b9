"""Completed work orders become sales orders in Cash, whatever happens on the way."""

from dataclasses import replace

import pytest
from support.sync import BOOKS, Bridge

from webapp.cash.client.errors import CashFault, CashUnreachable, CredentialsRejected
from webapp.cash.client.session import CashSession
from webapp.cash.store.orders import Order, State
from webapp.cash.store.runs import NotOwned
from webapp.cash.sync import exports
from webapp.cash.sync.steps import AGAIN, LEAVE, SECOND, THERE
from webapp.demo.outsmart_faults import CLOSING, MARKING
from webapp.outsmart.errors import OutSmartFault, OutSmartUnreachable
from webapp.outsmart.workorders import WorkOrders

MINUTE, DAY = 60, 24 * 3600
STATUS = "5812441"


@pytest.fixture
def office(bridge: Bridge) -> Bridge:
    """An account whose customers and articles were imported, and in which no work order is complete."""
    bridge.run()
    bridge.outsmart.forget_work_orders(bridge.account)
    bridge.choose(export_work_status=STATUS)
    return bridge


@pytest.fixture
def shop(office: Bridge) -> Bridge:
    """The same, where an order was exported before: Cash has shown that it finds orders."""
    complete(office)
    assert office.export() == {"done": 1, "made": 0}
    office.told.clear()
    return office


def complete(bridge: Bridge, **fields: object) -> str:
    """Another work order is done; its id."""
    return bridge.outsmart.complete_another(STATUS, bridge.account, **{"CustomerDebtorNr": "007047", **fields})


def row(bridge: Bridge, id: str) -> Order:
    found = bridge.orders.one(bridge.account, id)
    assert found
    return found


def numbers(bridge: Bridge) -> list[str]:
    """The references of the orders in Cash, once for each."""
    return sorted(order.reference for order in bridge.cash.sales_orders(BOOKS))


def order_nr(bridge: Bridge, id: str) -> str:
    return str(bridge.outsmart.order(id, bridge.account)["OrderNr"])


def is_closed(bridge: Bridge, id: str) -> bool:
    return bridge.outsmart.order(id, bridge.account)["status"] == "Afgehandeld"


def after(bridge: Bridge, *minutes: int) -> None:
    """Runs so many minutes later each."""
    for each in minutes:
        bridge.now += (each - 15) * MINUTE
        bridge.export()


# --- what arrives ---
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


# --- answers that are lost ---
@pytest.mark.parametrize("existing", ["change", "refuse", "second"])
@pytest.mark.parametrize("when", ["before", "after", "late"])
def test_an_order_whose_answer_was_lost_is_one_order(shop: Bridge, when: str, existing: str) -> None:
    shop.cash.existing_number(existing)  # type: ignore[arg-type]
    shop.cash.lose_answers(when, seconds=120)  # type: ignore[arg-type]
    id = complete(shop)
    assert shop.export() == {"unknown": 1, "made": 0}
    after(shop, 1)
    shop.cash.land()
    after(shop, 4, 15, 15)
    assert numbers(shop).count(order_nr(shop, id)) == 1
    assert is_closed(shop, id)
    assert row(shop, id).state == State.DONE
    assert shop.told == []


def test_without_an_order_that_is_known_to_be_there_a_person_is_asked(office: Bridge) -> None:
    office.cash.lose_answers("before")
    id = complete(office)
    complete(office)
    office.export()
    after(office, 1, 4, 15)
    assert row(office, id).state == State.ASKING
    assert len(numbers(office)) == 0  # one at a time, while it is not known whether Cash finds orders
    assert office.orders.say(office.account, id, State.ASKING, AGAIN)
    assert office.export() == {"done": 2, "made": 0}
    assert len(numbers(office)) == 2


def test_a_cash_that_does_not_find_orders_is_told_of_by_its_first_success(office: Bridge) -> None:
    office.cash.key_reads("blind")
    first = complete(office)
    assert office.export()["done"] == 1
    assert office.orders.books.reads("54852", BOOKS) == "blind"
    office.cash.lose_answers("after")
    id = complete(office)
    office.export()
    after(office, 1, 4, 15)
    assert row(office, id).state == State.ASKING
    assert office.orders.say(office.account, id, State.ASKING, THERE)
    assert office.export() == {"done": 1, "made": 0}
    assert sorted([order_nr(office, first), order_nr(office, id)]) == numbers(office)


@pytest.mark.parametrize("polls", [1, 3, 40])
def test_an_order_that_cash_takes_its_time_for_is_waited_for(shop: Bridge, polls: int) -> None:
    shop.cash.pending(polls)
    id = complete(shop)
    shop.export()
    for _ in range(40):
        shop.export()
    assert row(shop, id).state == State.DONE
    assert numbers(shop).count(order_nr(shop, id)) == 1


def test_an_order_that_cash_never_takes_is_asked_about_after_a_day(shop: Bridge) -> None:
    shop.cash.pending(None)
    id = complete(shop)
    assert shop.export() == {"waiting": 1, "made": 0}
    shop.now += DAY
    after(shop, 15, 1, 4, 15)
    assert (row(shop, id).state, row(shop, id).reason) == (State.ASKING, "held")


def test_a_transaction_that_cash_has_forgotten_is_looked_for(shop: Bridge) -> None:
    shop.cash.pending(None)
    id = complete(shop)
    shop.export()
    shop.cash.land()
    shop.cash.operations._transactions._known.clear()
    shop.export()
    after(shop, 1)
    assert row(shop, id).state == State.DONE


def test_a_transaction_that_cash_has_forgotten_may_land_for_ever_and_is_not_sent_again(shop: Bridge) -> None:
    shop.cash.pending(None)
    id = complete(shop)
    shop.export()
    kept = dict(shop.cash.operations._transactions._known)
    shop.cash.operations._transactions._known.clear()
    shop.export()
    after(shop, 1, 4, 15)
    assert (row(shop, id).state, row(shop, id).reason) == (State.ASKING, "unknown")
    shop.cash.operations._transactions._known.update(kept)
    shop.cash.land()
    assert numbers(shop).count(order_nr(shop, id)) == 1


def test_a_header_without_its_lines_is_for_a_person(shop: Bridge) -> None:
    shop.cash.half()
    id = complete(shop)
    assert shop.export() == {"asking": 1, "made": 0}
    assert row(shop, id).reason == "half"
    shop.orders.say(shop.account, id, State.ASKING, AGAIN)
    assert shop.export() == {"asking": 1, "made": 0}  # while the header is there nothing is sent
    shop.books.remove_order(str(row(shop, id).number))
    shop.orders.say(shop.account, id, State.ASKING, AGAIN)
    assert shop.export() == {"done": 1, "made": 0}
    assert numbers(shop).count(order_nr(shop, id)) == 1


def test_a_person_who_says_that_it_is_there_is_asked_once_more_and_then_believed(shop: Bridge) -> None:
    shop.cash.half()
    id = complete(shop)
    shop.export()
    shop.books.remove_order(str(row(shop, id).number))
    shop.orders.say(shop.account, id, State.ASKING, THERE)
    assert shop.export() == {"asking": 1, "made": 0}
    assert row(shop, id).reason == "not_found"
    shop.orders.say(shop.account, id, State.ASKING, THERE)
    assert shop.export() == {"done": 1, "made": 0}
    assert is_closed(shop, id)


def test_an_order_is_sent_again_twice_at_most(shop: Bridge) -> None:
    shop.cash.lose_answers("before", times=3)
    id = complete(shop)
    shop.export()
    for _ in range(3):
        after(shop, 1, 4, 15)
    assert (row(shop, id).state, row(shop, id).reason, row(shop, id).resends) == (State.ASKING, "unknown", 2)


# --- what people change meanwhile ---
def test_an_order_that_was_changed_after_it_went_is_never_overwritten(shop: Bridge) -> None:
    id = complete(shop)
    shop.export()
    changed = [{"MaterialCode": "A0001", "MaterialNr": "9", "MaterialPrice": "2.00"}]
    shop.outsmart.change_work_order(id, shop.account, status="Compleet", Materials=changed, Workperiods=[])
    assert shop.export() == {"changed": 1, "made": 0}
    assert shop.export() == {"made": 0}
    assert numbers(shop).count(order_nr(shop, id)) == 1


def test_orders_that_wait_for_a_person_hold_up_no_other(shop: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST", 1)
    id = complete(shop)
    shop.export()
    shop.outsmart.change_work_order(id, shop.account, status="Compleet", Workperiods=[])
    assert shop.export() == {"changed": 1, "made": 0}
    other = complete(shop)
    assert shop.export() == {"done": 1, "made": 0}
    assert not shop.result["more"]
    assert is_closed(shop, other)


def test_more_than_one_run_takes_is_left_to_the_next(shop: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST", 2)
    ids = [complete(shop) for _ in range(3)]
    assert shop.export() == {"done": 2, "made": 0}
    assert shop.result["more"]
    assert shop.export() == {"done": 1, "made": 0}
    assert not shop.result["more"]
    assert all(is_closed(shop, id) for id in ids)


def test_a_second_order_of_a_long_number_has_a_reference_that_cash_takes(shop: Bridge) -> None:
    number = "W" * 40
    first, other = complete(shop, OrderNr=number), complete(shop, OrderNr=number)
    assert shop.export() == {"done": 2, "made": 0}
    for quantity in ("8", "9"):
        changed = [{"MaterialCode": "A0001", "MaterialNr": quantity, "MaterialPrice": "2.00"}]
        shop.outsmart.change_work_order(first, shop.account, status="Compleet", Materials=changed, Workperiods=[])
        assert shop.export() == {"changed": 1, "made": 0}
        assert shop.orders.say(shop.account, first, State.CHANGED, SECOND)
        assert shop.export() == {"done": 1, "made": 0}
    mine = ["W" * 35, f"{'W' * 29} {other}", f"{'W' * 32} /2", f"{'W' * 32} /3"]
    assert sorted(each for each in numbers(shop) if each.startswith("WW")) == sorted(mine)


@pytest.mark.parametrize(("said", "orders"), [(LEAVE, 1), (SECOND, 2)])
def test_a_person_says_what_becomes_of_a_changed_order(shop: Bridge, said: str, orders: int) -> None:
    id = complete(shop)
    shop.export()
    changed = [{"MaterialCode": "A0001", "MaterialNr": "9", "MaterialPrice": "2.00"}]
    shop.outsmart.change_work_order(id, shop.account, status="Compleet", Materials=changed, Workperiods=[])
    shop.export()
    assert shop.orders.say(shop.account, id, State.CHANGED, said)
    assert not shop.orders.say(shop.account, id, State.CHANGED, said)
    assert shop.export() == {"done": 1, "made": 0}
    assert is_closed(shop, id)
    assert len([each for each in numbers(shop) if each.startswith(order_nr(shop, id))]) == orders
    shop.outsmart.change_work_order(id, shop.account, status="Compleet")
    assert shop.export() == {"done": 1, "made": 0}


def test_an_order_that_is_no_longer_wanted_is_not_sent_again(shop: Bridge) -> None:
    shop.cash.lose_answers("before")
    id = complete(shop)
    shop.export()
    shop.outsmart.change_work_order(id, shop.account, WorkStatus="0")
    after(shop, 1, 4, 15)
    assert row(shop, id).state == State.WITHDRAWN
    shop.outsmart.change_work_order(id, shop.account, WorkStatus=STATUS)
    assert shop.export() == {"done": 1, "made": 0}


def test_what_is_changed_while_others_go_is_seen(shop: Bridge) -> None:
    first, unwanted, changed, gone = (complete(shop) for _ in range(4))
    materials = [{"MaterialCode": "A0001", "MaterialNr": "9", "MaterialPrice": "2.00"}]

    def alive() -> bool:
        if is_closed(shop, first) and shop.outsmart.order(unwanted, shop.account)["WorkStatus"] != "0":
            shop.outsmart.change_work_order(unwanted, shop.account, WorkStatus="0")
            shop.outsmart.change_work_order(changed, shop.account, Materials=materials, Workperiods=[])
            shop.outsmart.remove_work_order(gone, shop.account)
        return True

    assert shop.export(alive=alive) == {"done": 2, "made": 0}
    assert shop.orders.one(shop.account, unwanted) is shop.orders.one(shop.account, gone) is None
    assert [line["2410"] for line in shop.books.sales_orders()[-1].lines] == ["9"]


def test_an_order_of_another_administration_is_looked_for_there(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop)
    shop.export()
    here = shop.parts.administration
    shop.use(administration=replace(here, code="other"), sees={BOOKS: here}.get)
    after(shop, 1)
    assert row(shop, id).state == State.DONE
    assert shop.books.sales_orders()[-1].reference == order_nr(shop, id)


def test_an_order_where_the_login_sees_nothing_any_more_is_for_a_person(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop)
    shop.export()
    shop.use(administration=replace(shop.parts.administration, code="other"), sees=lambda id: None)
    after(shop, 1)
    assert row(shop, id).state == State.UNKNOWN  # it may still land
    after(shop, 15)
    assert (row(shop, id).state, row(shop, id).reason) == (State.ASKING, "unseen")
    shop.orders.say(shop.account, id, State.ASKING, THERE)
    shop.export()
    assert is_closed(shop, id)


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
