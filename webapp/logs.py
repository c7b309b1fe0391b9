"""One JSON object a line on stderr: our own loggers, through the standard logging."""

import errno
import logging
import secrets
import sys
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from flask import Flask, g, has_app_context, has_request_context, session
from pythonjsonlogger.json import JsonFormatter
from werkzeug.local import LocalProxy

NAMES = {"asctime": "time", "levelname": "level", "name": "logger", "exc_info": "traceback"}
LONGEST_CHAIN = 10  # exceptions behind an exception


def support_code() -> str:
    """The short code of this request: a user can read it out, and it finds the log lines."""
    if "support_code" not in g:
        g.support_code = secrets.token_hex(4).upper()
    code: str = g.support_code
    return code


class TextLines(logging.Formatter):
    """Lines to read in a terminal. Times in UTC; of an exception its types and places, never its text."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def formatException(self, ei: Any) -> str:
        return trace(ei[1])


class JsonLines(TextLines, JsonFormatter):
    """The same for programs."""


def trace(error: BaseException | None) -> str:
    """Where an exception and its causes arose, and their types; not their texts, which may repeat what was typed.

    What the system or the database said stays, as its code: ENOSPC, SQLITE_FULL.
    """
    parts: list[str] = []
    while error is not None and len(parts) < LONGEST_CHAIN:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        code = getattr(error, "sqlite_errorname", "") or errno.errorcode.get(getattr(error, "errno", None) or 0, "")
        parts.append("".join(format_tb(error.__traceback__)) + f"{kind} {code}".rstrip())
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(parts))


def about_request(record: logging.LogRecord) -> bool:
    """Adds account and support code to every line that is written for a request."""
    if has_request_context():
        if not hasattr(record, "account"):
            record.account = session.get("account") if session else None
        record.support = support_code()
    elif has_app_context() and "support_code" in g:  # a thread at work for a request
        record.account, record.support = g.account, g.support_code
    return True


STDERR: Any = LocalProxy(lambda: sys.stderr)  # the one of the moment
HANDLER = logging.StreamHandler(STDERR)
HANDLER.addFilter(about_request)


def init_app(app: Flask) -> None:
    """Sets up our loggers for the whole process; not the root, to which Werkzeug would log addresses."""
    ours = logging.getLogger(__package__)
    ours.addHandler(HANDLER)
    if app.config["LOG_FORMAT"] == "text":
        HANDLER.setFormatter(TextLines("%(asctime)s %(levelname)s %(message)s"))
        ours.setLevel(logging.WARNING)
    else:
        HANDLER.setFormatter(JsonLines(["asctime", "levelname", "name", "message"], rename_fields=NAMES))
        ours.setLevel(logging.INFO)
