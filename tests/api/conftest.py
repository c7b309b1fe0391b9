"""The API with a host that may ask."""

import pytest
from flask import Flask
from support.host import NEWER_TOKEN, TOKEN, Host

from webapp import create_app


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "API_TOKENS": [NEWER_TOKEN, TOKEN]}


@pytest.fixture
def app(configuration: dict[str, object], app: Flask) -> Flask:
    """The same app as everywhere, with a host that may ask."""
    return create_app(configuration)


@pytest.fixture
def host(app: Flask) -> Host:
    return Host(app)
