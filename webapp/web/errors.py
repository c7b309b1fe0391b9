"""Everything unexpected, in words, where it does not cover what was typed."""

import logging
import secrets
import sqlite3
from typing import Any

from flask import Flask, Response, g, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..db import forget_connection
from .languages import _, _l
from .pages import render_alert

log = logging.getLogger(__name__)

REOPEN = _l("Close this page and open it again from the settings in OutSmart.")

# reason: (status, title, what to do next)
REFUSALS: dict[str, tuple[int, Any, Any]] = {
    "no_session": (
        401,
        _l("Open this page from OutSmart"),
        _l("Go to Settings, Software integrations, Cash."),
    ),
    "session_ended": (401, _l("Your session has ended"), REOPEN),
    "launch_invalid": (403, _l("This link is not valid"), REOPEN),
    "launch_expired": (403, _l("This link has expired"), REOPEN),
    "launch_spent": (409, _l("This link was used before"), REOPEN),
    "not_admin": (
        403,
        _l("Only administrators can change this"),
        _l("Ask an administrator of your company in OutSmart to open this page."),
    ),
    "foreign_origin": (403, _l("This request came from another site"), REOPEN),
    "top_level": (403, _l("This page only works inside OutSmart"), REOPEN),
}

STATUSES: dict[int, tuple[Any, Any]] = {
    400: (_l("The page sent something we could not read"), REOPEN),
    404: (_l("This page does not exist"), REOPEN),
    405: (_l("This page does not exist"), REOPEN),
    413: (_l("That is more than this page takes"), _l("Shorten what you typed and try again.")),
}


class Refusal(HTTPException):
    """A request that may not go on; `reason` is a key of REFUSALS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = REFUSALS[reason][0]


def support_code() -> str:
    """The short code of this request: a user can read it out, and it finds the log line."""
    if "support_code" not in g:
        g.support_code = secrets.token_hex(4).upper()
    code: str = g.support_code
    return code


def init_app(app: Flask) -> None:
    """Registers the one handler."""
    app.jinja_env.globals["support_code"] = support_code

    @app.errorhandler(Exception)
    def answer(error: Exception) -> Response:
        if isinstance(error, Refusal):
            _status, title, text = REFUSALS[error.reason]
            ended = error.reason in ("no_session", "session_ended", "launch_expired", "launch_spent")
            log.info("refused: %s, support code %s", error.reason, support_code())
            by_time = error.reason == "session_ended" and "account" not in session
            return render_alert(error.code or 403, title, text, event="expired" if ended else "", keep=by_time)
        if isinstance(error, CSRFError):
            return render_alert(400, *STATUSES[400])
        if isinstance(error, HTTPException) and error.code and error.code < 500:
            title, text = STATUSES.get(error.code, STATUSES[400])
            response = render_alert(error.code, title, text)
            response.headers.extend(
                (name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")
            )
            return response
        log.error("support code %s", support_code(), exc_info=error)
        if isinstance(error, sqlite3.Error):
            forget_connection()
            title, text = (
                _("Our storage does not answer"),
                _("Nothing was changed. Try again in a moment."),
            )
            return render_alert(503, title, text, keep="account" in session)
        text = _("Open the page again to see what is stored, then try again.")
        return render_alert(500, _("Something went wrong on our side"), text)
