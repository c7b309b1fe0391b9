"""What a preview has read of Cash is kept for its own account, for an hour, and for one start."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from support.host import Host
from support.office import WHO, Office
from support.workers import make_ready

from webapp.cash.actions import connect, syncing
from webapp.cash.actions.changes import Merge
from webapp.cash.actions.saving import save
from webapp.cash.choices import Settings
from webapp.cash.jobs import scratch_folder, sweep
from webapp.cash.store.kept import VALID_SECONDS
from webapp.cash.store.runs import SILENCE, Run
from webapp.cash.sync.parts import Parts
from webapp.cash.sync.previews import preview
from webapp.db import get_db, now
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox

OTHER = "1003"


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "API_TOKENS": ["a-token-of-the-host"]}


@pytest.fixture
def looked(office: Office) -> Office:
    """A person has looked first."""
    look(office)
    return office


def look(office: Office) -> Run:
    office.start("preview")
    return office.work()


def start(office: Office, cash: CashSandbox, kind: str = "all") -> Run:
    """A run that a person starts, and which calls to Cash it makes."""
    cash.forget_calls()
    office.start(kind)
    return office.work()


def chosen(office: Office, **choices: bool) -> Settings:
    return replace(office.state.saved.settings, **choices)


def files() -> list[Path]:
    return [*scratch_folder().with_name("previews").glob("*")]


def test_a_start_after_a_preview_asks_cash_nothing_and_uses_it_up(looked: Office, cash: CashSandbox) -> None:
    assert looked.sync.goes_by
    done = start(looked, cash)
    assert (done.state, cash.calls, done.result["by_preview"]) == ("done", [], True)
    assert (files(), looked.sync.goes_by) == ([], 0)
    start(looked, cash)
    assert cash.count("Export") > 2


def test_so_does_the_first_run_by_itself(looked: Office, cash: CashSandbox) -> None:
    cash.forget_calls()
    assert looked.by_itself().kinds["relations"]["sent"] > 0
    assert (cash.calls, files()) == ([], [])


def test_it_is_never_used_for_another_account(
    app: Flask, looked: Office, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    make_ready(app, OTHER, token=outsmart.token(OTHER), import_warehouses=True, import_relations=True)
    other = Office(app, OTHER)
    start(other, cash)
    assert cash.count("Export") > 2
    assert len(files()) == 1, "and what is another's stays"
    look(other)
    assert start(looked, cash).result["by_preview"]
    assert other.sync.goes_by


def test_it_lasts_an_hour(looked: Office, cash: CashSandbox) -> None:
    get_db().execute("UPDATE runs SET ended = ended - ?", [VALID_SECONDS + 1])
    assert not looked.sync.goes_by
    start(looked, cash)
    assert cash.count("Export") > 2
    look(looked)
    sweep()
    assert len(files()) == 1
    os.utime(files()[0], (time.time() - VALID_SECONDS - 1,) * 2)
    sweep()
    assert files() == []


def test_a_run_by_itself_that_finds_nothing_leaves_it(office: Office, cash: CashSandbox) -> None:
    start(office, cash)
    look(office)
    assert not office.by_itself().result["by_preview"]
    assert start(office, cash).result["by_preview"]


def test_after_a_run_that_found_something_it_would_bring_back_what_was(office: Office, cash: CashSandbox) -> None:
    start(office, cash)
    look(office)
    books = cash.books("2085/demo")
    books.put("2209", {**books.records("2209")[("MAG1",)], "2001": "Loods"})
    office.cash.db.execute("UPDATE sync_marks SET marks = '{}'")
    assert office.by_itself().kinds["warehouses"]["changed"] == 1
    assert files() == []
    start(office, cash)
    assert cash.count("Export") > 2


@pytest.mark.parametrize("killed", [True, False], ids=["killed", "failed"])
def test_nor_is_it_used_after_a_run_that_did_not_come_to_its_end(
    office: Office, cash: CashSandbox, outsmart: OutSmartSandbox, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(office, cash)
    look(office)
    if killed:
        monkeypatch.setattr("webapp.cash.jobs.execute", stands_still)
        with pytest.raises(KeyboardInterrupt):
            office.by_itself()
        monkeypatch.undo()
        office.runs.take_over(now() + SILENCE + 1)
        office.work()
    else:
        outsmart.go_down()
        office.cash.db.execute("UPDATE sync_marks SET marks = '{}'")
        cash.books("2085/demo").put("2209", {"2209": "MAG9", "2001": "Loods"})
        assert office.by_itself().state == "failed"
        outsmart.recover()
    assert files() == []


def stands_still(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_start_that_fails_may_be_repeated(looked: Office, cash: CashSandbox, outsmart: OutSmartSandbox) -> None:
    outsmart.go_down()
    assert start(looked, cash).state == "failed"
    outsmart.recover()
    done = start(looked, cash)
    assert (done.state, cash.calls, files()) == ("done", [], [])


def test_a_preview_that_was_cancelled_leaves_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancelled_at_its_end(run: Run, parts: Parts) -> dict[str, object]:
        found = preview(run, parts)
        syncing.cancel(office.cash, WHO)
        return found

    monkeypatch.setattr("webapp.cash.jobs.preview", cancelled_at_its_end)
    assert look(office).state == "cancelled"
    assert files() == []


@pytest.mark.parametrize(
    "end",
    [
        lambda office: connect.disconnect(office.cash, WHO, office.state),
        lambda office: save(office.cash, WHO, office.state, Merge(chosen(office, import_warehouses=False))),
        lambda office: Host(office.app, "a-token-of-the-host").delete(WHO.account),
    ],
    ids=["a disconnect", "another choice", "the end of the account"],
)
def test_it_does_not_outlive(looked: Office, end: Callable[[Office], object]) -> None:
    assert len(files()) == 1
    end(looked)
    assert files() == []


def test_a_save_that_changes_nothing_leaves_it(looked: Office) -> None:
    save(looked.cash, WHO, looked.state, Merge(chosen(looked)))
    assert len(files()) == 1
