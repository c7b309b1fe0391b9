"""Someone at the page, and a worker that does at once what is asked for."""

from dataclasses import replace

from flask import Flask

from webapp.cash import jobs
from webapp.cash.actions import State, syncing
from webapp.cash.actions.syncing import Sync
from webapp.cash.model import Who
from webapp.cash.page.rendering import integration
from webapp.cash.store.runs import Run, RunStore
from webapp.db import get_db

WHO = Who("1002", "a session", "beheer")


class Office:
    """Someone at the page, and a worker that does at once what is asked for."""

    def __init__(self, app: Flask, account: str = WHO.account) -> None:
        self.app, self.cash, self.who = app, integration(), replace(WHO, account=account)
        self.runs = RunStore(get_db())

    @property
    def state(self) -> State:
        return self.cash.state(self.who)

    @property
    def sync(self) -> Sync:
        return syncing.sync_of(self.cash, self.who, self.state)

    def start(self, kind: str = "changed") -> tuple[Run, bool]:
        return syncing.start(self.cash, self.who, self.state, kind)

    def work(self) -> Run:
        """The open run is carried out."""
        run = self.runs.open(self.who.account)
        assert run
        started = self.runs.start(run.id, "a worker")
        assert started
        jobs.perform(self.app, started)
        ended = self.runs.run(self.who.account, run.id)
        assert ended
        return ended

    def by_itself(self) -> Run:
        self.runs.ask(self.who.account, "changed", "")
        return self.work()

    def log(self) -> list[tuple[str, bool]]:
        """What the log says, oldest first: kinds, and whether they are errors."""
        return [(each.kind, each.error) for each in [*self.cash.activity.latest(self.who.account, 50)][::-1]]
