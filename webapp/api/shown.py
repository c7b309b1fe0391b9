"""What the host reads about an account, a run and an order. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..cash.actions.standing import Facts, next_run, standing_of
from ..cash.choices import SavedSettings
from ..cash.store.orders import NEEDS_A_PERSON, Order
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
        "counts": counts(facts.good) if facts.good else {},
        "orders": dict(facts.orders),
    }


def run(run: Run) -> dict[str, Any]:
    """A run as JSON."""
    return {
        **_times(run),
        "user": run.user or None,
        "reason": run.reason or None,
        "progress": dict(run.progress),
        "counts": counts(run),
        "result": dict(run.result),
    }


def order(order: Order) -> dict[str, Any]:
    """An order as JSON."""
    return {
        **left_open(order),
        "needs_a_person": order.state in NEEDS_A_PERSON and not order.said,
        "customer": order.customer,
        "amount": order.amount or None,
        "reason": order.reason or None,
        "problems": _listed(order, "problems", dict),
        "notes": _listed(order, "notes", str),
        "changed_at": _time(order.changed),
        "next_look_at": _time(order.next_look),
    }


def left_open(order: Order) -> dict[str, Any]:
    """By what a person finds an order in Cash, and its work order."""
    names = ("work_order", "order_nr", "state", "number", "reference", "administration")
    return {name: getattr(order, name) for name in names}


def _listed(order: Order, name: str, kind: type) -> list[Any]:
    found = order.detail.get(name)
    return [each for each in found if isinstance(each, kind)] if isinstance(found, list) else []


def counts(run: Run) -> dict[str, dict[str, int]]:
    """How many rows of each kind were new, changed and so on, as far as the result tells."""
    return {kind: _numbers(facts) for kind, facts in run.kinds.items()}


def _numbers(facts: Mapping[str, Any]) -> dict[str, int]:
    numbers = {word: _number(facts.get(name)) for word, name in COUNTED.items()}
    return {word: number for word, number in numbers.items() if number is not None}


def _number(value: Any) -> int | None:
    """A number, or the sum of numbers by reason; None for what is neither."""
    values = list(value.values()) if isinstance(value, dict) else [value]
    whole = all(type(each) is int and each >= 0 for each in values)
    return sum(values) if whole else None


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
