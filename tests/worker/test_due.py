"""When an account is synchronised by itself."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from support.visitor import Visitor
from support.workers import make_ready

from webapp.accounts import AccountStore
from webapp.cash.due import ask_due, schedules, settle
from webapp.cash.store.runs import Run, RunStore
from webapp.cash.store.schedules import PERIOD, QUIET_RUNS, next_due
from webapp.db import get_db

NOW = 1_800_000_000
QUIET: dict[str, Any] = {"kinds": {"relations": {"new": 0, "changed": 0, "sent": 0}}, "administration": "2085/demo"}
LOOKED: dict[str, Any] = {"kinds": {}, "waits": [], "administration": "2085/demo"}
BUSY = {**QUIET, "kinds": {"relations": {"new": 0, "changed": 1, "sent": 1}}}


@pytest.fixture
def runs(app: Flask) -> Iterator[RunStore]:
    make_ready(app, "1001")
    with app.app_context():
        ask_due(NOW)
        yield RunStore(get_db())


def carry_out(runs: RunStore, result: dict[str, Any]) -> Run:
    """The open run of the account goes well."""
    run = runs.open("1001")
    assert run
    runs.start(run.id, "a")
    runs.finish(run.id, "a", "done", result)
    ended = runs.run("1001", run.id)
    assert ended
    return ended


def comes_due(runs: RunStore) -> int:
    """Waits until the account is due, and asks for its run; when that was."""
    schedule = schedules().of("1001")
    assert schedule
    ask_due(schedule.due)
    return schedule.due


def test_an_account_that_has_become_complete_is_looked_at_and_imported_from_after_fifteen_minutes(
    runs: RunStore,
) -> None:
    first = runs.open("1001")
    assert first
    assert (first.kind, first.user) == ("preview", "")
    settle(carry_out(runs, LOOKED), NOW)
    ask_due(NOW + PERIOD - 1)
    assert runs.open("1001") is None
    ask_due(NOW + PERIOD)
    second = runs.open("1001")
    assert second
    assert second.kind == "changed"
    settle(carry_out(runs, QUIET), NOW + PERIOD)
    comes_due(runs)
    third = runs.open("1001")
    assert third
    assert third.kind == "changed"


def test_while_nobody_could_look_nothing_is_imported(runs: RunStore) -> None:
    first = runs.open("1001")
    assert first
    runs.start(first.id, "a")
    runs.finish(first.id, "a", "failed", {}, "dns")
    comes_due(runs)
    again = runs.open("1001")
    assert again
    assert again.kind == "preview"
    settle(carry_out(runs, LOOKED), NOW + PERIOD)
    comes_due(runs)
    run = runs.open("1001")
    assert run
    assert run.kind == "changed"


def test_after_a_preview_that_shows_something_odd_a_person_must_look(runs: RunStore) -> None:
    settle(carry_out(runs, {**LOOKED, "waits": ["doubles"]}), NOW)
    schedule = schedules().of("1001")
    assert schedule
    assert schedule.held == "doubles"
    comes_due(runs)
    assert runs.open("1001") is None
    runs.ask("1001", "all", "beheer")
    settle(carry_out(runs, BUSY), NOW)
    comes_due(runs)
    assert runs.open("1001"), "the person has started it"


def test_another_administration_begins_with_a_preview_again(runs: RunStore) -> None:
    runs.ask("1001", "all", "beheer")
    settle(carry_out(runs, {**QUIET, "administration": "2085/other"}), NOW)
    comes_due(runs)
    run = runs.open("1001")
    assert run
    assert run.kind == "preview"


def test_after_a_save_of_another_administration_it_is_looked_at_first(connected: Visitor, app: Flask) -> None:
    with app.app_context():
        AccountStore(get_db(), app.extensions["vault"]).put("1001", "a token")
        ask_due(NOW)
        runs = RunStore(get_db())
        settle(carry_out(runs, {**LOOKED, "administration": "1571/x001"}), NOW)
    assert connected.save(administration="1571/x002").status == 200
    with app.app_context():
        ask_due(NOW + 5)
        run = RunStore(get_db()).open("1001")
        assert run
        assert run.kind == "preview"
        schedule = schedules().of("1001")
        assert schedule
        assert schedule.due == NOW + 5 + PERIOD


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts SET token = x'' WHERE account = '1001'",
        "UPDATE logins SET refused_since = 1 WHERE account = '1001'",
        "DELETE FROM logins WHERE account = '1001'",
        "DELETE FROM accounts WHERE account = '1001'",
    ],
)
def test_an_account_that_is_not_complete_any_more_has_no_runs_until_it_is(runs: RunStore, change: str) -> None:
    settle(carry_out(runs, LOOKED), NOW)
    db = get_db()
    before = {table: list(db.table(table).rows) for table in ("accounts", "logins")}
    db.execute(change)
    comes_due(runs)
    assert runs.open("1001") is None
    for table, rows in before.items():
        db.execute(f"DELETE FROM {table}")
        db.table(table).insert_all(rows)
    comes_due(runs)
    assert runs.open("1001")


def test_each_account_has_a_time_of_its_own_once_in_fifteen_minutes(runs: RunStore) -> None:
    due = [next_due(str(account), NOW, PERIOD) for account in range(3000)]
    assert all(NOW < each <= NOW + PERIOD for each in due)
    assert max(Counter(each % PERIOD for each in due).values()) < 20, "they do not all come at once"
    assert all(next_due(str(account), each, PERIOD) == each + PERIOD for account, each in enumerate(due))


@pytest.mark.parametrize(("total", "periods"), [(90, (PERIOD, 2 * PERIOD, 4 * PERIOD)), (0, (PERIOD,) * 3)])
def test_where_all_share_one_limit_accounts_without_changes_wait_longer(
    app: Flask, runs: RunStore, total: int, periods: tuple[int, ...]
) -> None:
    app.config["CASH_CALLS_PER_MINUTE_TOTAL"] = total
    told, at = [], NOW
    runs.ask("1001", "all", "beheer")
    settle(carry_out(runs, BUSY), at)
    runs.ask("1001", "changed", "")
    for _ in periods:
        for _ in range(QUIET_RUNS):
            settle(carry_out(runs, QUIET), at)
            runs.ask("1001", "changed", "")
        schedule = schedules().of("1001")
        assert schedule
        assert schedule.due - at in range(schedule.period - PERIOD, schedule.period + 1)
        told.append(schedule.period)
    assert tuple(told) == (*periods[1:], periods[-1])
    settle(carry_out(runs, BUSY), at)
    busy = schedules().of("1001")
    assert busy
    assert busy.period == PERIOD, "a change, and it comes every 15 minutes again"
