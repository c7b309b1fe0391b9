"""Orders of which the answer was lost, or came late, or told of half an order."""

import pytest
from support.exporting import DAY, after, complete, is_closed, numbers, order_nr, row
from support.sync import BOOKS, Bridge

from webapp.cash.client.errors import CashUnreachable
from webapp.cash.client.session import CashSession
from webapp.cash.store.orders import State
from webapp.cash.sync.parts import Stopped
from webapp.cash.sync.steps import AGAIN, THERE


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


@pytest.mark.parametrize("code", [900, 901, 800])
def test_where_cash_cannot_import_the_run_says_so_and_nothing_is_an_error(shop: Bridge, code: int) -> None:
    id = complete(shop)
    complete(shop)
    shop.cash.answer(code, "Import")
    with pytest.raises(CashUnreachable, match=f"code_{code}"):
        shop.export()
    assert shop.cash.count("Import") == 1
    assert row(shop, id).state == State.UNKNOWN
    shop.cash.recover()
    after(shop, 1, 4, 15)
    assert row(shop, id).state == State.DONE
    assert numbers(shop).count(order_nr(shop, id)) == 1


@pytest.mark.parametrize("code", [300, 800, 901])
def test_a_transaction_that_cannot_be_asked_for_stops_no_other(shop: Bridge, code: int) -> None:
    shop.cash.pending(None)
    complete(shop)
    id = complete(shop)
    shop.cash.answer(code, "GetTransaction")
    if code == 300:  # time may mend it
        with pytest.raises(CashUnreachable):
            shop.export()
    else:
        shop.export()
        assert row(shop, id).state == State.DONE


def test_a_reference_that_cash_spells_its_way_is_still_ours(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop, OrderNr="WB/7.a")
    shop.export()
    number = str(row(shop, id).number)
    shop.edit("2400", number, f2406="wb7A")
    after(shop, 1)
    assert row(shop, id).state == State.DONE


def test_an_order_with_another_reference_under_our_number_is_for_a_person(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop)
    shop.export()
    shop.edit("2400", str(row(shop, id).number), f2406="iets anders")
    after(shop, 1, 4, 15)
    assert (row(shop, id).state, row(shop, id).reason) == (State.ASKING, "other_reference")
    assert len(shop.cash.sales_orders(BOOKS)) == 2


def test_whoever_stops_while_an_order_waits_for_its_turn_has_not_sent_it(
    shop: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(session: CashSession, *_: object, **__: object) -> None:
        session.import_has_left = False
        raise Stopped

    id = complete(shop)
    with monkeypatch.context() as patch:
        patch.setattr(CashSession, "import_records", stop)
        with pytest.raises(Stopped):
            shop.export()
    assert row(shop, id).state == State.LOOKING
    assert shop.export() == {"done": 1, "made": 0}


def test_a_customer_that_cash_holds_for_a_day_is_a_reason_to_refuse(shop: Bridge) -> None:
    new = {"CustomerDebtorNr": "88001", "CustomerName": "Overdijk", "CustomerCity": "Deventer"}
    shop.cash.pending(None, times=99, of="0101")
    id = complete(shop, CustomerDebtorNrInvoice="", **new)
    assert shop.export() == {"claimed": 1, "made": 0}
    shop.now += DAY
    assert shop.export() == {"failed": 1, "made": 0}
    assert [each["word"] for each in row(shop, id).detail["problems"]] == ["customer_not_made"]
