"""The commands `flask account …`: what the host does over the API, by hand."""

import json
import re

import click
from flask.cli import AppGroup

from ..cash.store.orders import State
from . import asked, shown
from .current import accounts, facts
from .ending import end

account = AppGroup("account", help="The accounts of the host: put, delete, list, show.")
PAGE = 500


@account.command("put")
@click.argument("id")
@click.option("--token", prompt="OutSmart token", hide_input=True, help="Asked for, or read from standard input.")
def put(id: str, token: str) -> None:
    """Store the OutSmart token of an account."""
    for name, value, pattern in (("ID", id, asked.ID), ("--token", token, asked.TOKEN["outsmart_token"].pattern)):
        if not re.fullmatch(pattern, value):
            raise click.BadParameter(f"{name} must be 1 to 200 characters, none of them special.")
    click.echo("Created." if accounts().put(id, token) else "Stored.")


@account.command("delete")
@click.argument("id")
@click.confirmation_option(prompt="All that is kept of the account will be deleted. Go on?")
def delete(id: str) -> None:
    """End an account, and delete all that is kept of it."""
    rows, orders = end(id)
    if not rows:
        raise _unknown(id)
    click.echo(f"Deleted: {', '.join(f'{count} of {table}' for table, count in rows.items())}.")
    for each in orders:
        known = "In Cash" if each.state in (State.IN_CASH, State.CHANGED) else "Perhaps in Cash"
        click.echo(
            f"{known}: sales order {each.number} ({each.reference}) in {each.administration}. "
            f"Set work order {each.order_nr} ({each.work_order}) to Afgehandeld, or it may be exported once more."
        )


@account.command("list")
def list_all() -> None:
    """The id, the state and the problem of each account, whichever changed last at the end."""
    names, cursor = [""], ""
    while names:
        names, cursor = accounts().changed(cursor, PAGE)
        for name in names:
            known = shown.account(name, facts(name))
            click.echo("\t".join(filter(None, (name, known["state"], known["problem"]))))


@account.command("show")
@click.argument("id")
def show(id: str) -> None:
    """All that the host can see of an account, as JSON."""
    if not accounts().exists(id):
        raise _unknown(id)
    click.echo(json.dumps(shown.account(id, facts(id)), indent=2, ensure_ascii=False))


def _unknown(id: str) -> click.ClickException:
    return click.ClickException(f"There is no account {id}.")
