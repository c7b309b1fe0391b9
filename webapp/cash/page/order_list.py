"""The list of orders, in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from markupsafe import escape

from ...web.languages import _, _l
from ..actions import State as Stored
from ..actions.ordering import START, Cursor, Exports, OrderPage
from ..store.orders import NEEDS_A_PERSON, Order, State
from . import order_words as words
from .order_opening import First, first_switch_on
from .sync_results import shown
from .words import value

PAGE = 50
TONES = {
    **dict.fromkeys(NEEDS_A_PERSON, "warning"),
    **dict.fromkeys((State.IN_CASH, State.DONE), "good"),
    **dict.fromkeys((State.REFUSED, State.FAILED), "error"),
}
NOT_THERE = (State.CLAIMED, State.LOOKING, State.REFUSED, State.FAILED, State.LEFT, State.WITHDRAWN)
GROUPS = {
    "": _l("All"),
    "needed": _l("Needs you"),
    "under_way": _l("Under way"),
    "in_cash": _l("In Cash"),
    "failed": _l("Not in Cash"),
    "left": _l("Left alone"),
}


@dataclass(frozen=True)
class Row:
    """One order as the user reads it."""

    order: Order
    number: int | None  # in Cash; None where it is not there
    amount: str
    state: str
    tone: str
    why: str  # a person must look: why
    next: str
    troubles: list[words.Trouble]
    notes: list[str]
    buttons: dict[str, str]  # what a person may say of it, and the words on the button


@dataclass(frozen=True)
class OrderList:
    """What the list shows."""

    needed: list[Row]
    rows: list[Row]
    groups: list[tuple[str, str]]  # those that hold any, with how many
    group: str
    at: str  # where this page and the next one begin
    older: str
    exports: Exports | None
    first: First | None  # what waits before the first export
    is_empty: bool  # there is no order at all yet
    names: "_Names"  # of administrations
    problem: str = ""
    done: str = ""


class _Names(dict[str, str]):
    """What people call an administration, by its id; the id where nobody knows."""

    def __init__(self, state: Stored) -> None:
        super().__init__((each.id, each.name or each.code) for each in state.login.administrations)

    def __missing__(self, id: str) -> str:
        return id


def in_words(
    state: Stored, exports: Exports | None, page: OrderPage, after: Cursor, *, problem: str = "", done: str = ""
) -> OrderList:
    """A page of orders in words."""
    status = value("export_work_status", state.saved.settings)
    return OrderList(
        [row(each, status) for each in page.needed],
        [row(each, status) for each in page.orders],
        [*_groups(page)],
        page.group,
        written(after),
        written(page.older),
        exports,
        first_switch_on(exports) if exports else None,
        not page.counts[""],
        _Names(state),
        problem,
        done,
    )


def row(order: Order, status: str) -> Row:
    """One order in words."""
    buttons = words.BUTTONS.get(State(order.state), {}) if order.state in set(State) and not order.said else {}
    return Row(
        order,
        None if order.state in NOT_THERE else order.number,
        words.in_euro(order.amount),
        words.state(order),
        TONES.get(State(order.state), "") if order.state in set(State) else "",
        "" if order.said else words.why_we_ask(order),
        words.next_step(order, status),
        words.troubles(order.detail.get("problems")) if order.state in (State.REFUSED, State.FAILED) else [],
        words.notes(order),
        {what: str(text) for what, text in buttons.items()},
    )


def written(at: Cursor) -> str:
    """Where a page begins, as the form carries it; "" for the first."""
    return f"{at[0]}:{at[1]}" if at != START else ""


def read(at: str) -> Cursor:
    """The same; what is none begins at the first."""
    changed, _colon, work_order = at.partition(":")
    is_one = changed.isascii() and changed.isdecimal() and len(changed) <= 12
    return (int(changed), work_order) if is_one else START


def as_file(pages: Iterable[list[Order]], status: str) -> Iterator[list[list[str | Decimal]]]:
    """The rows of a spreadsheet, page by page."""
    told, found = (_("State"), _("Next step"), _("Reasons")), (_("Customer"), _("Amount"))
    yield [[_("Work order"), _("Sales order in Cash"), _("Reference"), *found, *told]]
    for orders in pages:
        yield [_cells(row(order, status)) for order in orders]


def _cells(row: Row) -> list[str | Decimal]:
    order = row.order
    reasons = [row.why, *(" – ".join(filter(None, each)) for each in row.troubles), *row.notes]
    told = [row.state, escape(row.next).striptags(), " ".join(filter(None, reasons))]
    return [order.order_nr, str(row.number or ""), order.reference, order.customer, _number(order.amount), *told]


def _number(amount: str) -> str | Decimal:
    try:
        return Decimal(amount)
    except InvalidOperation:
        return amount


def _groups(page: OrderPage) -> Iterator[tuple[str, str]]:
    for group, name in GROUPS.items():
        if page.counts[group] or group in ("", page.group):
            yield group, f"{name} ({shown(page.counts[group])})"
