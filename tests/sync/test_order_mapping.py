"""What a work order becomes in Cash: customer, day, lines, hours and texts; and every reason why it cannot go."""

from datetime import date
from typing import Any

import pytest
from support.work_orders import hours, material

from webapp.cash.choices import Settings
from webapp.cash.sync.order_records import records
from webapp.cash.sync.orders import SalesOrder, Unsendable, read_order
from webapp.outsmart.workorders import read_work_order

TODAY = date(2027, 1, 15)
PLAIN, DESCRIBED = Settings(), Settings(export_work_description=True)
WORK: dict[str, Any] = {
    "id": "50117",
    "OrderNr": "WB-2026-00017",
    "status": "Compleet",
    "WorkStatus": "1",
    "CustomerDebtorNr": "10042",
    "CustomerName": "Bakker Techniek BV",
    "WorkDate": "16-11-2026",
    "Materials": [material("PMP-200")],
    "Workperiods": [],
}


def sold(settings: Settings = PLAIN, **fields: Any) -> SalesOrder:
    return read_order(read_work_order({**WORK, **fields}), settings)


def sent(settings: Settings = PLAIN, **fields: Any) -> list[dict[str, str]]:
    """The header and the lines as Cash gets them."""
    order = sold(settings, **fields)
    return [record for _, record in records(order, 900017, order.reference, TODAY)]


def lines(settings: Settings = PLAIN, **fields: Any) -> list[dict[str, str]]:
    return sent(settings, **fields)[1:]


def refused(settings: Settings = PLAIN, **fields: Any) -> list[tuple[str, int, str]]:
    with pytest.raises(Unsendable) as error:
        sold(settings, **fields)
    return [(each.word, each.line, each.text) for each in error.value.problems]


def worked(step: int = 0, **period: Any) -> str:
    """The quantity of one period."""
    found = lines(Settings(export_hour_rounding=step), Materials=[], Workperiods=[hours("UUR", **period)])
    return found[0]["2410"]


# --- the whole of it ---
def test_a_work_order_becomes_a_header_and_its_lines() -> None:
    order = sold(
        Settings(export_work_description=True, export_default_warehouse="HOOFD"),
        WorkDescription="Pomp vervangen",
        AdrCode="10042-2",
        Materials=[material("PMP-200", "1.00", "189.50"), material("KLEM", "2", "3,25", MaterialWarehouseCode="BUS")],
        Workperiods=[hours("UUR-N", "02:15")],
    )
    assert records(order, 900017, "WB-2026-00017", TODAY) == [
        (
            "2400",
            {
                "2400": "900017",
                "2220": "010042",
                "2401": "261116",
                "2406": "WB-2026-00017",
                "2405": "Pomp vervangen",
                "2419": "2",
            },
        ),
        (
            "2410",
            {"2400": "900017", "2426": "1", "2260": "PMP-200", "2410": "1", "2267": "189,50", "2209": "HOOFD"},
        ),
        ("2410", {"2400": "900017", "2426": "2", "2260": "KLEM", "2410": "2", "2267": "3,25", "2209": "BUS"}),
        ("2410", {"2400": "900017", "2426": "3", "2260": "UUR-N", "2410": "2,25"}),
    ]
    assert (order.amount, order.notes) == ("196.00", ())


# --- the customer ---
@pytest.mark.parametrize(
    ("invoice", "debtor", "customer"),
    [
        ("20001", "10042", "020001"),
        ("", "10042", "010042"),
        (" ", "10042", "010042"),
        ("", "0000042", "000042"),
        ("", " 42 ", "000042"),
        ("", "OS-001", "OS-001"),
    ],
)
def test_who_pays_is_the_invoice_debtor_else_the_debtor(invoice: str, debtor: str, customer: str) -> None:
    header = sent(CustomerDebtorNrInvoice=invoice, CustomerDebtorNr=debtor)[0]
    assert header["2220"] == customer


@pytest.mark.parametrize(("invoice", "name", "city"), [("", "Bakker", "Yerseke"), ("20001", "Holding", "Goes")])
def test_a_missing_customer_is_made_from_the_side_that_pays(invoice: str, name: str, city: str) -> None:
    fields = {"CustomerName": "Bakker", "CustomerCity": "Yerseke", "CustomerDebtorNrInvoice": invoice}
    customer = sold(**fields, CustomerNameInvoice="Holding", CustomerCityInvoice="Goes").customer
    assert (customer.name, customer.city) == (name, city)


@pytest.mark.parametrize("number", ["", "  ", None, "|"])
def test_without_a_debtor_number_nothing_is_sent(number: str | None) -> None:
    assert refused(CustomerDebtorNr=number) == [("no_debtor", 0, "")]


# --- the day ---
@pytest.mark.parametrize(
    ("day", "periods", "sent_as"),
    [
        ("05-03-2026", ["06-03-2026"], "260305"),
        ("5-3-2026", [], "260305"),
        ("", ["06-03-2026", "07-03-2026"], "260307"),
        ("", ["06-03-2026", ""], "260306"),
        ("0000-00-00 00:00:00", ["06-03-2026"], "260306"),
        ("31-02-2026", [], "270115"),
        ("", [], "270115"),
    ],
)
def test_the_day_is_that_of_the_work_else_of_the_last_period_else_today(
    day: str, periods: list[str], sent_as: str
) -> None:
    assert sent(WorkDate=day, Workperiods=[hours("UUR", day=each) for each in periods])[0]["2401"] == sent_as


# --- materials ---
@pytest.mark.parametrize(
    ("quantity", "price", "sent_as"),
    [
        ("1", "2", ("1", "2,00")),
        ("1.00", "4.55", ("1", "4,55")),
        ("1,50", "4,55", ("1,5", "4,55")),
        ("0.33333", "0.005", ("0,3333", "0,01")),
        ("100", "-12,50", ("100", "-12,50")),
        ("-2", "12", ("-2", "12,00")),
        ("3", "0.00", ("3", "0,00")),
        ("3", "-0.001", ("3", "0,00")),
        ("9999999999", "9999999999.99", ("9999999999", "9999999999,99")),
    ],
)
def test_amounts_are_exact_whether_they_come_with_a_comma_or_a_dot(
    quantity: str, price: str, sent_as: tuple[str, str]
) -> None:
    (line,) = lines(Materials=[material("A", quantity, price)])
    assert (line["2410"], line["2267"]) == sent_as


@pytest.mark.parametrize("price", ["", " ", None])
def test_where_a_line_has_no_price_cash_prices_it(price: str | None) -> None:
    order = sold(Materials=[material("A") | {"MaterialPrice": price}, material("B", "2", "1.50")])
    first, second = (record for _, record in records(order, 1, "", TODAY)[1:])
    assert ("2267" in first, second["2267"], order.amount) == (False, "1,50", "3.00")


def test_the_amount_is_that_of_the_prices_that_are_sent() -> None:
    assert sold(Materials=[material("A", "1000", "0.004"), material("B", "1000", "0.005")]).amount == "10.00"


def test_no_discount_is_taken_twice() -> None:
    discount = {"MaterialDiscountPercentage": "10", "MaterialOriginalPrice": "100.00", "MaterialTotalPrice": "0"}
    assert lines(Materials=[material("A", "1", "90.00", **discount)])[0]["2267"] == "90,00"


@pytest.mark.parametrize(("own", "default", "sent_as"), [("BUS", "MAG", "BUS"), ("", "MAG", "MAG"), ("", "", None)])
def test_the_warehouse_is_that_of_the_line_else_the_default(own: str, default: str, sent_as: str | None) -> None:
    settings = Settings(export_default_warehouse=default)
    goods, work = lines(settings, Materials=[material("A", MaterialWarehouseCode=own)], Workperiods=[hours("UUR")])
    assert (goods.get("2209"), work.get("2209")) == (sent_as, None)


# --- hours ---
@pytest.mark.parametrize(
    ("total", "quantity"),
    [
        ("02:00", "2"),
        ("2:15", "2,25"),
        ("00:20", "0,3333"),
        ("26:30", "26,5"),
        ("130:00", "130"),
        ("01:30:59", "1,5"),
        ("90", "1,5"),
        ("1", "0,0167"),
        (" 60 ", "1"),
    ],
)
def test_the_total_of_a_period_is_hours_and_minutes_or_minutes(total: str, quantity: str) -> None:
    assert worked(total=total) == quantity


@pytest.mark.parametrize(
    ("begin", "end", "pause", "quantity"),
    [
        ("08:00", "10:00", "0", "2"),
        ("08:10", "10:25", "15", "2"),
        ("08:10", "10:25", "", "2,25"),
        ("22:00", "02:30", "30", "4"),
        ("08:00:00", "09:30:00", "0", "1,5"),
    ],
)
def test_a_period_without_a_total_lasts_from_begin_to_end_without_the_break(
    begin: str, end: str, pause: str, quantity: str
) -> None:
    assert worked(total="", BeginTime=begin, EndTime=end, Break=pause) == quantity


def test_the_break_is_not_taken_off_a_total_again() -> None:
    assert worked(total="02:00", BeginTime="08:00", EndTime="10:30", Break="30") == "2"


@pytest.mark.parametrize(
    ("step", "minutes", "quantity"),
    [
        (0, "61", "1,0167"),
        (5, "60", "1"),
        (5, "61", "1,0833"),
        (15, "1", "0,25"),
        (15, "61", "1,25"),
        (15, "75", "1,25"),
        (30, "61", "1,5"),
        (30, "91", "2"),
    ],
)
def test_hours_are_rounded_up(step: int, minutes: str, quantity: str) -> None:
    assert worked(step, total=minutes) == quantity


def test_each_line_of_hours_is_rounded_for_itself() -> None:
    periods = [hours("UUR", "00:01"), hours("UUR", "00:01")]
    found = lines(Settings(export_hour_rounding=15), Materials=[], Workperiods=periods)
    assert [line["2410"] for line in found] == ["0,25", "0,25"]


def test_travel_is_a_distance_and_no_time() -> None:
    assert worked(total="01:00", Travel="45") == "1"


def test_materials_come_before_hours_each_in_their_order() -> None:
    found = lines(Materials=[material("B"), material("A")], Workperiods=[hours("U2"), hours("U1")])
    assert [(line["2426"], line["2260"]) for line in found] == [("1", "B"), ("2", "A"), ("3", "U2"), ("4", "U1")]


# --- what cannot go ---
@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"MaterialNr": "0"}, ("no_quantity", 1, "A")),
        ({"MaterialNr": "0,00"}, ("no_quantity", 1, "A")),
        ({"MaterialNr": "-0.00001"}, ("no_quantity", 1, "A")),
        ({"MaterialNr": ""}, ("number_unreadable", 1, "")),
        ({"MaterialNr": None}, ("number_unreadable", 1, "")),
        ({"MaterialNr": "drie"}, ("number_unreadable", 1, "drie")),
        ({"MaterialNr": "1.000,50"}, ("number_unreadable", 1, "1.000,50")),
        ({"MaterialNr": "8712345678901"}, ("number_unreadable", 1, "8712345678901")),
        ({"MaterialPrice": "€ 3"}, ("number_unreadable", 1, "€ 3")),
        ({"MaterialPrice": "-10000000000"}, ("number_unreadable", 1, "-10000000000")),
        ({"MaterialPrice": "NaN"}, ("number_unreadable", 1, "NaN")),
        ({"MaterialCode": ""}, ("no_article", 1, "Material A")),
        ({"MaterialCode": "A|B"}, ("code_unreadable", 1, "A|B")),
        ({"MaterialCode": "A\x07B"}, ("code_unreadable", 1, "AB")),
        ({"MaterialCode": "A\nB"}, ("code_unreadable", 1, "A B")),
        ({"MaterialCode": "A\u200bB"}, ("code_unreadable", 1, "AB")),
    ],
)
def test_a_line_of_materials_that_cannot_go_is_named(line: dict[str, Any], problem: tuple[str, int, str]) -> None:
    assert refused(Materials=[material("A") | line]) == [problem]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"TotalTime": "00:00"}, ("no_time", 1, "UUR")),
        ({"TotalTime": "0"}, ("no_time", 1, "UUR")),
        ({"TotalTime": "", "BeginTime": "08:00", "EndTime": "08:00"}, ("no_time", 1, "UUR")),
        ({"TotalTime": "", "BeginTime": "08:00", "EndTime": "08:30", "Break": "45"}, ("no_time", 1, "UUR")),
        ({"TotalTime": "twee uur"}, ("time_unreadable", 1, "twee uur")),
        ({"TotalTime": "-1:00"}, ("time_unreadable", 1, "-1:00")),
        ({"TotalTime": "01:60"}, ("time_unreadable", 1, "01:60")),
        ({"TotalTime": "123456"}, ("time_unreadable", 1, "123456")),
        ({"TotalTime": "٣"}, ("time_unreadable", 1, "٣")),
        ({"TotalTime": "", "BeginTime": ""}, ("time_unreadable", 1, "- 10:00")),
        ({"TotalTime": None, "EndTime": "laat"}, ("time_unreadable", 1, "08:00 - laat")),
        ({"TotalTime": "", "Break": "half"}, ("time_unreadable", 1, "08:00 - 10:00")),
        ({"TotalTime": "", "Break": "٣"}, ("time_unreadable", 1, "08:00 - 10:00")),
        ({"HourType": ""}, ("no_hour_type", 1, "")),
        ({"HourType": "U|R"}, ("code_unreadable", 1, "U|R")),
    ],
)
def test_a_line_of_hours_that_cannot_go_is_named(line: dict[str, Any], problem: tuple[str, int, str]) -> None:
    assert refused(Materials=[], Workperiods=[hours("UUR") | line]) == [problem]


@pytest.mark.parametrize("empty", [[], None])
def test_without_materials_and_hours_there_is_nothing_to_send(empty: list[Any] | None) -> None:
    assert refused(Materials=empty, Workperiods=empty) == [("no_lines", 0, "")]


def test_all_reasons_are_told_at_once() -> None:
    found = refused(
        CustomerDebtorNr="",
        Materials=[material("", "0"), material("A"), material("B", "x", "y")],
        Workperiods=[hours("", "00:00"), hours("U", "x")],
    )
    assert found == [
        ("no_debtor", 0, ""),
        ("no_article", 1, "Material"),
        ("no_quantity", 1, ""),
        ("number_unreadable", 3, "x"),
        ("number_unreadable", 3, "y"),
        ("no_hour_type", 4, ""),
        ("no_time", 4, ""),
        ("time_unreadable", 5, "x"),
    ]
    assert refused(CustomerDebtorNr="", Materials=[]) == [("no_debtor", 0, ""), ("no_lines", 0, "")]


@pytest.mark.parametrize("code", ["A  1", "ünïts", "50%", "A&B <c>", "a" * 60])
def test_a_code_goes_as_it_is(code: str) -> None:
    assert lines(Materials=[material(f" {code} ")])[0]["2260"] == code


# --- texts ---
@pytest.mark.parametrize(
    ("number", "reference", "notes"),
    [
        ("WB-1", "WB-1", ()),
        (" WB  1 ", "WB 1", ()),
        ("W" * 35, "W" * 35, ()),
        ("W" * 36, "W" * 35, ("reference_cut",)),
        ("W" * 34 + " X", "W" * 34, ("reference_cut",)),
        ("WB|1", "WB 1", ("reference_cut",)),
        ("WB\x071", "WB1", ("reference_cut",)),
        ("W" * 40 + "|", "W" * 35, ("reference_cut",)),
        ("", "50117", ()),
        (None, "50117", ()),
        ("|", "50117", ("reference_cut",)),
    ],
)
def test_the_reference_is_the_number_of_the_work_order_as_cash_takes_it(
    number: str | None, reference: str, notes: tuple[str, ...]
) -> None:
    order = sold(OrderNr=number)
    assert (order.reference, order.notes) == (reference, notes)


@pytest.mark.parametrize(
    ("text", "shown", "notes"),
    [
        ("", (), ()),
        ("Pomp vervangen", ("Pomp vervangen",), ()),
        ("Pomp\r\nvervangen", ("Pomp vervangen",), ()),
        (
            "Pomp vervangen in de kelder en daarna getest",
            ("Pomp vervangen in de kelder en", "daarna getest"),
            (),
        ),
        (
            "Pomp vervangen in de kelder en daarna getest met de klant erbij en de-luchter nagezien",
            ("Pomp vervangen in de kelder en", "daarna getest met de klant erbij e…"),
            ("description_cut",),
        ),
        ("ab-" * 30, ("ab-" * 11, "ab-" * 11 + "a…"), ("description_cut",)),
        ("x" * 80, ("x" * 35, "x" * 34 + "…"), ("description_cut",)),
        ("a|b", ("a b",), ("description_changed",)),
        ("a\x00b", ("ab",), ("description_changed",)),
        ("|" + "x" * 71, ("x" * 35, "x" * 34 + "…"), ("description_changed", "description_cut")),
        ("x " * 5_000, ("x " * 17 + "x", "x " * 16 + "x…"), ("description_cut",)),
    ],
)
def test_the_work_description_is_two_fields_cut_with_an_ellipsis(
    text: str, shown: tuple[str, ...], notes: tuple[str, ...]
) -> None:
    order = sold(DESCRIBED, WorkDescription=text)
    assert (order.descriptions, order.notes) == (shown, notes)
    assert all(len(each) <= 35 for each in shown)


def test_a_description_is_sent_only_where_that_is_chosen_and_never_the_internal_one() -> None:
    texts = {"WorkDescription": "Pomp", "InternalWorkDescription": "Klant betaalt slecht", "Comment": "geheim"}
    on, off = sent(DESCRIBED, **texts)[0], sent(**texts)[0]
    assert (on.get("2405"), on.get("2408"), off.get("2405")) == ("Pomp", None, None)
    assert sent(DESCRIBED, InternalWorkDescription="Klant betaalt slecht")[0].get("2405") is None


@pytest.mark.parametrize(
    ("code", "debtor", "address"),
    [
        ("10042-2", "10042", "2"),
        ("010042-2", "10042", "2"),
        (" 10042-2 ", "0010042", "2"),
        ("OS-1-3", "OS-1", "3"),
        ("20001-2", "10042", None),
        ("10042-", "10042", None),
        ("10042-a", "10042", None),
        ("10042-²", "10042", None),
        ("2", "10042", None),
        ("", "10042", None),
    ],
)
def test_a_delivery_address_goes_only_where_it_is_one_of_this_customer(
    code: str, debtor: str, address: str | None
) -> None:
    assert sent(AdrCode=code, CustomerDebtorNr=debtor)[0].get("2419") == address


# --- whether it is another one since ---
@pytest.mark.parametrize(
    "fields",
    [
        {"CustomerName": "Bakker Installatie"},
        {"CustomerDebtorNr": "010042"},
        {"CustomerPhone": "0113", "CustomerEmail": "a@b.example", "CustomerStreet": "Nieuw"},
        {"CustomerDebtorNrInvoice": "10042"},
        {"WorkStatus": "99", "status": "Afgehandeld", "InternalWorkDescription": "x", "WorkDescription": "y"},
        {"Materials": [material("PMP-200", "1,0", "10,000", MaterialName="Andere", MaterialUnit="doos")]},
        {"Materials": [material("PMP-200", "1.00001", "10.001", MaterialTotalPrice="99")]},
        {"WorkDate": "16-11-2026 "},
        {"AdrCode": "20001-2"},
    ],
)
def test_what_is_not_sent_does_not_make_it_another_order(fields: dict[str, Any]) -> None:
    assert sold(**fields).digest == sold().digest


@pytest.mark.parametrize(
    "fields",
    [
        {"OrderNr": "WB-2026-00018"},
        {"CustomerDebtorNr": "10043"},
        {"CustomerDebtorNrInvoice": "20001"},
        {"WorkDate": "17-11-2026"},
        {"WorkDate": ""},
        {"AdrCode": "10042-2"},
        {"Materials": [material("PMP-201")]},
        {"Materials": [material("PMP-200", "2")]},
        {"Materials": [material("PMP-200", price="10.01")]},
        {"Materials": [material("PMP-200", price="")]},
        {"Materials": [material("PMP-200", MaterialWarehouseCode="BUS")]},
        {"Materials": [material("PMP-200"), material("PMP-200")]},
        {"Workperiods": [hours("UUR")]},
    ],
)
def test_what_is_sent_makes_it_another_order(fields: dict[str, Any]) -> None:
    assert sold(**fields).digest != sold().digest


def test_settings_that_change_what_is_sent_make_no_other_work_order_of_it() -> None:
    fields = {"WorkDescription": "Pomp", "Workperiods": [hours("UUR", "00:07")]}
    changed = [DESCRIBED, Settings(export_hour_rounding=15), Settings(export_default_warehouse="MAG")]
    made = [sold(each, **fields) for each in [Settings(), *changed]]
    assert len({each.fingerprint() for each in made}) == 4
    assert len({each.digest for each in made}) == 1
