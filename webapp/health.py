"""Whether this process lives, and whether it can do its work."""

from flask import Blueprint, Flask, current_app

from .access import public
from .db import DatabaseError, DatabaseUnfit, check

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> tuple[dict[str, str], int]:
    """The process answers."""
    return {"status": "ok"}, 200


@bp.get("/readyz")
@public
def readyz() -> tuple[dict[str, str], int]:
    """Every table can be read and has our schema. Keys were checked at start; Cash is not part of it."""
    try:
        check(current_app.config["DATABASE"])
    except (DatabaseError, DatabaseUnfit) as error:
        return {"status": "unavailable", "reason": str(error)}, 503
    return {"status": "ready"}, 200


def init_app(app: Flask) -> None:
    """Adds the two routes."""
    app.register_blueprint(bp)
