"""A work order becomes a sales order, or all reasons at once why it cannot. Pure.

What OutSmart's fields mean is its own description (R); the numbers of Cash's fields are those of WP (H). How long a
text may be is in no source, so what is longer than the one length that is known is cut.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from hashlib import blake2b
from textwrap import wrap
from typing import NamedTuple

from ...outbound.text import clean
from ...outsmart.model import Row, WorkOrder
from ...outsmart.values import read_decimal
from ..choices import Settings
from ..store.order_books import LONGEST_REFERENCE
from .compare import fold
from .work_time import minutes_of, rounded_up, shown_time, work_day

TEXT = 35  # characters, as of a name (WP)
CENTS, SHARES = Decimal("0.01"), Decimal("0.0001")
LARGEST = 10**10  # of a field of 12 digits, two of them behind the comma (SA)


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
    """A line of a sales order, and what a missing article would be made from.

    Amounts are exact decimal numbers; "" leaves the price to Cash.
    """

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
    digest: str = ""  # of the work order, by which a later change of it is seen

    def fingerprint(self) -> str:
        """Of all that is sent but its number: not of what only a missing customer or article is made from."""
        lines = [(line.code, line.quantity, line.price, line.warehouse) for line in self.lines]
        customer = fold("relations", self.customer.number)
        sent = (self.reference, customer, self.date, self.descriptions, self.address, lines)
        return blake2b(json.dumps(sent).encode(), digest_size=16).hexdigest()

    @property
    def amount(self) -> str:
        """Of the lines that have a price."""
        priced = (Decimal(line.price) * Decimal(line.quantity) for line in self.lines if line.price)
        return str(sum(priced, Decimal(0)).quantize(CENTS, ROUND_HALF_UP))


def read_order(order: WorkOrder, settings: Settings) -> SalesOrder:
    """The sales order of a work order; raises Unsendable with every reason.

    Its digest is that under the settings of nobody: a change of settings is none of the work order.
    """
    return replace(_read(order, settings), digest=_read(order, Settings()).fingerprint())


def _read(order: WorkOrder, settings: Settings) -> SalesOrder:
    problems: list[Problem] = []
    notes: list[str] = []
    customer = _customer(order.fields)
    if not customer.number:
        problems.append(Problem("no_debtor"))
    lines = [*_materials(order, settings, problems), *_hours(order, settings, problems, len(order.materials))]
    if not order.materials and not order.periods:
        problems.append(Problem("no_lines"))
    if problems:
        raise Unsendable(problems)
    return SalesOrder(
        reference=_reference(order, notes),
        customer=customer,
        date=f"{day:%y%m%d}" if (day := work_day(order)) else "",
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
        code, quantity = _code(row, "MaterialCode", at, problems), _number(row, "MaterialNr", at, SHARES, problems)
        has_price = bool(row.get("MaterialPrice", "").strip())
        price = _number(row, "MaterialPrice", at, CENTS, problems) if has_price else ""
        if quantity == "0":
            problems.append(Problem("no_quantity", at, code))
        yield Line(
            code=code,
            quantity=quantity,
            price=price,
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
        rounded = rounded_up(minutes or 0, settings.export_hour_rounding)
        yield Line(code=code, quantity=_rounded(Decimal(rounded) / 60, SHARES), is_hours=True)


def _code(row: Row, field: str, at: int, problems: list[Problem]) -> str:
    code = row.get(field, "").strip()
    if not code:
        word = "no_hour_type" if field == "HourType" else "no_article"
        problems.append(Problem(word, at, _text(row, "MaterialName")))
    elif "|" in code or not code.isprintable():
        problems.append(Problem("code_unreadable", at, clean(code)))
    return code


def _number(row: Row, field: str, at: int, unit: Decimal, problems: list[Problem]) -> str:
    """In whole units; "" for what is no number."""
    text = row.get(field, "")
    try:
        number = read_decimal(text)
    except ValueError:
        number = Decimal(LARGEST)
    if abs(number) < LARGEST:
        return _rounded(number, unit)
    problems.append(Problem("number_unreadable", at, clean(text, TEXT)))
    return ""


def _reference(order: WorkOrder, notes: list[str]) -> str:
    """What people call the work order; never empty, as it is what the order is known by."""
    plain = _sendable(order.number)
    if plain[:LONGEST_REFERENCE] != " ".join(order.number.split()):
        notes.append("reference_cut")
    return plain[:LONGEST_REFERENCE].rstrip() or order.id


def _descriptions(fields: Mapping[str, str], notes: list[str]) -> tuple[str, ...]:
    """The two fields of a header that hold text, cut with an ellipsis."""
    text = fields.get("WorkDescription", "")
    plain = _sendable(text)
    if plain != " ".join(text.split()):
        notes.append("description_changed")
    lines = wrap(plain, TEXT)
    if len(lines) <= 2:
        return tuple(lines)
    notes.append("description_cut")
    rest = plain[len(lines[0]) :].lstrip()
    return lines[0], f"{rest[: TEXT - 1].rstrip()}…"


def _address(code: str, debtor: str) -> str:
    """The number of a delivery address, where its code says that it is this customer's."""
    number, _, serial = code.strip().rpartition("-")
    ours = serial.isdecimal() and serial.isascii() and fold("relations", number) == fold("relations", debtor)
    return serial if ours else ""


def _sendable(text: str) -> str:
    """On one line, without control characters and the one that parts fields inside Cash."""
    return clean(text.replace("|", " "), len(text))


def _text(fields: Mapping[str, str], name: str) -> str:
    return clean(fields.get(name, "").replace("|", " "))


def _rounded(number: Decimal, unit: Decimal) -> str:
    """Without zeros that say nothing, and zero without a sign."""
    text = f"{number.quantize(unit, ROUND_HALF_UP) + 0:f}"
    return text.rstrip("0").rstrip(".")
