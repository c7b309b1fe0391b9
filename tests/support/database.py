"""Database files: an empty one, made in no time, and what a file holds."""

import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

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


class Kept:
    """The file of an app as it was, for each of many requests to find; who did not write costs nothing."""

    def __init__(self, app: Flask, copy: Path) -> None:
        self._close, self.file, self.copy = app.extensions["connections"].close, Path(app.config["DATABASE"]), copy
        self.keep()

    def keep(self) -> None:
        """As it is now."""
        self._close()
        shutil.copy(self.file, self.copy)
        self._mark()

    def put_back(self) -> None:
        if self.is_written():
            self._close()
            shutil.copy(self.copy, self.file)
            self._mark()

    def is_written(self) -> bool:
        """Whether anybody wrote since; what is written goes to the -wal first, or makes the file newer."""
        log = Path(f"{self.file}-wal")
        return self.file.stat().st_mtime_ns != 0 or (log.exists() and log.stat().st_size > 0)

    def _mark(self) -> None:
        os.utime(self.file, ns=(0, 0))
