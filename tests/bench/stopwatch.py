"""Time on a machine that others use too: without the time for which others had the processors."""

import os
import time
from collections.abc import Callable
from pathlib import Path


def timed(act: Callable[[], object], *processes: int) -> float:
    """The seconds that `act` takes, less those in which it was its turn but the processors were taken.

    `processes` work for it beside this one, one after the other: what they stood in line is taken off too.
    """
    others, mine = _others(*processes), Path("/proc/thread-self/schedstat")
    before, mine_before = _queued(others), _queued([mine])
    started = time.perf_counter()
    act()
    seconds = time.perf_counter() - started
    mine_after = _queued([mine])
    return seconds - (mine_after - mine_before) - (_queued(others) - before)


def queued(*processes: int) -> float:
    """For how many seconds the threads of these processes could have run but did not get a processor."""
    return sum(_queued(_tasks(process)) for process in processes)


def ran(process: int) -> float:
    """For how many seconds the threads of this process ran."""
    return sum(_field(task, 0) for task in _tasks(process))


def _others(*processes: int) -> list[Path]:
    myself = os.readlink("/proc/thread-self").rsplit("/", 1)[1]
    tasks = [task for process in (os.getpid(), *processes) for task in _tasks(process)]
    return [task for task in tasks if task.parent.name != myself]


def _tasks(process: int) -> list[Path]:
    return [task / "schedstat" for task in Path(f"/proc/{process}/task").iterdir()]


def _queued(tasks: list[Path]) -> float:
    return sum(_field(task, 1) for task in tasks)


def _field(task: Path, position: int) -> float:
    try:
        return int(task.read_text().split()[position]) / 1e9
    except OSError:  # a thread that ended
        return 0.0
