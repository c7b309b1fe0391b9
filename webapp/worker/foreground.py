"""A run in the foreground: asked for, carried out and told in one go."""

import secrets
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from ..cash.jobs import perform
from ..cash.store.runs import Run, RunStore
from ..db import get_db, now, write
from .process import Intervals

ASKED_BY = "flask sync"  # as the user of the run: it goes before those that nobody asked for


def run_now(app: Flask, account: str, kind: str) -> tuple[Run, bool]:
    """A run of the account, carried out here, and whether it was: else it is one that is under way elsewhere.

    Ctrl-C cancels it at its next call. Needs an app context.
    """
    runs = RunStore(get_db())
    with write(get_db()):
        asked, _ = runs.ask(account, kind, ASKED_BY)
        run = runs.start(asked.id, secrets.token_hex(8))
    if run is None:
        return asked, False
    with _beating(app, run), _told_to_stop() as stopping:
        perform(app, run, stopping)
        if stopping():
            runs.cancel(account, run.id)
    return runs.run(account, run.id) or run, True


@contextmanager
def _beating(app: Flask, run: Run) -> Iterator[None]:
    """Shows that the owner lives, as a worker does."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(Intervals().beat):
            with app.app_context():
                RunStore(get_db()).beat(run.owner, now(), [run.id])

    thread = threading.Thread(target=beat)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _told_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether the process was, by Ctrl-C or SIGTERM, which end nothing by themselves meanwhile."""
    told = threading.Event()
    before = {each: signal.signal(each, lambda *_: told.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told.is_set
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
