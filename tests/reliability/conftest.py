"""The real app as processes on a socket, over a database file of each test's own."""

import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from reliability.story import Story
from support import database
from support.app import UNLIMITED, Serve, Served, configure
from support.cash import FaultyCash

from webapp.db import connect
from webapp.demo.cash import CashSandbox


@pytest.fixture
def serve(configuration: dict[str, object], tmp_path: Path) -> Iterator[Serve]:
    """Starts servers over the migrated database; they end with the test."""
    configuration |= UNLIMITED
    database.create(str(configuration["DATABASE"]))
    with ExitStack() as stack:

        def start(**options: object) -> Served:
            server = Served(configuration, tmp_path / "server.log", options=["--preload"], **options)
            return stack.enter_context(server)

        yield start


@pytest.fixture
def story(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Story]:
    (tmp_path / "product").mkdir()
    with FaultyCash(tmp_path) as cash:
        story = Story(cash, tmp_path / "product")
        with closing(connect(story.configuration["DATABASE"]).conn) as reader, caplog.at_level(logging.DEBUG):
            reader.execute("SELECT count(*) FROM logins").fetchone()  # so that -wal and -shm stay
            logging.getLogger().addHandler(story.watch)
            yield story
            logging.getLogger().removeHandler(story.watch)
            assert {"app.db", "app.db-wal", "app.db-shm"} <= {path.name for path in story.folder.iterdir()}
            story.after("everything")
    out, err = capfd.readouterr()
    story.watch.look("standard output", out.encode())
    story.watch.look("standard error", err.encode())
    assert "webapp" in err, "the log was written"
    assert story.watch.found == []


@pytest.fixture(scope="module")
def running(
    request: pytest.FixtureRequest, sandbox: CashSandbox, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A server for a whole module, with so many workers as its WORKERS says."""
    folder = tmp_path_factory.mktemp("running")
    configuration = configure(folder / "app.db", CASH_WSDL=sandbox.wsdl, **UNLIMITED)
    database.create(str(configuration["DATABASE"]))
    workers: int = request.module.WORKERS
    with Served(configuration, folder / "server.log", options=["--preload"], workers=workers) as server:
        yield server


@pytest.fixture
def server(running: Served, cash: CashSandbox) -> Served:
    """It, with nothing stored and nothing in its log."""
    database.empty(running.configuration["DATABASE"])
    os.truncate(running.log, 0)
    return running
