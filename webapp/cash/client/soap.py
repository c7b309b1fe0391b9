"""How Cash is asked: which part of a call gets which value, the SOAP 1.1 envelope, and what a reply means."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import escape
from math import inf
from time import monotonic

from ...outbound.characters import sendable
from ...outbound.deadline import Exchange
from ...outbound.failures import CallFailed, Refused, clean
from ...outbound.http import Wire, trust
from .export_stream import read_records
from .wsdl import Operation, Part, Wsdl, read_wsdl
from .xml import Node, read_text, read_tree

__all__ = ["CallFailed", "Exchange", "Node", "Refused", "Soap", "Value", "Wsdl", "clean", "has_log_in", "read_text"]

Value = str | Mapping[str, str]  # a text, or a struct of texts

MIB = 1024 * 1024
LIMITS = {
    "listadministrations": 4 * MIB,
    "export": 256 * MIB,
}  # bytes; 10,000 administrations, encoded, take 2 MiB
XSD = "http://www.w3.org/2001/XMLSchema"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ENCODED = f' xmlns:xsd="{XSD}" xmlns:xsi="{XSD}-instance" s:encodingStyle="{ENCODING}"'

# How parts may be spelled (VDBF, WP) and the order they come in: the token dialect (VDBF, H), and 3.0 (WP, H).
SPELLINGS = dict([("relatie", "relation"), ("pass", "password"), ("format", "formaat")])
KNOWN = {
    "relation",
    "email",
    "password",
    "service",
    "token",
    "administration",
    "export",
    "import",
    "id",
    "formaat",
}
ORDER = {
    "authenticate": ("relation", "email", "password", "service"),
    "listadministrations": ("token",),
    "export": ("token", "export", "administration", "formaat"),
    "import": ("token", "import", "administration", "formaat"),
    "gettransaction": ("token", "id"),
}
CREDENTIALS = ("relation", "email", "password")
OPTIONAL = {"service", "formaat"}
FAULT_CODES = {"Client", "Server", "MustUnderstand", "VersionMismatch"}  # of SOAP 1.1
# Signs that the WSDL we remember may be an old one.
STALE = {
    *("soap_fault", "redirect", "http_400", "http_404", "http_405", "http_410", "http_500"),
    *("maintenance", "not_xml", "not_soap", "no_code"),
    *("wsdl_part", "wsdl_operation"),
}


class Soap:
    """One Cash server: its operations, and its WSDL as it was last read."""

    def __init__(self, wsdl: str, ca_file: str | None, connect_timeout: float) -> None:
        self._url = wsdl
        self._trust = trust(ca_file)
        self._connect_timeout = connect_timeout
        self.wsdl: Wsdl | None = None
        self._asked_for_wsdl = -inf  # when, by the monotonic clock

    def wire(self) -> Wire:
        """A fresh way to the server; close it."""
        return Wire(self._trust, self._connect_timeout)

    def read_wsdl(self, wire: Wire, exchange: Exchange) -> Wsdl:
        """Reads and remembers the WSDL; raises CallFailed, and then the one that is remembered stays."""
        self._asked_for_wsdl = monotonic()
        with wire.call(exchange, self._url, MIB) as reply:
            if reply.status == 500:
                raise CallFailed("http_500")
            root = read_tree(reply.chunks)
        exchange.left()  # raises when reading took too long
        self.wsdl = wsdl = read_wsdl(root, self._url)
        return wsdl

    def wsdl_age(self) -> float:
        """Seconds since the WSDL was asked for; endless when it is known to be old."""
        return monotonic() - self._asked_for_wsdl

    def ask(self, wire: Wire, exchange: Exchange, wsdl: Wsdl, name: str, values: Mapping[str, Value]) -> Node:
        """The parts of the answer; raises Refused for a response code other than 1, CallFailed for no answer."""
        with self._call(wire, exchange, wsdl, name, values) as chunks:
            parts = answer(read_tree(chunks))
            exchange.left()  # raises when reading took too long
            return parts

    def export(
        self, wire: Wire, exchange: Exchange, wsdl: Wsdl, values: Mapping[str, Value]
    ) -> Iterator[dict[str, str]]:
        """The records an Export answers with, as they arrive; raises like `ask`, possibly after some records."""
        with self._call(wire, exchange, wsdl, "Export", values) as chunks:
            yield from read_records(chunks, refuse, answer)

    @contextmanager
    def _call(
        self, wire: Wire, exchange: Exchange, wsdl: Wsdl, name: str, values: Mapping[str, Value]
    ) -> Iterator[Iterator[bytes]]:
        try:
            operation = wsdl.operation(name)
            body = envelope(operation, fill(operation, values, has_log_in(wsdl)))
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.action}"'}
            limit = LIMITS.get(name.lower(), MIB)
            with wire.call(exchange, wsdl.address, limit, body, headers) as reply:
                if reply.status == 500:
                    _raise_fault(reply.chunks)
                yield reply.chunks
        except CallFailed as failure:
            if failure.reason in STALE and self.wsdl is wsdl:  # another caller may have read a newer one meanwhile
                self._asked_for_wsdl = -inf
            raise


def has_log_in(wsdl: Wsdl) -> bool:
    """Whether calls need a token from Authenticate (VDBF, H); in 3.0 each call takes the credentials (WP, H)."""
    return "authenticate" in wsdl.operations


def fill(operation: Operation, values: Mapping[str, Value], by_token: bool) -> list[tuple[Part, Value]]:
    """Each part with its value: by the part's name, or by its position where the name says nothing.

    Raises CallFailed naming the part that nobody knows, or the value that no part takes.
    """
    order = ORDER[operation.name.lower()]
    if not by_token:
        order = ("token", *CREDENTIALS, *order[1:])
    named = [_known(part.name) for part in operation.parts]
    filled = []
    for position, part in enumerate(operation.parts):
        key = named[position] or (order[position] if position < len(order) else "")
        if not key or (not named[position] and key in named):
            raise CallFailed("wsdl_part", f"{operation.name} has an unknown part {clean(part.name, 60)}")
        filled.append((key, part))
    missing = set(order) - {key for key, _ in filled} - OPTIONAL - (set() if by_token else {"token"})
    if missing:
        raise CallFailed("wsdl_part", f"{operation.name} has no part for {', '.join(sorted(missing))}")
    return [(part, values.get(key, "")) for key, part in filled]


def _known(name: str) -> str:
    name = name.lower()
    return SPELLINGS.get(name, name if name in KNOWN else "")


def envelope(operation: Operation, parts: list[tuple[Part, Value]]) -> bytes:
    """The request, rpc/encoded with types or rpc/literal without, as PHP's SoapClient sends it (PHP)."""
    arguments = "".join(_element(part.name, value, part.type, operation.encoded) for part, value in parts)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<s:Envelope xmlns:s="{ENVELOPE}"'
        f" xmlns:c={_quoted(operation.namespace)}{ENCODED if operation.encoded else ''}>"
        f"<s:Body><c:{operation.name}>{arguments}</c:{operation.name}>"
        "</s:Body></s:Envelope>"
    ).encode()


def _element(name: str, value: Value, kind: tuple[str, str], encoded: bool) -> str:
    namespace, local = kind
    typed = ""
    if encoded and local:
        prefix = "xsd" if namespace == XSD else "t"
        declared = "" if namespace == XSD else f" xmlns:t={_quoted(namespace)}"
        typed = f"{declared} xsi:type={_quoted(f'{prefix}:{local}')}"
    if isinstance(value, str):
        content = escape(sendable(value), quote=False).replace("\r", "&#13;")
    else:
        content = "".join(_element(key, text, (XSD, "string"), encoded) for key, text in value.items())
    return f"<{name}{typed}>{content}</{name}>"


def _quoted(text: str) -> str:
    return f'"{escape(text)}"'


def answer(root: Node) -> Node:
    """The element that holds the parts of a good answer; raises Refused, or CallFailed for what is no answer."""
    body = root.child("body") if root.name.lower() == "envelope" else None
    parts = next((node for node in body.each() if node.name.lower() != "multiref"), None) if body else None
    if parts is None:
        raise CallFailed("not_soap", "the XML is no SOAP reply")
    if parts.name.lower() == "fault":
        raise CallFailed("soap_fault", _fault(parts))
    if (response := parts.child("response")) is None:
        raise CallFailed("no_code", "the reply has no response code")
    refuse(response)
    return parts


def refuse(response: Node) -> None:
    """Raises Refused for a response code other than 1 (VDBF, WP, H)."""
    code = response.value("code")
    if not re.fullmatch(r"-?\d{1,9}", code):
        raise CallFailed("no_code", "the reply has no response code")
    if int(code) != 1:
        raise Refused(int(code), clean(code))


def _raise_fault(chunks: Iterator[bytes]) -> None:
    """Raises for a reply with HTTP 500: the SOAP fault in it, or just the status."""
    try:
        answer(read_tree(chunks))
    except CallFailed as failure:
        if failure.reason in ("soap_fault", "read_timeout", "deadline"):
            raise
    raise CallFailed("http_500")


def _fault(fault: Node) -> str:
    """Whose fault it is, for the operator's log. Not its text: that may repeat what was sent, in any form."""
    code = fault.value("faultcode").rpartition(":")[2].partition(".")[0]
    return code if code in FAULT_CODES else "an unknown faultcode"
