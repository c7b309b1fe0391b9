"""What the users' log says of runs: what persons asked for, and where an outage begins and ends."""

from collections.abc import Mapping

from flask import current_app, g

from ..db import get_db
from ..outsmart import reasons as outsmart
from .client import reasons as cash
from .store.activity import Activity
from .store.overview import ORDERS
from .store.runs import Run

COUNTED = ("sent", "skipped", "refused_rows", "not_tried", "gone")
Facts = Mapping[str, object]


def tell(run: Run, before: Run | None) -> None:
    """One line at most of a run that has ended; `before` is the import that ended before it.

    Call it inside the transaction in which the run ends.
    """
    fails = before is not None and before.state == "failed" and before.reason != "stopped"
    if run.state == "failed" and (run.user or not (fails and before and _is_same(run, before))):
        _add(run, "sync_failed", {"reason": run.reason, "side": side_of(run), "support": g.support_code}, error=True)
    elif waits := _waits(run) - (_waits(before) if before else set()):
        _add(run, "sync_waits", {"why": sorted(waits)})
    elif run.state == "done" and run.kind == "preview":
        return
    elif run.state == "done" and before and fails:
        _add(run, "sync_recovered", {"reason": before.reason, "side": side_of(before), "since": before.ended})
    elif run.state == "done" and run.user and run.kind != ORDERS:
        counts = {kind: {name: _number(facts.get(name)) for name in COUNTED} for kind, facts in run.kinds.items()}
        _add(run, "synced", {"run": run.id, "what": run.kind, "kinds": counts})


def tell_of(run: Run, kind: str, facts: Facts) -> None:
    """What a run says while it works; what was made in Cash is no error."""
    _add(run, kind, {**facts, "run": run.id}, error=kind != "made_in_cash")


def side_of(run: Run) -> str:
    """Who failed: `cash`, `outsmart`, or "" for neither."""
    side = run.result.get("side")
    return side if side in ("cash", "outsmart") else ""


def _is_same(run: Run, before: Run) -> bool:
    """Whether both belong to one outage: while one lasts, calls fail in this way and that."""
    if side_of(run) != side_of(before):
        return False
    meaning_of = outsmart.meaning_of if side_of(run) == "outsmart" else cash.meaning_of
    return run.reason == before.reason or (meaning_of(run.reason).down and meaning_of(before.reason).down)


def _waits(run: Run) -> set[str]:
    """Why all of it, or some kinds of rows, wait for a person or for the operator."""
    whole = run.result.get("waits")
    found = [*(whole if isinstance(whole, list) else ()), *(facts.get("waits") for facts in run.kinds.values())]
    return {word for word in found if word and isinstance(word, str)}


def _number(found: object) -> object:
    return sum(found.values()) if isinstance(found, dict) else found


def _add(run: Run, kind: str, facts: Facts, *, error: bool = False) -> None:
    activity = Activity(get_db(), current_app.config["LOG_DAYS"])
    activity.add(run.account, run.user, kind, error=error, **facts)
