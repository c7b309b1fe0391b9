"""The real app as processes on a socket, over a database file of each test's own."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import database
from support.app import UNLIMITED, Serve, Served, configure

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
