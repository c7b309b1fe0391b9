"""One synchronisation of one account, from Cash to OutSmart. It may be stopped anywhere, and can start over."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial

from ...outsmart.model import RELATIONS, Kind
from ..model import read
from ..store.sent import GONE, Sent
from .candidates import RECORDS, Debtor, candidate_pages
from .gone import settle_gone
from .kept import recall
from .parts import Asked, Parts
from .plan import ARTICLES, Marks, Plan, kinds, make_plan, scope_of
from .previews import preview
from .reading import CUSTOMERS, Reading, changed_customers, read_cash
from .sending import Sending
from .stage import PAGE, Stage
from .survey import find_gone, is_too_many, note_skipped, unskip
from .tally import Tally

__all__ = ["execute", "preview"]


def execute(run: Asked, parts: Parts) -> dict[str, object]:
    """A run of kind `changed` (what is due) or `all` (everything, as a person asked): what became of each kind.

    One of kind `preview` is `preview`. One that reads everything goes by what a preview kept, where there is such.
    Raises CashError, OutSmartError, Stopped; what OutSmart confirmed until then is remembered.
    """
    if run.kind == "preview":
        return preview(run, parts)
    account, since = run.account, parts.now()
    scope = scope_of(parts.settings, parts.article_fields, relation_active=parts.relation_active)
    marks = read(Marks, parts.marks.last(account)) or Marks()
    plan = make_plan(parts.settings, marks, scope, account, since, manual=run.kind == "all")
    if kept := recall(parts) if plan.whole else None:
        since = kept.since
        parts.progress({"step": "kept", "at": since})
    with Stage(parts.scratch) as stage:
        reading = kept.reading if kept else read_cash(account, parts, plan, marks, stage)
        work = _Run(account, parts, plan, marks, stage, reading)
        tallies = {kind: work.carry_out(kind) for kind in kinds(plan)}
        parts.go_on()
        work.remember_customers(tallies.get(RELATIONS))
    parts.marks.keep(account, asdict(_new_marks(marks, plan, reading, scope, since, tallies)))
    return {
        "since": since,
        "whole": plan.whole,
        "by_preview": kept is not None,
        "kinds": {kind.path: tally.facts() for kind, tally in tallies.items()},
    }


def _new_marks(
    marks: Marks, plan: Plan, reading: Reading, scope: str, since: int, tallies: Mapping[Kind, Tally]
) -> Marks:
    fields = reading.fields
    waiting = {kind.path for kind, tally in tallies.items() if tally.waits == "many_gone"}
    return Marks(
        scope=scope,
        since=since,
        whole=since if plan.whole else marks.whole,
        small=since if plan.addresses or plan.warehouses or plan.whole else marks.small,
        type_field=fields.type if fields else "",
        unit_field=fields.unit if fields else "",
        vat_field=fields.vat if fields else "",
        waiting=" ".join(sorted(waiting if plan.whole else waiting | set(marks.waiting.split()))),
    )


class _Run:
    def __init__(self, account: str, parts: Parts, plan: Plan, marks: Marks, stage: Stage, reading: Reading) -> None:
        self._account, self._parts, self._plan, self._stage, self._reading = account, parts, plan, stage, reading
        self._waiting = () if plan.whole else marks.waiting.split()
        self._agreed = parts.marks.agreed(account)

    def carry_out(self, kind: Kind) -> Tally:
        """Sends what is to be sent of a kind."""
        if kind in ARTICLES and self._reading.fields is None:
            return Tally(waits="article_fields")
        if kind.path in self._waiting:
            return Tally(waits="many_gone")
        account, parts, stage, tally = self._account, self._parts, self._stage, Tally()
        pages = partial(candidate_pages, kind, stage, self._reading.fields, self._debtors, active=parts.relation_active)
        note_skipped(account, parts, kind, pages(), stage, tally)
        if self._is_complete(kind):
            unskip(account, parts, kind, stage)
            tally.gone, of = find_gone(account, parts, kind, stage)
            if is_too_many(tally.gone, of, self._agreed.get(kind.path, 0)):
                tally.waits = "many_gone"
                return tally
        Sending(account, parts, kind, stage, tally).send(
            pages(), all_rows=self._plan.send_all, respell=self._plan.whole
        )
        settle_gone(account, parts, kind, stage, tally)
        return tally

    def _is_complete(self, kind: Kind) -> bool:
        return RECORDS[kind] in self._reading.complete

    def _debtors(self, numbers: Sequence[str]) -> dict[str, Debtor]:
        known = self._parts.sent.known(self._account, RELATIONS.path, numbers)
        skipped = self._stage.marked(f"skipped {RELATIONS.path}", numbers)
        here = self._stage.marked(f"in {RELATIONS.path}", numbers)
        return {number: _debtor(known.get(number), number in skipped, number in here) for number in numbers}

    def remember_customers(self, tally: Tally | None) -> None:
        """So that the next run sees which customer records changed; not where their relations were not all sent."""
        if tally is None or tally.untried or tally.waits:
            return
        changed = list(changed_customers(self._account, self._parts, self._stage))
        rows = [Sent(key, number, hash=seen) for key, number, seen in changed if seen]
        for at in range(0, len(rows), PAGE):
            self._parts.sent.confirm(self._account, CUSTOMERS, self._parts.administration.id, rows[at : at + PAGE])
        self._parts.sent.forget(self._account, CUSTOMERS, [key for key, _, seen in changed if not seen])


def _debtor(known: Sent | None, skipped: bool, here: bool) -> Debtor:
    if skipped:
        return Debtor("", "relation_skipped")
    if known and known.refused:
        return Debtor("", "relation_refused")
    if known and known.hash not in ("", GONE) and not known.gone:
        return Debtor(known.spelled)
    return Debtor("", "not_tried" if here else "relation_skipped")
