"""Customers, articles and hour types that Cash lacks are made there once, or the work order is refused."""

from typing import Any

import pytest
from support.exporting import STATUS, row
from support.sync import BOOKS, Bridge
from support.work_orders import hours, material

from webapp.cash.client.errors import CashFault
from webapp.cash.store.orders import State
from webapp.demo.outsmart_faults import CLOSING
from webapp.demo.records import ARTICLE_TYPE, UNIT
from webapp.outsmart.errors import OutSmartUnreachable

HERE = "007047"  # a customer that was imported
NEW = {
    "CustomerDebtorNr": "88001",
    "CustomerName": "Timmerbedrijf Overdijk en Zonen uit Deventer",
    "CustomerStreet": "Zaagmolen",
    "CustomerStreetNo": "4",
    "CustomerZIP": "7411 ZM",
    "CustomerCity": "Deventer",
    "CustomerContactPerson": "J. Overdijk",
    "CustomerPhone": "099-5588001",
    "CustomerEmail": "info@overdijk.example",
}
GOODS = material("A0001", "2.00", "3.50")
FRESH = material("nieuw-1", "1", "7.25", MaterialName="Thermostaat met een naam die te lang is voor Cash")


def complete(bridge: Bridge, **fields: Any) -> str:
    """Another work order is done; its id."""
    usual: dict[str, Any] = {"CustomerDebtorNr": HERE, "CustomerDebtorNrInvoice": "", "Materials": [GOODS]}
    return bridge.outsmart.complete_another(STATUS, bridge.account, **{**usual, "Workperiods": [], **fields})


def why(bridge: Bridge, id: str) -> list[tuple[str, int, str]]:
    return [(each["word"], each["line"], each["text"]) for each in row(bridge, id).detail["problems"]]


def made(bridge: Bridge) -> list[tuple[str, str]]:
    """Which records the users' log says were made."""
    told = [facts["made"] for kind, facts in bridge.told if kind == "made_in_cash"]
    return [(record, code) for each in told for record, code, _ in each]  # type: ignore[attr-defined]


def calls(bridge: Bridge) -> dict[str, int]:
    return {name: bridge.cash.count(name) for name in sorted({*bridge.cash.calls})}


# --- customers ---
def test_a_missing_customer_is_made_with_the_number_of_outsmart(office: Bridge) -> None:
    complete(office, **NEW)
    assert office.export() == {"done": 1, "made": 1}
    relation = office.books.records("0101")["088001",]
    assert relation == {
        "0101": "088001",
        "0102": "TIMMERBEDR",
        "0103": "Timmerbedrijf Overdijk en Zonen uit",
        "0104": "J. Overdijk",
        "0105": "Zaagmolen 4",
        "0107": "7411 ZM Deventer",
        "0108": "099-5588001",
        "0120": "info@overdijk.example",
        "0438": "7411 ZM",
        "1833": "Zaagmolen",
        "1834": "4",
        "1837": "Deventer",
    }
    assert office.books.records("2220")["088001",] == {"0101": "088001"}
    assert office.told == [("made_in_cash", {"made": [("2220", "088001", NEW["CustomerName"])], "count": 1})]
    assert calls(office) == {"Authenticate": 1, "Export": 2 + 3, "Import": 1 + 1}  # 2220, 0101; and the order


def test_two_orders_of_a_missing_customer_make_it_once(office: Bridge) -> None:
    complete(office, **NEW)
    complete(office, **{**NEW, "CustomerDebtorNr": "088001"})
    assert office.export() == {"done": 2, "made": 1}
    assert calls(office) == {"Authenticate": 1, "Export": 2 + 2 * 3, "Import": 1 + 2}


def test_a_relation_that_is_no_customer_becomes_one_and_stays_as_it_is(office: Bridge) -> None:
    office.edit("0101", "088001", f0103="Overdijk BV", f0107="8000 AA Zwolle")
    before = office.books.records("0101")["088001",]
    complete(office, **NEW)
    assert office.export() == {"done": 1, "made": 1}
    assert office.books.records("0101")["088001",] == before
    assert ("088001",) in office.books.records("2220")


def test_a_customer_that_was_not_imported_but_is_in_cash_is_only_read(office: Bridge) -> None:
    office.edit("0101", "088001", f0103="Overdijk BV", f0107="8000 AA Zwolle")
    office.edit("2220", "088001")
    complete(office, **NEW)
    assert office.export() == {"done": 1, "made": 0}
    assert calls(office) == {"Authenticate": 1, "Export": 1 + 3, "Import": 1}


def test_a_customer_is_not_made_where_that_is_switched_off(office: Bridge) -> None:
    office.choose(export_new_relations=False)
    id = complete(office, **NEW)
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [("customer_unknown", 0, "88001")]
    assert ("088001",) not in office.books.records("0101")
    assert calls(office) == {"Authenticate": 1, "Export": 1}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"CustomerDebtorNr": "1234567"}, "debtor_unusable"),
        ({"CustomerDebtorNr": "OS-001"}, "debtor_unusable"),
        ({"CustomerDebtorNr": "88 001"}, "debtor_unusable"),
        ({"CustomerDebtorNr": "000"}, "debtor_unusable"),
        ({"CustomerName": " "}, "customer_incomplete"),
        ({"CustomerCity": ""}, "customer_incomplete"),
    ],
)
def test_a_customer_that_cash_could_not_take_is_not_made(office: Bridge, fields: dict[str, str], problem: str) -> None:
    id = complete(office, **{**NEW, **fields})
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [(problem, 0, fields.get("CustomerDebtorNr", "88001"))]
    assert office.cash.count("Import") == 0


# --- articles ---
def test_a_missing_article_is_made_with_its_type_unit_and_price(office: Bridge) -> None:
    complete(office, Materials=[FRESH])
    assert office.export() == {"done": 1, "made": 1}
    assert office.books.records("2260")["NIEUW-1",] == {
        "2260": "NIEUW-1",
        "2001": "Thermostaat met een naam die te lan",
        "2267": "7,25",
        ARTICLE_TYPE: "A",
        UNIT: "ST",
    }
    assert made(office) == [("2260", "nieuw-1")]


def test_an_article_without_name_unit_and_price_is_made_too(office: Bridge) -> None:
    bare = {"MaterialCode": "KAAL", "MaterialNr": "1"}
    complete(office, Materials=[bare])
    assert office.export() == {"done": 1, "made": 1}
    assert office.books.records("2260")["KAAL",] == {"2260": "KAAL", "2001": "KAAL", ARTICLE_TYPE: "A"}


def test_where_nobody_knows_the_field_of_the_type_an_article_is_made_without(bridge: Bridge) -> None:
    bridge.outsmart.forget_work_orders(bridge.account)
    bridge.choose(export_work_status=STATUS)
    complete(bridge, Materials=[FRESH])
    assert bridge.export() == {"done": 1, "made": 1}
    assert not {ARTICLE_TYPE, UNIT} & set(bridge.books.records("2260")["NIEUW-1",])


def test_an_article_of_many_lines_is_made_once_whatever_its_letters(office: Bridge) -> None:
    again = material("NIEUW-1", "5", "1.00")
    complete(office, Materials=[FRESH, GOODS, again])
    complete(office, Materials=[again])
    assert office.export() == {"done": 2, "made": 1}
    assert office.books.records("2260")["NIEUW-1",]["2267"] == "7,25"
    assert office.cash.count("Import") == 1 + 2


def test_an_article_is_not_made_where_that_is_switched_off(office: Bridge) -> None:
    office.choose(export_new_materials=False)
    id = complete(office, Materials=[GOODS, FRESH])
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [("article_unknown", 2, "nieuw-1")]
    assert office.cash.count("Import") == 0


def test_an_article_that_cash_lost_since_its_import_is_made_again(office: Bridge) -> None:
    office.books.remove("2260", "A0001")
    office.run("all")
    complete(office)
    assert office.export() == {"done": 1, "made": 1}
    assert ("A0001",) in office.books.records("2260")


def test_what_cash_says_of_an_article_that_it_refuses_is_told(office: Bridge) -> None:
    code = "EEN-CODE-DIE-TE-LANG-IS"
    id = complete(office, Materials=[material(code)])
    other = complete(office, Materials=[material(code)])
    assert office.export() == {"failed": 2, "made": 0}
    assert why(office, id) == why(office, other) == [("article_not_made", 0, f"Ongeldige waarde 2260={code}")]
    assert made(office) == []


# --- hour types ---
@pytest.mark.parametrize(("price", "kept"), [("61.50", "61,50"), ("61,5", "61,50"), ("", ""), ("n.v.t.", "")])
def test_a_missing_hour_type_is_made_from_that_of_outsmart(office: Bridge, price: str, kept: str) -> None:
    row = {"code": "NACHT", "name": "Nachtwerk", "cost_booking": "0", "sale_booking": "1", "sale_price": price}
    office.outsmart.add("hourtypes", office.account, **row)
    complete(office, Materials=[], Workperiods=[hours("NACHT"), hours("NACHT", "00:30")])
    assert office.export() == {"done": 1, "made": 1}
    expected = {"2260": "NACHT", "2001": "Nachtwerk", ARTICLE_TYPE: "K"} | ({"2267": kept} if kept else {})
    assert office.books.records("2260")["NACHT",] == expected


def test_an_hour_type_that_outsmart_does_not_know_is_refused(office: Bridge) -> None:
    id = complete(office, Workperiods=[hours("ONBEKEND")])
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [("hour_type_unknown", 2, "ONBEKEND")]


def test_an_hour_type_is_not_made_where_that_is_switched_off(office: Bridge) -> None:
    office.choose(export_new_materials=False)
    office.outsmart.add("hourtypes", office.account, code="NACHT", name="Nachtwerk", sale_price="1")
    id = complete(office, Workperiods=[hours("NACHT")])
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [("hour_type_unknown", 2, "NACHT")]


def test_where_nobody_knows_the_field_of_the_type_no_hour_type_is_made(bridge: Bridge) -> None:
    bridge.outsmart.forget_work_orders(bridge.account)
    bridge.choose(export_work_status=STATUS)
    bridge.outsmart.add("hourtypes", bridge.account, code="NACHT", name="Nachtwerk", sale_price="1")
    id = complete(bridge, Workperiods=[hours("NACHT")])
    assert bridge.export() == {"failed": 1, "made": 0}
    assert why(bridge, id) == [("hour_type_unknown", 2, "NACHT")]


def test_all_that_is_missing_is_told_at_once_and_nothing_is_made(office: Bridge) -> None:
    office.choose(export_new_relations=False)
    id = complete(office, **NEW, Materials=[FRESH, GOODS], Workperiods=[hours("B"), hours("A"), hours("B")])
    assert office.export() == {"failed": 1, "made": 0}
    assert why(office, id) == [
        ("customer_unknown", 0, "88001"),
        ("hour_type_unknown", 3, "B"),
        ("hour_type_unknown", 4, "A"),
    ]
    assert office.cash.count("Import") == 0


# --- answers that are lost, and imports that take their time ---
@pytest.mark.parametrize(("record", "fields"), [("2220", NEW), ("2260", {"Materials": [FRESH]})])
def test_what_was_made_though_the_answer_was_lost_is_not_made_again(
    office: Bridge, record: str, fields: dict[str, Any]
) -> None:
    office.cash.lose_answers("after", of=record)
    complete(office, **fields)
    assert office.export() == {"done": 1, "made": 1}
    assert office.cash.count("Import") == 1 + 1
    assert [each for each, _ in made(office)] == [record]


@pytest.mark.parametrize(("record", "fields"), [("2220", NEW), ("2260", {"Materials": [FRESH]})])
def test_what_was_lost_on_its_way_is_made_by_the_next_run(office: Bridge, record: str, fields: dict[str, Any]) -> None:
    office.cash.lose_answers("before", of=record)
    ids = [complete(office, **fields), complete(office), complete(office, **fields)]
    assert office.export() == {"claimed": 2, "done": 1, "made": 0}
    assert [row(office, id).state for id in ids] == [State.CLAIMED, State.DONE, State.CLAIMED]
    assert office.cash.count("Import") == 1 + 1
    assert made(office) == []
    assert office.export() == {"done": 2, "made": 1}
    assert [each for each, _ in made(office)] == [record]


@pytest.mark.parametrize(("record", "fields"), [("2220", NEW), ("2260", {"Materials": [FRESH]})])
def test_what_lands_late_is_not_made_again(office: Bridge, record: str, fields: dict[str, Any]) -> None:
    office.cash.lose_answers("late", of=record, seconds=120)
    complete(office, **fields)
    assert office.export() == {"claimed": 1, "made": 0}
    office.cash.land()
    assert office.export() == {"done": 1, "made": 0}
    assert office.cash.count("Import") == 1


def test_an_article_that_cash_takes_its_time_for_is_waited_for(office: Bridge) -> None:
    office.cash.pending(3, of="2260")
    complete(office, Materials=[FRESH])
    assert office.export(sleep=office.slept.append) == {"done": 1, "made": 1}
    assert office.slept == [3] * 4
    assert office.cash.count("GetTransaction") == 4


def test_an_article_that_cash_does_not_come_to_is_sent_once_in_a_run(office: Bridge) -> None:
    office.cash.pending(None, of="2260")
    ids = [complete(office, Materials=[FRESH]) for _ in range(3)]
    assert office.export() == {"claimed": 3, "made": 0}
    assert (office.cash.count("Import"), office.cash.count("GetTransaction")) == (1, 5)
    office.cash.land()
    assert office.export() == {"done": 3, "made": 0}
    assert {row(office, id).state for id in ids} == {State.DONE}


def test_an_article_whose_transaction_cash_forgot_is_looked_for(office: Bridge) -> None:
    office.cash.pending(None, of="2260")
    complete(office, Materials=[FRESH])
    known = office.cash.operations._transactions._known
    assert office.export(sleep=lambda seconds: known.clear()) == {"claimed": 1, "made": 0}
    assert office.export() == {"done": 1, "made": 1}


def test_a_fault_while_waiting_ends_the_run_and_the_next_goes_on(office: Bridge) -> None:
    office.cash.pending(None, of="2260")
    complete(office, Materials=[FRESH])
    office.cash.answer(800, "GetTransaction")
    with pytest.raises(CashFault):
        office.export()
    office.cash.recover()
    office.cash.land()
    assert office.export() == {"done": 1, "made": 0}


def test_what_was_made_is_told_though_the_run_fails_after_it(office: Bridge) -> None:
    complete(office, Materials=[FRESH])
    complete(office, Materials=[material("NIEUW-2")])
    office.outsmart.lose_answers(CLOSING, 4, "before")
    with pytest.raises(OutSmartUnreachable):
        office.export()
    assert made(office) == [("2260", "nieuw-1")]


# --- delivery addresses ---
def test_a_delivery_address_goes_where_it_was_imported(office: Bridge) -> None:
    key = next(key for key in office.rows("addresses") if not key.startswith("OS"))
    debtor, serial = key.rsplit("-", 1)
    complete(office, CustomerDebtorNr=debtor, AdrCode=key)
    complete(office, CustomerDebtorNr=debtor, AdrCode=f"{debtor}-99")
    assert office.export() == {"done": 2, "made": 0}
    found = [order.get("2419", "") for order in office.books.records("2400").values()]
    assert found == [serial, ""]
    assert [order.customer for order in office.cash.sales_orders(BOOKS)] == [debtor, debtor]
