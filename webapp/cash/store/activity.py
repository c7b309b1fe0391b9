"""What happened to an account's connection: the log panel reads it."""

import json
from typing import Any

from sqlite_utils import Database

from ...db import now, select, write
from ..model import Event

PAGE = 20
LARGEST_ID = 2**63 - 1  # what SQLite can hold


class Activity:
    """Events in the database, newest first."""

    def __init__(self, db: Database, keep_days: int = 90) -> None:
        self._db, self._keep_seconds = db, keep_days * 24 * 60 * 60

    def add(self, account: str, user: str, kind: str, *, error: bool = False, **facts: Any) -> None:
        """Adds an event, inside the transaction of what it tells of; never hand it a secret."""
        with write(self._db):
            self._db.execute(
                "INSERT INTO timeline (account, at, user, kind, error, facts) VALUES (?, ?, ?, ?, ?, ?)",
                [account, now(), user, kind, int(error), json.dumps(facts)],
            )
            self._db.execute("DELETE FROM timeline WHERE at < ?", [now() - self._keep_seconds])

    def latest(self, account: str, *, errors_only: bool = False, before: int = 0, most: int = PAGE + 1) -> list[Event]:
        """Events, newest first, older than the event `before`: one more than a page, to tell if it is the last."""
        rows = select(
            self._db,
            "SELECT id, at, user, kind, error, facts FROM timeline "
            "WHERE account = ? AND id < ? AND error >= ? ORDER BY id DESC LIMIT ?",
            [account, min(before or LARGEST_ID, LARGEST_ID), int(errors_only), most],
        )
        return [_event(row) for row in rows]

    def stamp(self, account: str) -> int:
        """Changes whenever something happens."""
        return int(
            self._db.execute("SELECT ifnull(max(id), 0) FROM timeline WHERE account = ?", [account]).fetchone()[0]
        )

    def event(self, account: str, id: int) -> Event | None:
        """One event of the account."""
        if id > LARGEST_ID:
            return None
        rows = select(self._db, "SELECT * FROM timeline WHERE account = ? AND id = ?", [account, id])
        return next((_event(row) for row in rows), None)


def _event(row: dict[str, Any]) -> Event:
    return Event(row["id"], row["at"], row["user"], row["kind"], bool(row["error"]), json.loads(row["facts"]))
