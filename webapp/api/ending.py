"""The end of an account."""

from flask import current_app

from ..cash.store.kept import KeptStore
from ..db import get_db, write
from ..web.launches import LaunchStore
from .current import accounts


def end(account: str) -> dict[str, int]:
    """Deletes all that is kept of an account, also what a preview has read; how many rows in each table that had some.

    Its sessions end, and so does a run that is under way: the worker finds its row gone at the next call.
    """
    with write(get_db()):
        launches = LaunchStore(get_db()).forget(account)
        rows = accounts().delete(account)
    KeptStore(current_app.config["DATABASE"]).forget(account)
    return {**({"launches": launches} if launches else {}), **rows}
