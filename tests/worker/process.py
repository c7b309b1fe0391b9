"""A worker as `flask worker` starts it, in a hurry, and whose runs go on until they are told to end.

Arguments: a folder, how many threads, and `real` for runs that are what they are anywhere. Else each call of a run is
a line in `calls` there: process, account, run. A run ends once there is a file `end`.
"""

import os
import sys
import time
from pathlib import Path
from typing import Any

from webapp import create_app
from webapp.cash import jobs
from webapp.cash.store.runs import Run
from webapp.cash.sync import steps
from webapp.cash.sync.parts import Parts
from webapp.worker.process import Intervals, Worker

BEAT, SILENCE = 0.2, 2
steps.PAUSES, steps.LOOKED_FOR = (1, 1, 1), 2  # type: ignore[assignment] # seconds in place of minutes
FOLDER, THREADS = Path(sys.argv[1]), int(sys.argv[2])


def execute(run: Run, parts: Parts) -> dict[str, Any]:
    while True:
        parts.go_on()
        with (FOLDER / "calls").open("a") as calls:
            calls.write(f"{os.getpid()} {run.account} {run.id}\n")
        parts.progress({"relations": 1})
        if (FOLDER / "end").exists():
            return {"kinds": {}}
        time.sleep(0.05)


if "real" not in sys.argv:
    jobs.execute = execute  # type: ignore[attr-defined]
Worker(create_app(), THREADS, jobs.perform, Intervals(BEAT, SILENCE)).run()
