"""The API with a host that may ask."""

import pytest
from flask import Flask
from support.host import NEWER_TOKEN, TOKEN, Host


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "API_TOKENS": [NEWER_TOKEN, TOKEN]}


@pytest.fixture
def host(app: Flask) -> Host:
    return Host(app)
