"""A run in which something breaks that nobody thought of."""

import sqlite3

import pytest
from flask import Flask
from support.workers import make_ready

from webapp.cash import jobs
from webapp.cash.store.runs import Run, RunStore
from webapp.db import get_db

SECRET = "what Cash or a user typed"


def carry_out(app: Flask) -> Run:
    with app.app_context():
        runs = RunStore(get_db())
        run = runs.start(runs.ask("1001", "all", "beheer")[0].id, "a")
        assert run
        jobs.perform(app, run)
        ended = runs.run("1001", run.id)
        assert ended
        return ended


@pytest.mark.parametrize(
    ("error", "reason"),
    [(LookupError(SECRET), "fault"), (OSError(28, SECRET), "storage"), (sqlite3.OperationalError(SECRET), "storage")],
)
@pytest.mark.parametrize("broken", ["execute", "MarkStore", "conversations_of"])
def test_it_fails_with_a_word_and_tells_the_operator_where_but_nothing_secret(
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    broken: str,
    error: Exception,
    reason: str,
) -> None:
    make_ready(app, "1001", token=SECRET)

    def explode(*_: object) -> None:
        raise error

    monkeypatch.setattr(jobs, broken, explode)
    ended = carry_out(app)
    assert (ended.state, ended.reason) == ("failed", reason)
    logged = capfd.readouterr().err
    assert "explode" in logged, "the place"
    assert SECRET not in logged
    assert '"account": "1001"' in logged
    assert not [*jobs_left(app)]


def jobs_left(app: Flask) -> list[str]:
    with app.app_context():
        return [folder.name for folder in jobs.scratch_folder().glob("*")]


def test_a_password_that_no_key_opens_is_a_reason(app: Flask) -> None:
    make_ready(app, "1001")
    with app.app_context():
        get_db().execute("UPDATE logins SET password = x'00'")
    assert carry_out(app).reason == "vault"
