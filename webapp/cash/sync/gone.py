"""Rows no longer in Cash, or no longer for OutSmart: they stay there, switched off where OutSmart can do that.

Nothing is ever deleted: work orders refer to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ...outsmart.model import HOUR_TYPES, RELATIONS, Kind, Posted, Row
from ...outsmart.values import read_decimal, write_decimal
from .compare import PRICES
from .parts import Parts
from .posting import Item, Poster
from .spelling import read_others
from .stage import Stage
from .tally import Tally

ACTIVE, OFF = "active", "0"  # documented for hour types, and seen in one sample for relations


def settle_gone(account: str, parts: Parts, kind: Kind, stage: Stage, tally: Tally) -> None:
    """Switches off what is marked `gone`, and remembers all of it."""
    if not tally.gone:
        return
    off = _SwitchingOff(account, parts, kind, stage, tally)
    if kind == HOUR_TYPES or (kind == RELATIONS and parts.relation_active):
        off.all()
    else:
        for keys in stage.marked_pages(f"gone {kind.path}"):
            parts.sent.set_gone(account, kind.path, keys)


@dataclass
class _SwitchingOff:
    account: str
    parts: Parts
    kind: Kind
    stage: Stage
    tally: Tally

    def all(self) -> None:
        read_others(self.parts, self.stage, self.kind, whole=True)
        poster = Poster(self.parts, self.kind, self)
        for keys in self.stage.marked_pages(f"gone {self.kind.path}"):
            known = self.parts.sent.known(self.account, self.kind.path, keys)
            others = self.stage.others(self.kind.path, keys)
            for key in keys:
                rows = {spelled: row for spelled, row in others.get(key, ())}
                self._one(key, rows.get(known[key].spelled), poster)
        poster.finish()

    def _one(self, key: str, row: Row | None, poster: Poster) -> None:
        if row is None:  # somebody deleted it in OutSmart: were it sent, it would be made anew
            self.parts.sent.forget(self.account, self.kind.path, [key])
        elif row.get(ACTIVE) == OFF:
            self.parts.sent.set_gone(self.account, self.kind.path, [key], told=True)
        else:
            poster.add(Item(key, "", _switched_off(self.kind, row), ""))

    # --- what became of them ---
    def confirmed(self, items: Sequence[Item]) -> None:
        self.parts.sent.set_gone(self.account, self.kind.path, [each.key for each in items], told=True)
        self.tally.switched_off += len(items)

    def refused(self, item: Item, posted: Posted) -> None:
        self.parts.sent.set_gone(self.account, self.kind.path, [item.key])
        self.tally.refuse(item.row[self.kind.key], "", posted.code, "; ".join(posted.messages))

    def not_tried(self, items: Sequence[Item]) -> None:
        self.tally.untried += len(items)


def _switched_off(kind: Kind, row: Row) -> Row:
    """What a post must have, as OutSmart has it, and that it is no longer active."""
    return {field: _price(row.get(field, "")) if field in PRICES else row.get(field, "") for field in kind.required} | {
        ACTIVE: OFF
    }


def _price(text: str) -> str:
    try:
        return write_decimal(read_decimal(text))
    except ValueError:
        return text
