"""What the Cash sandbox does with sales orders when it is told to be difficult, as our own client sees it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.cash import FaultyCash
from support.gateway import gateway

from webapp.cash.client.errors import CashUnreachable
from webapp.cash.client.session import CashSession
from webapp.cash.model import Administration, Credentials, Transaction, TransactionStatus
from webapp.demo.cash import CashSandbox
from webapp.demo.switches import Lost

BOOKS = Administration("1571", "x001", "Demo B.V.")
PENDING, SUCCESS, ERROR = TransactionStatus
Records = list[tuple[str, dict[str, str]]]


@pytest.fixture
def session(cash: CashSandbox) -> Iterator[CashSession]:
    with gateway(cash.wsdl).session(Credentials("25583", "api@example.nl", "geheim")) as session:
        yield session


def order(number: str = "900000", reference: str = "WB-1", lines: int = 2, customer: str = "100") -> Records:
    head = {"2400": number, "2220": customer, "2401": "261109", "2406": reference}
    line = {"2400": number, "2260": "A0001", "2410": "1,50", "2267": "12,34", "2209": "MAG1"}
    return [("2400", head), *(("2410", {**line, "2426": str(n)}) for n in range(1, lines + 1))]


def send(session: CashSession, records: Records) -> Transaction:
    return session.import_records(BOOKS, records)


def lost(session: CashSession, records: Records) -> None:
    with pytest.raises(CashUnreachable):
        send(session, records)


def stored(cash: CashSandbox) -> list[tuple[str, str, int]]:
    """Of each order its number, its reference and the number of its lines."""
    return [(each.number, each.reference, len(each.lines)) for each in cash.sales_orders("1571/x001")]


def read(session: CashSession, command: str, *args: str) -> list[dict[str, str]]:
    return list(session.export(BOOKS, command, *args))


def test_an_order_is_shown_with_its_lines_in_order(cash: CashSandbox, session: CashSession) -> None:
    assert send(session, [order()[0], *reversed(order()[1:])]).status == SUCCESS
    ((number, reference, customer, lines),) = cash.sales_orders("1571/x001")
    assert (number, reference, customer) == ("900000", "WB-1", "000100")
    assert [(line["2426"], line["2260"], line["2410"], line["2267"]) for line in lines] == [
        ("1", "A0001", "1,50", "12,34"),
        ("2", "A0001", "1,50", "12,34"),
    ]
    cash.books("1571/x001").remove_order("900000")
    assert stored(cash) == read(session, "2410") == []


# A number that is there
def test_by_default_a_known_number_changes_that_order(cash: CashSandbox, session: CashSession) -> None:
    send(session, order(lines=3))
    assert send(session, order(reference="WB-2", lines=1)).status == SUCCESS
    assert stored(cash) == [("900000", "WB-2", 3)]


def test_a_known_number_can_be_refused(cash: CashSandbox, session: CashSession) -> None:
    send(session, order())
    cash.existing_number("refuse")
    refused = send(session, order(reference="WB-2", lines=3))
    assert (refused.status, refused.errors[0].message) == (ERROR, "Ongeldige waarde 2400=900000")
    assert send(session, order("900001", "WB-2")).status == SUCCESS
    assert stored(cash) == [("900000", "WB-1", 2), ("900001", "WB-2", 2)]


def test_a_known_number_can_make_another_order(cash: CashSandbox, session: CashSession) -> None:
    cash.existing_number("second")
    for reference, lines in (("WB-1", 2), ("WB-2", 1), ("WB-3", 3)):
        assert send(session, order(reference=reference, lines=lines)).status == SUCCESS
    assert stored(cash) == [("900000", "WB-1", 2), ("900000", "WB-2", 1), ("900000", "WB-3", 3)]
    assert [row["2406"] for row in read(session, "2400", "900000")] == ["WB-1", "WB-2", "WB-3"]
    assert len(read(session, "2410", "900000")) == 6
    books = cash.books("1571/x001")
    books.remove("2400", "900000")
    send(session, order(reference="WB-4", lines=1))
    assert [each[1] for each in stored(cash)] == ["WB-2", "WB-3", "WB-4"]


# Reading by key
def test_a_blind_key_read_finds_no_order_and_a_whole_one_does(cash: CashSandbox, session: CashSession) -> None:
    send(session, order())
    assert (len(read(session, "2400", "900000")), len(read(session, "2410", "900000"))) == (1, 2)
    cash.key_reads("blind")
    assert read(session, "2400", "900000") == read(session, "2410", "900000", "1") == []
    assert (len(read(session, "2400")), len(read(session, "2410"))) == (1, 2)
    assert len(read(session, "2260", "A0001")) == 1
    cash.key_reads("work")
    assert len(read(session, "2400", "900000")) == 1


# Lost answers
def test_an_answer_can_be_lost_before_anything_is_stored(cash: CashSandbox, session: CashSession) -> None:
    cash.lose_answers("before")
    lost(session, order())
    assert stored(cash) == []
    cash.land()
    assert stored(cash) == []
    assert send(session, order()).status == SUCCESS


def test_an_answer_can_be_lost_after_all_is_stored(cash: CashSandbox, session: CashSession) -> None:
    cash.lose_answers("after", times=2)
    lost(session, order())
    lost(session, order("900001"))
    assert send(session, order("900002")).status == SUCCESS
    assert [number for number, _, _ in stored(cash)] == ["900000", "900001", "900002"]


def test_an_order_can_land_late_and_be_made_to_land(cash: CashSandbox, session: CashSession) -> None:
    cash.lose_answers("late", seconds=120)
    lost(session, order())
    assert read(session, "2400", "900000") == stored(cash) == []
    cash.recover()  # what is under way stays so
    assert cash.under_way == 1
    cash.land()
    assert (stored(cash), cash.under_way) == ([("900000", "WB-1", 2)], 0)


def test_an_order_that_is_late_lands_by_itself(cash: CashSandbox, session: CashSession) -> None:
    cash.lose_answers("late", seconds=0.2)
    lost(session, order())
    while not read(session, "2400", "900000"):
        time.sleep(0.02)
    assert stored(cash) == [("900000", "WB-1", 2)]


def test_what_lands_late_meets_the_books_as_they_are_then(cash: CashSandbox, session: CashSession) -> None:
    cash.lose_answers("late")
    cash.existing_number("second")
    lost(session, order())
    send(session, order())
    cash.land()
    assert stored(cash) == [("900000", "WB-1", 2)] * 2


def test_answers_are_lost_until_that_is_turned_off(cash: CashSandbox, session: CashSession) -> None:
    for off in (cash.recover, lambda: cash.lose_answers("after", times=0)):
        cash.lose_answers("after", times=float("inf"))
        for _ in range(3):
            lost(session, order())
        off()
        assert send(session, order()).status == SUCCESS


@pytest.mark.parametrize(("when", "found"), [("before", []), ("after", [("900000", "WB-1", 2)])])
def test_a_cash_that_suffers_faults_loses_answers_too(
    tmp_path: Path, when: Lost, found: list[tuple[str, str, int]]
) -> None:
    with FaultyCash(tmp_path) as faulty:
        way = gateway(faulty.settings["CASH_WSDL"], ca_file=faulty.settings["CASH_CA_FILE"])
        with way.session(Credentials("25583", "api@example.nl", "geheim")) as session:
            faulty.sandbox.lose_answers(when)
            lost(session, order())
            assert stored(faulty.sandbox) == found
            assert send(session, order()).status == SUCCESS


def test_only_imports_with_the_record_named_lose_their_answer(cash: CashSandbox, session: CashSession) -> None:
    relation: Records = [("0101", {"0101": "880001", "0103": "Nieuw", "0107": "1234 AB Ede"})]
    cash.lose_answers("after")
    assert send(session, relation).status == SUCCESS
    lost(session, order())
    cash.lose_answers("before", of="0101")
    assert send(session, order()).status == SUCCESS
    lost(session, relation)
    cash.lose_answers("after", of="")
    lost(session, relation)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda cash: cash.lose_answers("never"),
        lambda cash: cash.lose_answers("late", seconds=121),
        lambda cash: cash.lose_answers("late", seconds=0),
        lambda cash: cash.existing_number("third"),
        lambda cash: cash.key_reads("dim"),
    ],
)
def test_a_switch_that_there_is_not_is_an_error(cash: CashSandbox, wrong: Callable[[CashSandbox], None]) -> None:
    with pytest.raises(ValueError, match=r"is none of|is 1 to 120 seconds"):
        wrong(cash)


# Imports that wait
def test_an_order_is_pending_for_so_many_questions(cash: CashSandbox, session: CashSession) -> None:
    cash.pending(2)
    first = send(session, order())
    assert [session.transaction(first.id).status for _ in range(4)] == [PENDING, PENDING, SUCCESS, SUCCESS]
    assert send(session, order("900001")).status == SUCCESS


def test_an_order_is_pending_for_ever_until_it_is_made_to_land(cash: CashSandbox, session: CashSession) -> None:
    cash.pending(None)
    first = send(session, order())
    assert {session.transaction(first.id).status for _ in range(20)} == {PENDING}
    assert stored(cash) == []
    cash.land()
    assert session.transaction(first.id).status == SUCCESS
    assert stored(cash) == [("900000", "WB-1", 2)]


def test_a_pending_order_can_turn_out_to_be_refused(cash: CashSandbox, session: CashSession) -> None:
    cash.pending(1)
    first = send(session, order(customer="999999"))
    assert first.status == session.transaction(first.id).status == PENDING
    assert session.transaction(first.id).errors[0].message == "Ongeldige waarde 2220=999999"


# Half an order
@pytest.mark.parametrize("kept", [0, 1])
def test_the_header_is_stored_and_lines_are_refused(cash: CashSandbox, session: CashSession, kept: int) -> None:
    cash.half(lines=kept)
    answer = send(session, order(lines=3))
    assert answer.status == ERROR
    assert answer.errors[0].message == "Ongeldige waarde 2260=A0001"
    assert answer.errors[0].source.startswith("2410|2400=900000|")
    assert stored(cash) == [("900000", "WB-1", kept)]
    assert send(session, order("900001")).status == SUCCESS


def test_troubles_come_together(cash: CashSandbox, session: CashSession) -> None:
    cash.half()
    cash.lose_answers("after")
    lost(session, order())
    assert stored(cash) == [("900000", "WB-1", 0)]
    cash.half()
    cash.lose_answers("late")
    lost(session, order("900001"))
    cash.land()
    assert stored(cash)[1] == ("900001", "WB-1", 0)


def test_a_reset_forgets_orders_and_switches(cash: CashSandbox, session: CashSession) -> None:
    send(session, order())
    cash.existing_number("refuse")
    cash.key_reads("blind")
    cash.pending(None, times=float("inf"))
    cash.half(times=float("inf"))
    cash.reset()
    assert stored(cash) == []
    assert [send(session, order()).status for _ in range(2)] == [SUCCESS, SUCCESS]
    assert stored(cash) == [("900000", "WB-1", 2)]
    assert len(read(session, "2400", "900000")) == 1
