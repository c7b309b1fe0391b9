"""What the host reads about an account and a run. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..cash.actions.standing import Facts, next_run, standing_of
from ..cash.choices import SavedSettings
from ..cash.store.runs import Run

# What is told of each kind, and where a result has it.
COUNTED = {
    "new": "new",
    "changed": "changed",
    "same": "same",
    "sent": "sent",
    "skipped": "skipped",
    "refused": "refused_rows",
    "not_tried": "not_tried",
    "gone": "gone",
}


def account(id: str, facts: Facts) -> dict[str, Any]:
    """An account as JSON."""
    state, problem = standing_of(facts)
    return {
        "id": id,
        "changed": str(facts.changed),
        "connected": facts.login is not None,
        "outsmart_token": facts.outsmart == "stored",
        "administration": _administration(facts.saved),
        "state": state,
        "problem": problem or None,
        "settings": _settings(facts.saved),
        "open_run": _short(facts.open),
        "last_good_run": _short(facts.good),
        "next_run_at": _time(next_run(facts)),
        "interval_seconds": facts.schedule.period if facts.schedule else None,
        "counts": counts(facts.good.result) if facts.good else {},
    }


def run(run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        **_times(run),
        "user": run.user or None,
        "reason": run.reason or None,
        "progress": dict(run.progress),
        "counts": counts(run.result),
        "result": dict(run.result),
    }


def counts(result: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """How many rows of each kind were new, changed and so on, as far as a result tells."""
    kinds = result.get("kinds")
    found = kinds.items() if isinstance(kinds, dict) else ()
    return {
        kind: {word: _number(facts[name]) for word, name in COUNTED.items() if name in facts} for kind, facts in found
    }


def _number(value: Any) -> int:
    """A number, or numbers by reason."""
    return sum(value.values()) if isinstance(value, dict) else int(value)


def _administration(saved: SavedSettings) -> dict[str, str] | None:
    chosen = saved.settings
    return {"id": chosen.administration, "name": chosen.administration_name} if chosen.administration else None


def _settings(saved: SavedSettings) -> dict[str, Any] | None:
    if not saved.version:
        return None
    facts = {"version": saved.version, "saved_at": _time(saved.at), "saved_by": saved.user}
    return {**facts, "choices": asdict(saved.settings)}


def _short(run: Run | None) -> dict[str, Any] | None:
    return _times(run) if run else None


def _times(run: Run) -> dict[str, Any]:
    times = {f"{name}_at": _time(getattr(run, name)) for name in ("asked", "due", "started", "ended")}
    return {"id": run.id, "kind": run.kind, "state": run.state, **times}


def _time(seconds: int) -> str | None:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if seconds else None
