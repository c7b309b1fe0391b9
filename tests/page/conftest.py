"""What several tests of the page need."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from support.visitor import Visitor

from webapp import rates, throttle
from webapp.cash.store import logins as connections


@pytest.fixture
def english(connected: Visitor, app: Flask) -> Visitor:
    """One who reads English, of an account that is connected."""
    return Visitor(app).open(lang="en")


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves our clocks so many seconds forward."""

    def move(seconds: float) -> None:
        here = time.time() + seconds
        monkeypatch.setattr(connections, "now", lambda: int(here))
        monkeypatch.setattr(throttle, "time", lambda: here)
        monkeypatch.setattr(rates, "time", lambda: here)

    return move
