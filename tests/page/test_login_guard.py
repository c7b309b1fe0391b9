"""How often a login may fail, and how often Cash is asked at all."""

from collections.abc import Callable

from flask import Flask
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp.demo.cash import CashSandbox


def from_elsewhere(app: Flask, account: str, address: str) -> Visitor:
    """Someone of another account, behind another address."""
    visitor = Visitor(app)
    visitor._client.environ_base["REMOTE_ADDR"] = address
    return visitor.open(account=account)


def test_the_same_wrong_login_is_not_sent_twice_in_a_minute(
    visitor: Visitor, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    visitor.log_in(password="fout")
    first = visitor.page.css_first("#problem p").text()
    visitor.log_in(password="fout")
    assert (visitor.status, visitor.page.css_first("#problem p").text()) == (422, first)
    assert cash.count("Authenticate") == 1
    later(61)
    visitor.log_in(password="fout")
    assert cash.count("Authenticate") == 2


def test_five_wrong_logins_of_an_account_make_it_wait(
    visitor: Visitor, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    for n in range(5):
        assert visitor.log_in(email=f"niemand{n}@example.nl").status == 422
    visitor.log_in()
    assert visitor.status == 429
    assert 0 < int(visitor.response.headers["Retry-After"]) <= 15 * 60
    assert cash.count("Authenticate") == 5
    later(15 * 60 + 1)
    assert visitor.log_in().status == 200


def test_attempts_left_are_told(visitor: Visitor) -> None:
    for left in ("4", "3"):
        visitor.log_in(password=f"fout {left}")
        assert left in visitor.page.css_first("#problem p").text()


def test_a_login_spelled_in_other_ways_is_the_same_login(
    visitor: Visitor, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    for n, spelling in enumerate(({}, {"relation_code": "025583"}, {"email": "API@example.nl"}, {}, {})):
        assert visitor.log_in(password=f"fout {n}", **spelling).status == 422
    later(16 * 60)
    for spelling in ({}, {"relation_code": "0025583"}, {"email": "Api@Example.nl"}):
        assert visitor.log_in(password="fout", **spelling).status == 429
    assert cash.count("Authenticate") == 5


def test_guesses_from_other_accounts_hold_neither_the_owner_of_a_login_nor_a_newcomer(
    connected: Visitor, app: Flask
) -> None:
    for guess in range(5):
        from_elsewhere(app, "9", "198.51.100.9").log_in(password=f"fout{guess}")
    assert from_elsewhere(app, "1002", "192.0.2.2").log_in().status == 200
    for account in range(6):
        attacker = from_elsewhere(app, f"8{account}", f"198.51.100.{account}")
        for guess in range(5):
            attacker.log_in(password=f"fout{guess}")
    assert from_elsewhere(app, "1003", "192.0.2.3").log_in().status == 429, "enough was guessed at this login"
    assert connected.log_in(email="API@example.nl").status != 429, "its owner is not held, however it is typed"
    assert connected.log_in().status == 200
    connected.submit("test-form")
    assert connected.status == 200


def test_an_address_that_tries_many_accounts_waits(app: Flask) -> None:
    for n in range(20):
        Visitor(app).open(account=str(n)).log_in(email=f"niemand{n}@example.nl")
    assert Visitor(app).open(account="99").log_in().status == 429


def test_many_addresses_of_one_network_are_one_client(app: Flask, cash: CashSandbox) -> None:
    for n in range(24):
        visitor = from_elsewhere(app, str(n), f"2001:db8:0:7:{n:x}::1").log_in(email=f"niemand{n}@example.nl")
        assert visitor.status == (422 if n < 20 else 429)
    assert cash.count("Authenticate") == 20


def test_a_right_login_clears_the_failures(visitor: Visitor) -> None:
    for n in range(4):
        visitor.log_in(password=f"fout{n}")
    assert visitor.log_in().status == 200
    for n in range(4):
        assert visitor.log_in(password=f"weer{n}").status == 422
    assert visitor.log_in().status == 200


def test_a_right_login_does_not_clear_guesses_at_others(
    visitor: Visitor, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    guessed = 0
    for n in range(40):
        later(n * 12)
        guessed += visitor.log_in(**ONE_ADMINISTRATION | {"password": f"fout{n}"}).status == 422
        visitor.log_in()
    assert guessed == 5
    assert cash.count("Authenticate") == 5 + 4, "and none at all once it has to wait"


def test_using_the_stored_login_does_not_clear_guesses_at_it(
    connected: Visitor, later: Callable[[float], None]
) -> None:
    statuses = []
    for n in range(8):
        later(n * 20)
        connected.log_in(password=f"fout{n}")
        statuses.append(connected.status)
        connected.submit("test-form")
        assert connected.status == 200
    assert statuses == [422] * 5 + [429] * 3


def test_trouble_at_cash_does_not_count_as_a_wrong_login(visitor: Visitor, cash: CashSandbox) -> None:
    cash.go_down()
    for _ in range(7):
        assert visitor.log_in().status == 503
    cash.recover()
    assert visitor.log_in().status == 200


def test_so_many_calls_a_minute_to_cash_in_all(app: Flask, cash: CashSandbox, later: Callable[[float], None]) -> None:
    app.config["CASH_CALLS_PER_MINUTE_TOTAL"] = 5
    later(0)
    for account in ("1", "2"):
        assert Visitor(app).open(account=account).log_in().status == 200
    third = Visitor(app).open(account="3").log_in()
    assert third.status == 429
    assert int(third.response.headers["Retry-After"]) <= 60
    assert (cash.wsdl_reads, len(cash.calls)) == (1, 4), "the WSDL counts too"
    later(61)
    assert third.log_in().status == 200


def test_twenty_calls_a_minute_to_cash_for_one_account(
    app: Flask, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    later(0)
    visitor = Visitor(app).open()
    statuses = [visitor.log_in(**GOOD_LOGIN).status for _ in range(12)]
    assert statuses == [200] * 9 + [429] * 3
    assert cash.wsdl_reads + len(cash.calls) == 20
    assert Visitor(app).open(account="1002").log_in().status == 200


def test_two_accounts_that_keep_asking_leave_room_for_a_third(
    app: Flask, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    app.config["CASH_CALLS_PER_MINUTE_TOTAL"] = 20
    later(0)
    greedy = [Visitor(app).open(account=account) for account in ("1", "2")]
    for _ in range(12):
        for visitor in greedy:
            visitor.log_in()
    assert [visitor.status for visitor in greedy] == [429, 429]
    assert Visitor(app).open(account="3").log_in().status == 200
