"""Launches: each token from the host page is used once and starts one session."""

import sqlite3

from sqlite_utils import Database

from ..db import now, write
from .tokens import LONGEST_SESSION_SECONDS


class LaunchStore:
    """Remembers which launches were used and which sessions were ended early."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def use(self, account: str, jti: str, sid: str, user: str) -> bool:
        """Marks a launch as used; False when it was used before."""
        with write(self._db):
            self._db.execute("DELETE FROM launches WHERE at < ?", [now() - 2 * LONGEST_SESSION_SECONDS])
            try:
                self._db.execute(
                    "INSERT INTO launches (jti, sid, account, user, at, revoked) VALUES (?, ?, ?, ?, ?, 0)",
                    [jti, sid, account, user, now()],
                )
            except sqlite3.IntegrityError:
                return False
        return True

    def is_live(self, account: str, sid: str) -> bool:
        """Whether this session exists and was not ended early."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM launches WHERE account = ? AND sid = ? AND revoked = 0", [account, sid]
            ).fetchone()
        )

    def revoke(self, account: str) -> int:
        """Ends every session of the account; returns how many there were."""
        with write(self._db):
            return int(
                self._db.execute(
                    "UPDATE launches SET revoked = 1 WHERE account = ? AND revoked = 0", [account]
                ).rowcount
            )
