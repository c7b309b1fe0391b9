"""Save, beside a bare SQLite commit that is synced to the same disk."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path

from browser import connect
from samples import alternate, median, typical_percentile
from server import Server
from stopwatch import timed
from table import Row

from webapp.demo.cash import CashSandbox

ROUNDS, SAVES, ACCOUNTS = 5, 40, 20
MOST_MS = 25.0


def rows(folder: Path) -> list[Row]:
    """One row."""
    saves, commits = [], []
    with (
        CashSandbox() as cash,
        Server(database=folder / "save.db", cash=cash.wsdl) as page,
        closing(sqlite3.connect(folder / "bare.db", isolation_level=None)) as bare,
    ):
        # Several, because nobody may save all the time.
        browsers = cycle([connect(page, account=f"30{number}", saves=1) for number in range(ACCOUNTS)])
        commit = committing(bare)
        for _ in range(ROUNDS):
            mine, theirs = alternate(SAVES, lambda: next(browsers).toggle(), commit)
            saves.append([each * 1000 for each in mine])
            commits.append([each * 1000 for each in theirs])
    late = typical_percentile(saves, 0.95)
    ratio = median(median(mine) / median(theirs) for mine, theirs in zip(saves, commits, strict=True))
    return [
        Row(
            "Save, p95",
            f"{late:.1f} ms (p50 {typical_percentile(saves, 0.5):.1f})",
            f"bare commit {typical_percentile(commits, 0.95):.2f} ms (p50 {typical_percentile(commits, 0.5):.2f})",
            f"{ratio:.0f}",
            f"≤ {MOST_MS:.0f} ms",
            late <= MOST_MS,
        )
    ]


def committing(bare: sqlite3.Connection) -> Callable[[], float]:
    """A commit of one row as large as a Save's."""
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE saved (id INTEGER PRIMARY KEY, choices TEXT)")

    def commit() -> None:
        bare.execute("BEGIN IMMEDIATE")
        bare.execute("INSERT INTO saved (choices) VALUES (?)", ["x" * 600])
        bare.execute("COMMIT")

    return lambda: timed(commit)
