"""The product and its counterpart as they run in production: gunicorn with threads, a process of its own."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

from cryptography.fernet import Fernet
from stopwatch import queued

from webapp.db import migrate
from webapp.web.tokens import sign_launch

ROOT = Path(__file__).parents[2]
PARENT = "https://outsmart.example"
PAGE, HELLO = "webapp:create_app()", "hello:app"
LAUNCH_KEY = secrets.token_urlsafe(32)
KEYS = {
    "FLASK_LAUNCH_KEYS": LAUNCH_KEY,
    "FLASK_SESSION_KEYS": secrets.token_urlsafe(32),
    "FLASK_VAULT_KEYS": Fernet.generate_key().decode(),
    "FLASK_FRAME_ANCESTORS": PARENT,
    "FLASK_PROXY_HOPS": "1",  # so that each client has an address of its own
    "FLASK_CASH_CALLS_PER_MINUTE": "1000000",
    "FLASK_CASH_CALLS_PER_ACCOUNT": "1000000",
}


class Server:
    """One gunicorn with one worker process; use it as a context manager."""

    def __init__(self, app: str = PAGE, *, database: Path | None = None, cash: str = "", threads: int = 4) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._command = [
            *(sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{self.port}", "--log-level", "error"),
            *("--worker-class", "gthread", "--workers", "1", "--threads", str(threads), "--keep-alive", "75"),
            *("--no-control-socket", "--pythonpath", str(Path(__file__).parent)),
        ]
        # Bytecode is kept, as on an installed product.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._environment = {**kept, **KEYS}
        if database:
            migrate(str(database))
            self._environment["FLASK_DATABASE"] = str(database)
        if cash:
            self._environment["FLASK_CASH_WSDL"] = cash

    def __enter__(self) -> Self:
        """Starts it and waits until it is ready; `start_seconds` says how long that took."""
        self._log = tempfile.TemporaryFile()
        started = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=self._environment, stdout=self._log, stderr=self._log
        )
        while not self._ready():
            if self._process.poll() is not None or time.perf_counter() - started > 60:
                self._log.seek(0)
                raise RuntimeError(f"the server did not start:\n{self._log.read().decode()[-2000:]}")
            time.sleep(0.003)
        self.start_seconds = time.perf_counter() - started - queued(self._process.pid, self.worker())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def _ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def worker(self) -> int:
        """The process id of the worker."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        return int(children[0])


def launch_token(account: str) -> str:
    """The way in for an administrator of the account."""
    claims = {"account": account, "company": f"Bedrijf {account}", "sub": "beheer", "lang": "nl", "parent": PARENT}
    return sign_launch([LAUNCH_KEY], claims)
