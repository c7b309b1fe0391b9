"""The list of all rows that are left out, refused or gone: page by page, and as a file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from ...web.languages import _
from ..actions.row_reasons import reason
from ..store.noted import GONE, LEFT_OUT, REFUSED, Noted
from .sync_results import KINDS, Cut, Row, kind_named, shown

PAGE = 50  # rows
Counts = Mapping[tuple[str, str], int]


class Option(NamedTuple):
    """One of a list to choose from."""

    value: str
    text: str
    chosen: bool


class Listing(NamedTuple):
    """One page of the list. `previous` and `next` are numbers of pages, 0 where there is none."""

    rows: list[Row]
    place: str  # which of how many these are
    kinds: list[Option]
    reasons: list[Option]
    kind: str
    reason: str
    previous: int
    next: int


class Asked(NamedTuple):
    """Of which kind, why and which page, as far as there is such a thing."""

    kind: str
    reason: str
    page: int
    total: int

    @property
    def start(self) -> int:
        """How many rows come before this page."""
        return (self.page - 1) * PAGE


def asked(counts: Counts, kind: str, why: str, page: int) -> Asked:
    """What is not known asks for all, and a page behind the last one for the last."""
    kind = kind if kind in KINDS else ""
    known = {LEFT_OUT, REFUSED, GONE, *(word for _kind, word in counts)}
    why = why if why in known else ""
    total = sum(_by_reason(counts, kind, why).values())
    return Asked(kind, why, min(max(page, 1), max(-(-total // PAGE), 1)), total)


def cut(counts: Counts, why: str, rows: list[Noted]) -> Cut:
    """The first rows of a reason in words."""
    return Cut([_row(each) for each in rows], sum(_by_reason(counts, "", why).values()), why)


def listing(counts: Counts, at: Asked, rows: list[Noted]) -> Listing:
    """A page in words."""
    last = at.start + len(rows)
    return Listing(
        [_row(each) for each in rows],
        _("%(first)s–%(last)s of %(all)s", first=shown(min(at.start + 1, last)), last=shown(last), all=shown(at.total)),
        [Option("", _("Everything"), not at.kind), *_kinds(counts, at)],
        [Option("", _("For any reason"), not at.reason), *_reasons(counts, at)],
        at.kind,
        at.reason,
        at.page - 1,
        at.page + 1 if last < at.total else 0,
    )


def _kinds(counts: Counts, at: Asked) -> Iterator[Option]:
    here = {kind for kind, _reason in counts} | {at.kind}
    return (Option(kind, str(name), kind == at.kind) for kind, name in KINDS.items() if kind in here)


def _reasons(counts: Counts, at: Asked) -> Iterator[Option]:
    """Those that are left out all together, and each reason; with how many there are."""
    found = _by_reason(counts, at.kind, "")
    left_out = sum(number for word, number in found.items() if word not in (REFUSED, GONE))
    numbers = {LEFT_OUT: left_out, **dict(sorted(found.items(), key=lambda each: -each[1]))}
    for word, number in {**numbers, **({at.reason: numbers.get(at.reason, 0)} if at.reason else {})}.items():
        if number or word == at.reason:
            yield Option(word, f"{_words(word)} ({shown(number)})", word == at.reason)


def _by_reason(counts: Counts, kind: str, why: str) -> Counter[str]:
    found: Counter[str] = Counter()
    for (each, word), number in counts.items():
        if kind in ("", each) and (why in ("", word) or (why == LEFT_OUT and word not in (REFUSED, GONE))):
            found[word] += number
    return found


def _words(word: str) -> str:
    if word in (LEFT_OUT, GONE):
        return _("Left out") if word == LEFT_OUT else _("No longer in Cash")
    return _(reason(word).words)


def _row(row: Noted) -> Row:
    key, said, why = row.shown or row.key, _said(row), _words(row.reason)
    return Row(kind_named(row.kind), f"{row.label} ({key})" if row.label else key, f"{why}: {said}" if said else why)


def _said(row: Noted) -> str:
    return row.message or (str(row.code) if row.code else "")


def as_file(chunks: Iterable[list[Noted]]) -> Iterator[list[list[str]]]:
    """The rows of a spreadsheet, some thousands at a time."""
    yield [[_("Kind"), _("Number or code"), _("Name"), _("Reason"), _("Answer of OutSmart")]]
    for rows in chunks:
        yield [_cells(row) for row in rows]


def _cells(row: Noted) -> list[str]:
    return [kind_named(row.kind), row.shown or row.key, row.label, _words(row.reason), _said(row)]
