"""The SOAP 1.1 envelope of a call, as PHP's SoapClient writes it (PHP)."""

from html import escape

from ...outbound.text import sendable
from .parts import Value
from .wsdl import Operation, Part

XSD = "http://www.w3.org/2001/XMLSchema"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
ENCODED = f' xmlns:xsd="{XSD}" xmlns:xsi="{XSD}-instance" s:encodingStyle="{ENCODING}"'


def write_envelope(operation: Operation, parts: list[tuple[Part, Value]]) -> bytes:
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
