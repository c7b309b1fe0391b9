"""The routes around the stored login: test it, forget it, tell support about it, keep the session."""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, jsonify, session

from ...db import get_db, versions
from ...throttle import LoginRejected
from ...web.languages import _
from ..actions import connect
from . import bp
from .problems import in_words
from .rendering import address, current_state, integration, panel, who
from .support import tell


@bp.post("/connection/test")
def test_connection() -> Response:
    """Tries the stored login; shows the steps that passed."""
    tested = connect.test_connection(integration(), who(), current_state(), address())
    problem = in_words(tested.error) if tested.error else None
    message = problem.title if problem else _("The connection works.")
    status = problem.status if problem else 200
    state = current_state()
    if isinstance(tested.error, LoginRejected):
        problem = None  # the page says itself how to put that right
    more: dict[str, Any] = {"tested": tested, "problem": problem, "problem_at": "connection", "message": message}
    return panel(state, "top", "connection", "note", "log", status=status, **more)


@bp.post("/connection/disconnect")
def disconnect() -> Response:
    """Forgets the credentials; the settings stay for a later reconnect."""
    connect.disconnect(integration(), who(), current_state())
    message = _("Disconnected. The settings are kept; the API user in Cash still exists.")
    return panel(current_state(), message=message, message_at="connection")


@bp.post("/session/extend")
def extend_session() -> tuple[str, int]:
    """Nothing but a renewed token in the header."""
    return "", 204


@bp.get("/diagnostics")
def diagnostics() -> Response:
    """What support needs to know, as JSON."""
    return jsonify(redacted())


@bp.post("/diagnostics")
def show_diagnostics() -> Response:
    """The same, shown on the page: a form cannot carry the session in an address."""
    state, known = current_state(), redacted()
    sentences = tell(state, known["last_errors"])
    return panel(state, "diagnostics", diagnostics=json.dumps(known, indent=2), sentences=sentences)


def redacted() -> dict[str, Any]:
    """The state of this account without a secret, and without personal data but the account id. Times in seconds."""
    account, state = session["account"], current_state()
    stored, saved = state.stored, state.saved
    return dict(
        account=account,
        versions={
            "page": version("cash-settings"),
            "python": platform.python_version(),
            **versions(get_db()),
        },
        connection={
            "connected": stored is not None,
            "since": stored.since if stored else None,
            "refused_since": (stored.refused_since or None) if stored else None,
            "administrations": len(stored.administrations) if stored else 0,
            "administrations_seen": stored.seen if stored else None,
        },
        settings={"version": saved.version, "saved": saved.at or None},
        cash={
            "server": urlsplit(current_app.config["CASH_WSDL"]).netloc,
            "recent_calls_of_this_process": [
                asdict(call) for call in current_app.extensions["cash_calls"] if call.caller == account
            ],
        },
        last_errors=[
            {
                "at": event.at,
                "kind": event.kind,
                "reason": event.facts.get("reason"),
                "support": event.facts.get("support"),
            }
            for event in integration().activity.latest(account, 10, errors_only=True)
        ],
    )
