"""How the synchronisation stands, in words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import format_decimal
from markupsafe import Markup, escape

from ...outbound.failures import Remedy
from ...outsmart import reasons as outsmart
from ...web.languages import _, _l, moment
from ..actions.syncing import Sync
from ..client import reasons as cash
from ..client.errors import error_for_reason
from ..store.runs import Run
from ..store.sent import Sent, Skipped
from ..sync.reasons import REASONS, reason
from . import problems

MOST = 50  # rows of each list
KINDS = {
    "relations": _l("Relations"),
    "addresses": _l("Delivery addresses"),
    "materials": _l("Materials"),
    "hourtypes": _l("Hour types"),
    "warehouses": _l("Warehouses"),
    "employees": _l("Employees"),
}
LACKS = {
    "not_connected": _l("Log in to Cash first."),
    "disconnected": _l("Log in to Cash first."),
    "not_saved": _l("Save first."),
    "no_login": _l("Log in to Cash first."),
    "no_settings": _l("Save first."),
    "login_refused": _l("Stopped: Cash refuses the stored login. Log in again and save."),
    "nothing_chosen": _l("Nothing is switched on."),
    "administration_gone": _l("Stopped: the login does not see the administration any more. Choose one and save."),
    "vault": _l("Stopped: the stored password cannot be read. Log in again and save."),
    "outsmart_token_missing": _l("Waits until OutSmart gives access to this account. You need not do anything."),
    "outsmart_token_unreadable": _l("Stopped: we cannot read the access to OutSmart. It is up to us to solve this."),
    "outsmart_token_refused": _l("Stopped: OutSmart refuses access to this account. Ask the support of OutSmart."),
}


class Row(NamedTuple):
    """One record that needs attention: which, and why."""

    kind: str
    name: str
    why: str


@dataclass(frozen=True)
class Details:
    """What became of each kind, what a preview shows, and the rows that need attention."""

    results: list[tuple[str, str]] = field(default_factory=list)
    looked: list[tuple[str, str, list[str]]] = field(default_factory=list)  # kind, counts, examples
    looked_at: int = 0
    skipped: list[Row] = field(default_factory=list)
    refused: list[Row] = field(default_factory=list)
    gone: list[Row] = field(default_factory=list)


@dataclass(frozen=True)
class Panel:
    """What the panel shows; `busy` while it should look again by itself."""

    text: str
    tone: str = ""  # "good", "warning", "error"
    hints: tuple[str, ...] = ()
    busy: bool = False
    can_start: bool = False
    many_gone: bool = False
    refused: int = 0
    details: Details | None = None


def told(sync: Sync, details: Details | None = None) -> Panel:
    """The panel of an account that was saved."""
    run = sync.runs.open
    if run and run.state == "running":
        return Panel(_running(run), hints=_progress(run), busy=True, details=details)
    if run and run.user:
        return Panel(*_waiting(sync), busy=True, details=details)
    refused = sum(_number(each, "refused_rows", "still_refused") for each in _kinds(sync.runs.good))
    text, tone = _standing(sync)
    waits = {str(each.get("waits")) for each in _kinds(sync.runs.good)} | {sync.standing.problem}
    return Panel(
        text,
        tone,
        (*_hints(sync),),
        can_start=not sync.missing and sync.standing.problem != "nothing_chosen",
        many_gone="many_gone" in waits and sync.runs.good is not None,
        refused=refused,
        details=details,
    )


def _running(run: Run) -> Markup:
    if run.kind == "preview":
        return _timed(_("Looking since %(time)s what would change; nothing is written."), run.started)
    return _timed(_("Importing since %(time)s."), run.started)


def _timed(text: str, seconds: int) -> Markup:
    return escape(text) % {"time": moment(seconds)}


def _progress(run: Run) -> tuple[str, ...]:
    kind = str(KINDS.get(str(run.progress.get("kind")), ""))
    match run.progress.get("step"):
        case "read":
            return (_("Reading from Cash"),)
        case "compare":
            return (_("%(kind)s: comparing with OutSmart", kind=kind),)
        case "send":
            return (_("%(kind)s: %(num)s sent", kind=kind, num=_shown(run.progress.get("sent"))),)
    return ()


def _waiting(sync: Sync) -> tuple[str, str]:
    if sync.is_unattended:
        return _("Waits: the synchronisation does not run now. It is up to us to solve this."), "error"
    return _("Starts in a moment."), ""


def _standing(sync: Sync) -> tuple[str, str]:
    state, word = sync.standing
    if sync.is_unattended:
        return _waiting(sync)
    if word in LACKS:
        return str(LACKS[word]), "" if state == "paused" or word == "outsmart_token_missing" else "error"
    if word in REASONS and reason(word).remedy is Remedy.USER:
        return _("Waits for you: %(why)s.", why=_(reason(word).words)), "warning"
    if word:
        return _failed(word), "error"
    if sync.runs.good:
        return _timed(_("Imported at %(time)s."), sync.runs.good.ended), "good"
    return _("Nothing is imported yet."), ""


def _failed(word: str) -> str:
    """Why the last run came to nothing."""
    in_cash, in_outsmart = word in cash.REASONS, word in outsmart.REASONS
    meaning = (outsmart if in_outsmart else cash).meaning_of(word)
    if meaning.remedy is Remedy.OPERATOR or not (in_cash or in_outsmart):
        return _("The import does not work now. It is up to us to solve this.")
    if in_cash and in_outsmart:  # words of the network say not whose it was
        return _("Cash or OutSmart does not answer now. We try again by ourselves.")
    if in_outsmart:
        return _("OutSmart does not answer now. We try again by ourselves.")
    return _("%(problem)s. We try again by ourselves.", problem=problems.explain(error_for_reason(word)).title)


def _hints(sync: Sync) -> Iterable[str]:
    if sync.runs.good and (counted := _counted(Counter(_totals(sync.runs.good)))):
        yield counted
    if sync.next_run:
        yield _timed(_("Next time: %(time)s."), sync.next_run)


def _totals(run: Run) -> Mapping[str, int]:
    total: Counter[str] = Counter()
    for each in _kinds(run):
        total.update(_counts(each))
    return total


def _kinds(run: Run | None) -> Iterable[Mapping[str, Any]]:
    return run.kinds.values() if run else ()


def _counts(facts: Mapping[str, Any]) -> dict[str, int]:
    skipped = facts.get("skipped")
    return {
        "new": _number(facts, "new"),
        "changed": _number(facts, "changed"),
        "refused": _number(facts, "refused_rows", "still_refused"),
        "skipped": sum(n for n in (skipped.values() if isinstance(skipped, dict) else ()) if isinstance(n, int)),
        "gone": _number(facts, "gone"),
    }


def _number(facts: Mapping[str, Any], *names: str) -> int:
    return sum(value for name in names if isinstance(value := facts.get(name), int))


def _counted(counts: Mapping[str, int]) -> str:
    """Counts on one line; those that are none are left out."""
    words = {
        "new": _("%(num)s new"),
        "changed": _("%(num)s changed"),
        "same": _("%(num)s the same"),
        "refused": _("%(num)s refused by OutSmart"),
        "skipped": _("%(num)s left out"),
        "gone": _("%(num)s no longer in Cash"),
        "only_in_outsmart": _("%(num)s only in OutSmart"),
        "twice_in_outsmart": _("%(num)s twice in OutSmart"),
        "overwritten": _("%(num)s changed in OutSmart, which a full import writes over"),
    }
    return ", ".join(text % {"num": _shown(counts[name])} for name, text in words.items() if counts.get(name))


def _shown(number: object) -> str:
    return str(format_decimal(number)) if isinstance(number, int) else "0"


def results(run: Run | None) -> list[tuple[str, str]]:
    """What became of each kind."""
    found = run.kinds.items() if run else ()
    return [(_kind(kind), _counted(_counts(facts)) or _("nothing changed")) for kind, facts in found]


def looked(run: Run | None) -> list[tuple[str, str, list[str]]]:
    """What a preview shows of each kind: counts, and examples of what would change."""
    found = run.kinds.items() if run else ()
    return [
        (_kind(kind), _counted({**_counts(facts), **_more(facts)}) or _("nothing"), [*_examples(facts)])
        for kind, facts in found
    ]


def _more(facts: Mapping[str, Any]) -> dict[str, int]:
    return {name: _number(facts, name) for name in ("same", "only_in_outsmart", "twice_in_outsmart", "overwritten")}


def _examples(facts: Mapping[str, Any]) -> Iterable[str]:
    examples = facts.get("examples")
    for each in examples if isinstance(examples, list) else ():
        if isinstance(each, dict) and isinstance(fields := each.get("fields"), dict):
            changes = (f"{name}: {old} → {new}" for name, old, new in _fields(fields))
            yield f"{each.get('name') or each.get('key')} – {'; '.join(changes)}"


def _fields(fields: Mapping[str, Any]) -> Iterable[tuple[str, object, object]]:
    for name, change in fields.items():
        if isinstance(change, dict):
            yield name, change.get("old") or "–", change.get("new") or "–"


def skipped(rows: Iterable[Skipped]) -> list[Row]:
    """Records of Cash that OutSmart does not get."""
    return [Row(_kind(each.kind), f"{each.label} ({each.key})", _(reason(each.reason).words)) for each in rows]


def refused(rows: Iterable[tuple[str, Sent]]) -> list[Row]:
    """Records that OutSmart does not take."""
    return [Row(_kind(kind), each.spelled or each.key, each.message or str(each.code)) for kind, each in rows]


def gone(rows: Iterable[tuple[str, Sent]]) -> list[Row]:
    """Records in OutSmart that are no longer in Cash."""
    return [Row(_kind(kind), each.spelled or each.key, _("no longer in Cash")) for kind, each in rows]


def _kind(word: str) -> str:
    return str(KINDS.get(word, word))
