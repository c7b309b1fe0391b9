"""The end of an account."""

from typing import NamedTuple

from flask import current_app

from ..cash.actions.hosted import orders_left_open
from ..cash.store.kept import KeptStore
from ..cash.store.orders import Order
from ..db import get_db, write
from ..web.launches import LaunchStore
from .current import accounts


class Ended(NamedTuple):
    """How many rows in each table that had some, and the orders whose work order is left open: see orders_left_open."""

    rows: dict[str, int]
    orders: list[Order]


def end(account: str) -> Ended:
    """Deletes all that is kept of an account, also what a preview has read.

    Its sessions end, and so does a run that is under way: the worker finds its row gone at the next call.
    """
    with write(get_db()):
        orders = orders_left_open(get_db(), account)
        launches = LaunchStore(get_db()).forget(account)
        rows = accounts().delete(account)
    KeptStore(current_app.config["DATABASE"]).forget(account)
    return Ended({**({"launches": launches} if launches else {}), **rows}, orders)
