"""Accounts as the host knows them: the token of each at OutSmart, and which of them changed lately."""

from typing import Any

from sqlite_utils import Database

from .db import now, owned_tables, write
from .vault import Vault, VaultError

NOBODY = ""  # no account: its row keeps the highest number of those that were deleted
NO_TOKEN = b""


class AccountStore:
    """Accounts in the database; the one place where an OutSmart token is sealed and opened."""

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db, self._vault = db, vault

    def put(self, account: str, token: str) -> bool:
        """Stores the token; says whether the account is new. The same token again changes nothing."""
        with write(self._db):
            new = not self.exists(account)
            if new or not self._has(account, token):
                touch(self._db, account)
                self._db.execute(
                    "UPDATE accounts SET token = ?, since = ? WHERE account = ?",
                    [self._vault.seal(account, token), now(), account],
                )
        return new

    def token(self, account: str) -> str:
        """The token, to be handed to OutSmart and dropped. KeyError: there is none; VaultError: no key opens it."""
        sealed: bytes | None = self._one("SELECT token FROM accounts WHERE account = ?", account)
        if not sealed:
            raise KeyError(account)
        return self._vault.open(account, sealed)

    def times(self, account: str) -> tuple[int, int]:
        """When the token was stored (seconds since 1970, 0: there is none), and the cursor of the last change."""
        rows = self._db.execute("SELECT since, changed FROM accounts WHERE account = ?", [account])
        since, changed = rows.fetchone() or (0, 0)
        return since, changed

    def exists(self, account: str) -> bool:
        """Whether the host can ask about it: it has a token, or someone has used the page."""
        return self._one("SELECT 1 FROM accounts WHERE account = ?", account) is not None

    def changed(self, after: str, limit: int) -> tuple[list[str], str]:
        """At most `limit` accounts in which something changed after this cursor, oldest change first; the next cursor.

        "" is the first cursor. ValueError: it is none of ours.
        """
        since = int(after or 0)
        rows = self._db.execute(
            "SELECT account, changed FROM accounts WHERE changed > ? AND account <> ? ORDER BY changed LIMIT ?",
            [min(since, 2**63 - 1), NOBODY, limit],
        ).fetchall()
        return [account for account, _ in rows], str(rows[-1][1] if rows else since)

    def touch(self, account: str) -> None:
        """Something that the host can see has changed."""
        touch(self._db, account)

    def delete(self, account: str) -> dict[str, int]:
        """Deletes all that is kept of the account; how many rows in each table that had some."""
        with write(self._db):
            touch(self._db, NOBODY)
            counts = {table: self._db.table(table).count_where("account = ?", [account]) for table in owned_tables()}
            for table in owned_tables():
                self._db.table(table).delete_where("account = ?", [account])
        return {table: count for table, count in counts.items() if count}

    def rotate(self, after: str, batch: int) -> tuple[str | None, int, int]:
        """Re-encrypts up to `batch` tokens of the accounts behind `after`.

        Returns the last account, or None when there were no more; how many changed; how many no key opens.
        """
        changed = unreadable = 0
        with write(self._db):
            rows = self._db.execute(
                "SELECT account, token FROM accounts WHERE account > ? AND token <> ? ORDER BY account LIMIT ?",
                [after, NO_TOKEN, batch],
            ).fetchall()
            for account, sealed in rows:
                try:
                    renewed = self._vault.rotate(sealed)
                except VaultError:
                    unreadable += 1
                    continue
                if renewed != sealed:
                    self._db.execute("UPDATE accounts SET token = ? WHERE account = ?", [renewed, account])
                    changed += 1
        return (rows[-1][0] if rows else None), changed, unreadable

    def _has(self, account: str, token: str) -> bool:
        try:
            return self.token(account) == token
        except (KeyError, VaultError):
            return False

    def _one(self, sql: str, account: str) -> Any:
        row = self._db.execute(sql, [account]).fetchone()
        return row[0] if row else None


def touch(db: Database, account: str) -> None:
    """Something that the host can see has changed: the account is now the one that changed last."""
    with write(db):
        db.execute(
            "INSERT INTO accounts (account, token, since, changed) "
            "SELECT ?, ?, 0, coalesce(max(changed), 0) + 1 FROM accounts WHERE changed >= 0 "
            "ON CONFLICT (account) DO UPDATE SET changed = excluded.changed",
            [account, NO_TOKEN],
        )
