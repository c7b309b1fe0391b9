"""No guessing, no lock-out of others, no starving: the guard of logins and the rates, over a real database file."""

import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import pytest
from sqlite_utils import Database
from support import database

from webapp import rates, throttle
from webapp.db import connect
from webapp.rates import reserve, reserve_call
from webapp.throttle import LoginGuard, LoginRejected, TooSoon, network

ROOT = Path(__file__).parents[1]
MINUTE, HOUR = 60, 60 * 60
RIGHT = "geheim"
Others = Callable[[int], dict[str, str]]


class Wrong(Exception):
    pass


class Empty(Exception):
    """The login is right, but sees nothing."""


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(throttle, "time", clock)
    monkeypatch.setattr(rates, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> str:
    database.create(tmp_path / "app.db")
    return str(tmp_path / "app.db")


@pytest.fixture
def db(path: str) -> Iterator[Database]:
    with connect(path) as db:
        db.execute("PRAGMA synchronous = OFF")  # a power failure is not what is tested here
        yield db


@pytest.fixture
def door(db: Database, clock: Clock) -> "Door":
    return Door(db)


class Door:
    """Where logins are tried; counts what gets as far as Cash."""

    def __init__(self, db: Database) -> None:
        self.guard = LoginGuard(db, "a key of ours", Wrong, Empty)
        self.db, self.sent = db, 0

    def knock(
        self,
        password: str = RIGHT,
        *,
        account: str = "1001",
        code: str = "25583",
        email: str = "api@example.nl",
        address: str = "192.0.2.1",
        **more: bool,
    ) -> str:
        """What became of a login: "in", "wrong" (Cash said so), "known" (not sent again) or "held"."""
        try:
            with self.guard.attempt(account, (code, email, password), address, **more):
                self.sent += 1
                if password != RIGHT:
                    raise Wrong
        except LoginRejected as rejected:
            self.left, self.wait = rejected.left, rejected.wait
            return "wrong" if rejected.fresh else "known"
        except TooSoon as early:
            self.left, self.wait = 0, early.seconds
            return "held"
        return "in"

    def knock_wrong(self, times: int, **more: object) -> list[str]:
        return [self.knock(f"fout {random.random()}", **more) for _ in range(times)]  # type: ignore[arg-type]


# --- how often a login may fail ---


@pytest.mark.parametrize(
    ("most", "seconds", "others"),
    [
        (5, 15 * MINUTE, lambda n: {"email": f"{n}@example.nl", "address": f"192.0.2.{n}"}),
        (20, 15 * MINUTE, lambda n: {"account": f"{n}", "email": f"{n}@example.nl"}),
        (30, HOUR, lambda n: {"account": f"{n}", "address": f"192.0.2.{n}"}),
    ],
    ids=["account", "client address", "login over all accounts"],
)
def test_so_many_failures_and_then_it_waits(door: Door, clock: Clock, most: int, seconds: int, others: Others) -> None:
    for n in range(most):
        assert door.knock_wrong(1, **others(n)) == ["wrong"]
    for password in ("fout", RIGHT):
        assert door.knock(password, **others(99)) == "held"
        assert door.wait == seconds
    clock.pass_by(seconds - 1)
    assert door.knock(**others(99)) == "held"
    clock.pass_by(door.wait)
    assert door.knock(**others(99)) == "in"
    assert door.sent == most + 1


def test_a_login_may_fail_five_times_an_hour_in_one_account(door: Door, clock: Clock) -> None:
    assert door.knock_wrong(5) == ["wrong"] * 5
    clock.pass_by(16 * MINUTE)
    assert door.knock() == "held"
    assert door.wait == 44 * MINUTE
    assert door.knock(email="ander@example.nl") == "in"
    clock.pass_by(door.wait)
    assert door.knock() == "in"


def test_attempts_that_are_left_count_down_to_a_wait(door: Door) -> None:
    told = [(door.left, door.wait) for _ in range(5) if door.knock_wrong(1)]
    assert told == [(4, 0), (3, 0), (2, 0), (1, 0), (0, HOUR)]


SPELLINGS = [
    {"code": "25583"},
    {"code": "025583"},
    {"code": "0000025583"},
    {"email": "API@example.nl"},
    {"email": "api@EXAMPLE.nl"},
    {"email": "api\x01@example.nl"},
    {"email": "\x1bapi@example.nl"},
    {"email": "api@example.nl\ufffe"},
    {"email": "api@example.nl\ud800"},
    {"code": "\x0025583"},
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_login_is_one_however_it_is_spelled(door: Door, clock: Clock, spelling: dict[str, str]) -> None:
    assert door.knock_wrong(5) == ["wrong"] * 5
    clock.pass_by(16 * MINUTE)
    assert door.knock_wrong(1, **spelling) == ["held"]


def test_a_login_in_its_right_spelling_is_sent_at_once(door: Door) -> None:
    """Whether Cash takes them for one is for Cash to say."""
    assert door.knock("fout", email="API@example.nl") == "wrong"
    assert door.knock("fout", code="025583") == "wrong"
    assert door.knock("fout") == "wrong"
    assert door.knock("FOUT") == "wrong"
    assert door.knock("fout\x01") == "known", "nothing else would reach Cash"
    assert door.sent == 4


# --- what becomes of an attempt ---


def test_attempts_side_by_side_are_counted_before_they_are_made(path: str, clock: Clock) -> None:
    inside, may_leave = threading.Semaphore(0), threading.Event()
    held: list[TooSoon] = []

    def guess(n: int) -> None:
        with connect(path) as db, suppress(LoginRejected):
            try:
                with LoginGuard(db, "key", Wrong, Empty).attempt("1001", ("1", "a@b", f"fout {n}"), "192.0.2.1"):
                    inside.release()
                    assert may_leave.wait(20)
                    raise Wrong
            except TooSoon as early:
                held.append(early)
                inside.release()

    guesses = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
    for each in guesses:
        each.start()
    for _ in guesses:
        assert inside.acquire(timeout=20)
    may_leave.set()
    for each in guesses:
        each.join()
    assert len(held) == 3


GUESS = """
import sys
from webapp.db import connect
from webapp.throttle import LoginGuard, LoginRejected, TooSoon
for n in range(10):
    try:
        with LoginGuard(connect(sys.argv[1]), "key", ValueError, LookupError).attempt(
            "1001", ("1", "a@b", f"{sys.argv[2]} {n}"), "192.0.2.1"
        ):
            print("sent")
            raise ValueError
    except (LoginRejected, TooSoon):
        pass
"""
RESERVE = """
import sys
from webapp.db import connect
from webapp.rates import reserve
db = connect(sys.argv[1])
for n in range(20):
    if reserve(db, "one key", per_minute=1, burst=25) is None:
        print("taken")
"""


@pytest.mark.parametrize(("script", "most"), [(GUESS, 5), (RESERVE, 25)], ids=["failures", "calls"])
def test_all_workers_count_together(path: str, script: str, most: int) -> None:
    line = [sys.executable, "-c", script, path]
    workers = [subprocess.Popen([*line, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(4)]
    said = "".join(worker.communicate(timeout=60)[0] for worker in workers)
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(said.split()) == most


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


def test_an_attempt_whose_worker_is_killed_stays_counted(path: str, db: Database) -> None:
    killed = GUESS.replace("raise ValueError", "__import__('os')._exit(9)")
    for n in range(5):
        assert subprocess.run([sys.executable, "-c", killed, path, str(n)], cwd=ROOT).returncode == 9
    with pytest.raises(TooSoon), LoginGuard(db, "key", Wrong, Empty).attempt("1001", ("1", "a@b", "x"), "192.0.2.1"):
        pytest.fail("this would be a sixth guess")


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


# --- attacks ---


def test_whoever_owns_a_login_cannot_guess_at_those_of_others(door: Door) -> None:
    guesses = []
    for n in range(40):
        guesses += door.knock_wrong(1, email=f"slachtoffer{n}@example.nl")
        door.knock()
    assert guesses.count("wrong") == 5


def test_nobody_locks_others_out_of_their_login(door: Door, clock: Clock) -> None:
    """Five guesses an hour from each of ten accounts, for a day."""
    for _ in range(24):
        for n in range(10):
            door.knock_wrong(5, account=f"aanvaller {n}", address=f"198.51.100.{n}")
        assert door.knock(account="1002", own=True) == "in"
        clock.pass_by(HOUR)


def test_a_few_guesses_elsewhere_do_not_hold_a_newcomer(door: Door) -> None:
    door.knock_wrong(5, account="aanvaller", address="198.51.100.1")
    assert door.knock() == "in"


def test_guesses_from_many_accounts_at_one_login_come_to_an_end(door: Door) -> None:
    guesses = [door.knock_wrong(1, account=f"{n}", address=f"198.51.100.{n}")[0] for n in range(200)]
    assert guesses.count("wrong") == 30
    assert door.knock_wrong(6, account="1002", own=True) == ["wrong"] * 5 + ["held"], "its own limit stays"


def test_many_addresses_of_one_network_are_one_client(door: Door) -> None:
    guesses = [
        door.knock_wrong(1, account=f"{n}", email=f"{n}@example.nl", address=f"2001:db8:0:7::{n:x}")[0]
        for n in range(24)
    ]
    assert guesses == ["wrong"] * 20 + ["held"] * 4
    assert door.knock_wrong(1, account="99", address="2001:db8:0:8::1") == ["wrong"], "the neighbour"


@pytest.mark.parametrize(
    ("written", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:50123", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
        ("2001:db8:0:7::1", "2001:db8:0:7::/64"),
        ("2001:0DB8:0000:0007:ffff:ffff:ffff:ffff", "2001:db8:0:7::/64"),
        ("[2001:db8:0:7::1]:50123", "2001:db8:0:7::/64"),
        ("[2001:db8:0:7::1]", "2001:db8:0:7::/64"),
        (" 2001:db8:0:7::1 ", "2001:db8:0:7::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("", ""),
        ("192.0.2.1:", "192.0.2.1"),
        ("[", "["),
        ("1:2:3", "1:2:3"),
    ],
)
def test_an_address_is_one_however_it_is_written(written: str, counted: str) -> None:
    assert network(written) == counted


# --- how often something may be done ---


def take(db: Database, times: int, account: str, most: int = 90) -> int:
    """How many of so many calls an account gets through now."""
    return [reserve_call(db, most, account) for _ in range(times)].count(None)


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


# --- what is kept of it ---


def test_what_no_limit_needs_any_more_is_forgotten(door: Door, clock: Clock) -> None:
    """So the tables hold an hour of failures, and a minute of accounts."""
    for n in range(50):
        door.knock_wrong(1, account=f"{n}", email=f"{n}@example.nl", address=f"192.0.2.{n}")
        reserve_call(door.db, 90, f"{n}")
    door.db.execute("INSERT INTO attempts (key, at) VALUES ('x', ?)", [clock.now])
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [50, 101, 1]
    clock.pass_by(MINUTE + 1)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [50, 0, 1]
    clock.pass_by(HOUR)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert [door.db.table(name).count for name in ("rate_events", "rates", "attempts")] == [0, 0, 0]


def test_sweeping_changes_no_limit(door: Door, clock: Clock) -> None:
    door.knock_wrong(5)
    take(door.db, 20, "1001")
    clock.pass_by(1)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert door.knock() == "held"
    assert take(door.db, 20, "1001") == 0


def test_a_clock_that_was_put_back_holds_nobody_for_long(door: Door, clock: Clock) -> None:
    door.knock_wrong(5)
    take(door.db, 90, "1001")
    clock.pass_by(-24 * HOUR)
    throttle.sweep(door.db)
    rates.sweep(door.db)
    assert door.knock() == "in"
    assert take(door.db, 20, "1001") == 20


def test_nothing_that_was_typed_is_stored(door: Door, path: str) -> None:
    door.knock("wachtwoord-van-iemand", email="iemand@example.nl", address="203.0.113.77")
    door.db.close()
    stored = b"".join(file.read_bytes() for file in Path(path).parent.glob("app.db*"))
    for secret in ("wachtwoord", "iemand", "203.0.113", "25583"):
        assert secret.encode() not in stored


def test_a_login_and_its_calls_take_few_statements(door: Door) -> None:
    said: list[str] = []
    door.db.conn.set_trace_callback(said.append)
    assert door.knock() == "in"
    assert len(said) <= 7, said
    said.clear()
    assert reserve_call(door.db, 90, "1001") is None
    assert len(said) <= 4, said
    said.clear()
    assert door.knock("fout") == "wrong"
    assert len(said) <= 9, said
