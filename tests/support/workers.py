"""Workers as processes of their own, and accounts they can work for."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from flask import Flask
from support.app import LONGEST_WAIT, ROOT, environment

from webapp.accounts import AccountStore
from webapp.cash.choices import Settings
from webapp.cash.model import Administration, Credentials
from webapp.cash.store.logins import LoginStore
from webapp.cash.store.runs import RunStore
from webapp.cash.store.settings import SettingsStore
from webapp.db import DatabaseError, connect


def wait_until(true: Callable[[], object]) -> None:
    """Waits for a condition, not for a time."""
    until = time.monotonic() + LONGEST_WAIT
    while not true():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.02)


def make_ready(app: Flask, account: str, *, token: str = "a token", **choices: Any) -> None:
    """An account that can be synchronised: it has a login at Cash, settings, and a token at OutSmart."""
    with connect(app.config["DATABASE"]) as db:
        logins = LoginStore(db, app.extensions["vault"])
        login = Credentials("54852", "api@example.nl", "welkom")
        seen = [Administration("2085", "demo", "Installatiebedrijf Oosterbeek")]
        logins.promote(account, logins.keep_pending(account, "a session", login, seen, "beheer"))
        settings = Settings(relation_code="54852", administration="2085/demo", **choices)
        SettingsStore(db).add(account, settings, 0, "beheer")
        AccountStore(db, app.extensions["vault"]).put(account, token)


class Call(NamedTuple):
    """One call of a run: in which process, for which account, in which run."""

    pid: int
    account: str
    run: str


class Workers:
    """Any number of workers on one database, whose runs do what `tests/worker/process.py` says."""

    def __init__(self, configuration: Mapping[str, object], folder: Path) -> None:
        self.configuration, self.folder = configuration, folder
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        self.db = connect(str(configuration["DATABASE"]))
        self.runs = RunStore(self.db)

    def start(self, threads: int = 2, *, real: bool = False) -> int:
        """Another worker; its process id. `real` ones carry out their runs as any worker does."""
        line = [sys.executable, "-m", "worker.process", str(self.folder), str(threads), *(["real"] if real else [])]
        env = {**environment(self.configuration), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        with self.log.open("ab") as log:
            process = subprocess.Popen(line, cwd=ROOT, env=env, stdout=log, stderr=log)
        self.processes[process.pid] = process
        return process.pid

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def lines(self) -> list[dict[str, object]]:
        """What they logged."""
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def calls(self) -> list[Call]:
        """What their runs did, in the order in which it happened."""
        file = self.folder / "calls"
        words = [line.split() for line in file.read_text().splitlines()] if file.exists() else []
        return [Call(int(pid), account, run) for pid, account, run in words]

    def let_runs_end(self) -> None:
        (self.folder / "end").touch()

    def signal(self, pid: int, which: signal.Signals) -> None:
        self.processes[pid].send_signal(which)

    def pause(self, pid: int) -> None:
        """SIGSTOP, but not in the middle of a write, where whoever stops holds every other writer of SQLite too."""
        files = [Path(str(self.configuration["DATABASE"])), self.folder / "jobs.db"]
        self.signal(pid, signal.SIGSTOP)
        while any(map(_is_locked, files)):
            self.signal(pid, signal.SIGCONT)
            self.signal(pid, signal.SIGSTOP)

    def wait(self, pid: int) -> int:
        """Until this one has ended; how."""
        return self.processes[pid].wait(LONGEST_WAIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.kill()
        for process in self.processes.values():
            process.wait(LONGEST_WAIT)
        self.db.close()


def _is_locked(file: Path) -> bool:
    with connect(str(file), patience=0.5) as db:
        try:
            db.conn.execute("BEGIN IMMEDIATE")
        except DatabaseError:
            return True
        db.rollback()
        return False
