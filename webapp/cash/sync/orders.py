"""A work order becomes a sales order, or all reasons at once why it cannot. Pure.

What OutSmart's fields mean is its own description (R); the numbers of Cash's fields are those of WP (H). How long a
text may be is in no source, so what is longer than the one length that is known is cut.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from textwrap import wrap
from typing import NamedTuple

from ...outbound.text import clean
from ...outsmart.model import Row, WorkOrder
from ...outsmart.values import read_decimal
from ..choices import Settings
from .compare import fold
from .work_time import minutes_of, rounded_up, shown_time

TEXT = 35  # characters, as of a name (WP)
CENTS, SHARES = Decimal("0.01"), Decimal("0.0001")


class Problem(NamedTuple):
    """Why a work order cannot be sent: a word, the line it is about (0: none), and what stands there."""

    word: str
    line: int = 0
    text: str = ""


class Unsendable(Exception):
    """Something must be mended first; `problems` are all that was found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems)
        self.problems = problems


@dataclass(frozen=True)
class Line:
    """A line of a sales order. Amounts are exact decimal numbers; "" leaves the price to Cash."""

    code: str
    quantity: str
    price: str = ""
    warehouse: str = ""
    is_hours: bool = False
    name: str = ""
    unit: str = ""


@dataclass(frozen=True)
class Customer:
    """Who pays, as the work order says: what a missing one would be made from."""

    number: str
    name: str = ""
    street: str = ""
    house_number: str = ""
    postal_code: str = ""
    city: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class SalesOrder:
    """What becomes of a work order in Cash; `notes` tell what was cut or left out."""

    reference: str
    customer: Customer
    date: str  # YYMMDD; "" for the day it is sent
    descriptions: tuple[str, ...]
    address: str  # the number of a delivery address of the customer
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Of all that is sent but its number."""
        return blake2b(json.dumps(asdict(self), sort_keys=True).encode("utf-8", "replace"), digest_size=16).hexdigest()

    @property
    def amount(self) -> str:
        """Of the lines that have a price."""
        priced = (Decimal(line.price) * Decimal(line.quantity) for line in self.lines if line.price)
        return str(sum(priced, Decimal(0)).quantize(CENTS, ROUND_HALF_UP))


def read_order(order: WorkOrder, settings: Settings) -> SalesOrder:
    """The sales order of a work order; raises Unsendable with every reason."""
    problems: list[Problem] = []
    notes: list[str] = []
    customer = _customer(order.fields)
    if not customer.number:
        problems.append(Problem("no_debtor"))
    lines = [*_materials(order, settings, problems), *_hours(order, settings, problems, len(order.materials))]
    if not lines and not problems:
        problems.append(Problem("no_lines"))
    if problems:
        raise Unsendable(problems)
    return SalesOrder(
        reference=_fit(order.number or order.id, TEXT, "reference_cut", notes),
        customer=customer,
        date=_work_date(order),
        descriptions=_descriptions(order.fields, notes) if settings.export_work_description else (),
        address=_address(order.fields.get("AdrCode", ""), customer.number),
        lines=tuple(lines),
        notes=tuple(notes),
    )


def _customer(fields: Mapping[str, str]) -> Customer:
    """The invoice debtor, else the debtor."""
    suffix = "Invoice" if _text(fields, "CustomerDebtorNrInvoice") else ""
    return Customer(
        number=_text(fields, f"CustomerDebtorNr{suffix}"),
        name=_text(fields, f"CustomerName{suffix}"),
        street=_text(fields, f"CustomerStreet{suffix}"),
        house_number=_text(fields, f"CustomerStreetNo{suffix}"),
        postal_code=_text(fields, f"CustomerZIP{suffix}"),
        city=_text(fields, f"CustomerCity{suffix}"),
        contact=_text(fields, f"CustomerContactPerson{suffix}"),
        phone=_text(fields, f"CustomerPhone{suffix}"),
        email=_text(fields, f"CustomerEmail{suffix}"),
    )


def _materials(order: WorkOrder, settings: Settings, problems: list[Problem]) -> Iterator[Line]:
    for at, row in enumerate(order.materials, 1):
        code, quantity = _code(row, "MaterialCode", at, problems), _number(row, "MaterialNr", at, problems)
        price = _number(row, "MaterialPrice", at, problems) if row.get("MaterialPrice", "").strip() else Decimal(0)
        if quantity is not None and not quantity.quantize(SHARES, ROUND_HALF_UP):
            problems.append(Problem("no_quantity", at, code))
        elif code and quantity is not None and price is not None:
            yield Line(
                code=code,
                quantity=_plain(quantity.quantize(SHARES, ROUND_HALF_UP)),
                price=_plain(price) if row.get("MaterialPrice", "").strip() else "",
                warehouse=_text(row, "MaterialWarehouseCode") or settings.export_default_warehouse,
                name=_text(row, "MaterialName"),
                unit=_text(row, "MaterialUnit"),
            )


def _hours(order: WorkOrder, settings: Settings, problems: list[Problem], before: int) -> Iterator[Line]:
    for at, row in enumerate(order.periods, before + 1):
        code, minutes = _code(row, "HourType", at, problems), minutes_of(row)
        if minutes is None:
            problems.append(Problem("time_unreadable", at, shown_time(row)))
        elif minutes <= 0:
            problems.append(Problem("no_time", at, code))
        elif code:
            rounded = rounded_up(minutes, settings.export_hour_rounding)
            hours = (Decimal(rounded) / 60).quantize(SHARES, ROUND_HALF_UP)
            yield Line(code=code, quantity=_plain(hours), is_hours=True)


def _code(row: Row, field: str, at: int, problems: list[Problem]) -> str:
    code = row.get(field, "").strip()
    if not code:
        word = "no_hour_type" if field == "HourType" else "no_article"
        problems.append(Problem(word, at, _text(row, "MaterialName")))
    elif "|" in code or code != clean(code, len(code)):
        problems.append(Problem("code_unreadable", at, clean(code)))
        return ""
    return code


def _number(row: Row, field: str, at: int, problems: list[Problem]) -> Decimal | None:
    try:
        return read_decimal(row.get(field, ""))
    except ValueError:
        problems.append(Problem("number_unreadable", at, clean(row.get(field, ""), TEXT)))
        return None


def _work_date(order: WorkOrder) -> str:
    """The day of the work, else of the last period."""
    found = [order.fields.get("WorkDate", ""), *(row.get("WorkDate", "") for row in reversed(order.periods))]
    return next(filter(None, map(_day, found)), "")


def _day(text: str) -> str:
    try:
        return f"{datetime.strptime(text.strip(), '%d-%m-%Y'):%y%m%d}"
    except ValueError:
        return ""


def _descriptions(fields: Mapping[str, str], notes: list[str]) -> tuple[str, ...]:
    """The two fields of a header that hold text, cut with an ellipsis."""
    plain = _without_bars(clean(fields.get("WorkDescription", ""), 4_000), notes, "description_changed")
    lines = wrap(plain, TEXT)
    if len(lines) > 2:
        notes.append("description_cut")
        return lines[0], f"{' '.join(lines[1:])[: TEXT - 1].rstrip()}…"
    return tuple(lines)


def _address(code: str, debtor: str) -> str:
    """The number of a delivery address, where its code says that it is this customer's."""
    number, _, serial = code.strip().rpartition("-")
    ours = serial.isdecimal() and serial.isascii() and fold("relations", number) == fold("relations", debtor)
    return serial if ours else ""


def _fit(text: str, longest: int, note: str, notes: list[str]) -> str:
    plain = _without_bars(clean(text, 4_000), notes, note)
    if len(plain) > longest:
        notes.append(note)
    return plain[:longest].rstrip()


def _without_bars(text: str, notes: list[str], note: str) -> str:
    """Without the character that parts fields inside Cash."""
    if "|" in text:
        notes.append(note)
    return " ".join(text.replace("|", " ").split())


def _text(fields: Mapping[str, str], name: str) -> str:
    return clean(fields.get(name, "").replace("|", " "))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
