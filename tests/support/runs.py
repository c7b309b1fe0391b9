"""Runs as a worker leaves them in the database."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from webapp.accounts import AccountStore
from webapp.cash.store.runs import Run, RunStore
from webapp.db import connect
from webapp.vault import Vault

FOUND: dict[str, Any] = {
    "administration": "1571/x001",
    "kinds": {
        "relations": {
            "new": 1200,
            "changed": 3,
            "skipped": {"no_street": 2},
            "refused": [{"key": "100", "name": "Bakker", "code": 1100, "message": "Email is invalid"}],
            "refused_rows": 1,
            "gone": 30,
            "waits": "many_gone",
        },
        "materials": {"same": 50},
    },
}
LOOKED: dict[str, Any] = {
    "administration": "1571/x001",
    "waits": ["many_changes"],
    "kinds": {
        "relations": {
            "new": 2,
            "changed": 1,
            "twice_in_outsmart": 4,
            "examples": [
                {"key": "100", "name": "Bakker", "fields": {"postal_code": {"old": "1234", "new": "1234 AB"}}}
            ],
        }
    },
}


class Worker:
    """Does in the database what a worker does, and looks at it."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def connect(self, account: str = "1001") -> None:
        """OutSmart gives access to the account."""
        with connect(self.app.config["DATABASE"]) as db:
            AccountStore(db, Vault(self.app.config["VAULT_KEYS"])).put(account, "token-of-outsmart")

    def runs(self, act: Callable[[RunStore], Any]) -> Any:
        with connect(self.app.config["DATABASE"]) as db:
            return act(RunStore(db))

    def open(self, account: str = "1001") -> Run | None:
        found: Run | None = self.runs(lambda runs: runs.open(account))
        return found

    def start(self, **progress: object) -> Run:
        run = self.open()
        assert run
        self.runs(lambda runs: (runs.start(run.id, "w"), runs.progress(run.id, "w", progress)))
        return run

    def end(self, state: str = "done", result: dict[str, Any] | None = None, reason: str = "") -> None:
        run = self.start()
        assert self.runs(lambda runs: runs.finish(run.id, "w", state, result or {}, reason))

    def note(self, sql: str, *values: object) -> None:
        with connect(self.app.config["DATABASE"]) as db:
            db.execute(sql, values)
