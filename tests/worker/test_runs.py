"""What can be asked of the runs that are stored, and what cannot."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database
from support import database

from webapp.cash.store import runs
from webapp.cash.store.runs import RunStore
from webapp.db import connect, now


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database.create(tmp_path / "app.db")
    with connect(str(tmp_path / "app.db")) as db:
        db.execute("PRAGMA synchronous = OFF")  # a power failure is not what is tested here
        yield db


@pytest.fixture
def store(db: Database) -> RunStore:
    return RunStore(db)


def test_an_account_has_one_open_run_however_often_it_is_asked_for(store: RunStore) -> None:
    first, new = store.ask("1001", "changed", "beheer")
    assert (new, first.state, first.kind, first.user) == (True, "waiting", "changed", "beheer")
    assert store.ask("1001", "all", "beheer") == (first, False)
    assert store.ask("1001", "changed", "") == (first, False)
    other, new = store.ask("1002", "changed", "beheer")
    assert new
    assert store.open("1002") == other


def test_what_a_person_asks_for_replaces_an_automatic_run_that_nobody_works_on(store: RunStore) -> None:
    automatic, _ = store.ask("1001", "changed", "", due=now() + 900)
    asked, new = store.ask("1001", "all", "beheer")
    assert (new, asked.id, asked.kind, asked.user) == (True, automatic.id, "all", "beheer")
    assert asked.due <= now()


def test_a_run_that_is_under_way_is_returned_to_whoever_asks(store: RunStore) -> None:
    store.ask("1001", "changed", "")
    [run] = store.claim("a", now(), 5)
    started = store.start(run.id, "a")
    assert store.ask("1001", "all", "beheer") == (started, False)


def test_a_request_that_is_repeated_asks_for_nothing_new_even_after_the_run(store: RunStore) -> None:
    run, _ = store.ask("1001", "all", "beheer", key="k")
    store.start(run.id, "a")
    store.finish(run.id, "a", "done", {"sent": 1})
    again, new = store.ask("1001", "all", "beheer", key="k")
    assert (again.id, again.result, new) == (run.id, {"sent": 1}, False)
    assert store.ask("1002", "all", "beheer", key="k")[1], "another account's key is another one"
    assert store.ask("1001", "all", "beheer")[1]


def test_what_people_asked_for_is_claimed_first_and_then_what_was_due_first(store: RunStore) -> None:
    for account, user, due in (("1", "", 30), ("2", "", 20), ("3", "beheer", 40), ("4", "", now() + 60)):
        store.ask(account, "changed", user, due=due)
    assert [run.account for run in store.claim("a", now(), 2)] == ["3", "2"]
    assert [run.account for run in store.claim("b", now(), 9)] == ["1"]
    assert store.claim("a", now(), 9) == []


def test_what_the_queue_lost_is_claimed_again(store: RunStore) -> None:
    store.ask("1001", "changed", "")
    later = now() + runs.SILENCE
    assert store.claim("a", now(), 1)
    assert not store.claim("b", later - 1, 1)
    [run] = store.claim("b", later + 2, 1)
    assert store.start(run.id, "b")
    assert store.start(run.id, "a") is None, "however often its id comes out of the queue"


def test_the_run_of_a_silent_worker_fails_and_is_asked_for_anew(store: RunStore) -> None:
    ids = [store.ask(account, "all", "beheer")[0].id for account in ("1001", "1002")]
    for id, owner in zip(ids, ("of 1001", "of 1002"), strict=True):
        store.start(id, owner)
    later = now() + runs.SILENCE + 1
    assert store.beat("of 1002", later, ids) == {ids[1]}
    [again] = store.take_over(later)
    assert (again.account, again.kind, again.user, again.state) == ("1001", "all", "beheer", "waiting")
    lost = store.latest("1001", ["all"])
    assert lost
    assert (lost.state, lost.reason) == ("failed", "stopped")
    assert store.take_over(later) == []


@pytest.mark.parametrize("loss", ["taken over", "cancelled", "deleted"])
def test_a_run_that_is_lost_can_no_longer_be_written(store: RunStore, db: Database, loss: str) -> None:
    run, _ = store.ask("1001", "changed", "beheer")
    store.start(run.id, "a")
    assert store.owns(run.id, "a")
    assert store.progress(run.id, "a", {"relations": 1})
    if loss == "taken over":
        store.take_over(now() + runs.SILENCE + 1)
    elif loss == "cancelled":
        assert store.cancel("1001", run.id)
    else:
        db.execute("DELETE FROM runs")
    before = list(db.table("runs").rows)
    assert not store.owns(run.id, "a")
    assert store.beat("a", now(), [run.id]) == set()
    assert not store.progress(run.id, "a", {"relations": 2})
    assert not store.finish(run.id, "a", "done", {})
    assert not store.put_back(run.id, "a")
    assert list(db.table("runs").rows) == before


def test_nobody_cancels_the_run_of_another_account(store: RunStore) -> None:
    run, _ = store.ask("1001", "changed", "beheer")
    assert not store.cancel("1002", run.id)
    assert store.run("1002", run.id) is None
    assert store.cancel("1001", run.id)
    assert not store.cancel("1001", run.id)
    assert store.open("1001") is None


def test_a_worker_that_stops_puts_its_run_back(store: RunStore) -> None:
    run, _ = store.ask("1001", "changed", "")
    store.start(run.id, "a")
    store.progress(run.id, "a", {"relations": 1})
    assert store.put_back(run.id, "a")
    [again] = store.claim("b", now(), 1)
    assert (again.id, again.progress, again.started) == (run.id, {}, 0)


def test_old_runs_are_forgotten_but_the_last_of_each_kind_and_state(store: RunStore, db: Database) -> None:
    for n in range(6):
        run, _ = store.ask("1001", ("changed", "all")[n % 2], "")
        store.start(run.id, "a")
        store.finish(run.id, "a", "done" if n < 4 else "failed", {"n": n})
        db.execute("UPDATE runs SET ended = ? WHERE id = ?", [1000 + n, run.id])
    store.ask("1001", "changed", "")
    store.sweep()
    assert db.table("runs").count == 5
    last = store.latest("1001", ["changed", "all"], ["done"])
    assert last
    assert last.result == {"n": 3}
