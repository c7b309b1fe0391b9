"""How OutSmart spells a key: another spelling would be another row, and would double a customer."""

from collections.abc import Mapping, Sequence

from ...outsmart.model import ADDRESSES, RELATIONS, Kind, Row
from .compare import fold
from .parts import Parts
from .stage import Stage

RESPELLED = (RELATIONS, ADDRESSES)  # other codes are compared character by character


def read_others(parts: Parts, stage: Stage, kind: Kind, *, whole: bool) -> None:
    """Puts away what OutSmart has of a kind, with all fields where they are `whole`."""

    def read() -> None:
        stage.clear(other=kind.path)
        with stage.filling():
            for row in parts.outsmart.get(kind):
                spelled = row.get(kind.key, "")
                stage.add_other(kind.path, fold(kind.path, spelled), spelled, row if whole else {})

    parts.progress({"step": "compare", "kind": kind.path})
    parts.patiently(read)


def respelled(kind: Kind, row: Row, spelled: str) -> Row:
    """The row with its key as OutSmart has it."""
    return row if row[kind.key] == spelled else {**row, kind.key: spelled}


def choose(spellings: Sequence[str], *wanted: str) -> str:
    """The first wanted one that OutSmart has, else what it has, else what was wanted last."""
    for each in wanted:
        if each in spellings:
            return each
    return spellings[0] if spellings else wanted[-1]


class Spellings:
    """The keys of a kind as OutSmart has them, read when they are needed first."""

    def __init__(self, parts: Parts, stage: Stage, kind: Kind) -> None:
        self._parts, self._stage, self._kind = parts, stage, kind
        self._read = kind not in RESPELLED

    def of(self, wanted: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
        """By key; `wanted` are the spellings to prefer, the last one for a key that OutSmart does not have."""
        if not self._read:
            read_others(self._parts, self._stage, self._kind, whole=False)
            self._read = True
        if self._kind not in RESPELLED:
            return {key: each[-1] for key, each in wanted.items()}
        found = self._stage.others(self._kind.path, list(wanted))
        return {key: choose([spelled for spelled, _ in found.get(key, ())], *each) for key, each in wanted.items()}
