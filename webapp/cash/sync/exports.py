"""Completed work orders become sales orders in Cash, each once: what OutSmart lists, and what the ledger says of it."""

from collections import Counter
from dataclasses import replace

from ...outsmart.model import WorkOrder
from ..client.errors import CashFault, CashUnreachable
from ..store.order_books import UNTRIED
from ..store.orders import Order, State
from .driver import ERROR, Driver, unsendable, with_order
from .known import Known
from .opening import begin, read_again
from .orders import SalesOrder, Unsendable, read_order
from .parts import Asked, Parts
from .steps import DAY, Answer, next_step

MOST = 100  # work orders begun in one run: imports, and the runs of others, come in between


def export_orders(run: Asked, parts: Parts) -> dict[str, object]:
    """Goes on with what is under way, and begins what waits; how many orders came to which state.

    Raises CashError, OutSmartError, Stopped; each order is then as the ledger says.
    """
    with parts.cash() as session:
        known = Known(run.account, parts, session)
        opening = begin(run, parts, known)
        exports = _Exports(run.account, parts, Driver(parts, session, known), opening.orders)
        try:
            for row in parts.orders.take(run.account):
                exports.go_on_with(row)
            more = exports.take_up()
        finally:
            if known.made:
                parts.tell("made_in_cash", {"made": known.made[:50], "count": len(known.made)})
    facts = {**exports.ends, "made": len(known.made)}
    return {"kinds": {"orders": facts}, "waits": opening.waits, "survey": opening.survey, "more": more}


class _Exports:
    def __init__(self, account: str, parts: Parts, driver: Driver, listed: list[WorkOrder]) -> None:
        self._account, self._parts, self._driver = account, parts, driver
        self._listed = {each.id: each for each in listed}
        self._here = parts.settings.cash_account, parts.administration.id
        self._done = set[str]()  # in this run; what OutSmart listed of them is no longer so
        self.ends: Counter[str] = Counter()

    def go_on_with(self, row: Order) -> None:
        """What was under way when the last run ended, or what a person said something of."""
        is_here = (row.relation_code, row.administration) == self._here
        answer, order = self._wish(row) if is_here else (Answer("unlisted"), None)
        if order is None and row.state in (State.CLAIMED, State.LOOKING):
            row = self._driver.step(row, answer)
        try:
            self._drive(row, order)
        except (CashFault, CashUnreachable):
            if is_here:  # elsewhere it says nothing of the orders of now
                raise

    def take_up(self) -> bool:
        """Begins what OutSmart lists, the oldest first; whether there is more than one run takes."""
        begun = 0
        for work_order in sorted(self._listed.values(), key=lambda each: (len(each.id), each.id)):
            if begun == MOST:
                return True
            if self._must_wait():
                return False
            begun += work_order.id not in self._done and self._take_up(work_order)
        return False

    def _must_wait(self) -> bool:
        """While it is not known whether Cash finds orders, one at a time."""
        orders = self._parts.orders
        return orders.books.reads(*self._here) == UNTRIED and orders.is_under_way(self._account, *self._here)

    def _take_up(self, work_order: WorkOrder) -> bool:
        """False for one that needs nothing now, or a person."""
        row = self._parts.orders.one(self._account, work_order.id)
        if row and (row.state not in (State.FAILED, State.WITHDRAWN, State.DONE) or self._has_just_failed(row)):
            return False
        fresh = read_again(work_order, self._parts)
        if fresh is None:
            return False
        self._listed[fresh.id] = fresh
        if row is None:
            row = self._claim(fresh)
        elif row.state == State.DONE:
            row = self._compare(row)
        else:
            row = self._begin_anew(row)
        self._drive(row, self._wish(row)[1])
        return True

    def _has_just_failed(self, row: Order) -> bool:
        """Where the chosen status is the one that failures get, nobody sets it back: once a day it is tried again."""
        chosen = self._parts.settings.export_work_status
        return (row.state, chosen) == (State.FAILED, ERROR) and self._parts.now() - row.changed < DAY

    def _wish(self, row: Order) -> tuple[Answer, SalesOrder | None]:
        """What OutSmart wants with a work order, and the sales order where there is to be one."""
        work_order = self._listed.get(row.work_order)
        if work_order is None:
            return Answer("unlisted"), None
        try:
            return Answer("listed"), read_order(work_order, self._parts.settings)
        except Unsendable as error:
            return unsendable(error.problems), None

    def _claim(self, work_order: WorkOrder) -> Order:
        row = Order(
            account=self._account,
            work_order=work_order.id,
            relation_code=self._here[0],
            administration=self._here[1],
            order_nr=work_order.number or work_order.id,
            customer=work_order.fields.get("CustomerName", ""),
        )
        answer, order = self._wish(row)
        if order is None:
            row = replace(row, state=State.REFUSED, reason=answer.reason, detail=answer.detail)
        return self._driver.claim(with_order(row, order) if order else row)

    def _begin_anew(self, row: Order) -> Order:
        answer, order = self._wish(row)
        after = next_step(row, answer, self._parts.now())
        if order is None:
            return self._driver.commit(row, after)
        if (row.relation_code, row.administration) != self._here:
            after = replace(after, relation_code=self._here[0], administration=self._here[1], number=None)
        return self._driver.commit(row, with_order(after, order))

    def _compare(self, row: Order) -> Order:
        """OutSmart lists again what is in Cash: once more, or otherwise than it was sent."""
        _answer, order = self._wish(row)
        wanted = order.digest if order else ""
        word = "listed" if wanted == row.digest else "listed_otherwise"
        return self._driver.step(row, Answer(word), order)

    def _drive(self, row: Order, order: SalesOrder | None) -> None:
        is_here = (row.relation_code, row.administration) == self._here
        seen = row.relation_code == self._here[0]
        books = self._parts.administration if is_here else self._parts.sees(row.administration) if seen else None
        self._done.add(row.work_order)
        row = self._driver.drive(row, order if is_here else None, books)
        self.ends[row.state] += 1
