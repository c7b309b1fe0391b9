"""Real workers on a real database, and accounts for them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from support.office import WHO, Office
from support.workers import Workers, make_ready

from webapp.demo.outsmart import OutSmartSandbox


@pytest.fixture
def configuration(configuration: dict[str, object], outsmart: OutSmartSandbox) -> dict[str, object]:
    return {**configuration, "OUTSMART_URL": outsmart.api, "OUTSMART_SOFTWARE_TOKEN": outsmart.software_token}


@pytest.fixture
def workers(app: Flask, configuration: dict[str, object], tmp_path: Path) -> Iterator[Workers]:
    with Workers(configuration, tmp_path) as workers:
        yield workers


@pytest.fixture
def office(app: Flask, outsmart: OutSmartSandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("webapp.cash.sync.parts.WAITS", ())
    make_ready(app, WHO.account, token=outsmart.token(WHO.account), import_warehouses=True, import_relations=True)
    with app.app_context():
        yield Office(app)
