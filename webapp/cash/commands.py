"""The commands of this integration: rotate-vault-keys."""

from collections.abc import Callable
from typing import TypeVar

import click
from flask import current_app
from flask.cli import with_appcontext

from ..accounts import AccountStore
from ..db import get_db
from .store.logins import LoginStore

ROTATION_BATCH = 500
Key = TypeVar("Key")  # of the row up to which it has come


@click.command("rotate-vault-keys")
@with_appcontext
def rotate_vault_keys() -> None:
    """Encrypt every stored password and token with the newest key; may be stopped and run again."""
    db, vault = get_db(), current_app.extensions["vault"]
    changed, unreadable = _all(LoginStore(db, vault).rotate, ("", ""))
    click.echo(f"{changed} passwords re-encrypted, {unreadable} that no key opens (those accounts log in again).")
    changed, unreadable = _all(AccountStore(db, vault).rotate, "")
    click.echo(f"{changed} OutSmart tokens re-encrypted, {unreadable} that no key opens (the host gives them again).")


def _all(rotate: Callable[[Key, int], tuple[Key | None, int, int]], first: Key) -> tuple[int, int]:
    changed = unreadable = 0
    last: Key | None = first
    while last is not None:
        last, newly, closed = rotate(last, ROTATION_BATCH)
        changed, unreadable = changed + newly, unreadable + closed
    return changed, unreadable
