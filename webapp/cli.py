"""The commands: launch, backup, revoke-sessions. `migrate` is db's, `rotate-vault-keys` of whoever stores secrets."""

from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from . import db
from .web import tokens
from .web.launches import LaunchStore


@click.command("launch")
@click.option("--account", required=True, help="The id of the account at OutSmart.")
@click.option("--company", required=True, help="The name to show.")
@click.option("--user", required=True, help="The user's name, for the log.")
@click.option("--lang", default="nl", show_default=True, help="nl, en, de or pt.")
@click.option("--parent", required=True, help="The origin of the page that holds the frame.")
@with_appcontext
def launch(account: str, company: str, user: str, lang: str, parent: str) -> None:
    """Print a launch token, good once, for a minute."""
    frames = current_app.config["FRAME_ANCESTORS"]
    if parent not in frames:
        raise click.BadParameter(f"it would be refused: FLASK_FRAME_ANCESTORS has {' '.join(frames)}.")
    claims = {"account": account, "company": company, "sub": user, "lang": lang, "parent": parent}
    click.echo(tokens.sign_launch(current_app.config["LAUNCH_KEYS"], claims))


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Copy the database to FILE while the page is in use; passwords stay encrypted in it."""
    if not Path(current_app.config["DATABASE"]).exists():
        raise click.ClickException("There is no database yet; nothing was written.")
    if file.exists():
        raise click.ClickException(f"{file} exists; nothing was written.")
    db.backup(db.get_db(), file)
    click.echo(f"Backup written to {file}.")


@click.command("revoke-sessions")
@click.option("--account", required=True, help="The id of the account at OutSmart.")
@click.option("--user", default="", help="Only those of this user, as the host names them in `sub`.")
@with_appcontext
def revoke_sessions(account: str, user: str) -> None:
    """End every open session of an account at once, or only those of one of its users."""
    click.echo(f"{LaunchStore(db.get_db()).revoke(account, user)} sessions ended.")


def init_app(app: Flask) -> None:
    """Adds the commands."""
    for command in (launch, backup, revoke_sessions):
        app.cli.add_command(command)
