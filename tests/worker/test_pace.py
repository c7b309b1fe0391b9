"""Who asks Cash first: persons, then runs that persons asked for, then those that run by themselves."""

import time
from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask

from webapp import rates
from webapp.cash import pace

MINUTE = 60


class Clock:
    """Time passes only while somebody waits."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        assert 0 < seconds <= pace.LONGEST_PAUSE, "so often whoever waits looks whether to go on"
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rates, "time", clock)
    return clock


@pytest.fixture
def calls(app: Flask, clock: Clock) -> Iterator[Flask]:
    with app.app_context():
        yield app


def in_a_minute(clock: Clock, *, manual: bool, code: str = "54852") -> int:
    """How many calls a run makes in the next minute that never waits for anything but its turn."""
    pace.be_patient(manual, clock.wait)
    until = clock.now + MINUTE
    for number in count():
        pace.reserve("1001", code)
        if clock.now >= until:
            return number
    raise AssertionError


@pytest.mark.parametrize(("manual", "burst"), [(True, 10), (False, 5)])
def test_a_run_asks_as_often_as_its_relation_code_may(calls: Flask, clock: Clock, manual: bool, burst: int) -> None:
    assert in_a_minute(clock, manual=manual) in range(90 + burst - 2, 90 + burst + 1)
    assert in_a_minute(clock, manual=manual) in range(88, 92)


@pytest.mark.parametrize("spelling", ["54852", "054852"])
def test_runs_of_one_relation_code_share_what_it_may(calls: Flask, clock: Clock, spelling: str) -> None:
    in_a_minute(clock, manual=False)
    assert in_a_minute(clock, manual=False, code=spelling) in range(88, 92)
    assert in_a_minute(clock, manual=False, code="25583") > 92, "another one has its own"


def test_all_relation_codes_together_may_be_limited(calls: Flask, clock: Clock) -> None:
    calls.config["CASH_CALLS_PER_MINUTE_TOTAL"] = 30
    in_a_minute(clock, manual=False)
    assert in_a_minute(clock, manual=False, code="25583") in range(29, 32)


@pytest.mark.parametrize("total", [0, 90])
def test_what_people_asked_for_goes_first(calls: Flask, clock: Clock, total: int) -> None:
    calls.config["CASH_CALLS_PER_MINUTE_TOTAL"] = total
    in_a_minute(clock, manual=False)
    began = clock.now
    pace.be_patient(True, clock.wait)
    for _ in range(4):
        pace.reserve("1001", "54852")
    assert clock.now == began, "although runs by themselves take all they can get"


@pytest.mark.parametrize("total", [0, 90])
@pytest.mark.parametrize("manual", [True, False])
def test_no_run_keeps_a_person_waiting(app: Flask, clock: Clock, manual: bool, total: int) -> None:
    app.config["CASH_CALLS_PER_MINUTE_TOTAL"] = total
    with app.app_context():
        in_a_minute(clock, manual=manual)
    with app.app_context():
        assert [pace.reserve("1001", "54852") for _ in range(20)] == [None] * 20


def test_a_run_waits_until_persons_have_had_their_calls(app: Flask, clock: Clock) -> None:
    with app.app_context():
        assert [pace.reserve("1001", "54852") for _ in range(15)] == [None] * 15
    began = clock.now
    with app.app_context():
        pace.be_patient(False, clock.wait)
        pace.reserve("1001", "54852")
    assert clock.now - began == pytest.approx((15 - 4) * MINUTE / 90, abs=0.1)


def test_others_who_type_a_relation_code_hold_its_runs_for_a_minute_at_most(app: Flask, clock: Clock) -> None:
    for account in range(100):
        with app.app_context():
            pace.reserve(str(account), "54852")
            pace.reserve(str(account), "54852")
    began = clock.now
    with app.app_context():
        pace.be_patient(False, clock.wait)
        pace.reserve("1001", "54852")
    assert clock.now - began <= MINUTE
