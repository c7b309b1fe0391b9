"""The real app as processes on a socket, over a database file of each test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import database
from support.app import UNLIMITED, Serve, Served


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
