"""What a WSDL says about asking: the address, and for each operation its spelling, namespace, use and parts.

Nothing that a WSDL imports is fetched.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from ...outbound.failures import CallFailed
from ...outbound.text import clean
from .xml import Node

SOAP_11 = "http://schemas.xmlsoap.org/wsdl/soap/"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Part:
    """One argument of an operation: its name, and its type as namespace and local name."""

    name: str
    type: tuple[str, str]


@dataclass(frozen=True)
class Operation:
    """How one operation is asked."""

    name: str
    namespace: str
    action: str
    encoded: bool  # rpc/encoded; otherwise rpc/literal
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Wsdl:
    """Where to ask, and the operations by their name in lower case."""

    address: str
    operations: Mapping[str, Operation]

    def operation(self, name: str) -> Operation:
        """By name in any case; raises CallFailed for an operation that is not there."""
        if operation := self.operations.get(name.lower()):
            return operation
        raise CallFailed("wsdl_operation", f"the WSDL has no operation {name}")


def read_wsdl(root: Node, url: str) -> Wsdl:
    """The first SOAP 1.1 port of the WSDL that was read at `url`; raises CallFailed when there is none."""
    if root.name != "definitions":
        raise CallFailed("not_wsdl", "what is at the address of the WSDL is no WSDL")
    bindings = {node.attributes.get("name"): node for node in root.each("binding")}
    for service in root.each("service"):
        for port in service.each("port"):
            place, binding = _soap(port, "address"), bindings.get(_local(port, "binding"))
            if place and binding and (style := _soap(binding, "binding")):
                address = _address(place.attributes.get("location", ""), url)
                return Wsdl(address, _operations(root, binding, style.attributes.get("style", "document")))
    raise CallFailed("not_wsdl", "the WSDL has no port for SOAP 1.1")


def _operations(root: Node, binding: Node, style: str) -> dict[str, Operation]:
    messages = {node.attributes.get("name"): node for node in root.each("message")}
    asked: dict[str, str] = {}  # operation -> its input message
    for port_type in root.each("porttype"):
        if port_type.attributes.get("name") == _local(binding, "type"):
            for node in port_type.each("operation"):
                if request := node.child("input"):
                    asked[node.attributes.get("name", "")] = _local(request, "message")
    operations = {}
    for node in binding.each("operation"):
        name = node.attributes.get("name", "")
        soap, request = _soap(node, "operation"), node.child("input")
        body = _soap(request, "body") if request else None
        message = messages.get(asked.get(name, ""))
        if message is None or body is None:
            raise CallFailed("wsdl_operation", f"the WSDL does not say how to ask {clean(name, 60)}")
        if (soap.attributes.get("style", style) if soap else style) != "rpc":
            raise CallFailed("wsdl_style", f"{clean(name, 60)} is not in RPC style")
        action = clean(soap.attributes.get("soapAction", "")) if soap else ""
        if not action.isascii():
            raise CallFailed("wsdl_operation", f"the soapAction of {clean(name, 60)} cannot stand in a header")
        operations[name.lower()] = Operation(
            _checked(name),
            body.attributes.get("namespace") or root.attributes.get("targetNamespace", ""),
            action,
            body.attributes.get("use", "literal") == "encoded",
            tuple(
                Part(_checked(part.attributes.get("name", "")), part.qualified(part.attributes.get("type", "")))
                for part in message.each("part")
            ),
        )
    return operations


def _checked(name: str) -> str:
    """A name that goes into an envelope as the name of an element."""
    if not re.fullmatch(r"[^\W\d][\w.-]*", name):
        raise CallFailed("wsdl_part", f"{clean(name, 60)!r} is no name")
    return name


def _soap(node: Node, name: str) -> Node | None:
    return next((child for child in node.each(name) if child.namespace == SOAP_11), None)


def _local(node: Node, attribute: str) -> str:
    return node.qualified(node.attributes.get(attribute, ""))[1]


def _address(location: str, url: str) -> str:
    """Where to ask: what the WSDL says, but never another host, port or scheme than the configured one.

    A plain http address on the host of an https WSDL is asked by https: WSDLs behind a TLS proxy often say so.
    """
    try:
        said, configured = urlsplit(location.strip()), urlsplit(url)
        same = _origin(said) == _origin(configured)
        upgrade = (said.scheme, _origin(said)[1:]) == (
            "http",
            (configured.hostname, 80),
        ) and configured.scheme == "https"
    except ValueError:
        same = upgrade = False
    if not same and not upgrade:
        raise CallFailed("wsdl_address", f"the WSDL names an address elsewhere: {clean(location)}")
    return urlunsplit((configured.scheme, configured.netloc, said.path or "/", said.query, ""))


def _origin(url: SplitResult) -> tuple[str, str | None, int | None]:
    return url.scheme, url.hostname, url.port or PORTS.get(url.scheme)
