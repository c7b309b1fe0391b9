"""The rows of an account that somebody may want to look at: refused by OutSmart, left out, no longer in Cash."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlite_utils import Database

from ...db import select

LEFT_OUT = "left_out"  # as a reason: any for which a record of Cash is skipped
REFUSED, GONE = "refused", "gone"
CHUNK = 2_000  # rows


class Source(NamedTuple):
    """Where rows are: their reason as SQL, the other columns of Noted, the table, and which of its rows."""

    reason: str
    columns: str
    table: str
    which: tuple[str, ...] = ()


OF_NOTE = "(refused <> '' OR gone = 1)"  # as the index has it
SOURCES = {  # in the order in which they are listed
    REFUSED: Source("'refused'", "spelled, '', code, message", "sent_rows", (OF_NOTE, "refused <> ''")),
    LEFT_OUT: Source("reason", "key, label, 0, ''", "skipped_rows"),
    GONE: Source("'gone'", "spelled, '', 0, ''", "sent_rows", (OF_NOTE, "gone = 1")),
}


class Noted(NamedTuple):
    """One row: its key and how that is shown, what people call it, why it is noted; what OutSmart said of it."""

    kind: str
    key: str
    reason: str
    shown: str
    label: str
    code: int
    message: str


class NotedStore:
    """Read only. A reason is a word, LEFT_OUT, or "" for all; a kind of "" stands for all."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def counts(self, account: str) -> dict[tuple[str, str], int]:
        """How many there are of each kind and reason word."""
        return {pair: n for source in SOURCES.values() for pair, n in self._counts(source, account, "", "").items()}

    def rows(self, account: str, kind: str, reason: str, most: int, start: int = 0) -> list[Noted]:
        """At most so many, from the one with the number `start`: by source, kind and key."""
        found: list[Noted] = []
        for source, word in _asked(reason):
            found += self._rows(source, account, kind, word, most=most - len(found), start=start)
            if start:
                start = max(0, start - sum(self._counts(source, account, kind, word).values()))
        return found

    def chunks(self, account: str, kind: str, reason: str) -> Iterator[list[Noted]]:
        """All of them; they may be changed meanwhile."""
        for source, word in _asked(reason):
            after = ("", "")
            while rows := self._rows(source, account, kind, word, after):
                yield rows
                after = (rows[-1].kind, rows[-1].key)

    def _counts(self, source: Source, account: str, kind: str, word: str) -> dict[tuple[str, str], int]:
        where, values = _where(source, account, kind, word)
        sql = f"SELECT kind, {source.reason} AS reason, count(*) AS n FROM {source.table} {where} GROUP BY kind, reason"  # noqa: S608
        return {(row["kind"], row["reason"]): row["n"] for row in select(self._db, sql, values)}

    def _rows(
        self,
        source: Source,
        account: str,
        kind: str,
        word: str,
        after: tuple[str, str] = ("", ""),
        most: int = CHUNK,
        start: int = 0,
    ) -> list[Noted]:
        where, values = _where(source, account, kind, word)
        sql = (
            f"SELECT kind, key, {source.reason}, {source.columns} FROM {source.table} "  # noqa: S608
            f"{where} AND (kind, key) > (?, ?) ORDER BY kind, key LIMIT ? OFFSET ?"
        )
        return [Noted(*row) for row in self._db.execute(sql, [*values, *after, most, start]).fetchall()]


def _asked(reason: str) -> list[tuple[Source, str]]:
    """Where rows of a reason are, and by which word they are found there; "" for all that are there."""
    if not reason:
        return [(source, "") for source in SOURCES.values()]
    return [(SOURCES[reason], "")] if reason in SOURCES else [(SOURCES[LEFT_OUT], reason)]


def _where(source: Source, account: str, kind: str, word: str) -> tuple[str, list[object]]:
    """Only what is asked for, or no index would be used."""
    equal = {"account": account, "kind": kind, "reason": word}
    given = {name: value for name, value in equal.items() if value or name == "account"}
    return "WHERE " + " AND ".join([*(f"{name} = ?" for name in given), *source.which]), list(given.values())
