"""The first export begins when somebody could look at what it would do, and writes nothing before."""

from dataclasses import replace
from typing import Any

import pytest
from support.sync import BOOKS, Ask, Bridge
from support.work_orders import hours, material

from webapp.cash.store.openings import AGREED, OPEN, SURVEYED, Opening
from webapp.cash.store.orders import Order, State
from webapp.cash.sync.opening import MANY, look, survey
from webapp.cash.sync.steps import EXPORT
from webapp.db import now

MINUTE = 60
CUSTOMER = {"CustomerDebtorNr": "007047", "CustomerDebtorNrInvoice": ""}
GOODS = material("A0001", "2.00", "3.50")


@pytest.fixture
def office(bridge: Bridge) -> Bridge:
    """An account in which no work order is complete, and which never exported."""
    bridge.outsmart.forget_work_orders(bridge.account)
    bridge.now = now() + 15 * MINUTE  # when somebody looked is kept in real time
    bridge.use(settings=replace(bridge.parts.settings, export_sales_orders=True))
    return bridge


def complete(bridge: Bridge, times: int = 1, **fields: Any) -> list[str]:
    usual: dict[str, Any] = {**CUSTOMER, "Materials": [GOODS], "Workperiods": []}
    return [bridge.outsmart.complete_another("1", bridge.account, **{**usual, **fields}) for _ in range(times)]


def export(bridge: Bridge, minutes: int = 0, **parts: Any) -> dict[str, Any]:
    """A run so many minutes after the last one; how many orders came to which state."""
    bridge.now += (minutes - 15) * MINUTE
    return bridge.export(opened=False, **parts)


def opening(bridge: Bridge) -> Opening:
    found = bridge.openings.of(bridge.account, "54852", BOOKS)
    assert found
    return found


def writes(bridge: Bridge) -> list[str]:
    """What the last run did that is more than looking."""
    there = [call for call in bridge.cash.calls if call not in ("Authenticate", "Export")]
    here = [call for call in bridge.outsmart.calls if call not in ("GET GetWorkorders", "GET hourtypes")]
    return [*there, *here]


def states(bridge: Bridge) -> list[str]:
    return [each["status"] for each in bridge.outsmart.work_orders(bridge.account)]


# --- the first look ---
def test_the_first_look_tells_what_an_export_would_do_and_writes_nothing(office: Bridge) -> None:
    complete(office, WorkDate="09-11-2026")
    complete(office, WorkDate="2-9-2026", CustomerDebtorNr="88001", CustomerName="Overdijk", CustomerCity="Zwolle")
    complete(office, WorkDate="", Materials=[material("NIEUW"), material("NIEUW")])
    bad = complete(office, Materials=[], Workperiods=[hours("ONBEKEND", day="")])[0]
    worse = complete(office, WorkDate="", CustomerDebtorNr="", Materials=[])[0]
    complete(office, Archived="1")
    orders = office.outsmart.work_orders(office.account)[:5]
    before = office.cash.sales_orders(BOOKS), office.outsmart.rows("workstatusses", office.account)
    assert export(office) == {"made": 0}
    survey = opening(office).survey
    assert survey == office.result["survey"]
    assert survey == {
        "count": 5,
        "oldest": "2026-09-02",
        "amount": "34.00",
        "customers": ["88001 Overdijk"],
        "new_customers": 1,
        "articles": ["NIEUW Material NIEUW"],
        "new_articles": 1,
        "refused": [
            {
                "order": office.outsmart.order(bad, office.account)["OrderNr"],
                "problems": [{"word": "hour_type_unknown", "line": 1, "text": "ONBEKEND"}],
            },
            {
                "order": office.outsmart.order(worse, office.account)["OrderNr"],
                "problems": [
                    {"word": "no_debtor", "line": 0, "text": ""},
                    {"word": "no_lines", "line": 0, "text": ""},
                ],
            },
        ],
        "refused_rows": 2,
        "reasons": {"hour_type_unknown": 1, "no_debtor": 1, "no_lines": 1},
        "ids": [order["id"] for order in orders],
        "names": {order["id"]: [order["OrderNr"], order["CustomerName"]] for order in orders},
    }
    assert writes(office) == []
    assert (office.cash.sales_orders(BOOKS), office.outsmart.rows("workstatusses", office.account)) == before
    assert set(states(office)) == {"Compleet"}
    assert office.orders.counts(office.account) == {}
    assert office.told == []


def test_a_look_at_very_many_gives_all_counts_and_some_examples(office: Bridge) -> None:
    for n in range(25):
        complete(office, CustomerDebtorNr=f"{88001 + n}", CustomerName="Nieuw", CustomerCity="Zwolle")
        complete(office, Materials=[material(f"NIEUW-{n:02d}")])
        complete(office, Materials=[])
    export(office)
    survey = opening(office).survey
    assert [survey[each] for each in ("count", "new_customers", "new_articles", "refused_rows")] == [75, 25, 25, 25]
    assert [len(survey[each]) for each in ("customers", "articles", "refused", "ids")] == [20, 20, 20, 75]


def test_a_look_at_nothing_says_so(office: Bridge) -> None:
    survey = look([], office.parts, None)  # type: ignore[arg-type]
    assert (survey["count"], survey["oldest"], survey["amount"], survey["ids"]) == (0, "", "0", [])


def test_a_person_may_look_again_until_it_has_begun(office: Bridge) -> None:
    off = replace(office.parts, settings=replace(office.parts.settings, export_sales_orders=False))
    assert survey(Ask(office.account, "preview"), off) is None
    for count, state in ((1, SURVEYED), (2, SURVEYED), (3, OPEN)):
        complete(office)
        if state == OPEN:
            office.openings.put(office.account, "54852", BOOKS, OPEN)
        found = survey(Ask(office.account, "preview"), office.parts)
        assert found
        assert found["count"] == count
        assert (opening(office).state, opening(office).survey["count"]) == (state, min(count, 2))


def test_where_the_exports_are_off_nobody_looks(office: Bridge) -> None:
    complete(office)
    off = replace(office.parts.settings, export_sales_orders=False)
    assert export(office, settings=off) == {"made": 0}
    assert office.openings.of(office.account, "54852", BOOKS) is None
    assert (office.cash.calls, office.outsmart.calls) == ([], [])


# --- when it begins ---
def test_a_few_begin_by_themselves_when_there_was_time_to_look(office: Bridge) -> None:
    complete(office, MANY)
    export(office)
    assert export(office, 14) == {"made": 0}
    assert office.result["waits"] == ["first_orders"]
    assert writes(office) == []
    assert export(office, 2) == {"done": MANY, "made": 0}
    assert opening(office).state == OPEN
    assert set(states(office)) == {"Afgehandeld"}


def test_more_wait_until_a_person_agrees(office: Bridge) -> None:
    complete(office, MANY + 1)
    export(office)
    for minutes in (16, 600):
        assert export(office, minutes) == {"made": 0}
        assert office.result["waits"] == ["many_orders"]
        assert writes(office) == []
    office.openings.put(office.account, "54852", BOOKS, AGREED)
    assert export(office, 1) == {"done": MANY + 1, "made": 0}
    assert (opening(office).state, opening(office).survey["count"]) == (OPEN, MANY + 1)


def test_what_a_person_agrees_to_begins_at_once(office: Bridge) -> None:
    complete(office)
    export(office)
    office.openings.put(office.account, "54852", BOOKS, AGREED)
    assert export(office, 1) == {"done": 1, "made": 0}


def test_orders_that_came_to_be_many_since_are_shown_and_wait(office: Bridge) -> None:
    complete(office)
    export(office)
    complete(office, MANY)
    assert export(office, 16) == {"made": 0}
    assert office.result["waits"] == ["many_orders"]
    assert opening(office).survey["count"] == office.result["survey"]["count"] == MANY + 1
    assert writes(office) == []


def test_whoever_puts_the_others_in_order_is_not_taken_by_surprise(office: Bridge) -> None:
    ids = complete(office, MANY + 1)
    export(office)
    office.outsmart.change_work_order(ids[0], office.account, status="Afgehandeld")
    assert export(office, 16) == {"made": 0}
    assert office.result["waits"] == ["many_orders"]
    assert writes(office) == []


def test_once_it_has_begun_very_many_go_without_a_question(office: Bridge) -> None:
    office.openings.put(office.account, "54852", BOOKS, OPEN)
    complete(office, MANY + 2)
    assert export(office) == {"done": MANY + 2, "made": 0}
    assert office.result["survey"] is None


def test_another_administration_is_begun_anew(office: Bridge) -> None:
    office.openings.put(office.account, "54852", BOOKS, OPEN)
    other = replace(office.parts.administration, code="other")
    export(office, administration=other, settings=replace(office.parts.settings, administration=other.id))
    assert writes(office) == []
    found = office.openings.of(office.account, "54852", other.id)
    assert found
    assert found.state == SURVEYED


# --- where nothing may be written ---
def test_a_read_only_administration_is_looked_at_and_never_written_to(office: Bridge) -> None:
    ids = complete(office)
    read_only = replace(office.parts.administration, read_only=True)
    for minutes, waits in ((0, []), (16, ["read_only"]), (60, ["read_only"])):
        assert export(office, minutes, administration=read_only) == {"made": 0}
        assert office.result["waits"] == waits
        assert writes(office) == []
    assert opening(office).state == SURVEYED
    assert office.outsmart.order(ids[0], office.account)["WorkStatus"] == "1"
    assert export(office, 1) == {"done": 1, "made": 0}


# --- the statuses ---
def statuses(bridge: Bridge) -> dict[str, str]:
    return {row["sta_code"]: row["sta_name"] for row in bridge.outsmart.rows("workstatusses", bridge.account)}


def test_statuses_that_outsmart_lacks_are_added_when_it_begins(office: Bridge) -> None:
    before = statuses(office)
    office.outsmart.add("workstatusses", office.account, sta_code="1", sta_name="Klaar voor de boekhouding")
    complete(office)
    export(office)
    assert "99" not in statuses(office)
    export(office, 16)
    assert statuses(office) == {
        **before,
        "1": "Klaar voor de boekhouding",
        "0": "Niet naar Cash",
        "99": "Error",
    }
    for code in ("0", "1", "99"):
        assert office.outsmart.written("workstatusses", office.account)[code] == (code != "1")


def test_where_outsmart_has_all_of_them_none_is_written(office: Bridge) -> None:
    for code in ("0", "1", "99"):
        office.outsmart.add("workstatusses", office.account, sta_code=code, sta_name=f"Eigen naam {code}")
    before = statuses(office)
    export(office)
    export(office, 16)
    assert statuses(office) == before
    assert "POST workstatusses" not in office.outsmart.calls
    export(office, 16)
    assert "GET workstatusses" not in office.outsmart.calls


# --- those that are left alone ---
@pytest.fixture
def left(office: Bridge) -> str:
    """A work order that a person does not want to be exported."""
    (id,) = complete(office)
    office.openings.put(office.account, "54852", BOOKS, OPEN)
    office.orders.claim(Order(office.account, id, "54852", BOOKS, state=State.LEFT, order_nr=id))
    return id


def test_what_is_left_alone_stays_as_it_is(office: Bridge, left: str) -> None:
    complete(office)
    assert export(office) == {"done": 1, "made": 0}
    assert export(office) == {"made": 0}
    row = office.orders.one(office.account, left)
    assert row
    assert (row.state, row.number) == (State.LEFT, None)
    assert office.outsmart.order(left, office.account)["status"] == "Compleet"


def test_what_was_left_alone_can_be_exported_after_all(office: Bridge, left: str) -> None:
    assert office.orders.say(office.account, left, State.LEFT, EXPORT)
    assert export(office) == {"done": 1, "made": 0}
    reference = office.outsmart.order(left, office.account)["OrderNr"]
    assert [order.reference for order in office.cash.sales_orders(BOOKS)] == [reference]


def test_what_was_left_alone_and_is_not_listed_now_waits_to_be(office: Bridge, left: str) -> None:
    office.outsmart.change_work_order(left, office.account, WorkStatus="0", OrderNr="WB-7")
    assert office.orders.say(office.account, left, State.LEFT, EXPORT)
    assert export(office) == {"withdrawn": 1, "made": 0}
    complete(office, OrderNr="WB-7")
    assert export(office) == {"done": 1, "made": 0}
    office.outsmart.change_work_order(left, office.account, WorkStatus="1")
    assert export(office) == {"done": 1, "made": 0}
    assert {order.reference for order in office.cash.sales_orders(BOOKS)} == {"WB-7", f"WB-7 {left}"}
