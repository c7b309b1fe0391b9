"""How far the runs of an account got, what a person agreed to, and which records were skipped."""

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from sqlite_utils import Database

from ...db import select, write
from ..model import read_json
from .sent import Skipped, Writing

PAGE = 500


class MarkStore:
    """Marks and skipped records in the database."""

    def __init__(self, db: Database, writing: Writing | None = None) -> None:
        self._db, self._writing = db, writing or partial(write, db)

    def last(self, account: str) -> object:
        """What the last good run left, as `keep` was given it; None at first."""
        return self._stored(account, "marks")

    def keep(self, account: str, marks: dict[str, object]) -> None:
        """For the next run; what a person agreed to was for this one."""
        self._store(account, json.dumps(marks), "{}")

    def agreed(self, account: str) -> dict[str, int]:
        """How many rows of a kind a person said may be gone, by kind."""
        stored = self._stored(account, "agreed")
        return stored if isinstance(stored, dict) else {}

    def agree(self, account: str, gone: dict[str, int]) -> None:
        """A person says that so many rows of these kinds are rightly gone: the next run reads all, and uses it up."""
        self._store(account, "{}", json.dumps(gone))

    def _stored(self, account: str, column: str) -> object:
        rows = select(self._db, f"SELECT {column} FROM sync_marks WHERE account = ?", [account])  # noqa: S608
        found: object = next((read_json(row[column]) for row in rows), None)
        return found

    def _store(self, account: str, marks: str, agreed: str) -> None:
        with self._writing():
            self._db.execute(
                "INSERT INTO sync_marks (account, marks, agreed) VALUES (?, ?, ?) "
                "ON CONFLICT (account) DO UPDATE SET marks = excluded.marks, agreed = excluded.agreed",
                [account, marks, agreed],
            )

    def note(self, account: str, kind: str, keys: Sequence[str], skipped: Iterable[Skipped]) -> None:
        """Of these keys, at most some hundreds, exactly those in `skipped` are skipped; writes only differences."""
        places = ", ".join("?" * len(keys))
        rows = select(
            self._db,
            "SELECT kind, key, label, reason FROM skipped_rows "  # noqa: S608
            f"WHERE account = ? AND kind = ? AND key IN ({places})",
            [account, kind, *keys],
        )
        before, after = {Skipped(**row) for row in rows}, set(skipped)
        ended = {each.key for each in before} - {each.key for each in after}
        if before == after:
            return
        with self._writing():
            self.unskip(account, kind, ended)
            self._db.conn.executemany(
                "INSERT INTO skipped_rows (account, kind, key, label, reason) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (account, kind, key) DO UPDATE SET label = excluded.label, reason = excluded.reason",
                [(account, *each) for each in after - before],
            )

    def unskip(self, account: str, kind: str, keys: Iterable[str]) -> None:
        """These are skipped no longer."""
        with self._writing():
            self._db.conn.executemany(
                "DELETE FROM skipped_rows WHERE account = ? AND kind = ? AND key = ?",
                [(account, kind, key) for key in keys],
            )

    def skipped(self, account: str, kind: str = "") -> Iterator[Skipped]:
        """Every skipped record of the account, or of one kind, in pages: they may be changed meanwhile."""
        after = ("", "")
        while page := self._page(account, kind, after):
            yield from page
            after = (page[-1].kind, page[-1].key)

    def _page(self, account: str, kind: str, after: tuple[str, str]) -> list[Skipped]:
        rows = select(
            self._db,
            "SELECT kind, key, label, reason FROM skipped_rows WHERE account = ? AND (? = '' OR kind = ?) "
            "AND (kind > ? OR (kind = ? AND key > ?)) ORDER BY kind, key LIMIT ?",
            [account, kind, kind, after[0], after[0], after[1], PAGE],
        )
        return [Skipped(**row) for row in rows]
