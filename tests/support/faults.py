"""What Cash can suffer: answers that are not what they should be, and connections that fail."""

import gzip
import re
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from unittest import mock
from xml.sax.saxutils import escape

from support.server import Server, http

from webapp.demo.envelopes import write_fault, write_reply
from webapp.demo.operations import response

XML_LINE = b'<?xml version="1.0" encoding="UTF-8"?>'
MAINTENANCE = "<!doctype html><html lang=nl><title>CASHWeb</title><h1>Onderhoud</h1></html>"
FLOOD = 50_000_000  # bytes
COMPRESSED_BOMB = gzip.compress(b" " * 1_000_000) * (FLOOD // 1_000_000)
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
Connection = Callable[[Any], AbstractContextManager[object]]  # the fault of a FaultyCash, as long as it lasts


def status(line: str, **headers: str) -> Fault:
    """The short page of a web server."""
    return lambda call: http(f"<html><h1>{line}</h1></html>", line, Content_Type="text/html", **headers)


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
    "HTML maintenance page with 200": lambda call: http(MAINTENANCE, Content_Type="text/html"),
    "redirect to another host": lambda call: http("", "307 Temporary Redirect", Location=call.elsewhere),
    "401": status("401 Unauthorized", WWW_Authenticate='Basic realm="CASH"'),
    "403": status("403 Forbidden"),
    "429": status("429 Too Many Requests"),
    "429 with Retry-After": status("429 Too Many Requests", Retry_After="45"),
    "500 with a SOAP fault": parrot,
    "502": status("502 Bad Gateway"),
    "503": status("503 Service Unavailable"),
    "503 with Retry-After": status("503 Service Unavailable", Retry_After="120"),
    "wrong charset": lambda call: http(below_the_first_line(call, "<!-- é -->".encode("latin-1"))),
    "wrong charset in the header": lambda call: http(call.good, Content_Type="text/xml; charset=utf-16"),
    "Content-type before the XML": lambda call: http(b"Content-type: text/xml " + call.good),
    "50 MB body": flood,
    "gzip bomb": lambda call: http(COMPRESSED_BOMB, Content_Encoding="gzip"),
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


@contextmanager
def refused(cash: Server) -> Iterator[None]:
    """The port is held, but nobody listens."""
    cash.stop_listening()
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", cash.port))
        yield
    cash.listen()


@contextmanager
def not_accepting(cash: Server) -> Iterator[None]:
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


def unknown_host(_cash: Server) -> AbstractContextManager[object]:
    """The resolver knows no name any more."""
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return mock.patch.object(socket, "getaddrinfo", side_effect=unknown)


def presenting(certificate: str) -> Connection:
    """Another certificate."""
    return lambda cash: mock.patch.object(cash, "tls", getattr(cash.certificates, certificate))


CONNECTIONS: dict[str, Connection] = {
    "refused": refused,
    "DNS failure": unknown_host,
    "connect timeout": not_accepting,
    "self-signed certificate": presenting("self_signed"),
    "expired certificate": presenting("expired"),
    "wrong-host certificate": presenting("wrong_host"),
}
