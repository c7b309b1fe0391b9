"""A guard over a real database file, with a clock that a test moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from guard.door import Clock, Door
from sqlite_utils import Database
from support import database

from webapp import rates, throttle
from webapp.db import connect


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    monkeypatch.setattr(rates, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> str:
    database.create(tmp_path / "app.db")
    return str(tmp_path / "app.db")


@pytest.fixture
def db(path: str) -> Iterator[Database]:
    with connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")  # a power failure is not what is tested here
        yield db


@pytest.fixture
def door(db: Database, clock: Clock) -> Door:
    return Door(db)
