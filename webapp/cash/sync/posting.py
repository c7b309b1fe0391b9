"""Rows go to OutSmart in batches; a batch that is refused is halved down to its bad rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...outsmart.model import Kind, Posted, Row
from ...outsmart.session import write_rows
from .parts import Parts

MOST_ROWS, MOST_BYTES = 500, 1_000_000  # of one post
MOST_POSTS = 80  # for one batch; the rest of it is not tried
ALIKE = 10  # so many first single rows refused alike: something is wrong with all of them


@dataclass(frozen=True)
class Item:
    """A row to be sent, with the key and the hash that it is remembered by."""

    key: str
    label: str
    row: Row
    hash: str


class Outcome(Protocol):
    """Who hears what became of rows, as soon as OutSmart said so."""

    def confirmed(self, items: Sequence[Item]) -> None: ...
    def refused(self, item: Item, posted: Posted) -> None: ...
    def not_tried(self, items: Sequence[Item]) -> None: ...


class Poster:
    """Sends the rows of one kind; raises OutSmartError and Stopped, and what was confirmed before stays confirmed."""

    def __init__(self, parts: Parts, kind: Kind, outcome: Outcome) -> None:
        self._parts, self._kind, self._outcome = parts, kind, outcome
        self._batch: list[Item] = []
        self._bytes = 0
        self._left = MOST_POSTS
        self._singles: list[str] = []  # what became of the first rows that were sent alone
        self.stopped = False

    def add(self, item: Item) -> None:
        """Sends it with others, or at the latest when `finish` is called."""
        weight = len(write_rows([item.row]))
        if len(self._batch) == MOST_ROWS or self._bytes + weight > MOST_BYTES:
            self.finish()
        self._batch.append(item)
        self._bytes += weight

    def finish(self) -> None:
        """Sends what waits."""
        batch, self._batch, self._bytes, self._left = self._batch, [], 0, MOST_POSTS
        if batch:
            self._send(batch)

    def _send(self, items: Sequence[Item]) -> None:
        if self.stopped or not self._left:
            self._outcome.not_tried(items)
            return
        self._left -= 1
        posted = self._parts.patiently(lambda: self._parts.outsmart.post(self._kind, [item.row for item in items]))
        if len(items) == 1:
            self._judge(posted)
        if posted.ok:
            self._outcome.confirmed(items)
        elif len(items) == 1:
            self._outcome.refused(items[0], posted)
        else:
            middle = (len(items) + 1) // 2
            self._send(items[:middle])
            self._send(items[middle:])

    def _judge(self, posted: Posted) -> None:
        if len(self._singles) < ALIKE:
            self._singles.append("" if posted.ok else f"{posted.code} {posted.messages}")
            self.stopped = len(self._singles) == ALIKE and len(set(self._singles)) == 1 and bool(self._singles[0])
