"""What is known of the sales orders in an administration, which accounts may share: numbers, and how they are read."""

from typing import Protocol

from sqlite_utils import Database

from ...db import select
from .sent import Writing

UNTRIED, PROVEN, BLIND = "untried", "proven", "blind"  # whether Cash finds an order by its number
LONGEST_REFERENCE = 35  # characters, as of a name (WP): how long it may be is in no source


class Referred(Protocol):
    """An order that wants a reference."""

    @property
    def account(self) -> str: ...
    @property
    def work_order(self) -> str: ...
    @property
    def relation_code(self) -> str: ...
    @property
    def administration(self) -> str: ...
    @property
    def reference(self) -> str: ...


class OrderBooks:
    """One row for each administration; `first_number` is the first that its sales orders get."""

    def __init__(self, db: Database, writing: Writing, first_number: int) -> None:
        self._db, self._writing, self._first = db, writing, first_number

    def reads(self, relation_code: str, administration: str) -> str:
        """Whether Cash finds an order by its number there: untried, proven or blind."""
        rows = select(
            self._db,
            "SELECT reads FROM order_books WHERE relation_code = ? AND administration = ?",
            [relation_code, administration],
        )
        return next((str(row["reads"]) for row in rows), UNTRIED)

    def learn(self, relation_code: str, administration: str, reads: str) -> None:
        """What a look has shown of that."""
        with self._writing():
            self._db.execute(
                "UPDATE order_books SET reads = ? WHERE relation_code = ? AND administration = ?",
                [reads, relation_code, administration],
            )

    def next_number(self, relation_code: str, administration: str) -> int:
        """One more than the highest that was ever given there, inside the transaction that uses it; holes are fine."""
        rows = self._db.execute(
            "INSERT INTO order_books (relation_code, administration, last_number, reads) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (relation_code, administration) DO UPDATE SET last_number = "
            "CASE WHEN last_number < excluded.last_number THEN excluded.last_number ELSE last_number + 1 END "
            "RETURNING last_number",
            [relation_code, administration, self._first, UNTRIED],
        )
        return int(rows.fetchall()[0][0])

    def free_reference(self, order: Referred) -> str:
        """The one it wants, with the id behind it where another work order has that already."""
        tries = ("", f" {order.work_order}", *(f" {order.work_order}-{n}" for n in range(2, 100)))
        return next(found for each in tries if self._is_free(order, found := referred(order.reference, each)))

    def _is_free(self, order: Referred, reference: str) -> bool:
        taken = self._db.execute(
            "SELECT 1 FROM orders WHERE relation_code = ? AND administration = ? AND reference = ? "
            "AND NOT (account = ? AND work_order = ?)",
            [order.relation_code, order.administration, reference, order.account, order.work_order],
        )
        return not taken.fetchall()


def referred(reference: str, behind: str) -> str:
    """With so much behind it, for which it is cut where Cash would have to."""
    return f"{reference[: LONGEST_REFERENCE - len(behind)].rstrip()}{behind}"
