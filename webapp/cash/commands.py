"""The commands of this integration: rotate-vault-keys."""

import click
from flask import current_app
from flask.cli import with_appcontext

from ..db import get_db
from .store.logins import LoginStore

ROTATION_BATCH = 500


@click.command("rotate-vault-keys")
@with_appcontext
def rotate_vault_keys() -> None:
    """Encrypt every stored password with the newest key; may be stopped and run again."""
    logins = LoginStore(get_db(), current_app.extensions["vault"])
    last: tuple[str, str] | None = ("", "")
    changed = unreadable = 0
    while last:
        last, newly, closed = logins.rotate(last, ROTATION_BATCH)
        changed, unreadable = changed + newly, unreadable + closed
    click.echo(f"{changed} passwords re-encrypted, {unreadable} that no key opens (those accounts log in again).")
