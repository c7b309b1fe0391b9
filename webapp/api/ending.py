"""The end of an account."""

from flask import current_app

from ..accounts import AccountStore
from ..db import get_db, write
from ..web.launches import LaunchStore


def end(account: str) -> dict[str, int]:
    """Deletes all that is kept of an account; how many rows in each table that had some.

    Its sessions end, and so does a run that is under way: the worker finds its row gone at the next call.
    """
    db = get_db()
    with write(db):
        launches = LaunchStore(db).forget(account)
        rows = AccountStore(db, current_app.extensions["vault"]).delete(account)
    return {**({"launches": launches} if launches else {}), **rows}
