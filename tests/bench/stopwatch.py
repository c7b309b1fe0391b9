"""Time on a machine that others use too: without the time for which others had the processors."""

import os
import time
from collections.abc import Callable
from pathlib import Path

RAN, QUEUED = 0, 1  # in the kernel's schedstat of a thread, in nanoseconds


def timed(act: Callable[[], object], *processes: int) -> float:
    """The seconds that `act` takes, less those for which it was its turn but the processors were taken.

    `processes` work for it beside this one, one after the other: what they stood in line is taken off too, down
    to the time that all of them ran (two may stand in line at once).
    """
    me = Path("/proc", os.readlink("/proc/thread-self"))
    others = [task for process in (os.getpid(), *processes) for task in _tasks(process) if task.name != me.name]
    _settle(others)
    before = _sums(others), _sums([me])
    started = time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    mine, theirs = _sums([me]), _sums(others)
    ran, queued = (mine[at] - before[1][at] + theirs[at] - before[0][at] for at in (RAN, QUEUED))
    return max(seconds - queued, ran)


def by_clock(act: Callable[[], object], *processes: int) -> float:
    """The seconds that `act` takes, whatever else the machine does."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def queued(*processes: int) -> float:
    """For how many seconds the threads of these processes could have run but did not get a processor."""
    return sum(_sums(_tasks(process))[QUEUED] for process in processes)


def ran(process: int) -> float:
    """For how many seconds the threads of this process ran."""
    return _sums(_tasks(process))[RAN]


def _settle(tasks: list[Path]) -> None:
    """Waits until the threads have done what was left of earlier work: its waiting is counted when they run again."""
    patience = time.perf_counter() + 1
    while any(_runs(task) for task in tasks) and time.perf_counter() < patience:
        time.sleep(0.0005)


def _tasks(process: int) -> list[Path]:
    return list(Path(f"/proc/{process}/task").iterdir())


def _runs(task: Path) -> bool:
    return _read(task, "stat").rpartition(")")[2].startswith(" R")


def _sums(tasks: list[Path]) -> tuple[float, float]:
    fields = [(_read(task, "schedstat") or "0 0 0").split() for task in tasks]
    return sum(int(each[RAN]) for each in fields) / 1e9, sum(int(each[QUEUED]) for each in fields) / 1e9


def _read(task: Path, name: str) -> str:
    try:
        return (task / name).read_text()
    except OSError:  # the thread ended
        return ""
