"""A worker: it claims runs that are due, carries them out in threads, and shows that it lives."""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from flask import Flask

from ..cash.due import ask_due
from ..cash.jobs import sweep
from ..cash.store.runs import SILENCE, Run, RunStore
from ..cash.store.workers import WorkerStore
from ..db import DatabaseError, forget_connection, get_db, now
from .queue import Queue, hold_signals

TIDY_SECONDS = 10 * 60

log = logging.getLogger(__name__)

Perform = Callable[[Flask, Run, Callable[[], bool]], None]


class Intervals(NamedTuple):
    """How often a worker looks what is due and shows that it lives, and when a silent one is taken for dead."""

    beat: float = 5.0
    silence: int = SILENCE


class Worker:
    """One process with its threads. Any number of them share the work of one database."""

    def __init__(self, app: Flask, threads: int, perform: Perform, intervals: Intervals | None = None) -> None:
        self._app, self._most, self._perform = app, threads, perform
        self._intervals = intervals or Intervals()
        self.id = secrets.token_hex(8)
        self._tidy_at = 0.0
        self._in_hand: set[str] = set()
        self._wake, self._over = threading.Event(), threading.Event()
        self._queue = Queue(app, self.carry_out)
        self._threads = self._queue.threads(threads)

    def run(self) -> None:
        """Works until the process is told to stop; returns when every run has come to its next call."""
        hold_signals()
        ticking = threading.Thread(target=self._tick_until_over, name="ticking")
        ticking.start()
        try:
            self._threads.run()
        finally:
            self._over.set()
            self._wake.set()
            ticking.join()

    def carry_out(self, id: str) -> None:
        """A job: the run with this id, if it still waits for someone."""
        if self._threads.stopping():
            return self._queue.put(id, first=True)  # for whoever lives then
        with self._app.app_context():
            run = self._runs().start(id, self.id)
        if run is None:
            return
        self._in_hand.add(id)
        try:
            self._perform(self._app, run, self._threads.stopping)
        finally:
            self._in_hand.discard(id)
            self._wake.set()

    def _tick_until_over(self) -> None:
        while not self._over.is_set():
            try:
                with self._app.app_context():
                    self._tick()
            except Exception:  # such as a full disk: the next time may be better
                log.exception("the worker could not look what is due")
            self._wake.wait(self._intervals.beat)
            self._wake.clear()

    def _tick(self) -> None:
        try:
            self._show_life()
            if not self._threads.stopping():
                self._claim()
                self._tidy_up()
        except DatabaseError:
            forget_connection()
            raise

    def _show_life(self) -> None:
        WorkerStore(get_db()).beat(self.id, now())
        self._runs().beat(self.id, now(), [*self._in_hand])

    def _claim(self) -> None:
        """No more than there are threads for: what waits in the table is claimed by whoever is free first."""
        runs = self._runs()
        for lost in runs.take_over(now()):
            log.warning("a worker is silent: its run starts over", extra={"account": lost.account, "run": lost.id})
        ask_due(now())
        if (free := self._most - len(self._in_hand) - len(self._queue)) > 0:
            for run in runs.claim(self.id, now(), free):
                self._queue.put(run.id, first=bool(run.user))

    def _tidy_up(self) -> None:
        if time.monotonic() >= self._tidy_at:
            sweep()
            self._tidy_at = time.monotonic() + TIDY_SECONDS

    def _runs(self) -> RunStore:
        return RunStore(get_db(), self._intervals.silence)
