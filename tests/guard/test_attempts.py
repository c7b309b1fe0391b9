"""What becomes of an attempt, however it ends."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from guard.door import MINUTE, RIGHT, Clock, Door, Empty, Wrong

from webapp.throttle import LoginRejected


@pytest.mark.parametrize(
    "end",
    [RuntimeError, OSError, sqlite3.OperationalError, StopIteration, GeneratorExit, SystemExit, KeyboardInterrupt],
)
def test_whatever_else_ends_an_attempt_it_does_not_count(door: Door, end: type[BaseException]) -> None:
    for _ in range(8):
        with pytest.raises(end), door.guard.attempt("1001", ("25583", "api@example.nl", "x"), "192.0.2.1"):
            raise end
    assert list(door.db.table("rate_events").rows) == []


def test_an_answer_that_its_client_breaks_off_is_settled(door: Door) -> None:
    def answer() -> Iterator[str]:
        with door.guard.attempt("1001", ("25583", "api@example.nl", "x"), "192.0.2.1"):
            yield "connecting"
            yield "logged in"

    for _ in range(8):
        broken_off = answer()
        assert next(broken_off) == "connecting"
        broken_off.close()
    assert door.knock_wrong(1) == ["wrong"]
    assert door.left == 4


def test_a_right_login_forgets_its_own_failures_in_its_own_account_only(door: Door) -> None:
    assert door.knock_wrong(3) == ["wrong"] * 3
    assert door.knock_wrong(1, email="ander@example.nl") == ["wrong"]
    assert door.knock_wrong(2, account="1002") == ["wrong"] * 2
    assert door.knock() == "in"
    door.knock_wrong(1)
    assert door.left == 3, "the other login's failure and this one"
    door.knock_wrong(1, account="1002")
    assert door.left == 2, "nothing was forgotten elsewhere"


def test_a_right_login_that_sees_nothing_is_right(door: Door) -> None:
    assert door.knock_wrong(4) == ["wrong"] * 4
    with pytest.raises(Empty), door.guard.attempt("1001", ("25583", "api@example.nl", RIGHT), "192.0.2.1"):
        raise Empty
    door.knock_wrong(1)
    assert door.left == 4


def test_a_wrong_login_is_not_sent_again_for_a_minute(door: Door, clock: Clock) -> None:
    assert door.knock("fout") == "wrong"
    clock.pass_by(MINUTE - 1)
    assert [door.knock("fout") for _ in range(9)] == ["known"] * 9
    assert (door.left, door.wait, door.sent) == (4, 0, 1)
    assert door.knock("fout", account="1002") == "wrong", "no account learns what another one tried"
    clock.pass_by(2)
    assert door.knock("fout") == "wrong"


def test_a_wrong_login_sent_twice_side_by_side_is_one_failure(door: Door) -> None:
    attempt = partial(door.guard.attempt, "1001", ("25583", "api@example.nl", "fout"), "192.0.2.1")
    first, second = ExitStack(), ExitStack()
    first.enter_context(attempt())
    second.enter_context(attempt())
    for each in (first, second):
        with pytest.raises(LoginRejected) as rejected, each:
            raise Wrong
        assert rejected.value.fresh
    assert rejected.value.left == 4


# --- logins that are stored ---


def test_a_stored_login_that_works_is_never_held_and_costs_nothing(door: Door) -> None:
    door.knock_wrong(5)
    said: list[str] = []
    door.db.conn.set_trace_callback(said.append)
    assert [door.knock(trusted=True) for _ in range(30)] == ["in"] * 30
    assert said == []


def test_a_stored_login_counts_once_cash_refuses_it(door: Door) -> None:
    assert door.knock("oud", trusted=True) == "wrong"
    assert door.left == 4
    assert door.knock("oud") == "known"
    assert door.knock("oud", trusted=True) == "wrong"
    assert door.left == 4, "the same again is no other failure"


def test_nobody_guesses_a_password_by_using_the_stored_one_in_between(door: Door) -> None:
    guesses = []
    for _ in range(10):
        guesses += door.knock_wrong(4)
        assert door.knock(trusted=True) == "in"
    assert guesses.count("wrong") == 5


@pytest.mark.parametrize("end", [RuntimeError, Empty, SystemExit])
def test_a_stored_login_leaves_no_trace_when_cash_is_down(door: Door, end: type[BaseException]) -> None:
    login = ("25583", "api@example.nl", RIGHT)
    with pytest.raises(end), door.guard.attempt("1001", login, "192.0.2.1", trusted=True):
        raise end
    assert door.db.table("rate_events").count == 0
