"""Whether this process lives, and whether it can do its work."""

import sqlite3

from flask import Blueprint, Flask

from .db import DatabaseUnfit, check, forget_connection, get_db
from .web import embed

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@embed.public
def healthz() -> tuple[dict[str, str], int]:
    """The process answers."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
@embed.public
def readyz() -> tuple[dict[str, str], int]:
    """The database can be read and has our schema. Keys were checked at start; Cash is not part of it."""
    try:
        check(get_db())
    except (sqlite3.Error, DatabaseUnfit) as error:
        forget_connection()
        return {"status": "unavailable", "reason": str(error)}, 503
    return {"status": "ready"}, 200


def init_app(app: Flask) -> None:
    """Adds the two routes."""
    app.register_blueprint(bp)
