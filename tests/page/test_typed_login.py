"""What is typed or pasted into the login: cleaned where it must be, taken as it is where it must be."""

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, Visitor

from webapp.demo.cash import CashSandbox

INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


@pytest.mark.parametrize("mark", INVISIBLE, ids=lambda mark: f"U+{ord(mark):04X}")
@pytest.mark.parametrize("field", ["relation_code", "email"])
def test_invisible_characters_cost_no_attempt(visitor: Visitor, field: str, mark: str) -> None:
    typed = GOOD_LOGIN[field]
    assert visitor.log_in(**{field: f"{mark}{typed[:3]}{mark}{typed[3:]}{mark}"}).status == 200
    assert visitor.values("login")[field] == typed


@pytest.mark.parametrize("typed", ["25 583", "25.583", "25\u00a0583", "25\u202f583", " 25583\t", "2 5.5 8.3"])
def test_a_relation_code_is_its_digits(visitor: Visitor, typed: str) -> None:
    assert visitor.log_in(relation_code=typed).status == 200
    assert visitor.values("login")["relation_code"] == "25583"


@pytest.mark.parametrize(
    "typed",
    [
        "mailto:api@example.nl",
        "MAILTO:api@example.nl",
        "<api@example.nl>",
        "Cash koppeling <api@example.nl>,",
        "api@example.nl,",
        "api@example.nl.",
        "api@example.nl;",
        "\u00a0api@example.nl\u00a0",
        "<mailto:api@example.nl>",
    ],
)
def test_an_address_is_taken_out_of_what_was_pasted(visitor: Visitor, typed: str) -> None:
    assert visitor.log_in(email=typed).status == 200
    assert visitor.values("login")["email"] == "api@example.nl"


@pytest.mark.parametrize("password", [" geheim", "geheim ", "\u200bgeheim", "ge heim", "geheim\u00a0"])
def test_a_password_is_sent_as_it_is_typed(visitor: Visitor, cash: CashSandbox, password: str) -> None:
    cash.change_password("25583", "api@example.nl", password)
    assert visitor.log_in(password=password).status == 200


def test_a_refused_password_with_a_space_around_it_says_so(app: Flask) -> None:
    for password, told in ((" geheim", True), ("geheim ", True), ("fout", False)):
        visitor = Visitor(app).open(lang="en", account=f"7{len(password)}").log_in(password=password)
        assert visitor.status == 422
        assert ("begins or ends with a space" in visitor.says("problem")) == told
        assert visitor.page.css_first("#problem h3").text() == "Gegevens API gebruiker niet geldig"


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\x07", "\ufffe", "\uffff"])
@pytest.mark.parametrize("field", ["password", "email"])
def test_what_cannot_travel_to_cash_is_refused_before_anything_is_sent(
    visitor: Visitor, cash: CashSandbox, field: str, character: str
) -> None:
    visitor.log_in(**{field: GOOD_LOGIN[field].replace("e", f"e{character}", 1)})
    assert visitor.status == 422
    assert visitor.says(f"{field}-error")
    assert cash.calls == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("password", "p" * 201), ("email", f"{'e' * 250}@example.nl"), ("relation_code", "1" * 11)],
)
def test_what_is_too_long_is_said_and_not_cut(visitor: Visitor, cash: CashSandbox, field: str, value: str) -> None:
    visitor.log_in(**{field: value})
    assert visitor.status == 422
    assert visitor.says(f"{field}-error")
    assert cash.calls == []


def test_the_browser_neither_cuts_nor_rewrites(visitor: Visitor) -> None:
    for field in visitor.form("login").css("input:not([type=hidden])"):
        assert "maxlength" not in field.attributes
        assert field.attributes["type"] in ("text", "password")
    email = visitor.page.css_first("#email").attributes
    assert (email["inputmode"], email["autocapitalize"], email["spellcheck"]) == ("email", "none", "false")
    visitor.log_in(email="api@straße.example")
    assert visitor.status == 422
    assert visitor.values("login")["email"] == "api@straße.example", "another domain would be another login"


def test_after_an_error_of_another_field_the_page_may_keep_the_password(visitor: Visitor) -> None:
    visitor.log_in(relation_code="abc")
    assert "hx-preserve" in visitor.page.css_first("#password").attributes
    assert not visitor.page.css_first("#password").attributes.get("value")
    visitor.log_in(password="")
    assert "hx-preserve" not in visitor.page.css_first("#password").attributes
    visitor.log_in(password="verkeerd")
    assert "hx-preserve" not in visitor.page.css_first("#password").attributes, "it was sent, and refused"


def test_no_password_manager_and_no_translator_touches_what_must_stay_as_it_is(visitor: Visitor) -> None:
    for field in visitor.form("login").css("input:not([type=hidden])"):
        has = field.attributes
        assert {"data-1p-ignore", "data-lpignore", "data-bwignore"} <= set(has)
        assert has["autocomplete"] in ("off", "new-password")
    visitor.log_in(password="verkeerd")
    assert visitor.page.css_first("#problem h3").attributes["translate"] == "no", "the exact sentence"
    assert visitor.page.css_first("#problem code").attributes["translate"] == "no"
    assert visitor.page.css_first(".company").attributes["translate"] == "no"
    visitor.log_in()
    assert visitor.page.css_first("#administration").attributes["translate"] == "no"
