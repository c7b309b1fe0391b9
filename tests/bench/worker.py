"""A worker without work, and one for whom a thousand accounts are due at once."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from footprint import megabytes
from support import database
from support.app import ROOT, configure, environment
from support.workers import make_ready
from table import Row
from worker_calls import CALLS, SECONDS

from webapp import create_app
from webapp.cash.store.runs import RunStore
from webapp.db import connect

ACCOUNTS, MOST_MINUTES = 1000, 15
IDLE_SECONDS, MOST_SHARE, MOST_MB = 30, 0.02, 100
AT_ONCE = [sys.executable, str(Path(__file__).with_name("worker_calls.py"))]
IDLE = [sys.executable, "-m", "flask", "--app", "webapp", "worker"]


def rows(folder: Path) -> list[Row]:
    """Idle, then busy; every relation code has its own limit."""
    configuration = configure(folder / "worker.db")
    database.create(folder / "worker.db")
    app = create_app(configuration)
    for account in map(str, range(ACCOUNTS)):
        make_ready(app, account)
    with connect(configuration["DATABASE"]) as db:  # known for long, so that none is to be looked at first
        db.execute("INSERT INTO schedules (account, due) SELECT account, ? FROM accounts", [int(time.time()) + 3600])
    return [*idle(configuration, folder), at_once(configuration, folder)]


def idle(configuration: dict[str, Any], folder: Path) -> list[Row]:
    """With accounts of which none is due yet."""
    with running(IDLE, configuration, folder) as pid:
        time.sleep(IDLE_SECONDS / 2)  # what a start costs is not counted
        before, since = processor_seconds(pid), time.perf_counter()
        time.sleep(IDLE_SECONDS)
        share = (processor_seconds(pid) - before) / (time.perf_counter() - since)
        resident, _ = megabytes(pid)
    return [
        Row("worker without work", f"{share:.2%}", "a processor", "", f"< {MOST_SHARE:.0%}", share < MOST_SHARE),
        Row("worker memory (RSS)", f"{resident:.0f} MB", "", "", f"≤ {MOST_MB} MB", resident <= MOST_MB),
    ]


def at_once(configuration: dict[str, Any], folder: Path) -> Row:
    """From the moment they are all due until the last has ended well."""
    with connect(configuration["DATABASE"]) as db:
        runs = RunStore(db)
        for account in map(str, range(ACCOUNTS)):
            runs.ask(account, "changed", "")
        started = time.perf_counter()
        with running(AT_ONCE, configuration, folder):
            while db.table("runs").count_where("state = 'done'") < ACCOUNTS:
                time.sleep(1)
                if time.perf_counter() - started > 2 * MOST_MINUTES * 60:
                    break
        minutes = (time.perf_counter() - started) / 60
    one_by_one = ACCOUNTS * CALLS * SECONDS / 60
    return Row(
        f"{ACCOUNTS:,} accounts due at once, {CALLS} calls of {SECONDS * 1000:.0f} ms each",
        f"{minutes:.1f} min",
        f"one by one {one_by_one:.1f} min",
        f"{minutes / one_by_one:.2f}",
        f"≤ {MOST_MINUTES} min",
        minutes <= MOST_MINUTES,
    )


@contextmanager
def running(line: list[str], configuration: dict[str, Any], folder: Path) -> Iterator[int]:
    """A process, and its id."""
    with (folder / "worker.log").open("ab") as log:
        env = {**environment(configuration), "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def processor_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
