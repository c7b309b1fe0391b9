"""The Cash sandbox's HTTP side: addresses and maintenance pages."""

import gzip
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qsl

from .envelopes import Dialect, Malformed, Style, write_fault
from .listening import ClosableServer, SilentHandler
from .operations import Unavailable

# What answers: both are given the dialect and the style that the address asks for, where it asks for one.
Describe = Callable[[Dialect, Style | None, str], str]  # the WSDL, with the address for calls in it
Answer = Callable[[Dialect, Style | None, bytes], str]  # the envelope that answers an envelope
Look = Callable[[str, dict[str, str] | None], str]  # a page for people, of the books named, after what its form says

WSDLS: dict[str, Dialect] = {"api/wsdl": "token", "api/3.0/wsdl": "3.0"}
ENDPOINTS: dict[str, Dialect] = {"api/soap": "token", "api/3.0/soap": "3.0"}  # ASSUMPTION-3
BOOKS = "/books"  # below it are the pages for people
LONGEST_BODY = 10 * 1024 * 1024
WORTH_PACKING = 1024  # bytes
PAGES = {
    404: "<h1>Niet gevonden</h1><p>De WSDL staat op <code>/?api/wsdl</code> en <code>/?api/3.0/wsdl</code>.</p>",
    405: "<h1>Gebruik POST</h1>",
    411: "<h1>Content-Length ontbreekt</h1>",
    413: "<h1>Te groot</h1>",
    429: "<h1>Te veel verzoeken</h1><p>Probeer het over 30 seconden opnieuw.</p>",
    503: "<h1>Onderhoud</h1><p>CASHWeb is even niet bereikbaar. Probeer het later opnieuw.</p>",
}


class CashServer(ClosableServer):
    """Answers as `describe` and `answer` do, and people as `look` does, which may raise KeyError and ValueError."""

    def __init__(self, address: tuple[str, int], describe: Describe, answer: Answer, look: Look) -> None:
        """The first two raise Unavailable, and `answer` Malformed. OSError when the port is taken."""
        self.describe, self.answer, self.look = describe, answer, look
        super().__init__(address, _Handler)


class _Handler(SilentHandler):
    server_version = "CashSandbox"

    @property
    def _cash(self) -> CashServer:
        return cast(CashServer, self.server)

    def do_GET(self) -> None:
        path, style = self._asked()
        if self.path.startswith(BOOKS):
            return self._show(None)
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
        if self.path.startswith(BOOKS):
            return self._show(dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
        try:
            if path in ENDPOINTS:
                self._send(200, self._cash.answer(ENDPOINTS[path], style, body))
            else:
                self._send_page(404)
        except Malformed as error:
            self._send(500, write_fault("Client", str(error)))
        except Unavailable as error:
            self._send_page(error.status)

    def _show(self, form: dict[str, str] | None) -> None:
        try:
            page = self._cash.look(self.path.removeprefix(BOOKS).strip("/"), form)
        except (KeyError, ValueError):
            return self._send_page(404)
        if form is None:
            self._send(200, page, "text/html")
        else:
            self._send(303, "", "text/html", {"Location": self.path})  # so that nobody sends a form twice

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
        if len(content) > WORTH_PACKING and "gzip" in self.headers.get("Accept-Encoding", ""):
            content, headers = gzip.compress(content, 1), {**(headers or {}), "Content-Encoding": "gzip"}
        self.send_response(status)
        self.send_header("Content-Type", f"{content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
