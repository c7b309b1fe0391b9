"""What OutSmart confirmed, for each account, kind and key; what it refused; what is no longer in Cash."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlite_utils import Database

from ...db import select, write

GONE = "gone"  # in place of a hash: OutSmart was told that the row is no longer active
COLUMNS = "key, spelled, administration, hash, refused, code, message, gone"
PAGE = 500
SET_GONE = "UPDATE sent_rows SET gone = 1 WHERE account = ? AND kind = ? AND key = ?"
SET_TOLD = f"UPDATE sent_rows SET gone = 1, hash = '{GONE}' WHERE account = ? AND kind = ? AND key = ?"  # noqa: S608
SET_BACK = (
    "UPDATE sent_rows SET gone = 0, refused = '', code = 0, message = '' WHERE account = ? AND kind = ? AND key = ?"
)
FORGET = "UPDATE sent_rows SET hash = '', gone = 0 WHERE account = ? AND kind = ? AND key = ?"

Writing = Callable[
    [], AbstractContextManager[None]
]  # a write transaction, such as one that only the owner of a run has


@dataclass(frozen=True)
class Sent:
    """One row: `hash` is of what OutSmart confirmed last, "" for nothing; `refused` of what it refused since."""

    key: str
    spelled: str
    administration: str = ""
    hash: str = ""
    refused: str = ""
    code: int = 0
    message: str = ""
    gone: bool = False


class Skipped(NamedTuple):
    """A record of Cash that OutSmart does not get; `label` is what people call it."""

    kind: str
    key: str
    label: str
    reason: str


class SentStore:
    """Sent rows in the database. A kind is one of OutSmart, or `2220` for what we saw of customer records."""

    def __init__(self, db: Database, writing: Writing | None = None) -> None:
        self._db, self._writing = db, writing or partial(write, db)

    def known(self, account: str, kind: str, keys: Sequence[str]) -> dict[str, Sent]:
        """Those of so many keys that are known, by key."""
        places = ", ".join("?" * len(keys))
        rows = select(
            self._db,
            f"SELECT {COLUMNS} FROM sent_rows WHERE account = ? AND kind = ? AND key IN ({places})",  # noqa: S608
            [account, kind, *keys],
        )
        return {row["key"]: _sent(row) for row in rows}

    def pages(self, account: str, kind: str, administration: str) -> Iterator[list[Sent]]:
        """Every row that OutSmart has from this administration; rows may be changed meanwhile."""
        after = ""
        while page := self._page(account, kind, administration, after):
            yield page
            after = page[-1].key

    def _page(self, account: str, kind: str, administration: str, after: str) -> list[Sent]:
        rows = select(
            self._db,
            f"SELECT {COLUMNS} FROM sent_rows WHERE account = ? AND kind = ? AND key > ? AND hash <> '' "  # noqa: S608
            "AND administration = ? ORDER BY key LIMIT ?",
            [account, kind, after, administration, PAGE],
        )
        return [_sent(row) for row in rows]

    def confirm(self, account: str, kind: str, administration: str, rows: Iterable[Sent]) -> None:
        """OutSmart has these rows now: key, spelling and hash of each count."""
        self._put(account, kind, administration, rows, "hash = excluded.hash, refused = '', code = 0, message = ''")

    def refuse(self, account: str, kind: str, administration: str, rows: Iterable[Sent]) -> None:
        """OutSmart refused these: key, spelling, `refused`, code and message of each count. What it had it has."""
        self._put(
            account,
            kind,
            administration,
            rows,
            "refused = excluded.refused, code = excluded.code, message = excluded.message",
        )

    def _put(self, account: str, kind: str, administration: str, rows: Iterable[Sent], update: str) -> None:
        with self._writing():
            self._db.conn.executemany(
                f"INSERT INTO sent_rows (account, kind, {COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) "  # noqa: S608
                "ON CONFLICT (account, kind, key) DO UPDATE SET spelled = excluded.spelled, "
                f"administration = excluded.administration, gone = 0, {update}",
                [
                    (account, kind, row.key, row.spelled, administration, row.hash, row.refused, row.code, row.message)
                    for row in rows
                ],
            )

    def set_gone(self, account: str, kind: str, keys: Iterable[str], *, told: bool = False) -> None:
        """These are no longer in Cash; `told` when OutSmart knows, so that one that comes back is sent again."""
        self._update(account, kind, keys, SET_TOLD if told else SET_GONE)

    def set_back(self, account: str, kind: str, keys: Iterable[str]) -> None:
        """These are in Cash again, as OutSmart has them."""
        self._update(account, kind, keys, SET_BACK)

    def forget(self, account: str, kind: str, keys: Iterable[str]) -> None:
        """As if these had never been sent."""
        self._update(account, kind, keys, FORGET)

    def _update(self, account: str, kind: str, keys: Iterable[str], sql: str) -> None:
        with self._writing():
            self._db.conn.executemany(sql, [(account, kind, key) for key in keys])

    def forget_refused(self, account: str) -> None:
        """The next run tries them again, whatever it reads."""
        with self._writing():
            self._db.execute(
                "UPDATE sent_rows SET refused = '', code = 0, message = '' WHERE account = ? AND refused <> ''",
                [account],
            )
            self._db.execute("UPDATE sync_marks SET marks = '{}' WHERE account = ?", [account])


def _sent(row: dict[str, object]) -> Sent:
    known = {name: row[name] for name in ("key", "spelled", "administration", "hash", "refused", "code", "message")}
    return Sent(**known, gone=bool(row["gone"]))  # type: ignore[arg-type]
