"""How often the database is asked: few enough that nobody waits for it, however many look at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, Visitor

from webapp.db import IdleConnections

# The first Save stores the login, too.
# Where work orders are exported, how that stands is asked too.
MOST = {"page": 6, "page with exports": 8, "first save": 13, "save": 12, "first right Submit": 25}


@pytest.fixture
def counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[str]]:
    """The statements that run while something is done, BEGIN and COMMIT too."""
    statements: list[str] = []
    take = IdleConnections.take

    def traced(self: IdleConnections) -> object:
        db = take(self)
        db.conn.set_trace_callback(statements.append)
        return db

    monkeypatch.setattr(IdleConnections, "take", traced)

    def count(act: Callable[[], object]) -> list[str]:
        statements.clear()
        act()
        return [each for each in statements if not each.startswith("PRAGMA")]

    return count


def test_the_page(connected: Visitor, counted: Callable[..., list[str]]) -> None:
    found = counted(lambda: connected.get("/"))
    assert connected.status == 200
    assert 0 < len(found) <= MOST["page"], "\n".join(found)


def test_the_page_of_who_exports(connected: Visitor, counted: Callable[..., list[str]]) -> None:
    connected.save(export_sales_orders=True)
    found = counted(lambda: connected.get("/"))
    assert connected.page.css_first("#orders-open")
    assert 0 < len(found) <= MOST["page with exports"], "\n".join(found)


def test_the_first_right_submit(visitor: Visitor, counted: Callable[..., list[str]]) -> None:
    found = counted(lambda: visitor.log_in(**GOOD_LOGIN))
    assert visitor.status == 200
    assert 0 < len(found) <= MOST["first right Submit"], "\n".join(found)


@pytest.mark.parametrize("first", [True, False])
def test_a_save(visitor: Visitor, counted: Callable[..., list[str]], first: bool) -> None:
    visitor.log_in()
    if not first:
        visitor.save(administration="1571/x001")
    found = counted(lambda: visitor.save(administration="1571/x001", import_relations=True))
    assert visitor.status == 200
    assert 0 < len(found) <= MOST["first save" if first else "save"], "\n".join(found)
