"""Runs of the synchronisation in the words of the log."""

from collections.abc import Iterator
from typing import Any

from ...outsmart import reasons as outsmart
from ...web.languages import _, _n
from ..actions.row_reasons import REASONS
from ..client.errors import error_for_reason
from ..model import Event
from ..store.overview import ORDERS
from . import problems


def run_in_words(event: Event) -> tuple[str, str]:
    """The line of an event that tells of a run, and the full message behind it."""
    match event.kind:
        case "synced" if event.facts.get("what") == ORDERS:
            return _("Work orders exported"), ""
        case "synced":
            return _("Synchronised with OutSmart"), " ".join(_counts(event.facts.get("kinds")))
        case "sync_recovered":
            return _("The synchronisation works again"), ""
        case "sync_waits":
            return _("The synchronisation waits until you have looked at it"), " ".join(_why(event.facts.get("why")))
    title, text = why_it_failed(_word(event, "reason"), _word(event, "side"))
    support = _word(event, "support")
    more = _("Support code: %(code)s", code=support) if support else ""
    return _("Synchronisation failed: %(why)s", why=title), f"{text} {more}".strip()


def why_it_failed(reason: str, side: str) -> tuple[str, str]:
    """The title, and what to do next, for the reason word of a failed run; `side` is cash, outsmart or ""."""
    if side == "outsmart":
        return _outsmart(reason)
    if side == "cash":
        problem = problems.explain(error_for_reason(reason))
        return problem.title, problem.text
    if reason in REASONS:
        return _(REASONS[reason].words), ""
    return _("The link does not work now. It is up to us to solve this."), ""


def _outsmart(reason: str) -> tuple[str, str]:
    match outsmart.meaning_of(reason).words:
        case "rejected":
            return _("OutSmart refuses its token"), _("Ask the support of OutSmart to connect this account anew.")
        case "attention":
            return _("The link does not work now. It is up to us to solve this."), ""
    return _("OutSmart cannot be reached"), _("It is tried again by itself.")


def _why(words: Any) -> Iterator[str]:
    known = words if isinstance(words, list) else []
    return (_(REASONS[word].words) + "." for word in known if isinstance(word, str) and word in REASONS)


def _counts(kinds: Any) -> Iterator[str]:
    """How many rows were sent and skipped, over all kinds."""
    facts = [each for each in kinds.values() if isinstance(each, dict)] if isinstance(kinds, dict) else []
    sent, refused, skipped = (_sum(facts, name) for name in ("sent", "refused_rows", "skipped"))
    yield _n("%(num)d row sent.", "%(num)d rows sent.", sent)
    if refused:
        yield _n("%(num)d refused by OutSmart.", "%(num)d refused by OutSmart.", refused)
    if skipped:
        yield _n("%(num)d skipped.", "%(num)d skipped.", skipped)


def _sum(facts: list[dict[str, Any]], name: str) -> int:
    return sum(each[name] for each in facts if type(each.get(name)) is int and 0 < each[name] < 10**9)


def _word(event: Event, name: str) -> str:
    fact = event.facts.get(name)
    return fact if isinstance(fact, str) else ""
