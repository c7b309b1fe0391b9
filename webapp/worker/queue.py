"""The queue that carries the ids of runs to the threads of the workers: only a vehicle, which may lose what it carries.

Its class and its address stand here and nowhere else: store and queue move to another database together.
"""

import json
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from huey import SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

POLL_SECONDS = 1.0  # a thread without work looks into the queue this often
SCHEDULER_SECONDS = 60  # huey's own, which has nothing to do here
SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

CarryOut = Callable[[str], None]


class Ids(Serializer):  # type: ignore[misc]
    """A job as JSON: what lies in the queue is in the clear, and whoever can write there can run nothing else."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data._asdict() if isinstance(data, Message) else data).encode()

    def _deserialize(self, data: bytes) -> Any:
        read = json.loads(data)
        return Message(**read) if isinstance(read, dict) else read


class Queue:
    """Ids of runs, in the order in which they are put in, those that people wait for first."""

    def __init__(self, app: Flask, carry_out: CarryOut) -> None:
        file = Path(app.config["DATABASE"]).with_name("jobs.db")
        self._huey = SqliteHuey("runs", results=False, serializer=Ids(), filename=str(file), cache_mb=1)
        self._job = self._huey.task(name="run")(carry_out)

    def put(self, id: str, *, first: bool) -> None:
        """For one of the threads, of whichever process."""
        self._huey.enqueue(self._job.s(id, priority=int(first)))

    def __len__(self) -> int:
        """How many wait for a thread."""
        return int(self._huey.pending_count())

    def threads(self, number: int) -> "Threads":
        """So many threads of this process, which carry out what is in the queue."""
        return Threads(
            self._huey,
            workers=number,
            periodic=False,
            max_delay=POLL_SECONDS,
            scheduler_interval=SCHEDULER_SECONDS,
            graceful_signal="TERM",
        )


class Threads(Consumer):  # type: ignore[misc]
    """They take nothing more out of the queue once the process is told to stop: by SIGTERM, Ctrl-C or a hang-up."""

    def stopping(self) -> bool:
        """Whether it was."""
        return bool(self.stop_flag.is_set())

    def start(self) -> None:
        """Starts the threads; a signal that came since `hold_signals` counts too."""
        super().start()
        for other in SIGNALS - {signal.SIGTERM}:
            signal.signal(other, lambda *_: signal.raise_signal(signal.SIGTERM))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)


def hold_signals() -> None:
    """To be called before any thread is started: each of them would take a signal for the whole process."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)


logging.getLogger("huey.consumer.Scheduler").setLevel(logging.WARNING)
