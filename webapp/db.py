"""A database connection per request, write transactions, and whether the file fits this code."""

import os
import sqlite3
import time
import weakref
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app, g
from sqlite_utils import Database

from .migrations import migrations

BUSY_SECONDS = 5.0
DatabaseError = sqlite3.Error  # whatever the driver raises


class DatabaseUnfit(click.ClickException):
    """The database cannot be used with this code; the text says what to do."""


def connect(path: str, patience: float = BUSY_SECONDS) -> Database:
    """A connection as every part of the product uses it: WAL, synced on commit, in manual transactions.

    `patience`: seconds to wait for others who hold the file.
    """
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
    except DatabaseError:
        connection.close()
        raise
    return Database(connection, execute_plugins=False)


class IdleConnections:
    """Connections that wait for the next request: to open one takes as long as half a page.

    And while one is open, SQLite need not tidy up its log after each Save, which syncs the whole file.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._idle: list[Database] = []  # append and pop are atomic

    def take(self) -> Database:
        """One that nobody else has."""
        try:
            return self._idle.pop()
        except IndexError:
            return connect(self._path)

    def give_back(self, db: Database) -> None:
        """For the next one to take, with nothing left half done."""
        db.rollback()
        if os.access(self._path, os.W_OK):
            self._idle.append(db)
        else:
            db.close()  # it would go on as one that can only read

    def close(self) -> None:
        """Closes all that are idle now."""
        while self._idle:
            self._idle.pop().close()


def get_db() -> Database:
    """The connection of the current request or command."""
    if "db" not in g:
        g.db = current_app.extensions["connections"].take()
    db: Database = g.db
    return db


def forget_connection() -> None:
    """Closes the connection of the current request: it failed, and may go on failing when the reason is gone."""
    if db := g.pop("db", None):
        db.close()


@contextmanager
def write(db: Database) -> Iterator[None]:
    """One write transaction; inside another one it simply takes part in it.

    It takes the write lock before it reads: a transaction that begins deferred and writes after
    reading fails with "database is locked" as soon as another process wrote in between.
    """
    if db.conn.in_transaction:
        yield
        return
    db.conn.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.conn.execute("COMMIT")
    except BaseException:
        db.rollback()
        raise


def select(db: Database, sql: str, parameters: Sequence[object]) -> Iterator[dict[str, Any]]:
    """Rows by the names of their columns. sqlite-utils' `query` does it too, with two more statements around each."""
    cursor = db.execute(sql, parameters)
    names = [column[0] for column in cursor.description]
    return (dict(zip(names, row, strict=True)) for row in cursor)


def now() -> int:
    """Seconds since 1970 (UTC), as every time is stored."""
    return int(time.time())


def migrate(path: str) -> list[str]:
    """Brings the file to the schema of this code; returns the names of the steps taken."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with connect(path) as db:
        _refuse_newer(db)
        steps = [step.name for step in migrations.pending(db)]
        migrations.apply(db)
    return steps


def backup(db: Database, file: Path) -> None:
    """Copies the database to a file while others write. A damaged copy is removed; raises DatabaseUnfit."""
    part = file.with_name(file.name + ".part")
    with closing(sqlite3.connect(part)) as copy:
        db.conn.backup(copy)
        intact = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if intact != "ok":
        part.unlink()
        raise DatabaseUnfit(f"The copy is damaged: {intact}")
    part.rename(file)


def versions(db: Database) -> dict[str, str]:
    """The version of SQLite, and the newest migration that the file has."""
    applied = migrations.applied(db)
    return {"sqlite": sqlite3.sqlite_version, "schema": applied[-1].name if applied else ""}


def check(path: str) -> None:
    """Raises DatabaseUnfit when the schema is older or newer than this code, DatabaseError when a table cannot be read.

    On a connection of its own, which waits for nobody: whoever asks wants to know how it is now.
    """
    if not Path(path).exists():
        raise DatabaseUnfit("There is no database yet: run `flask --app webapp migrate`.")
    with connect(path, patience=0) as db:
        _refuse_newer(db)
        if pending := migrations.pending(db):
            raise DatabaseUnfit(f"The database lacks {len(pending)} migration(s): run `flask --app webapp migrate`.")
        for name, columns in _schema().items():
            if gone := columns - db.table(name).columns_dict.keys():
                raise DatabaseUnfit(f"The table {name} lacks {', '.join(sorted(gone))}: restore a backup.")
            next(db.table(name).rows_where(limit=1), None)


@cache
def owned_tables() -> tuple[str, ...]:
    """The tables in which each row is an account's."""
    return tuple(name for name, columns in _schema().items() if "account" in columns)


@cache
def _schema() -> dict[str, set[str]]:
    """Each table of this code with the names of its columns."""
    with Database(memory=True) as empty:
        migrations.apply(empty)
        return {each.name: set(each.columns_dict) for each in empty.tables}


def _refuse_newer(db: Database) -> None:
    with Database(memory=True) as empty:
        known = {step.name for step in migrations.pending(empty)}
    if unknown := {step.name for step in migrations.applied(db)} - known:
        raise DatabaseUnfit(
            f"The database was written by a newer version (it knows {', '.join(sorted(unknown))}): "
            "install that version, or restore a backup made before it."
        )


def init_app(app: Flask) -> None:
    """Lends each request a connection, adds `flask migrate`, and refuses a file that cannot be used."""
    connections = app.extensions["connections"] = IdleConnections(app.config["DATABASE"])
    weakref.finalize(app, connections.close)  # also at the end of the process

    @app.teardown_appcontext
    def give_back(_error: BaseException | None) -> None:
        if db := g.pop("db", None):
            connections.give_back(db)

    @app.cli.command("migrate")
    def migrate_command() -> None:
        """Create the database, or bring it to the schema of this version."""
        steps = migrate(app.config["DATABASE"])
        click.echo(f"Migrated: {', '.join(steps)}." if steps else "The database is up to date.")

    path = app.config["DATABASE"]
    if Path(path).exists():
        try:
            with connect(path) as db:
                _refuse_newer(db)
        except sqlite3.DatabaseError as error:
            raise DatabaseUnfit(f"The database {path} cannot be read ({error}): restore a backup.") from error
