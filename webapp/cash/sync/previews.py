"""What a run would do: both sides are read, and nothing is written on either, nor here.

What was read of Cash is left in the run's directory, for whoever starts by what is shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...outsmart.model import RELATIONS, Kind
from .candidates import Debtor, Eligible, candidate_pages, eligible
from .compare import differences, row_hash, spelled_both_ways
from .imports import ArticleFields
from .kept import keep
from .parts import Asked, Parts
from .plan import ARTICLES, Marks, kinds, make_plan
from .reading import read_cash
from .spelling import choose, read_others, respelled
from .stage import Stage
from .survey import find_gone, is_too_many

EXAMPLES = 20
MANY_CHANGES = 0.10  # of what OutSmart has


def preview(run: Asked, parts: Parts) -> dict[str, object]:
    """By kind what is new, the same, changed (fields and examples), only in OutSmart, there twice, and skipped.

    `overwritten` are rows that somebody changed in OutSmart since they were sent: only a manual run writes over them.
    `waits` are words why a first run should not start by itself. Raises CashError, OutSmartError, Stopped.
    """
    began = parts.now()
    plan = make_plan(parts.settings, Marks(), "whole", run.account, began, manual=True)
    with Stage(parts.scratch) as stage:
        reading = read_cash(run.account, parts, plan, Marks(), stage)
        keep(parts, stage, reading, began)
        looks = {kind: _Look(run.account, parts, kind, stage).look(reading.fields) for kind in kinds(plan)}
    found = {kind.path: look.facts() for kind, look in looks.items()}
    return {
        "at": parts.now(),
        "waits": sorted({word for look in looks.values() for word in look.waits}),
        "kinds": found,
    }


@dataclass
class _Look:
    account: str
    parts: Parts
    kind: Kind
    stage: Stage
    new: int = 0
    same: int = 0
    changed: int = 0
    overwritten: int = 0
    gone: int = 0
    only_in_outsmart: int = 0
    twice_in_outsmart: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    examples: list[dict[str, object]] = field(default_factory=list)
    waits: set[str] = field(default_factory=set)

    def look(self, fields: ArticleFields | None) -> "_Look":
        if self.kind in ARTICLES and fields is None:
            self.waits.add("article_fields")
            return self
        read_others(self.parts, self.stage, self.kind, whole=True)
        pages = candidate_pages(self.kind, self.stage, fields, self._debtors, active=self.parts.relation_active)
        for page in pages:
            self.skipped.update(each.row for each in page if isinstance(each.row, str))
            self._compare(eligible(page))
        self._look_at_outsmart()
        self._look_at_gone()
        if self.changed > MANY_CHANGES * self.stage.count_others(self.kind.path):
            self.waits.add("many_changes")
        return self

    def _compare(self, page: Sequence[Eligible]) -> None:
        keys = [each.key for each in page]
        others = self.stage.others(self.kind.path, keys)
        known = self.parts.sent.known(self.account, self.kind.path, keys)
        self.stage.mark(f"in {self.kind.path}", keys)
        for each in page:
            rows = dict(reversed(others.get(each.key, [])))
            if not rows:
                self.new += 1
                continue
            sent = known.get(each.key)
            wanted = (*([sent.spelled] if sent else []), each.row[self.kind.key])
            spelled = choose(list(reversed(rows)), *wanted)
            row = respelled(self.kind, each.row, spelled)
            if changes := differences(row, rows[spelled]):
                self.overwritten += bool(sent and sent.hash == row_hash(row))
                self._change(spelled, each.label, changes)
            else:
                self.same += 1

    def _change(self, key: str, label: str, changes: dict[str, tuple[str, str]]) -> None:
        self.changed += 1
        self.fields.update(changes.keys())
        if len(self.examples) < EXAMPLES:
            told = {name: {"old": old, "new": new} for name, (old, new) in changes.items()}
            self.examples.append({"key": key, "name": label, "fields": told})

    def _look_at_outsmart(self) -> None:
        numbers: dict[str, str] = {}
        for key, spellings in self.stage.other_keys(self.kind.path):
            in_cash = bool(self.stage.marked(f"in {self.kind.path}", [key]))
            self.only_in_outsmart += not in_cash and len(spellings)
            self.twice_in_outsmart += len(spellings) > 1
            if in_cash and len(spellings) > 1:
                self.waits.add("doubles")
            if in_cash and self.kind == RELATIONS:
                numbers |= {f"{key} {n}": spelled for n, spelled in enumerate(spellings)}
        if spelled_both_ways(numbers):
            self.waits.add("both_spellings")

    def _look_at_gone(self) -> None:
        self.gone, of = find_gone(self.account, self.parts, self.kind, self.stage)
        if is_too_many(self.gone, of, 0):
            self.waits.add("many_gone")

    def _debtors(self, numbers: Sequence[str]) -> dict[str, Debtor]:
        """Relations that a run would send, spelled as OutSmart has them, else as Cash does."""
        here = self.stage.marked(f"in {RELATIONS.path}", numbers)
        others = self.stage.others(RELATIONS.path, list(numbers))
        records = self.stage.find("0101", list(numbers))
        return {
            number: Debtor(choose([spelled for spelled, _ in others.get(number, ())], records[number]["0101"]))
            if number in here
            else Debtor("", "relation_skipped")
            for number in numbers
        }

    def facts(self) -> dict[str, object]:
        """As it is stored."""
        return {
            "new": self.new,
            "same": self.same,
            "changed": self.changed,
            "fields": dict(self.fields),
            "examples": self.examples,
            "overwritten": self.overwritten,
            "only_in_outsmart": self.only_in_outsmart,
            "twice_in_outsmart": self.twice_in_outsmart,
            "gone": self.gone,
            "skipped": dict(self.skipped),
        }
