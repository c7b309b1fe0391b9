"""A sales order, a customer and an article as the records that an import of Cash takes. Pure.

The numbers of the fields are those of WP and VDBF (H); amounts have a comma, dates are YYMMDD.
"""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from .compare import fold
from .orders import CENTS, TEXT, Customer, Line, SalesOrder

LONGEST_NUMBER = 6  # digits of a relation

Records = list[tuple[str, dict[str, str]]]


def records(order: SalesOrder, number: int, reference: str, today: date) -> Records:
    """The header (2400) and its lines (2410) as one import."""
    header = {
        "2400": str(number),
        "2220": padded(order.customer.number),
        "2401": order.date or f"{today:%y%m%d}",
        "2406": reference,
        **dict(zip(("2405", "2408"), order.descriptions, strict=False)),
        "2419": order.address,
    }
    return [("2400", _filled(header)), *(("2410", _line(number, at, line)) for at, line in enumerate(order.lines, 1))]


def padded(number: str) -> str:
    """The number of a relation as Cash writes it (H)."""
    folded = fold("relations", number)
    return folded.zfill(LONGEST_NUMBER) if folded.isdecimal() else folded


def customer_records(customer: Customer, *, relation: bool) -> Records:
    """The records that make a customer, with the number that OutSmart has; the `relation` is there already, or not."""
    number = padded(customer.number)
    place = " ".join(filter(None, (customer.postal_code, customer.city)))
    street = " ".join(filter(None, (customer.street, customer.house_number)))
    made = {
        "0101": number,
        "0102": customer.name[:10].upper(),
        "0103": customer.name[:TEXT],
        "0104": customer.contact[:TEXT],
        "0105": street[:TEXT],
        "0107": place[:TEXT],
        "0108": customer.phone[:TEXT],
        "0120": customer.email,
        "0438": customer.postal_code[:TEXT],
        "1833": customer.street[:TEXT],
        "1834": customer.house_number[:TEXT],
        "1837": customer.city[:TEXT],
    }
    return [*([] if relation else [("0101", _filled(made))]), ("2220", {"0101": number})]


def article_record(line: Line, type_field: str, unit_field: str) -> Records:
    """The record that makes an article, with type and unit where it is known which fields hold them."""
    letter = "K" if line.is_hours else "A"
    made = {"2260": line.code, "2001": line.name[:TEXT] or line.code, "2267": _amount(line.price)}
    return [("2260", _filled({**made, **({type_field: letter} if type_field else {}), **_unit(line, unit_field)}))]


def _unit(line: Line, unit_field: str) -> dict[str, str]:
    return {unit_field: line.unit} if unit_field and line.unit else {}


def _line(number: int, at: int, line: Line) -> dict[str, str]:
    return _filled(
        {
            "2400": str(number),
            "2426": str(at),
            "2260": line.code,
            "2410": line.quantity.replace(".", ","),
            "2267": _amount(line.price),
            "2209": line.warehouse,
        }
    )


def _filled(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in fields.items() if text}


def _amount(price: str) -> str:
    return str(Decimal(price).quantize(CENTS, ROUND_HALF_UP)).replace(".", ",") if price else ""
