"""The app as an operator has it: one configuration, one set of launch claims, and the processes that serve it."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self

from cryptography.fernet import Fernet
from werkzeug.test import Client

from webapp.web.tokens import sign_launch

ROOT = Path(__file__).parents[2]
HTMX_FILE = ROOT / "tests/browser/vendor/htmx.min.js"  # `make test` puts it there
HOST = "https://outsmart.example"
CLAIMS = {"account": "1001", "company": "Demo Installatie B.V.", "sub": "beheer", "lang": "nl", "parent": HOST}
PAGE = "webapp:create_app()"
UNLIMITED = {"CASH_CALLS_PER_MINUTE": 1_000_000, "CASH_CALLS_PER_ACCOUNT": 1_000_000}
GUNICORN = (sys.executable, "-m", "gunicorn", "--no-control-socket")
LONGEST_WAIT = 30  # seconds

Serve = Callable[..., "Served"]


def configure(database: Path | str, **more: Any) -> dict[str, Any]:
    """What must be set, with keys of its own; and whatever else, such as CASH_WSDL."""
    return {
        "DATABASE": str(database),
        "LAUNCH_KEYS": [secrets.token_urlsafe(32)],
        "SESSION_KEYS": [secrets.token_urlsafe(32)],
        "VAULT_KEYS": [Fernet.generate_key().decode()],
        "FRAME_ANCESTORS": [HOST],
        **more,
    }


def launch_token(keys: Sequence[str], **claims: Any) -> str:
    """The way in; CLAIMS say for whom, where nothing else is said."""
    return sign_launch(keys, {**CLAIMS, **claims})


def environment(configuration: Mapping[str, object]) -> dict[str, str]:
    """The configuration as an operator sets it, and nothing else of ours; bytecode is kept, as on any installation."""
    others = ("FLASK_", "GUNICORN_", "PYTHONDONTWRITEBYTECODE")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(others)}
    ours = {
        f"FLASK_{name}": value if isinstance(value, str) else json.dumps(value) for name, value in configuration.items()
    }
    return {**inherited, **ours}


def command(
    *words: str, configuration: Mapping[str, object], before: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    """`flask --app webapp …` as an operator runs it; `before` are the words of a command that runs the rest."""
    line = [*before, sys.executable, "-m", "flask", "--app", "webapp", *words]
    return subprocess.run(line, cwd=ROOT, env=environment(configuration), capture_output=True, text=True, timeout=60)


class Served:
    """A gunicorn. The listening socket is ours, so that nobody is turned away while its processes start."""

    def __init__(
        self,
        configuration: Mapping[str, Any],
        log: Path,
        *,
        app: str = PAGE,
        port: int = 0,
        workers: int = 1,
        options: Sequence[str | Path] = (),
        before: Sequence[str] = (),
    ) -> None:
        """`options` are gunicorn's; `before` are the words of a command that runs the rest, such as setpriv."""
        self.configuration, self.config, self.log = configuration, configuration, log
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.address: tuple[str, int] = self._listener.getsockname()
        self.port = self.address[1]
        bound = ("--bind", f"fd://{self._listener.fileno()}")
        self._line = [*before, *GUNICORN, "--workers", str(workers), *bound, *options, app]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts; returns the seconds until the first answer. RuntimeError with the end of the log, if none comes."""
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._line,
                cwd=ROOT,
                env=environment(self.configuration),
                stdout=log,
                stderr=log,
                pass_fds=[self._listener.fileno()],
                start_new_session=True,
            )
        try:
            assert self.answers()
        except (AssertionError, OSError) as error:
            self.stop(signal.SIGKILL)
            raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-2000:]}") from error
        return time.monotonic() - began

    def connect(self) -> HTTPConnection:
        return HTTPConnection(*self.address, timeout=LONGEST_WAIT)

    def answers(self) -> bool:
        """Waits until it says that it can read its database."""
        connection = self.connect()
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    @property
    def master(self) -> int:
        """The process that starts the workers."""
        assert self._process
        return self._process.pid

    def workers(self) -> list[int]:
        """The processes that answer."""
        return [int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()]

    def kill_worker(self) -> None:
        """kill -9 of the one worker; another one follows by itself."""
        os.kill(self.workers()[0], signal.SIGKILL)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends all processes."""
        if self._process:
            with suppress(ProcessLookupError):
                (os.killpg if how == signal.SIGKILL else os.kill)(self.master, how)
            self._process.wait(LONGEST_WAIT)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)  # the fastest way to leave nothing behind
        self._listener.close()

    # --- what a Visitor needs of an app ---
    def test_client(self, **options: Any) -> Client:
        """A client whose requests go over the socket."""
        return Client(self._forward, **options)

    def _forward(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        connection = self.connect()
        names = {name: name[5:] for name in environ if name.startswith("HTTP_") and name != "HTTP_HOST"}
        headers = {short.replace("_", "-").title(): environ[name] for name, short in names.items()}
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if body:
            headers["Content-Type"] = environ["CONTENT_TYPE"]
        try:
            query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
            connection.request(environ["REQUEST_METHOD"], environ["PATH_INFO"] + query, body or None, headers)
            answer = connection.getresponse()
            start_response(f"{answer.status} {answer.reason}", answer.getheaders())
            return [answer.read()]
        finally:
            connection.close()
