"""The imports of the Cash sandbox: what becomes of each, whether its sender hears of it or not."""

import hashlib
import time
from collections.abc import Callable

from .books import Books
from .imports import PENDING, Transaction, calls_to_wait
from .switches import Switches


class Transactions:
    """Every import so far. Not thread-safe: the operations hold a lock around it."""

    def __init__(self, switches: Switches, books_of: Callable[[str], Books]) -> None:
        self._switches, self._books_of = switches, books_of
        self._known: dict[str, Transaction] = {}

    def take(self, transaction: Transaction) -> Transaction:
        """An import arrives, and is carried out unless it waits. ConnectionError when it gets no answer."""
        lost = self._switches.lost
        unheard = lost.strikes(transaction.incoming)
        if unheard and lost.kind == "before":
            raise ConnectionAbortedError
        self._keep(transaction)
        if unheard and lost.kind == "late":
            transaction.due = time.monotonic() + lost.amount
        elif not transaction.waits:
            self._settle(transaction)
        if unheard:
            raise ConnectionAbortedError
        return transaction

    def ask(self, id: str, seen: list[str]) -> Transaction | None:
        """What became of an import in one of the administrations seen; one that waits comes nearer to its end."""
        transaction = self._known.get(id)
        if transaction is None or transaction.administration not in seen:
            return None
        if transaction.status == PENDING and not transaction.due and transaction.is_over():
            self._settle(transaction, late=True)
        return transaction

    def land_due(self) -> None:
        """Carries out what was sent so long ago that it has landed."""
        self._land(lambda each: 0 < each.due <= time.monotonic())

    def land(self) -> None:
        """Carries out all that is under way or waits."""
        self._land(lambda each: True)

    @property
    def under_way(self) -> list[Transaction]:
        """Those that are late or wait."""
        return [each for each in self._known.values() if each.status == PENDING]

    def _keep(self, transaction: Transaction) -> None:
        transaction.id = hashlib.sha256(f"{len(self._known)}".encode()).hexdigest()[:13]
        transaction.waits = calls_to_wait(transaction.incoming)
        if self._switches.pending.strikes(transaction.incoming):
            transaction.waits = self._switches.pending.amount
        if self._switches.half.strikes(transaction.incoming):
            transaction.lines = self._switches.half.amount
        self._known[transaction.id] = transaction

    def _land(self, lands: Callable[[Transaction], bool]) -> None:
        for each in self.under_way:
            if lands(each):
                self._settle(each, late=True)

    def _settle(self, transaction: Transaction, late: bool = False) -> None:
        transaction.settle(self._books_of(transaction.administration), self._switches.existing, late)
