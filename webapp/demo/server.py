"""The sandbox's HTTP side: addresses, maintenance pages, connections that end when the server does."""

import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import parse_qsl

from .envelopes import Dialect, Malformed, Style, write_fault
from .operations import Unavailable

# What answers: both are given the dialect and the style that the address asks for, where it asks for one.
Describe = Callable[[Dialect, Style | None, str], str]  # the WSDL, with the address for calls in it
Answer = Callable[[Dialect, Style | None, bytes], str]  # the envelope that answers an envelope

WSDLS: dict[str, Dialect] = {"api/wsdl": "token", "api/3.0/wsdl": "3.0"}
ENDPOINTS: dict[str, Dialect] = {"api/soap": "token", "api/3.0/soap": "3.0"}  # ASSUMPTION-3
LONGEST_BODY = 10 * 1024 * 1024
IDLE_SECONDS = 60
PAGES = {
    404: "<h1>Niet gevonden</h1><p>De WSDL staat op <code>/?api/wsdl</code> en <code>/?api/3.0/wsdl</code>.</p>",
    405: "<h1>Gebruik POST</h1>",
    411: "<h1>Content-Length ontbreekt</h1>",
    413: "<h1>Te groot</h1>",
    429: "<h1>Te veel verzoeken</h1><p>Probeer het over 30 seconden opnieuw.</p>",
    503: "<h1>Onderhoud</h1><p>CASHWeb is even niet bereikbaar. Probeer het later opnieuw.</p>",
}


class CashServer(ThreadingHTTPServer):
    """Threads that do not outlive the server, and connections it can close."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], describe: Describe, answer: Answer) -> None:
        """Both raise Unavailable, and `answer` Malformed. OSError when the port is taken."""
        self.describe, self.answer = describe, answer
        self._open: set[socket] = set()
        self._changed = threading.Condition()
        super().__init__(address, _Handler)

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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "CashSandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: bodies hold passwords."""

    @property
    def _cash(self) -> CashServer:
        return cast(CashServer, self.server)

    def do_GET(self) -> None:
        path, style = self._asked()
        try:
            if path in ENDPOINTS:
                self._send_page(405)
            elif path in WSDLS:
                self._send(200, self._cash.describe(WSDLS[path], style, self._endpoint(path)))
            else:
                self._send_page(404)
        except Unavailable as error:
            self._send_page(error.status)

    def do_POST(self) -> None:
        path, style = self._asked()
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LONGEST_BODY:
            self.close_connection = True  # the body stays unread
            self._send_page(413 if length.isdigit() else 411)
            return
        body = self.rfile.read(int(length))
        try:
            if path in ENDPOINTS:
                self._send(200, self._cash.answer(ENDPOINTS[path], style, body))
            else:
                self._send_page(404)
        except Malformed as error:
            self._send(500, write_fault("Client", str(error)))
        except Unavailable as error:
            self._send_page(error.status)

    def _asked(self) -> tuple[str, Style | None]:
        """What stands first behind the question mark, and the style asked for."""
        path, _, rest = self.path.partition("?")[2].partition("&")
        style = dict(parse_qsl(rest)).get("style")
        return path, cast(Style, style) if style in ("encoded", "literal") else None

    def _endpoint(self, path: str) -> str:
        """Where the operations of a WSDL are posted: the host as the client calls it, the style it asked for."""
        host = self.headers.get("Host") or "{}:{}".format(*self._cash.server_address)
        query = self.path.partition("?")[2]
        return f"http://{host}/?{query.replace(path, path.replace('wsdl', 'soap'), 1)}"

    def _send_page(self, status: int) -> None:
        page = f"<!doctype html><html lang=nl><title>CASHWeb</title>{PAGES[status]}</html>"
        self._send(status, page, "text/html", {"Retry-After": "30"} if status == 429 else {})

    def _send(
        self, status: int, text: str, content_type: str = "text/xml", headers: dict[str, str] | None = None
    ) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
