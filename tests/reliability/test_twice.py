"""A double click and a retry: the same POST, twice at the same moment and once more later, has one effect."""

import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import pytest
from support.app import Served
from support.visitor import GOOD_LOGIN, Visitor, at_once

from webapp.cash.store.activity import Activity
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect
from webapp.demo.cash import CashSandbox

WORKERS = 4
HELD_SECONDS = 0.3
WRONG = {**GOOD_LOGIN, "password": "verkeerd"}


@pytest.fixture
def visitor(server: Served) -> Visitor:
    """Logged in, and nothing saved yet."""
    return Visitor(server).open(lang="en").log_in()


@pytest.fixture
def connected(visitor: Visitor) -> Visitor:
    return visitor.save(administration="1571/x001", import_relations=True)


@contextmanager
def nobody_writes_yet(path: str) -> Iterator[None]:
    """Holds the database for a moment, so that both clicks have read it before either of them writes."""
    ready = threading.Event()

    def hold() -> None:
        with connect(path) as db:
            db.conn.execute("BEGIN IMMEDIATE")
            ready.set()
            time.sleep(HELD_SECONDS)
            db.conn.execute("ROLLBACK")

    holder = threading.Thread(target=hold)
    holder.start()
    ready.wait()
    yield
    holder.join()


def submit_twice_and_again(visitor: Visitor, form: str, changes: dict[str, Any], action: str = "") -> list[int]:
    """The statuses of a double click, and of the same form sent once more."""
    page, clicks = visitor.page, [copy(visitor), copy(visitor)]
    with nobody_writes_yet(visitor.app.config["DATABASE"]):
        at_once(clicks, lambda _, each: each.submit(form, changes, action=action))
    visitor.page = page
    visitor.submit(form, changes, action=action)
    return [each.status for each in (*clicks, visitor)]


def logged(server: Served) -> Counter[str]:
    with connect(server.config["DATABASE"]) as db:
        return Counter(event.kind for event in Activity(db).latest("1001", most=1000))


def lines(visitor: Visitor) -> list[str]:
    """The log as the user reads it, oldest first, without the counts behind lines that stand for several events."""
    events = visitor.get("/").page.css("ol.events li .event, ol.events li p:first-child")
    return [re.sub(r" \(\d+×\)$", "", each.text(deep=False).strip()) for each in reversed(events)]


def version(server: Served) -> int:
    with connect(server.config["DATABASE"]) as db:
        return SettingsStore(db).current("1001").version


def rows(server: Served, table: str) -> int:
    with connect(server.config["DATABASE"]) as db:
        return db.table(table).count


def test_the_first_save_connects_once(server: Served, visitor: Visitor) -> None:
    assert submit_twice_and_again(visitor, "settings", {"administration": "1571/x001"}) == [200] * 3
    assert (version(server), logged(server)) == (1, Counter(login_proven=1, connected=1, saved=1))


def test_a_later_save_is_one_version(server: Served, connected: Visitor) -> None:
    assert submit_twice_and_again(connected, "settings", {"import_employees": True}) == [200] * 3
    assert (version(server), logged(server)["saved"]) == (2, 2)


def test_a_save_that_asks_first_asks_each_time_and_is_one_version(server: Served, connected: Visitor) -> None:
    assert submit_twice_and_again(connected, "settings", {"export_sales_orders": True}) == [200] * 3
    assert connected.says("question")
    assert version(server) == 1
    assert submit_twice_and_again(connected, "settings", {}) == [200] * 3
    assert not connected.says("question")
    assert (version(server), logged(server)["saved"]) == (2, 2)


def test_a_restore_is_one_version(server: Served, connected: Visitor) -> None:
    connected.save(import_employees=True)
    connected.get("/log")
    first = connected.page.css("button.event")[1].attributes["formaction"]
    connected.submit("log-form", action=str(first))
    restore = connected.form("log-form").css_first("#restore").attributes
    again = {"seen": restore["value"]}
    assert submit_twice_and_again(connected, "log-form", again, str(restore["formaction"])) == [200] * 3
    assert (version(server), logged(server)["restored"]) == (3, 1)


def test_a_disconnect_is_told_once(server: Served, connected: Visitor) -> None:
    assert submit_twice_and_again(connected, "disconnect-form", {}) == [200] * 3
    assert logged(server)["disconnected"] == 1
    assert connected.page.css_first("form#test-form") is None


def test_a_connection_test_is_one_line(server: Served, connected: Visitor) -> None:
    assert submit_twice_and_again(connected, "test-form", {}) == [200] * 3
    assert logged(server)["tested"] == 3
    assert lines(connected)[3:] == ["Connection tested: it works"]


def test_a_launch_starts_one_session(server: Served) -> None:
    clicks = [Visitor(server), Visitor(server)]
    token = clicks[0].launch_token()
    at_once(clicks, lambda _, each: each.post("/launch", {"token": token}))
    assert sorted(each.status for each in clicks) == [200, 409]
    assert clicks[0].post("/launch", {"token": token}).status == 409
    assert rows(server, "launches") == 1


def test_a_wrong_login_sent_again_is_one_failure(server: Served, connected: Visitor, cash: CashSandbox) -> None:
    cash.forget_calls()
    for _ in range(3):
        assert connected.log_in(password="verkeerd").status == 422
    assert "4 attempts left" in connected.says("problem")
    assert logged(server)["login_refused"] == 1
    assert cash.count("Authenticate") == 1, "the second time Cash is not asked"
    assert rows(server, "rate_events") == 1


def test_a_wrong_login_double_clicked_is_one_failure(server: Served, connected: Visitor, cash: CashSandbox) -> None:
    cash.forget_calls()
    assert submit_twice_and_again(connected, "login", WRONG) == [422] * 3
    assert "4 attempts left" in connected.says("problem")
    assert lines(connected)[3:] == ["Cash refused the login api@example.nl (25583)"]
    assert cash.count("Authenticate") <= 2, "the third time Cash is not asked"
    assert rows(server, "rate_events") == 1


def test_a_right_login_waits_once(server: Served) -> None:
    visitor = Visitor(server).open(lang="en")
    assert submit_twice_and_again(visitor, "login", GOOD_LOGIN) == [200] * 3
    assert lines(visitor) == ["Logged in as api@example.nl (25583); not saved yet"]
    assert (rows(server, "logins"), rows(server, "rate_events")) == (1, 0)


def test_the_stored_login_typed_again_is_one_login_and_one_line(server: Served, connected: Visitor) -> None:
    assert submit_twice_and_again(connected, "login", GOOD_LOGIN) == [200] * 3
    assert lines(connected)[3:] == ["New login stored: api@example.nl (25583)"]
    assert (rows(server, "logins"), version(server)) == (1, 1)
