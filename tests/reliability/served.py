"""The page behind a real gunicorn on a real socket, to be killed, and visitors who come over that socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier
from typing import Any

from visitor import Visitor
from werkzeug.test import Client

Serve = Callable[..., "Served"]
ROOT = Path(__file__).parents[2]
LONGEST_WAIT = 30  # seconds


def environment(configuration: Mapping[str, object]) -> dict[str, str]:
    """The configuration as an operator sets it, and nothing else of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "GUNICORN_"))}
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


def at_once(visitors: Sequence[Visitor], act: Callable[[int, Visitor], object]) -> None:
    """Each in a thread of their own, let go together."""
    barrier = Barrier(len(visitors))

    def wait_and_act(number: int, visitor: Visitor) -> None:
        barrier.wait(LONGEST_WAIT)
        act(number, visitor)

    with ThreadPoolExecutor(len(visitors)) as threads:
        for done in [threads.submit(wait_and_act, number, visitor) for number, visitor in enumerate(visitors)]:
            done.result()


class Served:
    """The processes. The listening socket is ours, so that nobody is turned away while they start."""

    def __init__(
        self, configuration: Mapping[str, object], log: Path, *, workers: int = 1, before: Sequence[str] = ()
    ) -> None:
        """`before` are the words of a command that runs the rest of its line, such as setpriv."""
        self.configuration, self.config, self.log = configuration, configuration, log
        self._workers, self._before = workers, before
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address: tuple[str, int] = self._listener.getsockname()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Starts; returns the seconds until the first answer."""
        line = [sys.executable, "-m", "gunicorn", "--preload", "--workers", str(self._workers), "--no-control-socket"]
        line += ["--bind", f"fd://{self._listener.fileno()}", "webapp:create_app()"]
        began = time.monotonic()
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._before, *line],
                cwd=ROOT,
                env=environment(self.configuration),
                stdout=log,
                stderr=log,
                pass_fds=[self._listener.fileno()],
                start_new_session=True,
            )
        assert self.answers()
        return time.monotonic() - began

    def answers(self) -> bool:
        """Waits until it says that it can read its database."""
        connection = HTTPConnection(*self.address, timeout=LONGEST_WAIT)
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

    def __enter__(self) -> "Served":
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
        connection = HTTPConnection(*self.address, timeout=LONGEST_WAIT)
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

    def visitor(self, **claims: Any) -> Visitor:
        """An administrator who opened the page."""
        return Visitor(self).open(**claims)  # type: ignore[arg-type]
