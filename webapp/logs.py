"""One JSON object a line on stderr: our own loggers, through the standard logging."""

import errno
import logging
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime
from traceback import format_tb
from typing import Any

from click import ClickException
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

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # another handler may have written its text there
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return printable(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:
        return "\n".join(map(printable, trace(ei[1]).splitlines()))


class JsonLines(TextLines, JsonFormatter):
    """The same for programs."""

    def jsonify_log_record(self, log_data: Any) -> str:
        # The only character that may not be in a line and that JSON does not escape.
        return super().jsonify_log_record(log_data).replace("\x7f", "\\u007f")


def formatter(form: str) -> logging.Formatter:
    """`json` or `text`."""
    if form == "text":
        return TextLines("%(asctime)s %(levelname)s %(message)s")
    return JsonLines(["asctime", "levelname", "name", "message"], rename_fields=NAMES)


def printable(text: str) -> str:
    """Every other character as Python spells it: a line stays one line, and no terminal obeys it."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def trace(error: BaseException | None) -> str:
    """Where an exception and its causes arose, and their types; not their texts, which may repeat what was typed.

    What the system or the database said stays, as its code: ENOSPC, SQLITE_FULL; and what we say to the operator.
    """
    parts: list[str] = []
    while error is not None and len(parts) < LONGEST_CHAIN:
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        told = error.message if isinstance(error, ClickException) else _code(error)
        parts.append("".join(format_tb(error.__traceback__)) + f"{kind} {told}".rstrip())
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(parts))


def _code(error: BaseException) -> str:
    code: str = getattr(error, "sqlite_errorname", "")
    return code or errno.errorcode.get(getattr(error, "errno", None) or 0, "")


def about_request(record: logging.LogRecord) -> bool:
    """Adds account and support code to every line that is written for a request or a run."""
    if has_request_context():
        if not hasattr(record, "account"):
            record.account = session.get("account") if session else None
        record.support = support_code()
    elif has_app_context() and "support_code" in g:  # a run
        record.account, record.support = g.account, g.support_code
    return True


class OurHandler(logging.StreamHandler[Any]):
    """Python's own tells of a line that cannot be written with all that was to be in it."""

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(OSError, ValueError):
            self.stream.write(f"a line of {record.name} could not be written: {trace(sys.exception())}\n")


STDERR: Any = LocalProxy(lambda: sys.stderr)  # the one of the moment
HANDLER = OurHandler(STDERR)
HANDLER.addFilter(about_request)


def init_app(app: Flask) -> None:
    """Sets up our loggers for the whole process; not the root, to which Werkzeug would log addresses."""
    HANDLER.setFormatter(formatter(app.config["LOG_FORMAT"]))
    for name in (__package__, "huey"):  # the queue of the workers
        logger = logging.getLogger(name)
        logger.addHandler(HANDLER)
        logger.setLevel(logging.WARNING if app.config["LOG_FORMAT"] == "text" else logging.INFO)
