"""What people do with the orders that go to Cash: see them, say what Cash cannot tell, and begin the exports."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from ...db import write
from ..model import Who
from ..store.openings import AGREED, MANY, SURVEYED, TIME_TO_LOOK, Opening, OpeningStore
from ..store.order_books import BLIND
from ..store.orders import NEEDS_A_PERSON, UNDER_WAY, Order, OrderStore, State
from ..store.overview import ORDERS
from ..store.runs import Run, RunStore
from . import Integration, syncing
from . import State as Stored
from .standing import still_fails, waiting
from .syncing import Sync

IN_CASH, FAILED = (State.IN_CASH, State.DONE), (State.REFUSED, State.FAILED)
GROUPS: dict[str, tuple[State, ...]] = {
    "needed": NEEDS_A_PERSON,
    "under_way": tuple(state for state in UNDER_WAY if state not in IN_CASH + FAILED),
    "in_cash": IN_CASH,
    "failed": FAILED,
    "left": (State.LEFT, State.WITHDRAWN),
}
SAID = {  # what a person may say of an order, and in which state; sync/steps.py acts on it
    "there": State.ASKING,
    "again": State.ASKING,
    "leave": State.CHANGED,
    "second": State.CHANGED,
    "export": State.LEFT,
}
START = (0, "")
Cursor = tuple[int, str]  # when an order changed, and its work order


class Stale(Exception):
    """It is no longer as the page showed it; nothing was changed."""


@dataclass(frozen=True)
class Exports:
    """How the exports of an account stand. Times are seconds since 1970, 0 for never."""

    is_on: bool
    needed: int  # orders of which a person must say something
    is_read_only: bool
    is_blind: bool  # Cash does not find orders by their number
    opening: Opening | None  # None before the first look at what waits
    last: Run | None  # the run of orders that ended last
    fails: bool  # it failed, and nothing that this may have been about was changed since
    looked_at: int  # when what waits was looked at last
    next_run: int

    @property
    def waiting(self) -> int:
        """How many work orders the first look has found, while nothing is exported yet."""
        return waiting(self.opening)

    @property
    def begins(self) -> int:
        """Not before this do the exports begin by themselves; 0 where they have begun, or wait for a person."""
        if self.opening is None or self.opening.state != SURVEYED or self.waiting > MANY:
            return 0
        return max(self.opening.at + TIME_TO_LOOK, self.next_run)


@dataclass(frozen=True)
class OrderPage:
    """Some orders of a group, the one that changed last first."""

    group: str  # one of GROUPS, "" for all
    needed: list[Order]  # on the first page of all
    orders: list[Order]
    counts: dict[str, int]  # by group; "" for all
    older: Cursor  # where the next page begins; START on the last one


def exports_of(cash: Integration, who: Who, state: Stored, sync: Sync) -> Exports | None:
    """None where there is nothing to tell; two statements where the exports are on."""
    settings, is_on = state.saved.settings, state.saved.settings.export_sales_orders
    if not is_on and not sync.runs.has_orders:
        return None
    where = settings.cash_account, settings.administration
    administration = state.stored.administration(settings.administration) if state.stored else None
    return Exports(
        is_on,
        sync.runs.orders_needed,
        administration is not None and administration.read_only,
        is_on and OrderStore(cash.db).books.reads(*where) == BLIND,
        OpeningStore(cash.db).of(who.account, *where) if is_on else None,
        sync.runs.exported,
        still_fails(sync.runs.exported, state.saved, state.stored, sync.runs.token_since),
        sync.runs.looked.ended if sync.runs.looked and sync.runs.looked.result.get("orders") else 0,
        sync.next_run,
    )


def page_of(cash: Integration, who: Who, group: str, after: Cursor, most: int) -> OrderPage:
    """At most so many orders of a group, behind `after`; on the first page of all, those that need a person apart."""
    store, states = OrderStore(cash.db), GROUPS.get(group, ())
    counts = store.counts(who.account)
    needed = store.page(who.account, NEEDS_A_PERSON, START, most) if after == START and not states else []
    others = states or [state for state in counts if state not in NEEDS_A_PERSON] or [State.DONE]
    found = store.page(who.account, others, after, most + 1)
    last = found[most - 1] if len(found) > most else None
    return OrderPage(
        group if states else "",
        needed,
        found[:most],
        {"": sum(counts.values()), **{name: sum(counts.get(state, 0) for state in of) for name, of in GROUPS.items()}},
        (last.changed, last.work_order) if last else START,
    )


def all_orders(cash: Integration, who: Who, group: str, most: int = 1_000) -> Iterator[list[Order]]:
    """Every order of a group, or of the account; page by page."""
    store, after = OrderStore(cash.db), START
    while found := store.page(who.account, GROUPS.get(group, ()), after, most):
        yield found
        after = found[-1].changed, found[-1].work_order


def say(cash: Integration, who: Who, state: Stored, work_order: str, said: str) -> Order:
    """What a person says of an order, one of SAID; the next run acts on it, and is asked for.

    Raises KeyError where the account has no such order, Stale where that cannot be said of it any more.
    """
    store = OrderStore(cash.db)
    with write(cash.db):
        order = store.one(who.account, work_order)
        if order is None:
            raise KeyError(work_order)
        if order.state != SAID[said] or not store.say(who.account, work_order, order.state, said):
            raise Stale
        cash.note(who, "order_said", said=said, order=order.order_nr, number=order.number, customer=order.customer)
        _ask(cash, who, state)
    return replace(order, said=said)


def export_these(cash: Integration, who: Who, state: Stored, seen: str) -> int:
    """The work orders that the first look has found are exported; how many. Raises Stale.

    `seen` is the `mark` of what the page showed.
    """
    with write(cash.db):
        survey = _agree(cash, who, state, seen).survey
        cash.note(who, "orders_agreed", count=len(_ids(survey)))
        _ask(cash, who, state)
    return len(_ids(survey))


def only_from_now_on(cash: Integration, who: Who, state: Stored, seen: str) -> int:
    """Those that it has found are left alone, here and in OutSmart; how many. As for export_these."""
    store, settings = OrderStore(cash.db), state.saved.settings
    with write(cash.db):
        survey = _agree(cash, who, state, seen).survey
        for work_order in _ids(survey):
            if store.one(who.account, work_order) is None:
                store.claim(
                    Order(
                        account=who.account,
                        work_order=work_order,
                        relation_code=settings.cash_account,
                        administration=settings.administration,
                        state=State.LEFT,
                        order_nr=_named(survey, work_order)[0],
                        customer=_named(survey, work_order)[1],
                    )
                )
        cash.note(who, "orders_left", count=len(_ids(survey)))
        _ask(cash, who, state)
    return len(_ids(survey))


def look_at_orders(cash: Integration, who: Who, state: Stored) -> tuple[Run, bool]:
    """Looks once more what waits; nothing is written. Raises Incomplete."""
    return syncing.start(cash, who, state, "preview")


def _agree(cash: Integration, who: Who, state: Stored, seen: str) -> Opening:
    store, settings = OpeningStore(cash.db), state.saved.settings
    where = who.account, settings.cash_account, settings.administration
    opening = store.of(*where)
    if opening is None or opening.state != SURVEYED or mark(opening) != seen:
        raise Stale
    store.put(*where, AGREED)
    return opening


def mark(opening: Opening) -> str:
    """Changes with the work orders that a look has found."""
    return sha256(json.dumps(_ids(opening.survey)).encode()).hexdigest()[:16]


def _ids(survey: object) -> list[str]:
    ids = survey.get("ids") if isinstance(survey, dict) else None
    return [each for each in ids if isinstance(each, str)] if isinstance(ids, list) else []


def _named(survey: Mapping[str, Any], work_order: str) -> tuple[str, str]:
    """What people call a work order, and whose it is."""
    names = survey.get("names")
    found = names.get(work_order) if isinstance(names, dict) else None
    number, customer = found if isinstance(found, list) and len(found) == 2 else ("", "")
    return str(number) or work_order, str(customer)


def _ask(cash: Integration, who: Who, state: Stored) -> None:
    """For a run, where one can begin; else what was said waits for it."""
    if not syncing.sync_of(cash, who, state).missing:
        RunStore(cash.db).ask(who.account, ORDERS, who.user)
