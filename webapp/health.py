"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, Flask

from .access import public
from .db import DatabaseError, DatabaseUnfit, check, forget_connection, get_db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> tuple[dict[str, str], int]:
    """The process answers."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
@public
def readyz() -> tuple[dict[str, str], int]:
    """The database can be read and has our schema. Keys were checked at start; Cash is not part of it."""
    try:
        check(get_db())
    except (DatabaseError, DatabaseUnfit) as error:
        forget_connection()
        return {"status": "unavailable", "reason": str(error)}, 503
    return {"status": "ready"}, 200


def init_app(app: Flask) -> None:
    """Adds the two routes."""
    app.register_blueprint(bp)
