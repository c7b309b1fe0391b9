"""How often something may be done: no starving."""

import random

import pytest
from guard.door import HOUR, MINUTE, Clock, take
from sqlite_utils import Database

from webapp.rates import reserve, reserve_call


def test_a_rate_lets_a_burst_through_and_then_one_at_a_time(db: Database, clock: Clock) -> None:
    assert [reserve(db, "save", 20, 5) for _ in range(7)] == [None] * 5 + [3, 3]
    clock.pass_by(3)
    assert [reserve(db, "save", 20, 5) for _ in range(2)] == [None, 3]
    assert reserve(db, "save:other", 20, 5) is None
    clock.pass_by(HOUR)
    assert [reserve(db, "save", 20, 5) for _ in range(7)] == [None] * 5 + [3, 3]


@pytest.mark.parametrize(("per_minute", "burst"), [(20, 20), (90, 90), (7, 3), (0.5, 1), (1000, 10)])
def test_a_rate_holds_over_any_time_and_its_wait_is_right(
    db: Database, clock: Clock, per_minute: float, burst: float
) -> None:
    dice, taken = random.Random(7), []
    for _ in range(300):
        clock.pass_by(dice.choice([0, 0, 0, 0.1, 1, 10]))
        wait = reserve(db, "key", per_minute, burst)
        if wait is None:
            taken.append(clock.now)
        else:
            assert wait > 0
            clock.pass_by(wait)
            assert reserve(db, "key", per_minute, burst) is None
            taken.append(clock.now)
    for first, since in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + (taken[last] - since) * per_minute / 60 + 0.001


def test_an_account_gets_twenty_calls_to_cash_a_minute(db: Database, clock: Clock) -> None:
    assert take(db, 30, "1001") == 20
    assert reserve_call(db, 90, "1001") == 3
    assert take(db, 30, "1002") == 20
    clock.pass_by(MINUTE)
    assert take(db, 30, "1001") == 20


def test_all_accounts_together_get_what_is_configured(db: Database, clock: Clock) -> None:
    assert sum(take(db, 3, str(n)) for n in range(100)) == 90
    assert reserve_call(db, 90, "101") == 1
    clock.pass_by(MINUTE)
    assert sum(take(db, 3, str(n)) for n in range(100)) == 90


def test_accounts_that_keep_asking_cannot_keep_out_those_who_just_came(db: Database, clock: Clock) -> None:
    for second in range(10 * MINUTE):
        for greedy in ("1", "2"):
            take(db, 3, greedy, most=10)
        if second % 30 == 29:
            assert take(db, 2, f"new {second}", most=10) == 2, "a whole login"
        clock.pass_by(1)


def test_what_is_kept_is_not_for_those_who_asked_a_moment_ago(db: Database, clock: Clock) -> None:
    assert take(db, 100, "1001", most=20) == 16
    assert take(db, 100, "1002", most=20) == 3
    assert take(db, 100, "1003", most=20) == 1
    clock.pass_by(MINUTE)
    assert take(db, 100, "1001", most=20) == 16, "after a minute it is one of those who just came"


@pytest.mark.parametrize("most", [1, 2, 4, 5])
def test_a_small_rate_is_a_rate(db: Database, clock: Clock, most: int) -> None:
    assert sum(take(db, 2, str(n), most=most) for n in range(20)) == most
    clock.pass_by(MINUTE)
    assert take(db, 1, "1", most=most) == 1


def test_a_call_that_is_held_takes_nothing(db: Database, clock: Clock) -> None:
    take(db, 20, "1001")
    before = list(db.table("rates").rows)
    assert take(db, 50, "1001") == 0
    assert list(db.table("rates").rows) == before
