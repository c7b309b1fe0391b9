"""What a run read, on disk: memory stays flat however much Cash and OutSmart have. Gone with the run.

The records of Cash are a file of their own, which may be kept longer.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from ...db import connect, write
from ...outsmart.model import Row
from ..model import read_json

PAGE = 500  # rows
CASH_FILE = "cash.db"
UNSAFE = (  # it outlives no run
    "PRAGMA main.journal_mode = OFF",
    "PRAGMA main.synchronous = OFF",
    "PRAGMA main.cache_size = -8000",
    "PRAGMA cash.journal_mode = OFF",
    "PRAGMA cash.synchronous = OFF",
    "PRAGMA cash.cache_size = -8000",
)
RECORDS = (
    "CREATE TABLE cash.records (n INTEGER PRIMARY KEY, record TEXT, key TEXT, fields TEXT, UNIQUE (record, key))",
    "CREATE INDEX cash.records_in_order ON records (record, n)",
    "CREATE TABLE cash.kept (facts TEXT)",
)
TABLES = (
    "CREATE TABLE others (n INTEGER PRIMARY KEY, kind TEXT, key TEXT, spelled TEXT, fields TEXT)",
    "CREATE INDEX others_by_key ON others (kind, key)",
    "CREATE TABLE marked (mark TEXT, key TEXT, PRIMARY KEY (mark, key)) WITHOUT ROWID",
)


class Stage:
    """Records of Cash, rows of OutSmart, and marked keys, in files in `folder`, which whoever made it removes.

    Where CASH_FILE is there already, its records are there from the start.
    """

    def __init__(self, folder: Path) -> None:
        cash = folder / CASH_FILE
        tables = TABLES if cash.exists() else (*RECORDS, *TABLES)
        self._db = connect(str(folder / "stage.db"))
        self._db.execute("ATTACH ? AS cash", [str(cash)])
        for pragma in UNSAFE:
            self._db.conn.execute(pragma)
        for table in tables:
            self._db.execute(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def filling(self) -> Iterator[None]:
        """Around many additions, which go faster so."""
        with write(self._db):
            yield

    def add(self, record: str, key: str, fields: Mapping[str, str]) -> bool:
        """Puts a record away; False when there is one with this key, which stays."""
        added = self._db.conn.execute(
            "INSERT INTO records (record, key, fields) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (record, key, json.dumps(fields)),
        )
        return added.rowcount > 0

    def keep(self, facts: Mapping[str, object]) -> None:
        """Says what the records are good for; from then on their file is whole, whatever happens to the machine."""
        self._db.conn.execute("PRAGMA cash.synchronous = FULL")
        self._db.execute("INSERT INTO kept (facts) VALUES (?)", [json.dumps(facts)])

    def pages(self, record: str) -> Iterator[list[tuple[str, dict[str, str]]]]:
        """The records of a number with their keys, in the order of Cash."""
        last = 0
        while rows := self._db.conn.execute(
            "SELECT n, key, fields FROM records WHERE record = ? AND n > ? ORDER BY n LIMIT ?", (record, last, PAGE)
        ).fetchall():
            yield [(key, json.loads(fields)) for _, key, fields in rows]
            last = rows[-1][0]

    def each(self, record: str) -> Generator[tuple[str, dict[str, str]], None, None]:
        """The same, one by one."""
        for page in self.pages(record):
            yield from page

    def find(self, record: str, keys: Sequence[str]) -> dict[str, dict[str, str]]:
        """Those of so many records that are there, by key."""
        marks = ", ".join("?" * len(keys))
        found = self._db.conn.execute(
            f"SELECT key, fields FROM records WHERE record = ? AND key IN ({marks})",  # noqa: S608
            (record, *keys),
        )
        return {key: json.loads(fields) for key, fields in found}

    def add_other(self, kind: str, key: str, spelled: str, row: Row) -> None:
        """Puts a row of OutSmart away; there may be several with one key."""
        self._db.conn.execute(
            "INSERT INTO others (kind, key, spelled, fields) VALUES (?, ?, ?, ?)",
            (kind, _kept(key), _kept(spelled), json.dumps(row) if row else ""),
        )

    def clear(self, record: str = "", other: str = "") -> None:
        """Forgets the records of a number, or the rows of a kind."""
        self._db.execute("DELETE FROM records WHERE record = ?", (record,))
        self._db.execute("DELETE FROM others WHERE kind = ?", (other,))

    def others(self, kind: str, keys: Sequence[str]) -> dict[str, list[tuple[str, Row]]]:
        """What OutSmart has with so many keys: spelling and row of each, by key, in its order."""
        found: dict[str, list[tuple[str, Row]]] = {}
        marks = ", ".join("?" * len(keys))
        rows = self._db.conn.execute(
            f"SELECT key, spelled, fields FROM others WHERE kind = ? AND key IN ({marks}) ORDER BY n",  # noqa: S608
            (kind, *keys),
        )
        for key, spelled, fields in rows:
            found.setdefault(key, []).append((spelled, json.loads(fields or "{}")))
        return found

    def other_keys(self, kind: str) -> Iterator[tuple[str, list[str]]]:
        """Each key that OutSmart has, with its spellings."""
        rows = self._db.conn.execute("SELECT key, spelled FROM others WHERE kind = ? ORDER BY key, n", (kind,))
        last, spellings = "", list[str]()
        for key, spelled in rows:
            if spellings and key != last:
                yield last, spellings
                spellings = []
            last = key
            spellings.append(spelled)
        if spellings:
            yield last, spellings

    def count_others(self, kind: str) -> int:
        """How many rows OutSmart has."""
        return int(self._db.conn.execute("SELECT count(*) FROM others WHERE kind = ?", (kind,)).fetchone()[0])

    def mark(self, mark: str, keys: Iterable[str]) -> None:
        """Keeps keys apart, such as those that are in Cash."""
        with write(self._db):
            self._db.conn.executemany(
                "INSERT INTO marked (mark, key) VALUES (?, ?) ON CONFLICT DO NOTHING", [(mark, key) for key in keys]
            )

    def marked(self, mark: str, keys: Sequence[str]) -> set[str]:
        """Those of so many keys that were marked so."""
        marks = ", ".join("?" * len(keys))
        rows = self._db.conn.execute(
            f"SELECT key FROM marked WHERE mark = ? AND key IN ({marks})",  # noqa: S608
            (mark, *keys),
        )
        return {key for (key,) in rows}

    def marked_pages(self, mark: str) -> Iterator[list[str]]:
        """All keys marked so."""
        last = ""
        while rows := self._db.conn.execute(
            "SELECT key FROM marked WHERE mark = ? AND key > ? ORDER BY key LIMIT ?", (mark, last, PAGE)
        ).fetchall():
            yield [key for (key,) in rows]
            last = rows[-1][0]


def kept_facts(file: Path) -> object:
    """What `keep` said of the records in a file; None where nothing did, or they are damaged. Raises DatabaseError."""
    with connect(str(file)) as db:
        intact = db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        rows = db.execute("SELECT facts FROM kept").fetchall() if intact else []
    return next((read_json(facts) for (facts,) in rows), None)


def _kept(text: str) -> str:
    """OutSmart's JSON may hold halves of characters, which no database takes."""
    return text.encode("utf-8", "replace").decode()
