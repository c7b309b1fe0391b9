"""Work orders in the OutSmart sandbox: what there is, what people make of it, and where an answer about it is lost."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from selectolax.lexbor import LexborHTMLParser, LexborNode
from support.app import LONGEST_WAIT
from support.outsmart import gateway
from support.work_orders import hours, material

from webapp.demo.outsmart import OutSmartSandbox
from webapp.demo.outsmart_orders import Order
from webapp.demo.outsmart_seed import books_of
from webapp.demo.scenarios import SCENARIOS
from webapp.outsmart.errors import OutSmartUnreachable
from webapp.outsmart.workorders import WorkOrders

BOOKS = {"1001": "1571/x001", "1002": "2085/demo", "1003": "1702/x001"}


@pytest.fixture
def orders(outsmart: OutSmartSandbox) -> Iterator[WorkOrders]:
    way = gateway(outsmart.api, outsmart.software_token)
    with way.session("1001", outsmart.token("1001")) as session:
        yield WorkOrders(session)


def customers(administration: str) -> set[str]:
    """Of the Cash books, as numbers without leading zeros."""
    return {str(int(record["0101"])) for record in books_of(administration)["2220"]}


def articles(administration: str) -> set[str]:
    return {record["2260"] for record in books_of(administration)["2260"]}


def number(order: Order) -> str:
    return str(int(order["CustomerDebtorNr"]))


def lines(order: Order) -> list[str]:
    """The codes of materials and hours."""
    goods = [line["MaterialCode"] for line in order["Materials"]]
    return goods + [each["HourType"] for each in order["Workperiods"]]


# What there is at first
@pytest.mark.parametrize("account", BOOKS)
def test_an_account_begins_with_every_kind_of_finished_work_order(outsmart: OutSmartSandbox, account: str) -> None:
    every = outsmart.work_orders(account)
    work_status = every[0]["WorkStatus"]
    found = [
        order
        for order in every
        if (order["status"], order["WorkStatus"], order["Archived"]) == ("Compleet", work_status, "0")
    ]
    assert all(order["WorkFinished"] == "1" for order in found)
    usual, hours, stranger, empty = found
    known = customers(BOOKS[account])
    assert [number(order) in known for order in found] == [True, True, False, True]
    assert all(stranger[f"Customer{field}"] for field in ("Name", "Street", "ZIP", "City", "DebtorNrInvoice"))
    assert usual["Materials"]
    assert usual["Workperiods"]
    assert len(hours["Workperiods"]) == 3
    assert [each["TotalTime"] for each in hours["Workperiods"]] == ["01:22", "02:00", "08:52"]
    assert lines(empty) == []
    for order in (usual, hours, stranger):
        assert set(lines(order)) <= articles(BOOKS[account])
    assert {"MaterialWarehouseCode" in line for line in usual["Materials"]} == {True, False}
    assert {order["Archived"] for order in every} == {"0", "1"}
    assert {order["status"] for order in every} == {"Compleet", "Opgehaald", "Klaargezet"}


@pytest.mark.parametrize(
    "administration", sorted({id for each in SCENARIOS.values() if each.login for id in each.login.sees})
)
def test_an_account_may_be_connected_with_part_of_any_books(outsmart: OutSmartSandbox, administration: str) -> None:
    outsmart.connect("9000", "a token", administration)
    usual = outsmart.order(outsmart.complete_another(account="9000"), "9000")
    assert number(usual) in customers(administration)
    assert set(lines(usual)) <= articles(administration)
    assert [order["WorkStatus"] for order in outsmart.work_orders("9000")].count("1") >= 4


# A mechanic
def test_another_work_order_is_completed_with_lines_and_hours(outsmart: OutSmartSandbox, orders: WorkOrders) -> None:
    outsmart.forget_work_orders()
    ids = [outsmart.complete_another() for _ in range(3)]
    found = list(orders.complete("1"))
    assert [order.id for order in found] == ids
    assert all(order.finished and not order.archived and order.materials and order.periods for order in found)
    assert len({order.number for order in found}) == len({order.fields["CustomerDebtorNr"] for order in found}) == 3
    assert {number(outsmart.order(id)) for id in ids} < customers("1571/x001")


def test_another_work_order_may_be_anything(outsmart: OutSmartSandbox, orders: WorkOrders) -> None:
    lines: dict[str, Any] = {"Materials": [material("A1", "twee")], "Workperiods": [hours("K1", "135", Travel="")]}
    order = orders.get(outsmart.complete_another("7", OrderNr="WB-7", Archived="1", **lines))
    assert (order.number, order.work_status, order.archived) == ("WB-7", "7", True)
    assert (order.materials, order.periods) == (tuple(lines["Materials"]), tuple(lines["Workperiods"]))
    with pytest.raises(KeyError):
        outsmart.order("1")


def test_an_account_without_rows_has_new_customers_only(outsmart: OutSmartSandbox) -> None:
    outsmart.connect("9000", "a token")
    order = outsmart.order(outsmart.complete_another(account="9000"), "9000")
    assert (order["CustomerDebtorNr"], lines(order)) == ("88001", [])
    assert "Make this work order" in requests.get(f"{outsmart.url}/9000", timeout=LONGEST_WAIT).text


# Where an answer is lost
@pytest.mark.parametrize(
    ("operation", "act", "state"),
    [
        ("closing", lambda orders, id: orders.close(id), ("Afgehandeld", "1")),
        ("marking", lambda orders, id: orders.set_work_status(id, "99"), ("Compleet", "99")),
    ],
)
def test_an_answer_about_a_work_order_is_lost_before_or_after(
    outsmart: OutSmartSandbox,
    orders: WorkOrders,
    operation: str,
    act: Callable[[WorkOrders, str], None],
    state: tuple[str, str],
) -> None:
    id = outsmart.complete_another()
    named = getattr(outsmart, operation)
    outsmart.lose_answers(named, times=1, when="before")
    outsmart.lose_answers(named, times=1, when="after")
    orders.get(id)  # reading is something else
    list(orders.complete("1"))
    for expected in (("Compleet", "1"), state):
        with pytest.raises(OutSmartUnreachable):
            act(orders, id)
        assert (outsmart.order(id)["status"], outsmart.order(id)["WorkStatus"]) == expected
    act(orders, id)


def test_two_operations_can_fail_at_once(outsmart: OutSmartSandbox, orders: WorkOrders) -> None:
    id = outsmart.complete_another()
    outsmart.lose_answers(outsmart.closing)
    outsmart.lose_answers(outsmart.marking)
    for act in (lambda: orders.close(id), lambda: orders.set_work_status(id, "99")) * 2:
        with pytest.raises(OutSmartUnreachable):
            act()
    outsmart.recover()
    orders.close(id)


# On the page
def look(outsmart: OutSmartSandbox) -> LexborHTMLParser:
    return LexborHTMLParser(requests.get(f"{outsmart.url}/1001", timeout=LONGEST_WAIT).text)


def send(outsmart: OutSmartSandbox, form: LexborNode, pressed: LexborNode | None = None, **typed: str) -> str:
    """Sends a form as a browser does, with what is typed; what is on then."""
    sent: dict[str, Any] = {each.attributes["name"]: each.attributes["value"] for each in form.css("input")}
    for each in form.css("select"):
        sent[each.attributes["name"]] = each.css_first("[selected]").attributes["value"]
    sent |= {each.attributes["name"]: each.text() for each in form.css("textarea")}
    sent |= {pressed.attributes["name"]: pressed.attributes["value"]} if pressed else {}
    answer = requests.post(outsmart.url + (form.attributes["action"] or ""), sent | typed, timeout=LONGEST_WAIT)
    assert (answer.status_code, answer.url) == (200, f"{outsmart.url}/1001")
    return LexborHTMLParser(answer.text).css_first("ul").text()


def forms(outsmart: OutSmartSandbox, action: str) -> list[LexborNode]:
    return look(outsmart).css(f'form[action="{action}"]')


def test_people_complete_a_fresh_work_order(outsmart: OutSmartSandbox) -> None:
    before = len(outsmart.work_orders())
    send(outsmart, forms(outsmart, "/orders/complete")[0])
    assert len(outsmart.work_orders()) == before + 1
    order = outsmart.work_orders()[-1]
    assert (order["status"], order["WorkFinished"], order["WorkStatus"]) == ("Compleet", "1", "1")
    row = look(outsmart).css('tr:has(form[action="/orders"])')[-1].text()
    for text in (order["OrderNr"], order["CustomerName"], *lines(order), "MAG1"):
        assert text in row


def test_people_make_a_work_order_as_they_like(outsmart: OutSmartSandbox) -> None:
    (form,) = forms(outsmart, "/orders/new")
    send(outsmart, form)
    order = outsmart.work_orders()[-1]
    assert (order["status"], order["WorkFinished"]) == ("Compleet", "1")
    assert number(order) in customers("1571/x001")
    assert len(lines(order)) == 3
    assert order["Materials"][0]["MaterialName"] != order["Materials"][0]["MaterialCode"]
    written = {
        "customer": "no number",
        "description": "Gat <b>gedicht</b>",
        "materials": "Kit; twee; 4.50\n\n;1;;",
        "hours": "23:00; 1:30; 30; NACHT\n8; x",
        "status": "Opgehaald",
    }
    send(outsmart, form, **written)
    order = outsmart.work_orders()[-1]
    assert (order["status"], order["WorkFinished"], order["CustomerDebtorNr"]) == ("Opgehaald", "0", "no number")
    assert [(line["MaterialNr"], line["MaterialPrice"]) for line in order["Materials"]] == [("twee", "4.50"), ("1", "")]
    assert [each["TotalTime"] for each in order["Workperiods"]] == ["02:00", ""]


def test_people_set_the_state_and_archive(outsmart: OutSmartSandbox) -> None:
    id = outsmart.work_orders()[4]["id"]
    (form,) = (each for each in forms(outsmart, "/orders") if f'value="{id}"' in (each.html or ""))
    send(outsmart, form, status="Compleet", work_status="99", archived="1")
    order = outsmart.order(id)
    state = ("status", "WorkFinished", "WorkStatus", "Archived")
    assert [order[name] for name in state] == ["Compleet", "1", "99", "1"]


def test_people_lose_an_answer_about_a_work_order(outsmart: OutSmartSandbox, orders: WorkOrders) -> None:
    id = outsmart.complete_another()
    assert look(outsmart).css_first("ul").text() == "Every call works."
    every, closing, marking = forms(outsmart, "/switch")
    before, after = closing.css("button")
    assert send(outsmart, closing, after) == "The next closing of a work order is carried out, and its answer lost."
    with pytest.raises(OutSmartUnreachable):
        orders.close(id)
    assert outsmart.order(id)["status"] == "Afgehandeld"
    assert send(outsmart, marking, marking.css_first("button"), times="2") == (
        "The next 2 times a setting of a work status is lost on its way."
    )
    assert "Every closing of a work order is lost on its way." in send(outsmart, closing, before, times="")
    assert send(outsmart, every, every.css("button")[-1]) == "Every call works."


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/switch", {"switch": "nothing"}),
        ("/switch", {"switch": "lost", "times": "often"}),
        ("/switch", {}),
        ("/orders", {"id": "50101", "status": "Klaar", "work_status": "1"}),
        ("/orders/new", {"status": "Compleet", "work_status": "1"}),
        ("/orders/else", {"status": "Compleet", "work_status": "1"}),
        ("/orders/complete", {"account": "none"}),
    ],
)
def test_what_there_is_not_is_not_found(outsmart: OutSmartSandbox, path: str, form: dict[str, str]) -> None:
    before = outsmart.work_orders()
    sent = {"account": "1001", **form}
    assert requests.post(outsmart.url + path, sent, timeout=LONGEST_WAIT).status_code == 404
    assert outsmart.work_orders() == before
    assert look(outsmart).css_first("ul").text() == "Every call works."
