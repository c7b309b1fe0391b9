"""What every sandbox has: a server that closes what it opened, and a thread that it runs in."""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from socketserver import TCPServer
from typing import Any, Self

IDLE_SECONDS = 60


class ClosableServer(ThreadingHTTPServer):
    """Threads that do not outlive the server, and connections it can close."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        """OSError when the port is taken."""
        self._open: set[socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer would look up a name, which can take seconds

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """Closes every connection and waits until their threads let go."""
        with self._changed:
            for connection in self._open:
                try:
                    connection.shutdown(SHUT_RDWR)
                except OSError:
                    continue
            self._changed.wait_for(lambda: not self._open, timeout=5)


class SilentHandler(BaseHTTPRequestHandler):
    """Keeps connections, and tells nobody what passes."""

    protocol_version = "HTTP/1.1"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: bodies hold passwords, addresses tokens."""


class Listening:
    """A sandbox that runs here; use it as a context manager, or start and stop it."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._server: ClosableServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def listen(self, address: tuple[str, int]) -> ClosableServer:
        """The server of a start."""
        raise NotImplementedError

    def start(self) -> Self:
        """Listens; a later start uses the same port again. OSError when the port is taken."""
        self._stopping.clear()
        self._server = self.listen((self._host, self._port))
        self._port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Closes the port and every connection, also those that wait for a slow answer."""
        self._stopping.set()
        if self._server and self._thread:
            self._server.shutdown()
            self._thread.join()
            self._server.hang_up()
            self._server.server_close()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where it listens, without a slash behind it."""
        return f"http://{self._host}:{self._port}"

    def wait(self, seconds: float) -> None:
        """Waits, but not longer than the server runs. ConnectionError when it stops meanwhile."""
        if seconds and self._stopping.wait(seconds):
            raise ConnectionAbortedError
