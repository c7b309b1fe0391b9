"""How the synchronisation of an account stands, in two statements: each view of the page asks for it."""

from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from ...db import select
from .runs import OPEN, Run, run_of
from .schedules import Schedule, period_of

IMPORTS = ("changed", "all")  # the kinds of runs that write; a preview only looks
_LATEST = (
    OPEN,
    "kind IN ('changed', 'all') AND state IN ('done', 'failed')",
    "kind IN ('changed', 'all') AND state = 'done'",
    "kind = 'preview' AND state = 'done'",
)


@dataclass(frozen=True)
class Overview:
    """The runs that matter, and when the account is due by itself; times in seconds since 1970, 0 for never."""

    open: Run | None = None  # it waits or is under way
    ended: Run | None = None  # the import that came to an end last
    good: Run | None = None  # the last that came to a good end
    looked: Run | None = None  # the last preview
    has_token: bool = False  # of OutSmart
    token_since: int = 0
    schedule: Schedule | None = None  # None until the account was complete once
    last_beat: int = 0  # of any worker


def overview_of(db: Database, account: str, *, stretch: bool = False) -> Overview:
    """Of one account; `stretch` as for ScheduleStore."""
    return Overview(**_runs(db, account), **_rest(db, account, stretch))


def _runs(db: Database, account: str) -> dict[str, Any]:
    latest = ", ".join(
        f"(SELECT id FROM runs WHERE account = ? AND {which} ORDER BY ended DESC, started DESC LIMIT 1)"  # noqa: S608
        for which in _LATEST
    )
    rows = select(db, f"SELECT * FROM runs WHERE id IN ({latest}) ORDER BY ended DESC", [account] * len(_LATEST))  # noqa: S608
    runs = [run_of(row) for row in rows]
    imports = [run for run in runs if run.kind in IMPORTS and not run.is_open]
    return {
        "open": next((run for run in runs if run.is_open), None),
        "ended": next(iter(imports), None),
        "good": next((run for run in imports if run.state == "done"), None),
        "looked": next((run for run in runs if run.kind == "preview" and not run.is_open), None),
    }


def _rest(db: Database, account: str, stretch: bool) -> dict[str, Any]:
    rows = select(
        db,
        "SELECT token <> ? AS has_token, since, due, quiet, held, (SELECT max(beat) FROM workers) AS beat "
        "FROM accounts LEFT JOIN schedules ON schedules.account = accounts.account WHERE accounts.account = ?",
        [b"", account],
    )
    row = next(rows, None)
    if row is None:
        return {}
    known = row["due"] is not None
    return {
        "has_token": bool(row["has_token"]),
        "token_since": row["since"],
        "schedule": Schedule(row["due"], period_of(row["quiet"], stretch=stretch), row["held"]) if known else None,
        "last_beat": row["beat"] or 0,
    }
