"""The servers: each an address that shows whichever app a test gives it."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from support.app import LONGEST_WAIT
from werkzeug.wrappers import Request, Response

from webapp.demo.run import free_port, serve

Wsgi = Callable[..., Iterable[bytes]]


class Site:
    """A server on a port of its own; it can be gone for a while."""

    def __init__(self, name: str) -> None:
        self._port = free_port(0)
        self.address = f"http://{name}:{self._port}"
        self.app: Wsgi = Response("nothing here", 404)
        self._running = ExitStack()
        self.start()

    def start(self) -> None:
        serve(self._running, self, self._port)

    def stop(self) -> None:
        self._running.close()

    @contextmanager
    def gone(self) -> Iterator[None]:
        """Nobody answers until the block ends, however it ends."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self.app(environ, start_response)


class Wire:
    """An app seen from outside: what is asked of it, and no cookie either way."""

    def __init__(self, app: Wsgi) -> None:
        self._app = app
        self._asked: list[str] = []
        self._held: dict[str, threading.Event] = {}
        self._changed = threading.Condition()
        self.cookies: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        with self._changed:
            self._asked.append(asked)
            self._changed.notify_all()
        if "HTTP_COOKIE" in environ:
            self.cookies.append(f"{asked} brought {environ['HTTP_COOKIE']}")

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            self.cookies += [f"{asked} set {value}" for name, value in headers if name.lower() == "set-cookie"]
            return start_response(status, headers, *error)

        if let_go := self._held.get(asked):
            let_go.wait(LONGEST_WAIT)
        return self._app(environ, start)

    def count(self, asked: str) -> int:
        """How often something like `POST /settings` was asked."""
        return self._asked.count(asked)

    def wait_for(self, asked: str, times: int) -> None:
        """Returns when it was asked so often."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.count(asked) >= times, LONGEST_WAIT), self._asked

    @contextmanager
    def hold(self, asked: str) -> Iterator[None]:
        """Answers to this wait until the block ends."""
        let_go = self._held[asked] = threading.Event()
        try:
            yield
        finally:
            del self._held[asked]
            let_go.set()


def framed(address: str) -> Wsgi:
    """A page with a frame that shows `address`."""
    return Response(f'<!doctype html><title>Host</title><iframe src="{address}"></iframe>', content_type="text/html")


@Request.application
def cookie_jar(request: Request) -> Response:
    """Shows the cookies it gets and sets two, so that a test can see what the browser does with them."""
    names = " ".join(sorted(request.cookies)) or "none"
    response = Response(f"<!doctype html><title>Jar</title><p>{names}</p>", content_type="text/html")
    for name, more in (("plain", ""), ("partitioned", "; Partitioned")):
        response.headers.add("Set-Cookie", f"{name}=1; Path=/; Secure; SameSite=None{more}")
    return response
