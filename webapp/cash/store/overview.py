"""How the synchronisation of an account stands, in one statement: each view of the page asks for it."""

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from ...db import select
from .runs import Run, run_of
from .schedules import Schedule, period_of

IMPORTS = ("changed", "all")  # the kinds of runs that write to OutSmart; a preview only looks
ORDERS = "orders"  # and the one that writes to Cash
# One row for each run that matters, or one without a run.
_SQL = """
SELECT runs.*, token <> ? AS has_token, since, schedules.due AS next_due, quiet, held,
    (SELECT max(beat) FROM workers) AS last_beat,
    EXISTS (SELECT 1 FROM orders WHERE account = accounts.account) AS has_orders,
    (SELECT count(*) FROM orders WHERE account = accounts.account AND state IN ('asking', 'changed') AND said = '')
        AS orders_needed
FROM accounts
LEFT JOIN schedules ON schedules.account = accounts.account
LEFT JOIN runs ON runs.id IN (
    (SELECT id FROM runs WHERE account = ? AND state IN ('waiting', 'running')),
    (SELECT id FROM runs WHERE account = ? AND kind IN ('changed', 'all') AND state IN ('done', 'failed')
        ORDER BY ended DESC, started DESC LIMIT 1),
    (SELECT id FROM runs WHERE account = ? AND kind IN ('changed', 'all') AND state = 'done'
        ORDER BY ended DESC, started DESC LIMIT 1),
    (SELECT id FROM runs WHERE account = ? AND kind = 'preview' AND state = 'done'
        ORDER BY ended DESC, started DESC LIMIT 1),
    (SELECT id FROM runs WHERE account = ? AND kind = 'orders' AND state IN ('done', 'failed')
        ORDER BY ended DESC, started DESC LIMIT 1))
WHERE accounts.account = ? ORDER BY ended DESC, started DESC
"""
_BESIDES = {
    "has_token",
    "since",
    "next_due",
    "quiet",
    "held",
    "last_beat",
    "has_orders",
    "orders_needed",
}  # columns that are no run's


@dataclass(frozen=True)
class Overview:
    """The runs that matter, and when the account is due by itself; times in seconds since 1970, 0 for never."""

    open: Run | None = None  # it waits or is under way
    ended: Run | None = None  # the import that came to an end last
    good: Run | None = None  # the last that came to a good end
    looked: Run | None = None  # the last preview
    exported: Run | None = None  # the last that took orders to Cash, however it ended
    has_orders: bool = False
    orders_needed: int = 0  # of which a person must say something
    has_token: bool = False  # of OutSmart
    token_since: int = 0
    schedule: Schedule | None = None  # None until the account was complete once
    last_beat: int = 0  # of any worker


def overview_of(db: Database, account: str, *, stretch: bool = False) -> Overview:
    """Of one account; `stretch` as for ScheduleStore."""
    rows = list(select(db, _SQL, [b"", *[account] * 6]))
    if not rows:
        return Overview()
    row = rows[0]
    return Overview(
        **_runs([run_of({name: row[name] for name in row.keys() - _BESIDES}) for row in rows if row["id"]]),
        has_token=bool(row["has_token"]),
        token_since=row["since"],
        schedule=_schedule(row, stretch),
        last_beat=row["last_beat"] or 0,
        has_orders=bool(row["has_orders"]),
        orders_needed=row["orders_needed"],
    )


def _runs(runs: list[Run]) -> dict[str, Run | None]:
    imports = [run for run in runs if run.kind in IMPORTS and not run.is_open]
    return {
        "open": next((run for run in runs if run.is_open), None),
        "ended": next(iter(imports), None),
        "good": next((run for run in imports if run.state == "done"), None),
        "exported": next((run for run in runs if run.kind == ORDERS and not run.is_open), None),
        "looked": next((run for run in runs if run.kind == "preview" and not run.is_open), None),
    }


def _schedule(row: dict[str, Any], stretch: bool) -> Schedule | None:
    if row["next_due"] is None:
        return None
    return Schedule(row["next_due"], period_of(row["quiet"], stretch=stretch), row["held"])
