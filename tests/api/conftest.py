"""The API with a host that may ask."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from support.host import NEWER_TOKEN, TOKEN, Host


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "API_TOKENS": [NEWER_TOKEN, TOKEN]}


@pytest.fixture
def host(app: Flask) -> Host:
    return Host(app)


@pytest.fixture
def flask(app: Flask) -> Callable[..., Result]:
    """The commands for accounts."""
    return lambda *words, given="": app.test_cli_runner().invoke(args=["account", *words], input=given)
