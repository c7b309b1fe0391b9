"""The ledger of exports: what became of each work order, committed before each call that it announces.

Cash may hold an order though its answer was lost, so this table, and what Cash shows when it is asked, are the truth.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import partial
from typing import Any

from sqlite_utils import Database

from ...accounts import touch
from ...db import now, select, write
from ..model import read_json
from .order_books import OrderBooks
from .runs import NotOwned
from .sent import Writing


class State(StrEnum):
    """Where an order is on its way; what becomes of each is in `sync/steps.py`."""

    CLAIMED = "claimed"  # it has a number and a reference
    LOOKING = "looking"  # whether the number is free
    SENDING = "sending"
    WAITING = "waiting"  # Cash has not carried it out yet
    VERIFYING = "verifying"
    UNKNOWN = "unknown"  # the answer was lost: it is looked for
    ASKING = "asking"  # only a person can tell
    IN_CASH = "in_cash"  # the work order is still to be closed
    DONE = "done"
    REFUSED = "refused"  # the work order is still to be marked
    FAILED = "failed"
    CHANGED = "changed"  # the work order is another one since
    LEFT = "left"  # never to be exported, as a person said
    WITHDRAWN = "withdrawn"  # no longer to be exported, as OutSmart says


NOT_KNOWN = (State.LOOKING, State.SENDING, State.WAITING, State.VERIFYING, State.UNKNOWN)  # whether it is in Cash
UNDER_WAY = (State.CLAIMED, *NOT_KNOWN, State.IN_CASH, State.REFUSED)
NEEDS_A_PERSON = (State.ASKING, State.CHANGED)
CONTROLS = 3  # orders that are known to be there


@dataclass(frozen=True)
class Order:
    """One work order on its way to be a sales order. Times are seconds since 1970, 0 where it has not come to that."""

    account: str
    work_order: str  # its id at OutSmart
    relation_code: str
    administration: str
    state: str = State.CLAIMED
    number: int | None = None  # of the sales order; None until it has one, and to be given another
    reference: str = ""  # by which it is known to be ours
    digest: str = ""  # of what was sent last, or is about to be
    order_nr: str = ""  # what people call the work order
    customer: str = ""
    amount: str = ""  # of its materials, without VAT; a decimal number with a dot
    lines: int = 0
    attempt: int = 1
    outcome: str = ""  # what Cash said of the import: see steps
    transaction: str = ""
    looks: int = 0  # how often in a row it was not there
    absent_since: int = 0  # the first of these looks
    resends: int = 0
    next_look: int = 0
    seen: bool = False  # Cash has shown it to us
    said: str = ""  # what a person said that is to be acted on
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    changed: int = 0  # when it came into this state
    owner: str = ""


NAMES = tuple(each.name for each in fields(Order))  # the key first
COLUMNS = {"transaction": "transaction_id"}  # the word is SQL's
_COLUMNS = [COLUMNS.get(name, name) for name in NAMES]
INSERT = f"INSERT INTO orders ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
UPDATE = (
    f"UPDATE orders SET {', '.join(f'{column} = ?' for column in _COLUMNS[2:])} "  # noqa: S608
    "WHERE account = ? AND work_order = ? AND state = ? AND owner = ?"
)
TO_WORK_ON = f"(state IN ({', '.join('?' * len(UNDER_WAY))}) OR said <> '')"
TAKE = f"UPDATE orders SET owner = ? WHERE account = ? AND {TO_WORK_ON}"  # noqa: S608


class OrderStore:
    """The ledger in the database. Whoever works on an order names itself as its owner in every write."""

    def __init__(
        self,
        db: Database,
        owner: str = "",
        writing: Writing | None = None,
        first_number: int = 0,
        clock: Callable[[], int] = now,
    ) -> None:
        self._db, self._owner, self._clock = db, owner, clock
        self.writing = writing or partial(write, db)  # several writes, all or none
        self.books = OrderBooks(db, self.writing, first_number)

    def one(self, account: str, work_order: str) -> Order | None:
        """What is known of a work order."""
        return next(iter(self._where("account = ? AND work_order = ?", account, work_order)), None)

    def take(self, account: str) -> list[Order]:
        """Makes all that is to be worked on the owner's, and returns it, the oldest first."""
        with self.writing():
            self._db.execute(TAKE, [self._owner, account, *UNDER_WAY])
        return self._where(f"account = ? AND {TO_WORK_ON} ORDER BY number, work_order", account, *UNDER_WAY)

    def claim(self, order: Order) -> Order:
        """Puts down a work order that is not known yet, with the number and the reference that it gets."""
        with self.writing():
            order = self._settled(order)
            self._db.execute(INSERT, self._values(order))
            touch(self._db, order.account)
        return order

    def change(self, before: Order, after: Order) -> Order:
        """The next state of an order; raises NotOwned when it is another's, or not in the state it was in."""
        with self.writing():
            after = self._settled(after)
            changed = self._db.execute(
                UPDATE,
                [*self._values(after)[2:], before.account, before.work_order, before.state, before.owner],
            )
            if not changed.rowcount:
                raise NotOwned
            touch(self._db, after.account)
        return after

    def say(self, account: str, work_order: str, state: str, said: str) -> bool:
        """What a person says of an order in this state; False when it is in another by now, or was told before."""
        with write(self._db):
            told = self._db.execute(
                "UPDATE orders SET said = ? WHERE account = ? AND work_order = ? AND state = ? AND said = ''",
                [said, account, work_order, state],
            )
            touch(self._db, account)
        return told.rowcount > 0

    def controls(self, order: Order) -> list[int]:
        """Numbers of orders that Cash has shown to us in the same administration, the last one first."""
        rows = self._where(
            "account = ? AND relation_code = ? AND administration = ? AND seen = 1 AND work_order <> ? "
            "AND number IS NOT NULL ORDER BY changed DESC, number DESC LIMIT ?",
            *(order.account, order.relation_code, order.administration, order.work_order, CONTROLS),
        )
        return [row.number for row in rows if row.number is not None]

    def needed(self, account: str) -> int:
        """How many orders there are of which a person must say something."""
        rows = self._db.execute(
            f"SELECT count(*) FROM orders WHERE account = ? AND said = '' "  # noqa: S608
            f"AND state IN ({_marks(NEEDS_A_PERSON)})",
            [account, *NEEDS_A_PERSON],
        )
        return int(rows.fetchall()[0][0])

    def has_work(self, account: str) -> bool:
        """Whether there is anything to be worked on."""
        return bool(self._where(f"account = ? AND {TO_WORK_ON} LIMIT 1", account, *UNDER_WAY))

    def is_under_way(self, account: str, relation_code: str, administration: str) -> bool:
        """Whether there is an order of which it is not known yet whether it is in that administration."""
        states = (*NOT_KNOWN, State.ASKING)
        where = f"account = ? AND relation_code = ? AND administration = ? AND state IN ({_marks(states)}) LIMIT 1"
        return bool(self._where(where, account, relation_code, administration, *states))

    def is_any_to_be_looked_for(self, at: int) -> bool:
        """Whether `wake` has anything to do; nobody waits for this."""
        found = self._db.execute("SELECT EXISTS (SELECT 1 FROM orders WHERE next_look > 0 AND next_look <= ?)", [at])
        return bool(found.fetchone()[0])

    def wake(self, at: int) -> list[str]:
        """The accounts with an order whose time to be looked for has come; each is told of once."""
        rows = self._db.execute(
            "UPDATE orders SET next_look = 0 WHERE next_look > 0 AND next_look <= ? RETURNING account", [at]
        )
        return sorted({account for (account,) in rows.fetchall()})

    def page(self, account: str, states: Sequence[str], after: tuple[int, str], most: int) -> list[Order]:
        """At most so many orders of an account, the one that changed last first; those behind `after` in that order.

        `states` may be empty, for all; `after` is when an order changed and its work order, (0, "") for the first.
        """
        some = f"AND state IN ({_marks(states)}) " if states else ""
        behind = "AND (changed < ? OR (changed = ? AND work_order > ?)) " if after[0] else ""
        return self._where(
            f"account = ? {some}{behind}ORDER BY changed DESC, work_order LIMIT ?",
            *(account, *states, *((after[0], after[0], after[1]) if behind else ()), most),
        )

    def counts(self, account: str) -> dict[str, int]:
        """How many orders of an account are in each state."""
        rows = self._db.execute("SELECT state, count(*) FROM orders WHERE account = ? GROUP BY state", [account])
        return dict(rows.fetchall())

    def _settled(self, order: Order) -> Order:
        """With a number where it needs one, a reference of its own, and the time and owner of the change."""
        if order.state in (State.CLAIMED, State.LOOKING) and order.number is None:
            order = replace(order, number=self.books.next_number(order.relation_code, order.administration))
        if order.state == State.CLAIMED:
            order = replace(order, reference=self.books.free_reference(order))
        return replace(order, changed=self._clock(), owner=self._owner)

    def _values(self, order: Order) -> list[object]:
        """In the order of the names: its key first."""
        odd = {"detail": json.dumps(dict(order.detail)), "seen": int(order.seen)}
        return [odd.get(name, getattr(order, name)) for name in NAMES]

    def _where(self, where: str, *values: object) -> list[Order]:
        rows = select(self._db, f"SELECT * FROM orders WHERE {where}", values)  # noqa: S608 - no value is in it
        return [_order(row) for row in rows]


def _order(row: dict[str, Any]) -> Order:
    detail = read_json(row["detail"])
    known = {name: row[COLUMNS.get(name, name)] for name in NAMES}
    return Order(**{**known, "detail": detail if isinstance(detail, dict) else {}, "seen": bool(row["seen"])})


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
