"""The OutSmart sandbox's HTTP side."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import parse_qsl, urlsplit

from .listening import ClosableServer, SilentHandler
from .outsmart_routes import Request

BASE = "/openapi/8"
LONGEST_BODY = 64 * 1024 * 1024
WORTH_PACKING = 1024  # bytes


@dataclass(frozen=True)
class Reply:
    """What goes over the wire; of the body only the first `sent` bytes, where the connection is to break."""

    body: bytes
    content_type: str = "application/json"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sent: int | None = None


class OutSmartServer(ClosableServer):
    """Answers as `serve` does for endpoints, and `look` for people; both may raise ConnectionError."""

    def __init__(
        self,
        address: tuple[str, int],
        serve: Callable[[Request], Reply],
        look: Callable[[str, dict[str, str]], Reply],
    ) -> None:
        """`look` is given a path, and what a form says. OSError when the port is taken."""
        self.serve, self.look = serve, look
        super().__init__(address, _Handler)


class _Handler(SilentHandler):
    server_version = "OutSmartSandbox"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > LONGEST_BODY:
            self.close_connection = True  # the body stays unread
            self._send(Reply(b"", "text/plain", 413 if length.isdigit() else 411))
            return
        self._answer(self.rfile.read(int(length)))

    def _answer(self, body: bytes) -> None:
        server, asked = cast(OutSmartServer, self.server), urlsplit(self.path)
        if f"{asked.path}/".startswith(f"{BASE}/"):
            endpoint = asked.path.removeprefix(BASE).strip("/")
            query = dict(parse_qsl(asked.query, keep_blank_values=True))
            self._send(server.serve(Request(self.command, endpoint, query, body)))
        else:
            form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
            self._send(server.look(f"{self.command} {asked.path}", form))

    def _send(self, reply: Reply) -> None:
        packed = len(reply.body) > WORTH_PACKING and "gzip" in self.headers.get("Accept-Encoding", "")
        body = gzip.compress(reply.body, 1) if packed else reply.body
        self.close_connection = self.close_connection or reply.sent is not None
        self.send_response(reply.status)
        self.send_header("Content-Type", f"{reply.content_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        headers = {**reply.headers, **({"Content-Encoding": "gzip"} if packed else {})}
        for name, value in {**headers, **({"Connection": "close"} if self.close_connection else {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if reply.sent is None else body[: min(reply.sent, len(body) - 1)])
