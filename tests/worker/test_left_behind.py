"""What can be told of workers that are gone, and what they leave behind."""

from pathlib import Path

from flask import Flask
from support.workers import make_ready

from webapp.cash.jobs import scratch_folder, sweep
from webapp.cash.store.runs import RunStore
from webapp.cash.store.workers import FORGET_SECONDS, WorkerStore
from webapp.db import get_db, now


def test_it_can_be_told_when_a_worker_was_last_heard_of(app: Flask) -> None:
    with app.app_context():
        workers = WorkerStore(get_db())
        assert workers.last_beat() == 0
        workers.beat("a", 1000)
        workers.beat("b", 1007)
        workers.beat("a", 1005)
        assert workers.last_beat() == 1007
        workers.sweep(1007 + FORGET_SECONDS + 1)
        assert workers.last_beat() == 1007, "also long after the last one has died"
        assert get_db().table("workers").count == 1


def test_what_a_killed_run_has_read_is_removed_and_what_another_reads_stays(app: Flask) -> None:
    make_ready(app, "1001")
    with app.app_context():
        runs = RunStore(get_db())
        run, _ = runs.ask("1001", "all", "beheer")
        runs.start(run.id, "a")
        left, used = (scratch_folder() / name for name in ("0123456789abcdef", run.id))
        for folder in (left, used):
            folder.mkdir(parents=True)
            Path(folder, "stage.db").touch()
        sweep()
        assert not left.exists()
        assert Path(used, "stage.db").exists()
        runs.take_over(now() + 61)
        sweep()
        assert not used.exists()
