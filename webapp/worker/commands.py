"""The commands worker and sync. What they need is imported when they run: a web process has no use for it."""

import json
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from .. import db


@click.command("worker")
@click.option("--threads", default=20, show_default=True, type=click.IntRange(1, 200), help="Runs at the same time.")
@with_appcontext
def worker(threads: int) -> None:
    """Synchronise accounts until told to stop; any number of workers share the work."""
    from ..cash.jobs import perform
    from .process import Worker

    db.check(current_app.config["DATABASE"])
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    db.forget_connection()
    Worker(app, threads, perform).run()


@click.command("sync")
@click.argument("account")
@click.option("--all", "everything", is_flag=True, help="Everything, also what OutSmart has already, and employees.")
@with_appcontext
def sync(account: str, everything: bool) -> None:
    """Synchronise ACCOUNT now, here; print the result as JSON; exit with 1 unless it went well."""
    from .foreground import run_now

    db.check(current_app.config["DATABASE"])
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    run, here = run_now(app, account, "all" if everything else "changed")
    told = {name: getattr(run, name) for name in ("id", "account", "kind", "state", "reason", "started", "ended")}
    click.echo(json.dumps({**told, "result": dict(run.result)}))
    if not here:
        click.echo("A run of this account is under way already.", err=True)
    sys.exit(0 if here and run.state == "done" else 1)
