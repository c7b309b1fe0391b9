"""How often a login may fail, and how often Cash may be called: counted for all workers together."""

import hashlib
import hmac
import math
from time import time

from sqlite_utils import Database

from .db import write

ACCOUNT_LIMIT = (5, 15 * 60)  # failures, seconds
LOGIN_LIMIT = (5, 60 * 60)
ADDRESS_LIMIT = (20, 15 * 60)
SAME_AGAIN_SECONDS = 60
LONGEST_WINDOW = 60 * 60


class LoginGuard:
    """The failures that count against one login attempt."""

    def __init__(self, db: Database, key: str, account: str, login: tuple[str, str, str], address: str) -> None:
        """`key` is our secret: what is counted is stored as keyed hashes only.

        `login` is relation code, email and password; `address` the client's network address.
        """
        self._db = db
        self._secret = key.encode()
        self._counted: list[int] = []
        relation_code, email, password = login[0], login[1].casefold(), login[2]
        self._limits = {
            f"account:{account}": ACCOUNT_LIMIT,
            self._hash("login", relation_code, email): LOGIN_LIMIT,
            self._hash("address", address): ADDRESS_LIMIT,
        }
        self._triple = self._hash("triple", account, relation_code, email, password)

    def begin(self) -> int:
        """Counts this attempt as failed before it is made, so that attempts side by side cannot slip through.

        Returns 0, or the seconds until another attempt is allowed; then nothing was counted.
        """
        with write(self._db):
            wait = self.wait()
            if not wait:
                self._counted = [_count(self._db, key) for key in self._limits]
        return wait

    def wait(self) -> int:
        """Seconds until another attempt is allowed; 0 when it is now."""
        return max(_wait(self._db, key, *limit) for key, limit in self._limits.items())

    def take_back(self) -> None:
        """Uncounts the attempt: Cash did not refuse it."""
        with write(self._db):
            for id in self._counted:
                self._db.execute("DELETE FROM attempts WHERE id = ?", [id])

    def succeeded(self) -> None:
        """Forgets the failures of this account and login.

        Not those of the address: whoever owns one right login could otherwise try others for ever.
        """
        with write(self._db):
            self.take_back()
            for key in list(self._limits)[:2]:
                self._db.execute("DELETE FROM attempts WHERE key = ?", [key])

    def refused(self) -> None:
        """Remembers this very login for SAME_AGAIN_SECONDS, so that it is not sent to Cash again.

        Sent twice side by side (a double click) it is one failure.
        """
        with write(self._db):
            if self.is_same_again():
                self.take_back()
            _count(self._db, self._triple)

    def is_same_again(self) -> bool:
        """Whether Cash refused exactly this login less than SAME_AGAIN_SECONDS ago."""
        return bool(_recent(self._db, self._triple, SAME_AGAIN_SECONDS))

    def left(self) -> int:
        """How many more failures are allowed."""
        return min(limit - len(_recent(self._db, key, window)) for key, (limit, window) in self._limits.items())

    def _hash(self, kind: str, *parts: str) -> str:
        digest = hmac.new(self._secret, "\0".join(parts).encode(), hashlib.sha256)
        return f"{kind}:{digest.hexdigest()}"


def count_cash_call(db: Database, per_minute: int, account: str) -> int | None:
    """Counts one call to Cash; None, or the seconds to wait when the limit per minute is reached.

    One account may use half of what all may use, so that none can keep the others out.
    """
    limits = {"cash": per_minute, f"cash:{account}": math.ceil(per_minute / 2)}
    with write(db):
        if wait := max(_wait(db, key, limit, 60) for key, limit in limits.items()):
            return wait
        for key in limits:
            _count(db, key)
    return None


def _recent(db: Database, key: str, window: int) -> list[float]:
    rows = db.execute("SELECT at FROM attempts WHERE key = ? AND at > ? ORDER BY at", [key, time() - window]).fetchall()
    return [row[0] for row in rows]


def _wait(db: Database, key: str, limit: int, window: int) -> int:
    times = _recent(db, key, window)
    if len(times) < limit:
        return 0
    return max(1, math.ceil(times[-limit] + window - time()))


def _count(db: Database, key: str) -> int:
    """Counts once; returns the row, to be taken back."""
    db.execute("DELETE FROM attempts WHERE at < ?", [time() - LONGEST_WINDOW])
    return int(db.execute("INSERT INTO attempts (key, at) VALUES (?, ?)", [key, time()]).lastrowid or 0)
