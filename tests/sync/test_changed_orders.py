"""What people change while work orders go to Cash, and after."""

from dataclasses import replace

import pytest
from support.exporting import DAY, STATUS, after, complete, is_closed, numbers, order_nr, row
from support.sync import BOOKS, Bridge

from webapp.cash.client.errors import CashFault
from webapp.cash.store.orders import State
from webapp.cash.sync import exports
from webapp.cash.sync.steps import LEAVE, SECOND, THERE
from webapp.demo.outsmart_faults import CLOSING, MARKING
from webapp.outsmart.errors import OutSmartUnreachable
from webapp.outsmart.session import OutSmartSession


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


def test_an_order_that_is_changed_while_it_is_looked_for_is_asked_about(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop)
    shop.export()
    shop.outsmart.change_work_order(id, shop.account, Workperiods=[])
    after(shop, 1)
    assert row(shop, id).state == State.CHANGED
    assert not is_closed(shop, id)


def test_a_change_of_settings_is_no_change_of_a_work_order(shop: Bridge) -> None:
    id = complete(shop)
    shop.export()
    shop.outsmart.change_work_order(id, shop.account, status="Compleet")
    shop.use(settings=replace(shop.parts.settings, export_hour_rounding=30, export_work_description=True))
    assert shop.export() == {"done": 1, "made": 0}


@pytest.mark.parametrize("operation", [CLOSING, MARKING])
def test_a_work_order_that_outsmart_has_trouble_with_stops_no_other(shop: Bridge, operation: str) -> None:
    bad = complete(shop, **({} if operation == CLOSING else {"Materials": [], "Workperiods": []}))
    id = complete(shop)
    real = OutSmartSession.ask

    def ask(session: OutSmartSession, path: str, asked: dict[str, str], *args: object, **more: object) -> object:
        writes = path == "UpdateWorkorder" or asked.get("update_status") == "true"
        if writes and asked["row_id"] == bad:
            raise OutSmartUnreachable("code_1007")
        return real(session, path, asked, *args, **more)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OutSmartSession, "ask", ask)
        shop.export()
    assert row(shop, id).state == State.DONE
    assert row(shop, bad).state == (State.IN_CASH if operation == CLOSING else State.REFUSED)


def test_trouble_in_a_former_administration_is_none_of_the_orders_of_now(shop: Bridge) -> None:
    shop.cash.lose_answers("after")
    id = complete(shop)
    shop.export()
    shop.now += DAY
    shop.cash.answer(800, "Export")
    with pytest.raises(CashFault):
        shop.export()
    here = shop.parts.administration
    shop.use(administration=replace(here, code="other"), sees={BOOKS: here}.get)
    shop.export()
    assert row(shop, id).state == State.UNKNOWN
