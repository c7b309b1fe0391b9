"""An HTTP server on a real socket, for every Cash that is not the sandbox: what it answers is up to who inherits."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from typing import BinaryIO, Self

from support.app import LONGEST_WAIT


class Server:
    """Keeps what it was asked and counts the connections; `greet` speaks first, before TLS too."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls, self.port = tls, 0
        self.requests: list[bytes] = []
        self.connections = 0
        self.greet: Callable[[socket.socket], None] | None = None
        self.over = threading.Event()
        self._reads = True
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def answer(self, connection: socket.socket, head: bytes, body: bytes) -> bytes | None:
        """The whole response, or None when the connection is to end."""
        raise NotImplementedError

    @property
    def origin(self) -> str:
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.listen()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.stop_listening()
        for each in self._sockets:
            with quietly():
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def listen(self) -> None:
        """Accepts connections, after the first time at the same port again."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._accepting = self._start(self._accept)

    def stop_listening(self) -> None:
        """Accepts no more; the connections that are there stay."""
        with quietly():
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def stop_reading(self) -> None:
        """Still accepts connections, but takes in nothing that comes over them."""
        self._reads = False

    def _start(self, run: Callable[..., None], *args: object) -> threading.Thread:
        thread = threading.Thread(target=run, args=args, daemon=True, name="peer")
        self._threads.append(thread)
        thread.start()
        return thread

    def _accept(self) -> None:
        with quietly():
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._sockets.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with quietly(), connection:
            if self.greet:
                self.greet(connection)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._sockets.append(connection)
            with connection, connection.makefile("rb") as stream:
                self._converse(connection, stream)

    def _converse(self, connection: socket.socket, stream: BinaryIO) -> None:
        if not self._reads:
            self.over.wait(2 * LONGEST_WAIT)
            return
        while (request := read(stream))[0]:
            self.requests.append(b"".join(request))
            if (answer := self.answer(connection, *request)) is None:
                return
            connection.sendall(answer)


def read(stream: BinaryIO) -> tuple[bytes, bytes]:
    """The head and the body of the next request; both empty at the end."""
    head = b"".join(takewhile(bytes.strip, iter(stream.readline, b"")))
    length = re.search(rb"(?i)content-length: *(\d+)", head)
    return head, stream.read(int(length[1])) if length else b""


def http(body: bytes | str, status: str = "200 OK", **headers: str) -> bytes:
    """A whole response; a header that is empty is left out."""
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content_Type": "text/xml; charset=utf-8", "Content_Length": str(len(data)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + data


@contextmanager
def quietly() -> Iterator[None]:
    """The other side may be gone at any time."""
    with suppress(OSError, ValueError):
        yield
