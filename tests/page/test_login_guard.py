"""How often a login may fail, and how often Cash is asked at all."""

from collections.abc import Callable

from flask import Flask
from support.visitor import Visitor

from webapp.demo.cash import CashSandbox


def test_the_same_wrong_login_is_not_sent_twice_in_a_minute(
    visitor: Visitor, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    visitor.log_in(password="fout")
    first = visitor.page.css_first("#problem-text p").text()
    visitor.log_in(password="fout")
    assert (visitor.status, visitor.page.css_first("#problem-text p").text()) == (422, first)
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
        assert left in visitor.page.css_first("#problem-text p").text()


def test_a_login_that_others_tried_waits_in_every_account(app: Flask, cash: CashSandbox) -> None:
    for account in range(5):
        Visitor(app).open(account=str(account)).log_in(password=f"fout{account}", email="API@example.nl")
    assert Visitor(app).open(account="9").log_in(password="fout").status == 429
    assert cash.count("Authenticate") == 5


def test_an_address_that_tries_many_accounts_waits(app: Flask) -> None:
    for n in range(20):
        Visitor(app).open(account=str(n)).log_in(email=f"niemand{n}@example.nl")
    assert Visitor(app).open(account="99").log_in().status == 429


def test_a_right_login_clears_the_failures(visitor: Visitor) -> None:
    for n in range(4):
        visitor.log_in(password=f"fout{n}")
    assert visitor.log_in().status == 200
    for n in range(4):
        assert visitor.log_in(password=f"weer{n}").status == 422
    assert visitor.log_in().status == 200


def test_trouble_at_cash_does_not_count_as_a_wrong_login(visitor: Visitor, cash: CashSandbox) -> None:
    cash.go_down()
    for _ in range(7):
        assert visitor.log_in().status == 503
    cash.recover()
    assert visitor.log_in().status == 200


def test_ninety_calls_a_minute_to_cash_in_all(app: Flask, cash: CashSandbox, later: Callable[[float], None]) -> None:
    app.config["CASH_CALLS_PER_MINUTE"] = 5
    for account in ("1", "2"):
        assert Visitor(app).open(account=account).log_in().status == 200
    third = Visitor(app).open(account="3").log_in()
    assert third.status == 429
    assert int(third.response.headers["Retry-After"]) <= 60
    assert (cash.wsdl_reads, len(cash.calls)) == (1, 4), "the WSDL counts too"
    later(61)
    assert third.log_in().status == 200
