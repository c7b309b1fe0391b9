"""No guessing, and no lock-out of others."""

from collections.abc import Callable

import pytest
from guard.door import HOUR, MINUTE, RIGHT, Clock, Door

from webapp.throttle import network

Others = Callable[[int], dict[str, str]]


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
