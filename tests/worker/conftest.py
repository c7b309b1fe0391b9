"""Real workers on a real database, and accounts for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from support.workers import Workers


@pytest.fixture
def workers(app: Flask, configuration: dict[str, object], tmp_path: Path) -> Iterator[Workers]:
    with Workers(configuration, tmp_path) as workers:
        yield workers
