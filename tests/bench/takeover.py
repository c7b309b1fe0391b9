"""One of two workers is killed, or stands still: how long it takes until the run of its account runs again.

Workers are as an operator starts them, with the intervals of the product; Cash is so slow that no run ends meanwhile.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import database
from support.app import ROOT, configure, environment
from support.workers import Workers, make_ready
from table import Row

from webapp import create_app
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox

ACCOUNT, MOST_SECONDS, SLOW_SECONDS, LONGEST = "bench", 90, 5, 180


class Processes(Workers):
    """Workers as `flask worker` starts them; each has a log of its own."""

    def start(self, threads: int = 20, *, real: bool = True) -> int:
        line = [sys.executable, "-m", "flask", "--app", "webapp", "worker", "--threads", str(threads)]
        env = {**environment(self.configuration), "PYTHONPATH": str(ROOT)}
        with (self.folder / f"worker-{len(self.processes)}.log").open("wb") as log:
            process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=log)
        self.processes[process.pid] = process
        return process.pid

    def told_by(self, pid: int) -> list[dict[str, Any]]:
        """What this one logged."""
        number = [*self.processes].index(pid)
        return [json.loads(line) for line in (self.folder / f"worker-{number}.log").read_text().splitlines()]

    def runs_again(self, before: str = "") -> str:
        """Waits until a run of the account is under way, another than that before; its id."""

        def another() -> bool:
            run = self.runs.open(ACCOUNT)
            return run is not None and run.state == "running" and run.id != before

        wait_until(another)
        run = self.runs.open(ACCOUNT)
        assert run
        return run.id


def rows(folder: Path) -> list[Row]:
    """First one is killed, then its successor stands still."""
    place = folder / "takeover"
    place.mkdir()
    with CashSandbox() as cash, OutSmartSandbox() as outsmart:
        outsmart.connect(ACCOUNT, "bench-token")
        configuration = configure(
            place / "app.db",
            CASH_WSDL=cash.wsdl,
            OUTSMART_URL=outsmart.api,
            OUTSMART_SOFTWARE_TOKEN=outsmart.software_token,
        )
        database.create(place / "app.db")
        make_ready(create_app(configuration), ACCOUNT, token="bench-token", import_relations=True)
        cash.slow(SLOW_SECONDS)
        with Processes(configuration, place) as workers:
            return measured(workers, cash, outsmart)


def measured(workers: Processes, cash: CashSandbox, outsmart: OutSmartSandbox) -> list[Row]:
    first = workers.start()
    workers.runs.ask(ACCOUNT, "all", "bench")
    run = workers.runs_again()
    second = workers.start()
    began = time.perf_counter()
    workers.signal(first, signal.SIGKILL)
    run = workers.runs_again(run)
    killed = time.perf_counter() - began
    workers.start()
    began = time.perf_counter()
    workers.pause(second)
    run = workers.runs_again(run)
    stood_still = time.perf_counter() - began
    told = len(workers.told_by(second))
    workers.signal(second, signal.SIGCONT)
    wait_until(lambda: any(each["message"] == "run stopped" for each in workers.told_by(second)[told:]))
    posts = len([each for each in workers.told_by(second) if str(each.get("operation")).startswith("POST")])
    cash.recover()
    wait_until(lambda: workers.runs.open(ACCOUNT) is None)
    done = workers.runs.run(ACCOUNT, run)
    assert done
    assert done.state == "done"
    assert len([each for each in outsmart.calls if each.startswith("POST")]) > 0
    return [
        row("kill -9", killed),
        row("SIGSTOP", stood_still, f"it posted {posts} rows more when it went on", posts == 0),
    ]


def row(how: str, seconds: float, besides: str = "", is_right: bool = True) -> Row:
    return Row(
        f"a run goes on after {how} of its worker",
        f"{seconds:.0f} s",
        besides,
        "",
        f"≤ {MOST_SECONDS} s",
        is_right and seconds <= MOST_SECONDS,
    )


def wait_until(true: Callable[[], object]) -> None:
    """Waits for a condition."""
    until = time.monotonic() + LONGEST
    while not true():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.1)
