"""The rows of one kind, as far as OutSmart does not have them already."""

from collections.abc import Iterable, Sequence

from ...outbound.text import clean
from ...outsmart.model import Kind, Posted
from ..store.sent import Sent
from .candidates import Eligible, Page, eligible
from .compare import row_hash
from .parts import Parts
from .posting import Item, Poster
from .spelling import Spellings, respelled
from .stage import Stage
from .tally import Tally

LONGEST_MESSAGE = 500  # characters


class Sending:
    """Compares with what OutSmart confirmed, sends what differs, and remembers what it said."""

    def __init__(self, account: str, parts: Parts, kind: Kind, stage: Stage, tally: Tally) -> None:
        self._account, self._parts, self._kind, self._stage, self._tally = account, parts, kind, stage, tally
        self._poster = Poster(parts, kind, self)
        self._same: list[str] = []
        self._spellings = Spellings(parts, stage, kind)

    def send(self, pages: Iterable[Page], *, all_rows: bool, respell: bool) -> None:
        """`all_rows` sends also what OutSmart has or refused; `respell` looks up keys whose spelling is known, too."""
        for page in map(eligible, pages):
            known = self._parts.sent.known(self._account, self._kind.path, [each.key for each in page])
            due = [each for each in page if all_rows or self._is_due(each, known.get(each.key))]
            for item in self._items(due, known, respell):
                self._poster.add(item)
            self._account_for_the_same()
        self._poster.finish()
        self._tally.stopped = self._poster.stopped

    def _is_due(self, each: Eligible, known: Sent | None) -> bool:
        if known is None:
            return True
        now = row_hash(respelled(self._kind, each.row, known.spelled))
        if now == known.hash:
            self._tally.same += 1
            if known.gone or known.refused:
                self._same.append(each.key)
        elif now == known.refused:
            self._tally.still_refused += 1
        return now not in (known.hash, known.refused)

    def _items(self, due: list[Eligible], known: dict[str, Sent], respell: bool) -> list[Item]:
        if not due:
            return []
        spelled = {key: each.spelled for key, each in known.items() if each.hash}
        asked = {
            each.key: (*filter(None, [spelled.get(each.key)]), each.row[self._kind.key])
            for each in due
            if respell or each.key not in spelled
        }
        spelled |= self._spellings.of(asked) if asked else {}
        items = []
        for each in due:
            row = respelled(self._kind, each.row, spelled[each.key])
            items.append(Item(each.key, each.label, row, row_hash(row)))
            self._count(known.get(each.key), items[-1].hash)
        return items

    def _count(self, known: Sent | None, now: str) -> None:
        if known is None or not known.hash:
            self._tally.new += 1
        elif known.hash == now:
            self._tally.same += 1
        else:
            self._tally.changed += 1

    def _account_for_the_same(self) -> None:
        """What OutSmart has as it is in Cash now, is neither gone nor refused any more."""
        if self._same:
            self._parts.sent.set_back(self._account, self._kind.path, self._same)
            self._same.clear()

    # --- what became of them ---
    def confirmed(self, items: Sequence[Item]) -> None:
        rows = [Sent(each.key, each.row[self._kind.key], hash=each.hash) for each in items]
        self._parts.sent.confirm(self._account, self._kind.path, self._parts.administration.id, rows)
        self._tally.sent += len(items)
        self._parts.progress({"step": "send", "kind": self._kind.path, "sent": self._tally.sent})

    def refused(self, item: Item, posted: Posted) -> None:
        spelled, message = item.row[self._kind.key], clean("; ".join(posted.messages), LONGEST_MESSAGE)
        row = Sent(item.key, spelled, refused=item.hash, code=posted.code, message=message)
        self._parts.sent.refuse(self._account, self._kind.path, self._parts.administration.id, [row])
        self._tally.refuse(spelled, item.label, posted.code, message)

    def not_tried(self, items: Sequence[Item]) -> None:
        self._tally.untried += len(items)
