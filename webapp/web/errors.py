"""Refusals and failures in words, shown where they do not cover what was typed."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..db import DatabaseError, forget_connection
from ..logs import support_code
from .languages import _l
from .pages import render_alert

log = logging.getLogger(__name__)

CLAIMS_TOLD = {"account": "account", "user": "sub"}
REOPEN = _l("Close this page and open it again from the settings in OutSmart.")

# reason: (status, title, what to do next)
REFUSALS: dict[str, tuple[int, Any, Any]] = {
    "no_session": (
        401,
        _l("Open this page again from OutSmart"),
        _l("In OutSmart: Settings › General › Software integrations › Cash."),
    ),
    "session_ended": (401, _l("Your session has ended"), REOPEN),
    "launch_invalid": (403, _l("This link is not valid"), REOPEN),
    "launch_expired": (403, _l("This link has expired"), REOPEN),
    "launch_spent": (
        409,
        _l("This link was used before"),
        _l("The page was loaded again, and for safety each link opens it once. What you saved is kept. Open it again."),
    ),
    "not_admin": (
        403,
        _l("Only administrators can change this"),
        _l("Ask an administrator of your company in OutSmart to open this page."),
    ),
    "foreign_origin": (403, _l("This request came from another site"), REOPEN),
    "top_level": (403, _l("This page only works inside OutSmart"), REOPEN),
}

FAILED = (
    _l("Something went wrong on our side"),
    _l("Open the page again to see what is stored, then try again."),
)
STORAGE_FAILED = (_l("Our storage does not answer"), _l("Nothing was changed. Try again in a moment."))

STATUSES: dict[int, tuple[Any, Any]] = {
    400: (_l("The page sent something we could not read"), REOPEN),
    404: (_l("This page does not exist"), REOPEN),
    405: (_l("This page does not exist"), REOPEN),
    413: (_l("That is more than this page takes"), _l("Shorten what you typed and try again.")),
}


REOPENED = {"no_session", "session_ended", "launch_expired", "launch_spent"}  # by a new launch
# Where somebody else may have made a mistake; the others are everyday.
OPERATOR_SHOULD_KNOW = {"launch_invalid", "launch_expired", "foreign_origin"}


class Refusal(HTTPException):
    """A request that may not go on; `reason` is a key of REFUSALS.

    The user reads no more than its words. `why`, and whose launch it was, are for the operator.
    """

    def __init__(self, reason: str, why: str = "", claims: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason)
        self.reason, self.why = reason, why
        self.whose = {name: claims.get(claim) for name, claim in CLAIMS_TOLD.items()} if claims else {}
        self.code = REFUSALS[reason][0]

    def log(self) -> None:
        """Tells the operator."""
        level = logging.WARNING if self.reason in OPERATOR_SHOULD_KNOW else logging.INFO
        told = f"{self.reason}: {self.why}" if self.why else self.reason
        told += "".join(f", {name} {value!r}" for name, value in self.whose.items())
        log.log(level, "refused: %s, support code %s", told, support_code(), extra=self.whose)


def answer(error: Exception) -> Response:
    """What the user reads instead of what they asked for."""
    match error:
        case Refusal():
            return _refused(error)
        case CSRFError():
            return render_alert(400, *STATUSES[400])
        case HTTPException(code=int(status)) if status < 500:
            return _not_served(error, status)
    log.error("support code %s", support_code(), exc_info=error)
    if isinstance(error, DatabaseError):
        forget_connection()
        return render_alert(503, *STORAGE_FAILED, keep="account" in session)
    return render_alert(500, *FAILED)


def _refused(refusal: Refusal) -> Response:
    refusal.log()
    status, title, text = REFUSALS[refusal.reason]
    ended_by_time = refusal.reason == "session_ended" and "account" not in session
    return render_alert(status, title, text, event="expired" if refusal.reason in REOPENED else "", keep=ended_by_time)


def _not_served(error: HTTPException, status: int) -> Response:
    response = render_alert(status, *STATUSES.get(status, STATUSES[400]))
    kept = [(name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")]
    response.headers.extend(kept)
    return response


def log_exception(exc_info: Any) -> None:
    """In place of Flask's own line, which has the address in it: one that no handler could answer."""
    log.error("no words for it, support code %s", support_code(), exc_info=exc_info)


def init_app(app: Flask) -> None:
    """Registers the one handler."""
    app.jinja_env.globals["support_code"] = support_code
    app.register_error_handler(Exception, answer)
    app.log_exception = log_exception  # type: ignore[method-assign]
