"""The page of the Cash sandbox: what people see of the books, and the switches they have."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from selectolax.lexbor import LexborHTMLParser
from support.app import LONGEST_WAIT

from webapp.demo.cash import CashSandbox

HEAD = {"2220": "000100", "2401": "09-11-2026"}
LINE = {"2260": "A0001", "2209": "MAG1"}


def look(cash: CashSandbox, **form: str) -> LexborHTMLParser:
    """The page after a form was sent, or as it is."""
    address = f"{cash.url}/books/1571/x001"
    method = "POST" if form else "GET"
    answer = requests.request(method, address, data=form, timeout=LONGEST_WAIT)
    assert (answer.status_code, answer.url) == (200, address)
    return LexborHTMLParser(answer.text)


def press(cash: CashSandbox, text: str, **typed: str) -> str:
    """Presses the button with this text as a browser does, other fields as they stand; what is on then."""
    (pressed,) = (each for each in look(cash).css("form button") if each.text() == text)
    form = pressed
    while form.tag != "form":
        form = form.parent  # type: ignore[assignment]
    sent: dict[str, Any] = {each.attributes["name"]: each.attributes["value"] for each in form.css("input")}
    sent |= {pressed.attributes["name"]: pressed.attributes["value"]} if "name" in pressed.attributes else {}
    return look(cash, **{**sent, **typed}).css_first("ul").text()


def put(cash: CashSandbox, number: str, reference: str, lines: int = 0) -> None:
    books = cash.books("1571/x001")
    books.put("2400", {"2400": number, "2406": reference, **HEAD})
    for n in range(1, lines + 1):
        books.put("2410", {"2400": number, "2426": str(n), "2410": f"{n},50", "2267": "10,00", **LINE})


def test_orders_are_shown_with_customer_lines_and_amounts(cash: CashSandbox) -> None:
    assert "None so far" in look(cash).text()
    put(cash, "900000", "<b>WB-1", lines=2)
    put(cash, "900001", "WB-2")
    first, second = look(cash).css("h2 + table > tbody > tr:has(form)")[:2]
    name = cash.books("1571/x001").records("0101")["000100",]["0103"]
    article = cash.books("1571/x001").records("2260")["A0001",]["2001"]
    for text in ("900000", f"000100 {name}", "<b>WB-1", "A0001", article, "1,50", "10,00", "15,00", "25,00", "40,00"):
        assert text in first.text()
    assert "no lines" in second.text()
    assert "stands" not in first.text() + second.text()


def test_an_order_that_stands_twice_is_marked(cash: CashSandbox) -> None:
    for number, reference in (("900000", "WB-1"), ("900001", "WB-1"), ("900002", "WB-2")):
        put(cash, number, reference)
    assert [each.text() for each in look(cash).css("mark") if "stands" in each.text()] == [
        "stands 2 times, by reference"
    ] * 2
    look(cash, record="2400", key="900001")
    assert "stands" not in look(cash).text()


@pytest.mark.parametrize(
    ("text", "typed", "on"),
    [
        ("before Cash stores it", {}, "The next order: the answer is lost before Cash stores it."),
        ("after Cash stored it", {"times": "3"}, "The next 3 orders: the answer is lost after Cash stored it."),
        (
            "and Cash stores it later",
            {"times": "", "seconds": "90"},
            "Every order: the answer is lost and Cash stores it later (90 seconds).",
        ),
        ("Let them wait", {}, "The next order: pending for 2 questions."),
        ("Let them wait", {"calls": "", "times": ""}, "Every order: pending for ever."),
        ("Halve them", {}, "The next order: the header is stored, the lines are refused."),
    ],
)
def test_people_pull_the_plug(cash: CashSandbox, text: str, typed: dict[str, str], on: str) -> None:
    assert look(cash).css_first("ul").text() == "Every order works."
    assert press(cash, text, **typed) == on
    assert press(cash, "Every order works again") == "Every order works."


@pytest.mark.parametrize(
    ("texts", "now"),
    [
        (("is refused", "makes a second order", "changes that order"), lambda cash: cash.operations.switches.existing),
        (("finds nothing, although it is there", "finds it"), lambda cash: cash.operations.switches.keys),
    ],
)
def test_people_choose_what_cash_does(
    cash: CashSandbox, texts: tuple[str, ...], now: Callable[[CashSandbox], str]
) -> None:
    seen = [now(cash)]
    for text in texts:
        press(cash, text)
        assert text in [each.text() for each in look(cash).css("form > b")]
        seen.append(now(cash))
    assert seen[0] == seen[-1]
    assert len(set(seen)) == len(texts)


def test_people_let_land_what_is_under_way(cash: CashSandbox, in_demo: Any) -> None:
    cash.pending(None)
    in_demo.import_("<CASH><R2400><F2400>7</F2400><F2220>100</F2220></R2400></CASH>")
    assert look(cash).css_first("ul").text() == "Under way: 1."
    press(cash, "Store what is under way now")
    assert [each.number for each in cash.sales_orders("1571/x001")] == ["7"]


@pytest.mark.parametrize(
    "form",
    [
        {"switch": "nothing"},
        {"switch": "lost never"},
        {"switch": "lost late", "seconds": "500"},
        {"switch": "lost after", "times": "x"},
        {"record": "2300", "key": "1"},
        {"record": "0101"},
    ],
)
def test_what_there_is_not_is_not_found(cash: CashSandbox, form: dict[str, str]) -> None:
    before = look(cash).html
    assert requests.post(f"{cash.url}/books/1571/x001", form, timeout=LONGEST_WAIT).status_code == 404
    assert look(cash).html == before


def test_people_change_an_article_and_may_empty_a_field(cash: CashSandbox) -> None:
    look(cash, record="2260", key="A0001", Omschrijving="Nieuw", Verkoopprijs="")
    article = cash.books("1571/x001").records("2260")["A0001",]
    assert (article["2001"], "2267" in article) == ("Nieuw", False)
