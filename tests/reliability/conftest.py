"""The real app as processes on a socket, over a database file of each test's own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from reliability.served import Serve, Served

from webapp.db import migrate


@pytest.fixture
def serve(configuration: dict[str, object], tmp_path: Path) -> Iterator[Serve]:
    """Starts servers over the migrated database; they end with the test."""
    configuration["CASH_CALLS_PER_MINUTE"] = configuration["CASH_CALLS_PER_ACCOUNT"] = 100_000
    migrate(str(configuration["DATABASE"]))
    with ExitStack() as stack:

        def start(**options: object) -> Served:
            return stack.enter_context(Served(configuration, tmp_path / "server.log", **options))

        yield start
