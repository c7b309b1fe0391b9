"""gunicorn's own lines in the form of ours: `gunicorn --logger-class webapp.server_log.ServerLog`."""

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from .logs import formatter

# These go on with an address or a piece of a body, either of which may be secret.
QUOTING = ("Error handling request", "Invalid request from ip=")


class ServerLog(Logger):  # type: ignore[misc]
    """Writes of a failure its types and places, and of a request nothing that the client sent."""

    def setup(self, cfg: Any) -> None:
        """Called at the start and at each reload of gunicorn's configuration."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(formatter(os.environ.get("FLASK_LOG_FORMAT", "json")))
            handler.addFilter(_quote_nothing)


def _quote_nothing(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    if message.startswith(QUOTING[0]):
        record.msg, record.args = QUOTING[0], ()
    if message.startswith(QUOTING[1]):
        record.msg, record.args = message.partition(": ")[0], ()
    return True
