"""What of a kind is in Cash for OutSmart, what is skipped and why, and what is gone; nothing is sent yet."""

from collections.abc import Iterable

from ...outsmart.model import Kind
from ..store.sent import Skipped
from .candidates import Page
from .parts import Parts
from .stage import Stage
from .tally import Tally

HELD = {"relation_refused", "not_tried"}  # still in Cash for OutSmart, though it does not get it now
FEWEST_GONE, SHARE_GONE = 20, 0.10  # more than both: a person must say that it is right


def note_skipped(account: str, parts: Parts, kind: Kind, pages: Iterable[Page], stage: Stage, tally: Tally) -> None:
    """Marks what is in Cash for OutSmart, and remembers why the others are not."""
    for page in pages:
        skipped = [Skipped(kind.path, each.key, each.label, each.row) for each in page if isinstance(each.row, str)]
        tally.skipped.update(each.reason for each in skipped)
        stage.mark(f"skipped {kind.path}", [each.key for each in skipped])
        stage.mark(f"in {kind.path}", [each.key for each in page if not isinstance(each.row, str) or each.row in HELD])
        parts.marks.note(account, kind.path, [each.key for each in page], skipped)


def unskip(account: str, parts: Parts, kind: Kind, stage: Stage) -> None:
    """Whatever is not in Cash any more is not skipped either; known from a complete read only."""
    gone = [
        each.key
        for each in parts.marks.skipped(account, kind.path)
        if not stage.marked(f"skipped {kind.path}", [each.key])
    ]
    parts.marks.unskip(account, kind.path, gone)


def find_gone(account: str, parts: Parts, kind: Kind, stage: Stage) -> tuple[int, int]:
    """How many rows of ours are no longer in Cash since the last time, of how many; marks them `gone`."""
    gone = of = 0
    for page in parts.sent.pages(account, kind.path, parts.administration.id):
        here = [each.key for each in page if not each.gone]
        lost = set(here) - stage.marked(f"in {kind.path}", here)
        stage.mark(f"gone {kind.path}", lost)
        gone, of = gone + len(lost), of + len(here)
    return gone, of


def is_too_many(gone: int, of: int, agreed: int) -> bool:
    """Whether so many rows at once are more likely a mistake than a fact."""
    return gone > FEWEST_GONE and gone > of * SHARE_GONE and gone > agreed
