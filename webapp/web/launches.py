"""Launches: each token from the host page is used once and starts one session."""

from sqlite_utils import Database

from ..db import now, write
from .tokens import CLOCK_SKEW, LAUNCH_SECONDS, LONGEST_SESSION_SECONDS


class LaunchStore:
    """Remembers which launches were used and which sessions were ended early."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def use(self, account: str, jti: str, sid: str, user: str) -> bool:
        """Marks a launch as used; False when it was used before."""
        with write(self._db):
            self._db.execute("DELETE FROM launches WHERE at < ?", [now() - 2 * LONGEST_SESSION_SECONDS])
            return self._add(account, jti, sid, user)

    def renew(self, account: str, jti: str, sid: str, user: str) -> bool:
        """Marks a launch as used that starts no session but lets this one go on; False when it was used before."""
        with write(self._db):
            added = self._add(account, jti, f"renews {jti}", user, revoked=1)
            if added:
                self._db.execute("UPDATE launches SET at = ? WHERE account = ? AND sid = ?", [now(), account, sid])
            return added

    def _add(self, account: str, jti: str, sid: str, user: str, revoked: int = 0) -> bool:
        added = self._db.execute(
            'INSERT INTO launches (jti, sid, account, "user", at, revoked) VALUES (?, ?, ?, ?, ?, ?) '
            "ON CONFLICT (jti) DO NOTHING",
            [jti, sid, account, user, now(), revoked],
        )
        return bool(added.rowcount)

    def is_live(self, account: str, sid: str) -> bool:
        """Whether this session exists and was not ended early."""
        return bool(
            self._db.execute(
                "SELECT 1 FROM launches WHERE account = ? AND sid = ? AND revoked = 0", [account, sid]
            ).fetchone()
        )

    def revoke(self, account: str, user: str = "") -> int:
        """Ends every session of the account, or of one of its users; returns how many there were."""
        with write(self._db):
            ended = self._db.execute(
                "UPDATE launches SET revoked = 1 WHERE account = ? AND revoked = 0 AND (? = '' OR \"user\" = ?)",
                [account, user, user],
            )
        return int(ended.rowcount)

    def forget(self, account: str) -> int:
        """Deletes the launches of the account; returns how many there were.

        Of one whose token would still be good no more stays than that it was used.
        """
        with write(self._db):
            kept = self._db.execute(
                "UPDATE launches SET account = '', \"user\" = '', revoked = 1 WHERE account = ? AND at >= ?",
                [account, now() - LAUNCH_SECONDS - 2 * CLOCK_SKEW],
            )
            gone = self._db.execute("DELETE FROM launches WHERE account = ?", [account])
        return int(kept.rowcount + gone.rowcount)
