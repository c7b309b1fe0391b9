"""A Cash and an OutSmart that really answer, and runs between them."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from support import database
from support.exporting import STATUS, complete
from support.sync import Bridge

from webapp.db import connect
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox


@pytest.fixture
def bridge(cash: CashSandbox, outsmart: OutSmartSandbox, tmp_path: Path) -> Iterator[Bridge]:
    """Account 1002, whose numbers OutSmart has padded; its administration has 50 relations and 60 articles."""
    database.create(tmp_path / "app.db")
    numbers = count()

    def scratch() -> Path:
        folder = tmp_path / f"run{next(numbers)}"
        folder.mkdir()
        return folder

    with connect(str(tmp_path / "app.db")) as db, Bridge(cash, outsmart, db, scratch) as bridge:
        yield bridge


@pytest.fixture
def office(bridge: Bridge) -> Bridge:
    """An account whose customers and articles were imported, and in which no work order is complete."""
    bridge.run()
    bridge.outsmart.forget_work_orders(bridge.account)
    bridge.choose(export_work_status=STATUS)
    return bridge


@pytest.fixture
def shop(office: Bridge) -> Bridge:
    """The same, where an order was exported before: Cash has shown that it finds orders."""
    complete(office)
    assert office.export() == {"done": 1, "made": 0}
    office.told.clear()
    return office
