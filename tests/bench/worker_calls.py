"""A worker as `flask worker` starts it; each run makes as many calls as a quiet one, to a Cash that takes its time.

The calls are counted, and wait for their turn, as all calls to Cash are.
"""

import time
from typing import Any

from webapp import create_app
from webapp.cash import jobs, pace
from webapp.cash.store.runs import Run
from webapp.cash.sync.parts import Parts
from webapp.worker.process import Worker

CALLS, SECONDS, THREADS = 4, 0.2, 20


def execute(run: Run, parts: Parts) -> dict[str, Any]:
    for _ in range(CALLS):
        parts.go_on()
        pace.reserve(run.account, run.account)
        time.sleep(SECONDS)
    return {"kinds": {}}


if __name__ == "__main__":
    jobs.execute = execute  # type: ignore[attr-defined]
    Worker(create_app(), THREADS, jobs.perform).run()
