"""Database files: an empty one, made in no time, and what a file holds."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from webapp.db import connect, migrate, write

Rows = list[list[tuple[object, ...]]]


@cache
def _migrated() -> bytes:
    """Nearly every test has a file of its own, and to migrate it would take most of its time."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "empty.db")
        migrate(str(path))
        return path.read_bytes()


def create(path: Path | str) -> None:
    """A file that is migrated and holds nothing."""
    Path(path).write_bytes(_migrated())


def empty(path: Path | str) -> None:
    """Deletes every row, under whoever has the file open; ids begin anew."""
    with connect(str(path)) as db, write(db):
        for table in db.table_names():
            if table != "_sqlite_migrations":
                db.execute(f"DELETE FROM {table}")


def rows(path: Path | str, *tables: str) -> Rows:
    """These tables byte for byte, in the order in which they were written."""
    with connect(str(path)) as db:
        return [db.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall() for table in tables]


def forget_rates(path: Path | str) -> None:
    """As if nobody had saved, asked Cash or mistyped a login lately: for whoever does it more often than anyone may."""
    with connect(str(path)) as db:
        for table in ("rates", "rate_events"):
            db.execute(f"DELETE FROM {table}")
