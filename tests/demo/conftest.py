"""A fresh sandbox on a socket, and a plain SOAP caller."""

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

import pytest
import requests
from defusedxml.ElementTree import fromstring

from webapp.demo.cash import CashSandbox

X001 = {"admCode": "x001", "admMap": "1571"}


class Caller:
    """Calls one endpoint and reads replies by local name; `login()` keeps the token for what follows."""

    def __init__(self, session: requests.Session, endpoint: str) -> None:
        self.session, self.endpoint = session, endpoint
        self.token = ""

    def post(self, operation: str, **parts: Any) -> requests.Response:
        content = "".join(f"<{name}>{_xml(value)}</{name}>" for name, value in parts.items())
        envelope = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            f'<c:{operation} xmlns:c="urn:any">{content}</c:{operation}></e:Body></e:Envelope>'
        )
        return self.session.post(self.endpoint, data=envelope.encode(), timeout=30)

    def __call__(self, operation: str, **parts: Any) -> dict[str, Any]:
        """The reply: `code`, and each part as text, struct or list."""
        reply = self.post(operation, **parts)
        assert reply.status_code == 200, reply.text
        (answer,) = fromstring(reply.content, forbid_dtd=True)[0]
        read = {part.tag: _value(part) for part in answer}
        return read | {"code": int(read["response"]["code"])}

    def login(self, email: str = "api@example.nl", relation: str = "25583", password: str = "geheim") -> dict[str, Any]:
        reply = self("Authenticate", relation=relation, email=email, password=password, service="OUTSMART")
        self.token = reply.get("token", "")
        return reply

    def administrations(self) -> list[dict[str, str]]:
        return list(self("ListAdministrations", token=self.token)["administrationList"] or [])

    def export(self, command: str, administration: Any = X001) -> list[dict[str, str]]:
        """The records, each with its fields by element name."""
        reply = self("Export", token=self.token, export=command, administration=administration)
        assert reply["code"] == 1, reply
        prefix, _, xml = reply["exportResult"].partition("<")
        assert prefix == "Content-type: text/xml "
        return [{field.tag: field.text or "" for field in record} for record in fromstring("<" + xml)]

    def import_(self, text: str, administration: Any = X001) -> dict[str, Any]:
        return self("Import", token=self.token, **{"import": text}, administration=administration)


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(member)}</{name}>" for name, member in value.items())
    return escape(str(value))


def _value(element: Element) -> Any:
    if len(element) and element[0].tag == "item":
        return [_value(item) for item in element]
    return {child.tag: _value(child) for child in element} if len(element) else element.text or ""


@pytest.fixture
def cash() -> Iterator[CashSandbox]:
    with CashSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def caller(cash: CashSandbox) -> Iterator[Callable[[str], Caller]]:
    """Makes a caller of an endpoint: `api/soap` or `api/3.0/soap`."""
    with requests.Session() as session:
        yield lambda path: Caller(session, f"{cash.url}/?{path}")


@pytest.fixture
def ask(caller: Callable[[str], Caller]) -> Caller:
    return caller("api/soap")


@pytest.fixture
def in_demo(ask: Caller) -> Caller:
    """A caller that is logged in and sees several administrations."""
    ask.login()
    return ask
