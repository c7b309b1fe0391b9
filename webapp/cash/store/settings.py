"""What an account imports and exports: every Save is a version, the highest one is current."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from ...db import now, select, write
from ..choices import SavedSettings, Settings
from ..model import read, read_json
from .activity import LARGEST_ID

MOST_VERSIONS = 200  # kept of an account


class SettingsStore:
    """Settings in the database."""

    def __init__(self, db: Database, keep_days: int = 90) -> None:
        self._db, self._keep_seconds = db, keep_days * 24 * 60 * 60

    def current(self, account: str) -> SavedSettings:
        """The current settings, or the defaults as version 0."""
        rows = select(self._db, "SELECT * FROM settings WHERE account = ? ORDER BY version DESC LIMIT 1", [account])
        return next(_saved(rows), SavedSettings(0, Settings()))

    def version(self, account: str, version: int) -> SavedSettings | None:
        """An earlier version."""
        kept = max(0, min(version, LARGEST_ID))
        rows = select(self._db, "SELECT * FROM settings WHERE account = ? AND version = ?", [account, kept])
        return next(_saved(rows), None)

    def changed_by(self, account: str, since: int, until: int) -> dict[str, str]:
        """Who changed each field last after version `since` up to version `until`."""
        users: dict[str, str] = {}
        rows = select(
            self._db,
            "SELECT * FROM settings WHERE account = ? AND version BETWEEN ? AND ? ORDER BY version",
            [account, since, until],
        )
        before = Settings()
        for after in _saved(rows):
            if after.version > since:
                users |= dict.fromkeys(before.differences(after.settings), after.user)
            before = after.settings
        return users

    def add(self, account: str, settings: Settings, on: int, user: str) -> SavedSettings | None:
        """Stores a new version on top of version `on`; None when that is not the current one any more."""
        saved = SavedSettings(on + 1, settings, now(), user)
        with write(self._db):
            stored = self._db.execute(
                'INSERT INTO settings (account, version, choices, at, "user") SELECT ?, ?, ?, ?, ? '
                "WHERE (SELECT coalesce(max(version), 0) FROM settings WHERE account = ?) = ? RETURNING version",
                [account, saved.version, json.dumps(asdict(settings)), saved.at, user, account, on],
            ).fetchall()
        return saved if stored else None

    def sweep(self, account: str) -> None:
        """Forgets versions of the account beyond the newest MOST_VERSIONS, or older than the days to keep."""
        with write(self._db):
            self._db.execute(
                "DELETE FROM settings WHERE account = ? AND version < "
                "(SELECT max(version) FROM settings WHERE account = ?) AND (at < ? OR version <= "
                "(SELECT max(version) - ? FROM settings WHERE account = ?))",
                [account, account, now() - self._keep_seconds, MOST_VERSIONS, account],
            )


def _saved(rows: Iterator[dict[str, Any]]) -> Iterator[SavedSettings]:
    for row in rows:
        settings = read(Settings, read_json(row["choices"])) or Settings()
        yield SavedSettings(row["version"], settings, row["at"], row["user"])
