"""The page is kept between requests: it is never an old one, and never has the tokens of somebody else."""

import re

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp.demo.cash import CashSandbox

TOKENS = re.compile(r'(?<=value=")[\w.-]{60,}(?=")|(?<=data-session=")[^"]+(?=")')


def shown(visitor: Visitor) -> str:
    """The page as it is opened, without its tokens."""
    assert visitor.get("/").status == 200
    return TOKENS.sub("", visitor.response.text)


def is_up_to_date(visitor: Visitor) -> str:
    """What is shown now; a page that was never kept is the same."""
    kept = shown(visitor)
    visitor.app.extensions["kept_pages"].clear()
    assert shown(visitor) == kept
    return kept


@pytest.mark.parametrize("htmx", [True, False])
def test_each_thing_that_happens_is_on_the_next_page(app: Flask, cash: CashSandbox, htmx: bool) -> None:
    mine, theirs = Visitor(app, htmx=htmx).open(), Visitor(app, htmx=htmx).open(sub="collega")
    pages = [is_up_to_date(mine)]

    def seen(visitor: Visitor = mine) -> None:
        assert shown(visitor) == is_up_to_date(visitor)
        pages.append(shown(visitor))
        assert pages[-1] not in pages[:-1], "something is new"

    mine.log_in()
    seen()
    assert mine.get("/").save(administration="1571/x001", import_relations=True).status == 200
    seen()
    mine.get("/").submit("settings", action="/administration")
    seen()
    theirs.get("/").save(import_employees=True)
    seen()
    theirs.get("/").log_in(**GOOD_LOGIN)
    seen()
    cash.change_password("25583", "api@example.nl", "nieuw")
    theirs.get("/").submit("test-form")
    seen()
    theirs.get("/").log_in(**ONE_ADMINISTRATION)
    seen()
    assert mine.get("/").values("login")["relation_code"] == "25583", "the other one waits in the other session"
    theirs.get("/").submit("disconnect-form")
    seen()


def test_everyone_gets_their_own_tokens(connected: Visitor, app: Flask) -> None:
    one, other = Visitor(app).open(), Visitor(app).open()
    assert shown(one) == shown(other)
    mine, theirs = one.values("settings"), other.values("settings")
    assert mine["csrf_token"] != theirs["csrf_token"]
    assert mine["session"] != theirs["session"]
    assert one.save(import_employees=True).status == 200


def test_a_page_is_kept_for_its_account_company_and_language_only(connected: Visitor, app: Flask) -> None:
    pages = [
        shown(Visitor(app).open(**claims))
        for claims in ({}, {"lang": "en"}, {"company": "Andere Naam B.V."}, {"account": "1002"})
    ]
    assert len(set(pages)) == len(pages)


def test_only_so_many_pages_are_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.web.pages.MOST_KEPT", 3)
    for number in range(5):
        Visitor(app).open(account=f"40{number}")
    assert len(app.extensions["kept_pages"]) == 3
    monkeypatch.setattr("webapp.web.pages.LARGEST_KEPT", 10)
    Visitor(app).open(account="500")
    assert len(app.extensions["kept_pages"]) == 3
