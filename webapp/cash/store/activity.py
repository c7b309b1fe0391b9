"""What happened to an account's connection: the log panel reads it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlite_utils import Database

from ...db import now, select, write
from ..model import Event, read_json

LARGEST_ID = 2**63 - 1  # what the database can hold


class Activity:
    """The users' log, newest first."""

    def __init__(self, db: Database, keep_days: int = 90) -> None:
        self._db, self._keep_seconds = db, keep_days * 24 * 60 * 60

    def add(self, account: str, user: str, kind: str, *, error: bool = False, **facts: Any) -> None:
        """Adds an event, inside the transaction of what it tells of; never hand it a secret."""
        self.add_all(account, user, {kind: facts}, error=error)

    def add_all(self, account: str, user: str, events: Mapping[str, Mapping[str, Any]], *, error: bool = False) -> None:
        """The same for events of several kinds that come of one act, in this order."""
        rows = [(account, now(), user, kind, int(error), json.dumps(facts)) for kind, facts in events.items()]
        marks = ", ".join(["(?, ?, ?, ?, ?, ?)"] * len(rows))
        with write(self._db):
            self._db.execute(
                f'INSERT INTO timeline (account, at, "user", kind, error, facts) VALUES {marks}',  # noqa: S608
                [value for row in rows for value in row],
            )

    def latest(self, account: str, most: int, *, errors_only: bool = False, before: int = 0) -> Iterator[Event]:
        """At most so many events, newest first; only those older than the event `before`, if that is given."""
        rows = select(
            self._db,
            "SELECT * FROM timeline WHERE account = ? AND id < ? AND error >= ? ORDER BY id DESC LIMIT ?",
            [account, min(before or LARGEST_ID, LARGEST_ID), int(errors_only), most],
        )
        return (_event(row) for row in rows)

    def counted(
        self, account: str, most: int, *, errors_only: bool = False, before: int = 0
    ) -> tuple[list[Event], int]:
        """The same, and how many errors the log holds; none are counted where there is no event."""
        rows = list(
            select(
                self._db,
                "SELECT *, (SELECT count(*) FROM timeline WHERE account = ? AND error = 1) AS errors "
                "FROM timeline WHERE account = ? AND id < ? AND error >= ? ORDER BY id DESC LIMIT ?",
                [account, account, min(before or LARGEST_ID, LARGEST_ID), int(errors_only), most],
            )
        )
        return [_event(row) for row in rows], rows[0]["errors"] if rows else 0

    def event(self, account: str, id: int) -> Event | None:
        """One event of the account."""
        rows = select(
            self._db,
            "SELECT * FROM timeline WHERE account = ? AND id = ?",
            [account, min(id, LARGEST_ID)],
        )
        return next((_event(row) for row in rows), None)

    def last(self, account: str, kind: str) -> Event | None:
        """The newest event of this kind."""
        rows = select(
            self._db,
            "SELECT * FROM timeline WHERE account = ? AND kind = ? ORDER BY id DESC LIMIT 1",
            [account, kind],
        )
        return next((_event(row) for row in rows), None)

    def sweep(self) -> None:
        """Forgets what is older than the days to keep, whoever's it was."""
        with write(self._db):
            self._db.execute("DELETE FROM timeline WHERE at < ?", [now() - self._keep_seconds])


def _event(row: dict[str, Any]) -> Event:
    facts = read_json(row["facts"])
    return Event(
        row["id"], row["at"], row["user"], row["kind"], bool(row["error"]), facts if isinstance(facts, dict) else {}
    )
