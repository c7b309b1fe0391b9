"""One order on its way: the calls that its states announce, and what comes of them."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ...outsmart.errors import OutSmartFault, OutSmartUnreachable, WorkOrderGone, is_about_one
from ...outsmart.workorders import WorkOrders
from ..client.errors import CashError, CashFault, ImportLost
from ..client.session import CashSession
from ..model import Administration, ImportProblem, Transaction, TransactionStatus
from ..store.order_books import BLIND, PROVEN, UNTRIED
from ..store.orders import Order, State
from .known import NO_TRANSACTION, POLL_SECONDS, POLLS, Known, NotYet
from .order_records import records
from .orders import Problem, SalesOrder, Unsendable
from .parts import Parts, Stopped
from .plan import ZONE
from .steps import ACCEPTED, LINES_NOT_TAKEN, NOT_TAKEN, Answer, next_step

ENDS = 10 * 60  # seconds from the commit until the last byte of an order may go out: less than it is looked for
ERROR = "99"
AT_REST = (State.DONE, State.FAILED, State.WITHDRAWN, State.ASKING, State.CHANGED, State.UNKNOWN)


@dataclass
class Driver:
    """Takes an order from state to state, each committed before the call that it announces."""

    parts: Parts
    session: CashSession
    known: Known

    def drive(self, row: Order, order: SalesOrder | None, books: Administration | None) -> Order:
        """Goes on until there is nothing to do now, and returns how it stands.

        `order` is what the work order becomes, None where it is not to be exported there (any more); `books` is where
        the order is, None where the login does not see that. Raises CashError, OutSmartError, Stopped.
        """
        if row.state == State.SENDING:
            row = self.step(row, Answer("restarted"))
        polls = 1
        while (answer := self._act(row, order, books, polls)) is not None:
            polls = POLLS if row.state == State.SENDING else polls - 1
            before, row = row, self.step(row, answer, order)
            if row is before or row.state in AT_REST or (before.state, row.state) == (State.LOOKING, State.CLAIMED):
                break
        return row

    def step(self, row: Order, answer: Answer, order: SalesOrder | None = None) -> Order:
        """The next state, committed."""
        after = next_step(row, answer, self.parts.now())
        if after == row:
            return row
        if order and after.state in (State.SENDING, State.CLAIMED):
            after = with_order(after, order)
        elif order and after.state == State.CHANGED:
            after = replace(after, digest=order.digest)
        return self.commit(row, after)

    def commit(self, row: Order, after: Order) -> Order:
        """In one transaction with what the users' log says of it."""
        self._ends = time.monotonic() + ENDS
        with self.parts.orders.writing():
            changed = self.parts.orders.change(row, after)
            if changed.state != row.state:
                self._tell(changed)
        return changed

    def claim(self, row: Order) -> Order:
        """The same for one that the ledger does not have yet."""
        with self.parts.orders.writing():
            claimed = self.parts.orders.claim(row)
            self._tell(claimed)
        return claimed

    def _tell(self, row: Order) -> None:
        if row.state in (State.REFUSED, State.ASKING, State.CHANGED):
            self.parts.tell(f"order_{row.state}", told(row))

    def _act(self, row: Order, order: SalesOrder | None, books: Administration | None, polls: int) -> Answer | None:
        """What came of the call that the state announces; None where there is none to make now."""
        if row.state != State.SENDING:  # who stops between this and its commit does not know what became of it
            self.parts.go_on()
        match row.state:
            case State.IN_CASH if order and order.digest != row.digest:
                return Answer("listed_otherwise")
            case State.IN_CASH:
                return self._tell_outsmart(lambda orders: orders.close(row.work_order), "closed")
            case State.REFUSED:
                return self._tell_outsmart(lambda orders: orders.set_work_status(row.work_order, ERROR), "marked")
            case State.WAITING:  # Cash tells of it by its id, whatever the login sees
                return self._poll(row) if polls > 0 else None
            case State.CHANGED | State.LEFT | State.ASKING if not row.said:
                return None
            case State.CHANGED | State.LEFT:
                return Answer(row.said)
            case State.UNKNOWN if row.next_look > self.parts.now():
                return None
            case State.DONE | State.FAILED | State.WITHDRAWN:
                return None
        if books is None:
            return Answer("unseen")
        match row.state:
            case State.CLAIMED:
                return self._prepare(order)
            case State.SENDING if order:
                return self._send(row, order, books)
        return self._look(row, books, wanted=order is not None)

    def _prepare(self, order: SalesOrder | None) -> Answer | None:
        if order is None:
            return Answer("unlisted")
        try:
            self.known.prepare(order)
        except Unsendable as error:
            return unsendable(error.problems)
        except NotYet as error:
            return replace(unsendable([error.problem]), word="not_yet")
        return Answer("go")

    def _send(self, row: Order, order: SalesOrder, books: Administration) -> Answer:
        today = datetime.fromtimestamp(self.parts.now(), ZONE).date()
        written = records(self.known.addressed(order), row.number or 0, row.reference, today)
        try:
            return _outcome(self.session.import_records(books, written, ends=self._ends))
        except ImportLost as error:
            if error.reason.startswith("code_"):  # Cash cannot import, and others would fare no better
                self.step(row, Answer("lost"))
                raise
            return Answer("lost")
        except CashError:
            self.step(row, Answer("not_sent"))
            raise
        except Stopped:  # while it waited for its turn
            if not self.session.import_has_left:
                self.step(row, Answer("not_sent"))
            raise

    def _poll(self, row: Order) -> Answer:
        self.parts.sleep(POLL_SECONDS)
        self.parts.go_on()
        try:
            return _outcome(self.session.transaction(row.transaction))
        except CashFault as error:  # about this one: the others go on
            return Answer("lost") if error.reason in NO_TRANSACTION else Answer("pending", transaction=row.transaction)

    def _look(self, row: Order, books: Administration, *, wanted: bool) -> Answer:
        """What Cash shows under the number of an order, and whether it shows one that is known to be there."""
        there = self._read(books, "2400", row.number)
        reads = self.parts.orders.books.reads(row.relation_code, row.administration)
        if there and reads != PROVEN:
            self._learn(row, PROVEN)
        if any(_same(each.get("2406", ""), row.reference) for each in there):
            lines = len(self._read(books, "2410", row.number))
            return Answer("ours" if lines >= row.lines else "half")
        if there:
            return Answer("stranger", control=True, wanted=wanted)
        if (row.state, row.outcome, reads) == (State.VERIFYING, ACCEPTED, UNTRIED):
            self._learn(row, BLIND)
        control = row.state in (State.UNKNOWN, State.ASKING) and self._finds_another(row, books)
        return Answer("absent", control, wanted, reads)

    def _finds_another(self, row: Order, books: Administration) -> bool:
        return any(self._read(books, "2400", number) for number in self.parts.orders.controls(row))

    def _read(self, books: Administration, record: str, number: int | None) -> list[Mapping[str, str]]:
        self.parts.go_on()
        with closing(self.session.export(books, record, str(number))) as found:
            return list(found)

    def _learn(self, row: Order, reads: str) -> None:
        self.parts.orders.books.learn(row.relation_code, row.administration, reads)

    def _tell_outsmart(self, act: Callable[[WorkOrders], None], word: str) -> Answer | None:
        try:
            self.parts.patiently(lambda: act(WorkOrders(self.parts.outsmart)))
        except WorkOrderGone:
            return Answer(word)
        except (OutSmartFault, OutSmartUnreachable) as error:
            if not is_about_one(error):
                raise
            return None  # the next run tries again, and the others go on
        return Answer(word)


def with_order(row: Order, order: SalesOrder) -> Order:
    """The row with what is about to be sent."""
    return replace(
        row,
        reference=row.reference or order.reference,
        digest=order.digest,
        lines=len(order.lines),
        amount=order.amount,
        detail={"notes": list(order.notes)} if order.notes else {},
    )


def unsendable(problems: list[Problem]) -> Answer:
    """A work order that cannot be sent, with all reasons."""
    return Answer("unsendable", reason="unsendable", detail={"problems": [each._asdict() for each in problems]})


def told(row: Order) -> dict[str, object]:
    """What the users' log says of an order."""
    facts = {"order": row.order_nr, "number": row.number, "customer": row.customer, "reason": row.reason}
    return {**facts, "problems": row.detail.get("problems", [])}


def _outcome(outcome: Transaction) -> Answer:
    if outcome.status is TransactionStatus.SUCCESS:
        return Answer("accepted")
    if outcome.status is TransactionStatus.PENDING:
        return Answer("pending", transaction=outcome.id)
    lines = any(_record(each) == "2410" for each in outcome.errors)
    problems = {"problems": [_said(each) for each in outcome.errors]}
    return Answer("refused", outcome=LINES_NOT_TAKEN if lines else NOT_TAKEN, reason="cash", detail=problems)


def _record(problem: ImportProblem) -> str:
    """The number of the record that Cash echoes in its own notation: `2410|2400=900000|2426=1|…|` (WP, H)."""
    return problem.source.partition("|")[0].zfill(4)


def _said(problem: ImportProblem) -> dict[str, Any]:
    return {"word": "cash", "text": problem.message, "source": problem.source}


def _same(found: str, reference: str) -> bool:
    """Letters and digits count: Cash may drop `/ . & + %` (VDBF, M), and what case it keeps is not known."""
    return _plain(found) == _plain(reference) != ""


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))
