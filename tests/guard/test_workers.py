"""All threads and processes count together."""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from guard.door import Clock, Empty, Wrong
from sqlite_utils import Database

from webapp.db import connect
from webapp.throttle import LoginGuard, LoginRejected, TooSoon

ROOT = Path(__file__).parents[2]  # whose webapp the processes import
GUESS = """
import sys
from webapp.db import connect
from webapp.throttle import LoginGuard, LoginRejected, TooSoon
for n in range(10):
    try:
        with LoginGuard(connect(sys.argv[1]), "key", ValueError, LookupError).attempt(
            "1001", ("1", "a@b", f"{sys.argv[2]} {n}"), "192.0.2.1"
        ):
            print("sent")
            raise ValueError
    except (LoginRejected, TooSoon):
        pass
"""
RESERVE = """
import sys
from webapp.db import connect
from webapp.rates import reserve
db = connect(sys.argv[1])
for n in range(20):
    if reserve(db, "one key", per_minute=1, burst=25) is None:
        print("taken")
"""


def test_attempts_side_by_side_are_counted_before_they_are_made(path: str, clock: Clock) -> None:
    inside, may_leave = threading.Semaphore(0), threading.Event()
    held: list[TooSoon] = []

    def guess(n: int) -> None:
        with connect(path) as db, suppress(LoginRejected):
            try:
                with LoginGuard(db, "key", Wrong, Empty).attempt("1001", ("1", "a@b", f"fout {n}"), "192.0.2.1"):
                    inside.release()
                    assert may_leave.wait(20)
                    raise Wrong
            except TooSoon as early:
                held.append(early)
                inside.release()

    guesses = [threading.Thread(target=guess, args=(n,)) for n in range(8)]
    for each in guesses:
        each.start()
    for _ in guesses:
        assert inside.acquire(timeout=20)
    may_leave.set()
    for each in guesses:
        each.join()
    assert len(held) == 3


@pytest.mark.parametrize(("script", "most"), [(GUESS, 5), (RESERVE, 25)], ids=["failures", "calls"])
def test_all_workers_count_together(path: str, script: str, most: int) -> None:
    line = [sys.executable, "-c", script, path]
    workers = [subprocess.Popen([*line, str(n)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for n in range(4)]
    said = "".join(worker.communicate(timeout=60)[0] for worker in workers)
    assert [worker.returncode for worker in workers] == [0] * 4
    assert len(said.split()) == most


def test_an_attempt_whose_worker_is_killed_stays_counted(path: str, db: Database) -> None:
    killed = GUESS.replace("raise ValueError", "__import__('os')._exit(9)")
    assert subprocess.run([sys.executable, "-c", killed, path, "first"], cwd=ROOT).returncode == 9
    again = LoginGuard(db, "key", Wrong, Empty).attempt("1001", ("1", "a@b", "another"), "192.0.2.1")
    with pytest.raises(LoginRejected) as rejected, again:
        raise Wrong
    assert rejected.value.left == 3
