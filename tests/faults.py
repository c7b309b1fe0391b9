"""A Cash on a real TLS socket that is as good as its sandbox, until it suffers a fault of the table."""

import gzip
import re
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from math import inf
from pathlib import Path
from typing import Any, BinaryIO
from unittest import mock
from xml.sax.saxutils import escape

import trustme

from webapp.demo.cash import CashSandbox
from webapp.demo.envelopes import Dialect, write_fault, write_reply
from webapp.demo.operations import response

XML_LINE = b'<?xml version="1.0" encoding="UTF-8"?>'
MAINTENANCE = "<!doctype html><html lang=nl><title>CASHWeb</title><h1>Onderhoud</h1></html>"
FLOOD = 50_000_000  # bytes
COMPRESSED_BOMB = gzip.compress(b" " * 1_000_000) * (FLOOD // 1_000_000)
YESTERDAY, LAST_WEEK = (datetime.now(UTC) - timedelta(days=days) for days in (1, 7))
ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(10))


@dataclass(frozen=True)
class Call:
    """One request, what a good Cash answers to it, and the connection it came over."""

    operation: str  # its name, or WSDL
    request: bytes
    good: bytes
    connection: ssl.SSLSocket
    pace: float  # seconds between two bytes
    elsewhere: str  # an address on another host

    def other_side_leaves(self, seconds: float | None = None) -> bool:
        """Waits for it, at most so long."""
        self.connection.settimeout(seconds)
        try:
            return not self.connection.recv(1)
        except TimeoutError:
            return False
        finally:
            self.connection.settimeout(None)


Fault = Callable[[Call], bytes | None]  # the answer, or None when the connection is to end
Connection = Callable[["FaultyCash"], AbstractContextManager[object]]


def http(body: bytes | str, status: str = "200 OK", *headers: str, kind: str = "text/xml; charset=utf-8") -> bytes:
    """A whole response."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(data)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + data


def status(line: str, *headers: str) -> Fault:
    """The short page of a web server."""
    return lambda call: http(f"<html><h1>{line}</h1></html>", line, *headers, kind="text/html")


def below_the_first_line(call: Call, text: bytes) -> bytes:
    """The good answer with a text between its XML declaration and its root."""
    assert call.good.startswith(XML_LINE)
    return XML_LINE + text + call.good.removeprefix(XML_LINE)


def code(number: int) -> Fault:
    """A response code and nothing more."""
    return lambda call: http(write_reply(call.operation, response(number), "encoded"))


def rewritten(pattern: bytes, replacement: bytes) -> Fault:
    """The good answer with something replaced."""

    def answer(call: Call) -> bytes:
        text, times = re.subn(pattern, replacement, call.good, flags=re.DOTALL)
        assert times, call.good
        return http(text)

    return answer


def exports(result: str, escaped: bool = True) -> Fault:
    """An export with this result, as the text it is to be or as XML within the XML."""

    def answer(call: Call) -> bytes:
        reply = write_reply(call.operation, {**response(1), "exportResult": result}, "encoded")
        return http(reply if escaped else reply.replace(escape(result), result))

    return answer


def silence(call: Call) -> None:
    call.other_side_leaves()


def drip(call: Call) -> None:
    for byte in http(call.good):
        call.connection.sendall(bytes([byte]))
        if call.other_side_leaves(call.pace):
            return


def reset(call: Call) -> None:
    call.connection.sendall(http(call.good)[: -len(call.good) // 2])
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flood(call: Call) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {FLOOD}\r\n\r\n"
    call.connection.sendall(head.encode() + XML_LINE + b"<!--")
    for _ in range(FLOOD // 1_000_000):
        call.connection.sendall(b"x" * 1_000_000)
    raise AssertionError("all of it was read")


def parrot(call: Call) -> bytes:
    """A SOAP fault that repeats the values it was sent."""
    values = re.findall(b">([^<]+)<", call.request)
    return http(write_fault("Server", f"cannot handle {values}"), "500 Internal Server Error")


def entity_bomb(call: Call) -> bytes:
    armed = below_the_first_line(call, f"<!DOCTYPE x [{ENTITIES}]>".encode())
    return http(armed.replace(b"</", b"&a9;</", 1))


ANSWERS: dict[str, Fault] = {
    "read timeout": silence,
    "one byte a second": drip,
    "reset in mid-body": reset,
    "truncated XML": lambda call: http(call.good[: len(call.good) // 2]),
    "empty 200": lambda call: http(""),
    "HTML maintenance page with 200": lambda call: http(MAINTENANCE, kind="text/html"),
    "redirect to another host": lambda call: http("", "307 Temporary Redirect", f"Location: {call.elsewhere}"),
    "401": status("401 Unauthorized", 'WWW-Authenticate: Basic realm="CASH"'),
    "403": status("403 Forbidden"),
    "429": status("429 Too Many Requests"),
    "429 with Retry-After": status("429 Too Many Requests", "Retry-After: 45"),
    "500 with a SOAP fault": parrot,
    "502": status("502 Bad Gateway"),
    "503": status("503 Service Unavailable"),
    "503 with Retry-After": status("503 Service Unavailable", "Retry-After: 120"),
    "wrong charset": lambda call: http(below_the_first_line(call, "<!-- é -->".encode("latin-1"))),
    "wrong charset in the header": lambda call: http(call.good, kind="text/xml; charset=utf-16"),
    "Content-type before the XML": lambda call: http(b"Content-type: text/xml " + call.good),
    "50 MB body": flood,
    "gzip bomb": lambda call: http(COMPRESSED_BOMB, "200 OK", "Content-Encoding: gzip"),
    "entity bomb": entity_bomb,
    "DTD": lambda call: http(below_the_first_line(call, f'<!DOCTYPE x SYSTEM "{call.elsewhere}">'.encode())),
    **{f"code {number}": code(number) for number in (2, 3, 4, 5, 6, 7)},
    "unknown code": code(1234),
    "no administration": rewritten(b"<item .*</item>", b""),
    "control character": rewritten(b"(?<=<admName xsi:type=.xsd:string.>)", b"\x07"),
    "export that is a web page": exports("<html><head><title>Onderhoud</title></head><body/></html>"),
    "export that is a list of errors": exports("<cash><errors><error><line>1</line></error></errors></cash>"),
    "export that is not escaped": exports("<cash><R2209><F2209>M9</F2209></R2209></cash>", escaped=False),
    "WSDL gone": status("404 Not Found"),
    "WSDL without Authenticate": rewritten(b'<operation name="Authenticate">.*?</operation>', b""),
    "WSDL with an unknown part": rewritten(b'(?<=<message name="AuthenticateRequest">)', b'<part name="kleur"/>'),
    "WSDL with an action that cannot be sent": rewritten(b'soapAction="urn:', 'soapAction="urn:€'.encode()),
}


class FaultyCash:
    """The server, with an authority of its own. A fault is one of ANSWERS, or one of CONNECTIONS below."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = CashSandbox()  # asked in-process; it does not listen
        self.dialect: Dialect = "token"
        self.pace = 0.1
        self.asked: list[str] = []  # the operations since the fault began, or ended
        self.tokens: list[str] = []  # every one it gave
        self.authority = trustme.CA()
        self.tls = serving(self.authority.issue_cert("127.0.0.1"))
        self.port = 0
        self.settings: dict[str, Any] = {"CASH_CA_FILE": str(folder / "ca.pem")}  # how an app gets here
        self.authority.cert_pem.write_to_path(self.settings["CASH_CA_FILE"])
        self._faults: dict[str, tuple[Fault, float]] = {}
        self._undo = ExitStack()

    def suffer(self, fault: str | Fault, at: str = "", times: float = inf) -> None:
        """The connection has this fault, or so many answers of the operation `at` have it, until recover()."""
        self.asked.clear()
        if fault in CONNECTIONS:
            self._undo.enter_context(CONNECTIONS[fault](self))
        else:
            self._faults[at] = ANSWERS[fault] if isinstance(fault, str) else fault, times

    def recover(self) -> None:
        """As good as the sandbox again."""
        self.asked.clear()
        self._faults.clear()
        self._undo.close()

    def was_left_for_another(self) -> bool:
        """Whether somebody went to the other host."""
        with suppress(BlockingIOError):
            self._elsewhere.accept()[0].close()
            return True
        return False

    def __enter__(self) -> "FaultyCash":
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self._elsewhere.setblocking(False)
        self.listen()
        self.settings["CASH_WSDL"] = f"https://127.0.0.1:{self.port}/?api/wsdl"
        return self

    def __exit__(self, *_: object) -> None:
        self.recover()
        self.stop_listening()
        self._elsewhere.close()

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def stop_listening(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            suppress(OSError),  # the other side may leave at any time
            plain,
            self.tls.wrap_socket(plain, server_side=True) as connection,
            connection.makefile("rb") as stream,
        ):
            while (call := self._read(connection, stream)) and (answer := self._answer(call)) is not None:
                connection.sendall(answer)

    def _read(self, connection: ssl.SSLSocket, stream: BinaryIO) -> Call | None:
        head = b"".join(takewhile(bytes.strip, iter(stream.readline, b"")))
        if not head:
            return None
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = stream.read(int(length[1])) if length else b""
        if named := re.search(rb'(?i)soapaction: "urn:cashweb#(\w+)"', head):
            operation = named[1].decode()
            good = self.sandbox.serve_operation(self.dialect, "encoded", body)
        else:
            operation = "WSDL"
            good = self.sandbox.serve_wsdl(self.dialect, "encoded", f"https://127.0.0.1:{self.port}/?api/soap")
        self.asked.append(operation)
        if operation == "Authenticate":
            self.tokens.extend(re.findall(r"<token[^>]*>([^<]+)", good))
        elsewhere = f"https://localhost:{self._elsewhere.getsockname()[1]}/"
        return Call(operation, body, good.encode(), connection, self.pace, elsewhere)

    def _answer(self, call: Call) -> bytes | None:
        fault, times = self._faults.get(call.operation, (None, 0))
        if fault is None or not times:
            return http(call.good)
        self._faults[call.operation] = fault, times - 1
        return fault(call)


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """TLS under this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def refused(cash: FaultyCash) -> Iterator[None]:
    """The port is held, but nobody listens."""
    cash.stop_listening()
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", cash.port))
        yield
    cash.listen()


@contextmanager
def not_accepting(cash: FaultyCash) -> Iterator[None]:
    """So many wait to be accepted that nobody else gets in."""
    cash.stop_listening()
    with ExitStack() as waiting:
        full = waiting.enter_context(socket.create_server(("127.0.0.1", cash.port), backlog=0))
        with suppress(TimeoutError):
            while True:
                attempt = waiting.enter_context(socket.socket())
                attempt.settimeout(0.1)
                attempt.connect(full.getsockname())
        yield
    cash.listen()


def unknown_host(cash: FaultyCash) -> AbstractContextManager[object]:
    """The resolver knows no name any more."""
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return mock.patch.object(socket, "getaddrinfo", side_effect=unknown)


def presenting(certificate: Callable[[trustme.CA], trustme.LeafCert]) -> Connection:
    """Another certificate."""
    return lambda cash: mock.patch.object(cash, "tls", serving(certificate(cash.authority)))


def self_signed(_authority: trustme.CA) -> trustme.LeafCert:
    other = trustme.CA()
    return trustme.LeafCert(other.private_key_pem.bytes(), other.cert_pem.bytes(), [])


CONNECTIONS: dict[str, Connection] = {
    "refused": refused,
    "DNS failure": unknown_host,
    "connect timeout": not_accepting,
    "self-signed certificate": presenting(self_signed),
    "expired certificate": presenting(
        lambda authority: authority.issue_cert("127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY)
    ),
    "wrong-host certificate": presenting(lambda authority: authority.issue_cert("cash.example")),
}
