"""The product and its counterpart as they run in production: gunicorn with threads and one worker process."""

import tempfile
from pathlib import Path

from stopwatch import queued
from support.app import PAGE, UNLIMITED, Served, configure

from webapp.db import migrate

HELLO = "hello:app"
# The same keys for all: some databases are served twice. Behind a proxy each client has an address of its own.
CONFIGURATION = configure("", PROXY_HOPS=1, **UNLIMITED)
LOGS = tempfile.TemporaryDirectory(prefix="bench-logs-")


class Server(Served):
    """Of the page or of HELLO; `start_seconds` says how long it took until it was ready."""

    def __init__(self, app: str = PAGE, *, database: Path | None = None, cash: str = "", threads: int = 4) -> None:
        configuration = {**CONFIGURATION, "DATABASE": str(database or "")}
        if database:
            migrate(str(database))
        if cash:
            configuration["CASH_WSDL"] = cash
        super().__init__(
            configuration,
            Path(LOGS.name, "server.log"),
            app=app,
            options=[
                *("--worker-class", "gthread", "--threads", str(threads), "--keep-alive", "75"),
                *("--log-level", "error", "--pythonpath", Path(__file__).parent),
            ],
        )

    def start(self) -> float:
        self.start_seconds = super().start() - queued(self.master, self.worker())
        return self.start_seconds

    def worker(self) -> int:
        """The process id of the worker."""
        return self.workers()[0]
