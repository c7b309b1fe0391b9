"""Cash is read to the end, onto disk, before anything is sent: an open export holds a place that others wait for."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice

from ...outsmart.model import ADDRESSES, RELATIONS
from ..client.errors import CashFault
from ..client.session import CashSession
from .compare import fold, row_hash
from .fields import SAMPLE, find_fields, names_in
from .imports import ArticleFields, Record, is_set
from .parts import Parts
from .plan import Marks, Plan
from .stage import Stage

KEYS = {"0101": ("0101",), "2205": ("2205",), "2209": ("2209",), "2220": ("0101",), "2229": ("0101", "2228"),
        "2260": ("2260",)}  # fmt: skip
FOLDED = {"0101": RELATIONS.path, "2220": RELATIONS.path, "2229": ADDRESSES.path}
PICTURES = {"Zjpg", "Z4245"}
MOST_BY_KEY = 50  # relations asked one by one; for more all are read at once
AGAIN = "+"  # behind the number of records whose key was there already
CUSTOMERS = "2220"


@dataclass
class Reading:
    """What was read: the fields of articles, where they are known, and which records are all there."""

    fields: ArticleFields | None = None
    complete: set[str] = field(default_factory=set)


def read_cash(account: str, parts: Parts, plan: Plan, marks: Marks, stage: Stage) -> Reading:
    """Puts what is due into the stage; raises CashError, Stopped."""
    known = ArticleFields(marks.type_field, marks.unit_field, marks.vat_field) if marks.type_field else None
    reading = Reading(None if plan.whole else known)
    with parts.cash() as session:
        reader = _Reader(account, parts, plan, stage, session, reading)
        if plan.warehouses:
            reader.take_all("2209")
        if plan.relations:
            reader.relations()
        if plan.addresses:
            reader.take_all("2229")
        if plan.articles and (plan.whole or known):
            reader.articles()
        if plan.employees:
            reader.take_all("2205")
    return reading


@dataclass
class _Reader:
    account: str
    parts: Parts
    plan: Plan
    stage: Stage
    session: CashSession
    reading: Reading

    def take_all(self, record: str, properties: str = "") -> None:
        self._take(record, f"{record}{properties}")
        self.reading.complete.add(record)

    def relations(self) -> None:
        """Customer records have no `what changed`, and say who is blocked: they are read whole each time."""
        if self.plan.whole:
            self.take_all("0101")
        else:
            self._take("0101", "0101W", str(self.plan.days))
        self.take_all(CUSTOMERS)
        if not self.plan.whole:
            self._relations_of_changed_customers()

    def _relations_of_changed_customers(self) -> None:
        changed = list(islice(self._changed_customers(), MOST_BY_KEY + 1))
        if len(changed) <= MOST_BY_KEY:
            for number in changed:
                self._take("0101", "0101", number)
            return
        self.stage.clear("0101")
        self.stage.clear(f"0101{AGAIN}")
        self.take_all("0101")

    def _changed_customers(self) -> Iterator[str]:
        for key, spelled, _ in changed_customers(self.account, self.parts, self.stage):
            if "|" not in spelled and not self.stage.find("0101", [key]):
                yield spelled

    def articles(self) -> None:
        if not self.plan.whole:
            self._take("2260", "2260ZW", str(self.plan.days))
            return
        self.take_all("2260", "Z")
        sample = [record for _, record in islice(self.stage.each("2260"), SAMPLE)]
        names = self._names(max(sample, key=len)) if sample else {}
        self.reading.fields = find_fields(names, sample, self.parts.article_fields)

    def _names(self, article: Record) -> dict[str, str]:
        """What Cash calls the fields of this article; nothing, where it cannot say so."""
        self.parts.go_on()
        try:
            with closing(self.session.export(self.parts.administration, "2260XZ", article["2260"])) as records:
                return {field: name for record in records for field, name in names_in(record).items()}
        except CashFault as error:
            if error.reason != "code_800":
                raise
            return {}

    def _take(self, record: str, command: str, *args: str) -> None:
        self.parts.go_on()
        self.parts.progress({"step": "read", "record": record})
        with closing(self.session.export(self.parts.administration, command, *args)) as records, self.stage.filling():
            for n, each in enumerate(records):
                self._put(record, each, n)

    def _put(self, record: str, fields: dict[str, str], n: int) -> None:
        kept = {name: text for name, text in fields.items() if text and name not in PICTURES and name != "record"}
        key = "-".join(kept.get(name, "").strip() for name in KEYS[record]).strip("-")
        key = fold(FOLDED[record], key) if record in FOLDED else key
        if not self.stage.add(record, key or f"?{n}", kept):
            self.stage.add(f"{record}{AGAIN}", f"{key} ({n})", kept)


def changed_customers(account: str, parts: Parts, stage: Stage) -> Iterator[tuple[str, str, str]]:
    """Customer records that are new, otherwise, or gone since the last good run: key, number, and hash ("": gone)."""
    for read in stage.pages(CUSTOMERS):
        known = parts.sent.known(account, CUSTOMERS, [key for key, _ in read])
        for key, record in read:
            seen = row_hash({"blocked": str(is_set(record, "2226"))})
            if key not in known or known[key].hash != seen:
                yield key, record.get("0101", ""), seen
    for page in parts.sent.pages(account, CUSTOMERS, parts.administration.id):
        here = stage.find(CUSTOMERS, [each.key for each in page])
        yield from ((each.key, each.spelled, "") for each in page if each.key not in here)
