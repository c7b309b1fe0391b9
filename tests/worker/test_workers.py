"""Workers that are killed, paused and stopped: every run comes to its end, and no account has two at once."""

import json
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from support.workers import Call, Workers, make_ready, wait_until

from webapp.cash.store.workers import WorkerStore
from webapp.db import now


def first_call(workers: Workers) -> Call:
    wait_until(workers.calls)
    return workers.calls()[0]


def goes_on_elsewhere(workers: Workers, first: Call) -> Call:
    """Waits for another run of the account, in another process."""
    wait_until(lambda: workers.calls()[-1].run != first.run)
    again = workers.calls()[-1]
    assert again.account == first.account
    assert again.pid != first.pid
    return again


def kill(workers: Workers, pid: int) -> None:
    workers.signal(pid, signal.SIGKILL)


@pytest.mark.parametrize("lose", [kill, Workers.pause])
def test_the_account_of_a_lost_worker_is_synchronised_by_another(
    app: Flask, workers: Workers, lose: Callable[[Workers, int], None]
) -> None:
    make_ready(app, "1001")
    workers.runs.ask("1001", "all", "beheer")
    for _ in range(2):
        workers.start()
    first = first_call(workers)
    lose(workers, first.pid)
    again = goes_on_elsewhere(workers, first)
    lost = workers.runs.run("1001", first.run)
    assert lost
    assert (lost.state, lost.reason) == ("failed", "stopped")
    workers.let_runs_end()
    wait_until(lambda: workers.runs.open("1001") is None)
    ended = workers.runs.run("1001", again.run)
    assert ended
    assert (ended.state, ended.kind, ended.user) == ("done", "all", "beheer")


def test_a_paused_worker_that_lost_its_run_makes_no_more_calls(app: Flask, workers: Workers) -> None:
    make_ready(app, "1001")
    workers.runs.ask("1001", "all", "beheer")
    for _ in range(2):
        workers.start()
    first = first_call(workers)
    workers.pause(first.pid)
    again = goes_on_elsewhere(workers, first)
    before = len(workers.calls())
    workers.signal(first.pid, signal.SIGCONT)
    wait_until(lambda: any(line["message"] == "run stopped" for line in workers.lines()))
    wait_until(lambda: len(workers.calls()) > before + 5)
    assert {call.run for call in workers.calls()[before + 1 :]} == {again.run}
    runs = [call.run for call in workers.calls()]
    assert runs.index(again.run) - runs.count(first.run) in (0, -1), "at most one call was under way when it was paused"


def test_a_worker_told_to_stop_ends_at_the_next_call_and_its_run_waits_for_another(
    app: Flask, workers: Workers
) -> None:
    make_ready(app, "1001")
    asked, _ = workers.runs.ask("1001", "all", "beheer")
    first = workers.start()
    wait_until(workers.calls)
    workers.signal(first, signal.SIGTERM)
    assert workers.wait(first) == 0
    waiting = workers.runs.open("1001")
    assert waiting
    assert (waiting.id, waiting.state, waiting.owner, waiting.progress) == (asked.id, "waiting", "", {})
    second = workers.start()
    wait_until(lambda: workers.calls()[-1] == Call(second, "1001", asked.id))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGHUP])
def test_a_worker_without_work_stops_at_once(app: Flask, workers: Workers, how: signal.Signals) -> None:
    first = workers.start()
    wait_until(lambda: WorkerStore(workers.db).last_beat())
    wait_until(lambda: "Huey consumer started" in workers.log.read_text())
    workers.signal(first, how)
    assert workers.wait(first) == 0


def test_a_run_that_is_cancelled_ends_at_its_next_call(app: Flask, workers: Workers) -> None:
    make_ready(app, "1001")
    asked, _ = workers.runs.ask("1001", "all", "beheer")
    workers.start()
    wait_until(workers.calls)
    assert workers.runs.cancel("1001", asked.id)
    wait_until(lambda: any(line["message"] == "run stopped" for line in workers.lines()))
    cancelled = workers.runs.run("1001", asked.id)
    assert cancelled
    assert (cancelled.state, cancelled.result) == ("cancelled", {})


def test_two_workers_carry_out_each_run_once(app: Flask, workers: Workers) -> None:
    workers.let_runs_end()
    accounts = [str(n) for n in range(2000, 2024)]
    for account in accounts:
        make_ready(app, account)
        workers.runs.ask(account, "changed", "")
    for _ in range(2):
        workers.start(threads=4)
    wait_until(lambda: len(workers.calls()) >= len(accounts))
    wait_until(lambda: not any(map(workers.runs.open, accounts)))
    assert Counter(call.account for call in workers.calls()) == dict.fromkeys(accounts, 1)


def test_what_lies_in_the_queue_is_an_id_and_nothing_else(app: Flask, workers: Workers, tmp_path: Path) -> None:
    for account in ("1001", "1002", "1003"):
        make_ready(app, account)
        workers.runs.ask(account, "all", "beheer")
    workers.start(threads=1)
    wait_until(workers.calls)
    wait_until(lambda: all(run and run.owner for run in map(workers.runs.open, ("1001", "1002"))) or workers.calls())
    queue = sqlite3.connect(tmp_path / "jobs.db")
    try:
        jobs = [json.loads(data) for (data,) in queue.execute("SELECT data FROM task")]
        assert not queue.execute("SELECT 1 FROM kv").fetchall(), "no result is stored"
    finally:
        queue.close()
    assert all(len(job["args"]) == 1 and len(job["args"][0]) == 16 and not job["kwargs"] for job in jobs)
    assert b"beheer" not in (tmp_path / "jobs.db").read_bytes()


def test_what_the_queue_lost_is_carried_out_all_the_same(app: Flask, workers: Workers) -> None:
    make_ready(app, "1001")
    workers.runs.ask("1001", "all", "beheer")
    [claimed] = workers.runs.claim("a worker that was killed at once", now(), 1)
    workers.start()
    assert first_call(workers).run == claimed.id


def test_a_worker_says_what_it_does_in_the_form_of_all_logs(app: Flask, workers: Workers) -> None:
    make_ready(app, "1001")
    workers.runs.ask("1001", "all", "beheer")
    workers.let_runs_end()
    workers.start()
    wait_until(lambda: any(line["message"] == "run" for line in workers.lines()))
    [ended] = [line for line in workers.lines() if line["message"] == "run"]
    assert (ended["account"], ended["state"], ended["reason"]) == ("1001", "done", "")
    assert {"huey.consumer", "webapp.cash.jobs"} <= {str(line["logger"]) for line in workers.lines()}
