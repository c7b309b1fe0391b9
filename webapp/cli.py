"""The commands: launch, rotate-vault-keys, backup, revoke-sessions."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from .cash.store.logins import LoginStore
from .db import get_db
from .web import tokens
from .web.launches import LaunchStore

ROTATION_BATCH = 500


@click.command("launch")
@click.option("--account", required=True, help="The id of the account at OutSmart.")
@click.option("--company", required=True, help="The name to show.")
@click.option("--user", required=True, help="The user's name, for the log.")
@click.option("--lang", default="nl", show_default=True, help="nl, en, de or pt.")
@click.option("--parent", required=True, help="The origin of the page that holds the frame.")
@with_appcontext
def launch(account: str, company: str, user: str, lang: str, parent: str) -> None:
    """Print a launch token, good once, for a minute."""
    claims = {"account": account, "company": company, "sub": user, "lang": lang, "parent": parent}
    click.echo(tokens.sign_launch(current_app.config["LAUNCH_KEYS"], claims))


@click.command("rotate-vault-keys")
@with_appcontext
def rotate_vault_keys() -> None:
    """Encrypt every stored password with the newest key; may be stopped and run again."""
    last: tuple[str, str] | None = ("", "")
    changed = unreadable = 0
    logins = LoginStore(get_db(), current_app.extensions["vault"])
    while last:
        last, newly, closed = logins.rotate(last, ROTATION_BATCH)
        changed, unreadable = changed + newly, unreadable + closed
    click.echo(f"{changed} passwords re-encrypted, {unreadable} that no key opens (those accounts log in again).")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Copy the database to FILE while the page is in use; passwords stay encrypted in it."""
    if not Path(current_app.config["DATABASE"]).exists():
        raise click.ClickException("There is no database yet; nothing was written.")
    if file.exists():
        raise click.ClickException(f"{file} exists; nothing was written.")
    part = file.with_name(file.name + ".part")
    with closing(sqlite3.connect(part)) as copy:
        get_db().conn.backup(copy)
        intact = copy.execute("PRAGMA integrity_check").fetchone()[0]
    if intact != "ok":
        part.unlink()
        raise click.ClickException(f"The copy is damaged: {intact}")
    part.rename(file)
    click.echo(f"Backup written to {file}.")


@click.command("revoke-sessions")
@click.option("--account", required=True, help="The id of the account at OutSmart.")
@with_appcontext
def revoke_sessions(account: str) -> None:
    """End every open session of an account at once."""
    click.echo(f"{LaunchStore(get_db()).revoke(account)} sessions ended.")


def init_app(app: Flask) -> None:
    """Adds the commands."""
    for command in (launch, rotate_vault_keys, backup, revoke_sessions):
        app.cli.add_command(command)
