"""What an account imports and exports: every Save is a version, the highest one is in force."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from ...db import now, select, write
from ..model import SavedSettings, Settings


class Conflict(Exception):
    """Someone else saved meanwhile; `current` is what is in force now."""

    def __init__(self, current: SavedSettings) -> None:
        super().__init__(f"version {current.version} was saved meanwhile")
        self.current = current


class SettingsStore:
    """Settings in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def current(self, account: str) -> SavedSettings:
        """The settings in force, or the defaults as version 0."""
        rows = select(self._db, "SELECT * FROM settings WHERE account = ? ORDER BY version DESC LIMIT 1", [account])
        return _saved(rows) or SavedSettings(0, Settings())

    def stamp(self, account: str) -> int:
        """Changes whenever something is saved."""
        return int(
            self._db.execute("SELECT ifnull(max(version), 0) FROM settings WHERE account = ?", [account]).fetchone()[0]
        )

    def version(self, account: str, version: int) -> SavedSettings | None:
        """An earlier version."""
        return _saved(select(self._db, "SELECT * FROM settings WHERE account = ? AND version = ?", [account, version]))

    def changed_by(self, account: str, since: int) -> dict[str, str]:
        """Who changed each choice last after version `since`."""
        users: dict[str, str] = {}
        rows = select(
            self._db, "SELECT * FROM settings WHERE account = ? AND version >= ? ORDER BY version", [account, since]
        )
        before: SavedSettings | None = None
        while after := _saved(rows):
            if before:
                users |= dict.fromkeys(before.settings.differences(after.settings), after.user)
            before = after
        return users

    def save(self, account: str, settings: Settings, version: int, user: str) -> SavedSettings:
        """Stores a new version on top of the one the user saw; raises Conflict when it is in force no more.

        Settings that equal those in force are not stored again, so that a repeated POST has one effect.
        """
        with write(self._db):
            current = self.current(account)
            if current.version and not settings.differences(current.settings):
                return current
            if current.version != version:
                raise Conflict(current)
            saved = SavedSettings(version + 1, settings, now(), user)
            self._db.execute(
                "INSERT INTO settings (account, version, choices, at, user) VALUES (?, ?, ?, ?, ?)",
                [account, saved.version, json.dumps(asdict(settings)), saved.at, user],
            )
        return saved


def _saved(rows: Iterator[dict[str, Any]]) -> SavedSettings | None:
    row = next(rows, None)
    if row is None:
        return None
    return SavedSettings(row["version"], Settings(**json.loads(row["choices"])), row["at"], row["user"])
