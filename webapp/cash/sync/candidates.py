"""The records of a kind as what OutSmart would get, page by page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ...outbound.text import clean
from ...outsmart.model import ADDRESSES, EMPLOYEES, HOUR_TYPES, MATERIALS, RELATIONS, WAREHOUSES, Kind, Row
from .compare import fold
from .imports import (
    ArticleFields,
    Record,
    address,
    article,
    employee,
    kind_of_article,
    relation,
    warehouse,
)
from .reading import AGAIN, CUSTOMERS
from .stage import Stage

RECORDS = {RELATIONS: "0101", ADDRESSES: "2229", MATERIALS: "2260", HOUR_TYPES: "2260", WAREHOUSES: "2209",
           EMPLOYEES: "2205"}  # fmt: skip
NOT_KNOWN = ArticleFields("", "")
NAMES = ("0103", "2229", "2001")


class Debtor(NamedTuple):
    """How OutSmart spells the number of a relation; or the word why addresses of it cannot be sent."""

    spelled: str
    reason: str = ""


Debtors = Callable[[Sequence[str]], Mapping[str, Debtor]]


class Candidate(NamedTuple):
    """A record of Cash: its key, what people call it, and its row or the word why it has none."""

    key: str
    label: str
    row: Row | str


class Eligible(NamedTuple):
    """One that has a row."""

    key: str
    label: str
    row: Row


Page = list[Candidate]


def eligible(page: Page) -> list[Eligible]:
    """Those of a page that have a row."""
    return [Eligible(each.key, each.label, each.row) for each in page if not isinstance(each.row, str)]


def candidate_pages(
    kind: Kind, stage: Stage, fields: ArticleFields | None, debtors: Debtors, *, active: bool
) -> Iterator[Page]:
    """Every record of the kind that was read, in the order of Cash; those that are there twice come last."""
    fields = fields or NOT_KNOWN
    for page in stage.pages(RECORDS[kind]):
        if kind == RELATIONS:
            yield _relations(stage, page, active)
        elif kind == ADDRESSES:
            yield _addresses(page, debtors)
        elif kind in (MATERIALS, HOUR_TYPES):
            yield [_candidate(key, each, article(each, fields)) for key, each in page if _is(kind, each, fields)]
        else:
            map_ = warehouse if kind == WAREHOUSES else employee
            yield [_candidate(key, each, map_(each)) for key, each in page]
    for page in stage.pages(f"{RECORDS[kind]}{AGAIN}"):
        yield [
            _candidate(key, each, "twice")
            for key, each in page
            if kind not in (MATERIALS, HOUR_TYPES) or _is(kind, each, fields)
        ]


def _relations(stage: Stage, page: list[tuple[str, dict[str, str]]], active: bool) -> Page:
    customers = stage.find(CUSTOMERS, [key for key, _ in page])
    return [_candidate(key, each, relation(each, customers.get(key), active=active)) for key, each in page]


def _addresses(page: list[tuple[str, dict[str, str]]], debtors: Debtors) -> Page:
    numbers = [fold(RELATIONS.path, each.get("0101", "")) for _, each in page]
    known = debtors(numbers)
    return [
        _candidate(key, each, _address(each, known[number])) for (key, each), number in zip(page, numbers, strict=True)
    ]


def _address(record: Record, debtor: Debtor) -> Row | str:
    return debtor.reason or address({**record, "0101": debtor.spelled})


def _is(kind: Kind, record: Record, fields: ArticleFields) -> bool:
    """An article of no known type counts as a material that is skipped."""
    return (kind_of_article(record, fields) or MATERIALS.path) == kind.path


def _candidate(key: str, record: Record, row: Row | str) -> Candidate:
    name = next((record[field] for field in NAMES if record.get(field)), "")
    return Candidate(key, clean(name, 100), row)
