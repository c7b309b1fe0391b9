"""What the host reads about an account and a run. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..cash.actions.standing import Facts, standing
from ..cash.choices import SavedSettings
from ..cash.store.runs import Run

COUNTED = ("new", "changed", "same", "sent", "skipped", "refused", "gone")


def account(id: str, facts: Facts) -> dict[str, Any]:
    """An account as JSON."""
    state, problem = standing(facts)
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
        "next_run_at": _time(facts.due),
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
    kinds = {kind: each for kind, each in result.items() if isinstance(each, Mapping)}
    return {kind: {word: _number(each[word]) for word in COUNTED if word in each} for kind, each in kinds.items()}


def _number(value: Any) -> int:
    """A number, or how many are listed, by reason or one by one."""
    if isinstance(value, Mapping):
        return sum(map(_number, value.values()))
    if isinstance(value, list):
        return len(value)
    return value if isinstance(value, int) else 0


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
