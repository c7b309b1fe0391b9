"""The sandbox's WSDLs and SOAP 1.1 envelopes: rpc/encoded and rpc/literal, with a token or with credentials."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Literal

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

Style = Literal["encoded", "literal"]
Dialect = Literal["token", "3.0"]
Value = int | str | Mapping[str, "Value"] | Sequence[Mapping[str, "Value"]]

NAMESPACE = "urn:cashweb"  # ASSUMPTION-3
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"

_CREDENTIALS = ("token", "relatie", "email", "pass")
REQUESTS: dict[Dialect, dict[str, tuple[str, ...]]] = {
    "token": {
        "Authenticate": ("relation", "email", "password", "service"),
        "ListAdministrations": ("token",),
        "Export": ("token", "export", "administration"),
        "Import": ("token", "import", "administration"),
        "GetTransaction": ("token", "id"),
    },
    "3.0": {
        "ListAdministrations": _CREDENTIALS,
        "Export": (*_CREDENTIALS, "export", "administration", "formaat"),
        "Import": (*_CREDENTIALS, "import", "administration", "formaat"),
        "GetTransaction": (*_CREDENTIALS, "id"),
    },
}
REPLIES = {
    "Authenticate": ("response", "token"),
    "ListAdministrations": ("response", "administrationList"),
    "Export": ("response", "exportResult"),
    "Import": ("response", "transaction"),
    "GetTransaction": ("response", "transaction"),
}
_PART_TYPES = {
    "response": "tns:Response",
    "administration": "tns:Administration",
    "administrationList": "tns:AdministrationList",
    "transaction": "tns:Transaction",
}
_STRUCTURES = {
    "tns:Response": {"code": "xsd:int", "message": "xsd:string"},
    "tns:Administration": {"admCode": "xsd:string", "admMap": "xsd:string"},
    "tns:VisibleAdministration": {
        "admCode": "xsd:string",
        "admMap": "xsd:string",
        "admName": "xsd:string",
        "ReadOnly": "xsd:string",
    },
    "tns:Initiator": {"relation": "xsd:string", "user": "xsd:string"},
    "tns:Transaction": {
        "id": "xsd:string",
        "status": "xsd:int",
        "creation": "xsd:string",
        "lastUpdate": "xsd:string",
        "administration": "tns:Administration",
        "initiator": "tns:Initiator",
        "err": "xsd:string",
    },
}
_ARRAY = "tns:AdministrationList"
_ARRAY_TYPES = {
    "encoded": '<xsd:complexContent><xsd:restriction base="SOAP-ENC:Array"><xsd:attribute'
    ' ref="SOAP-ENC:arrayType" wsdl:arrayType="tns:VisibleAdministration[]"/>'
    "</xsd:restriction></xsd:complexContent>",
    "literal": '<xsd:sequence><xsd:element name="item" type="tns:VisibleAdministration"'
    ' minOccurs="0" maxOccurs="unbounded"/></xsd:sequence>',
}


class Malformed(ValueError):
    """The request is not a SOAP envelope that can be read."""


def wsdl(dialect: Dialect, style: Style, address: str) -> str:
    """The WSDL text of a dialect; `address` is where its operations are to be posted.

    Part names and order: VDBF for the token dialect, WP for 3.0 (H); namespace and types ASSUMPTION-2..5, -10.
    """
    operations = REQUESTS[dialect]
    body = f'use="{style}" namespace="{NAMESPACE}"' + (f' encodingStyle="{ENCODING}"' if style == "encoded" else "")
    structures = "".join(_structure_type(name, members) for name, members in _STRUCTURES.items())
    messages = "".join(
        _message(f"{name}Request", parts) + _message(f"{name}Response", REPLIES[name])
        for name, parts in operations.items()
    )
    ports = "".join(
        f'<operation name="{name}"><input message="tns:{name}Request"/>'
        f'<output message="tns:{name}Response"/></operation>'
        for name in operations
    )
    bindings = "".join(
        f'<operation name="{name}"><soap:operation soapAction="{NAMESPACE}#{name}"/>'
        f"<input><soap:body {body}/></input><output><soap:body {body}/></output></operation>"
        for name in operations
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions name="CashWeb" targetNamespace="{NAMESPACE}" xmlns="http://schemas.xmlsoap.org/wsdl/"
 xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:tns="{NAMESPACE}" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:SOAP-ENC="{ENCODING}">
<types><xsd:schema targetNamespace="{NAMESPACE}"><xsd:import namespace="{ENCODING}"/>{structures}
<xsd:complexType name="AdministrationList">{_ARRAY_TYPES[style]}</xsd:complexType></xsd:schema></types>
{messages}
<portType name="CashWebPortType">{ports}</portType>
<binding name="CashWebBinding" type="tns:CashWebPortType">
<soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>{bindings}</binding>
<service name="CashWeb"><port name="CashWebPort" binding="tns:CashWebBinding">
<soap:address location="{escape(address)}"/></port></service>
</definitions>
"""


def read_request(body: bytes) -> tuple[str, dict[str, str | dict[str, str]]]:
    """The operation's name as sent and its parts by local name; a struct is a dict of its members.

    Absent and nil parts are left out. Raises Malformed.
    """
    try:
        envelope = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed("the request is not XML that can be read") from error
    if _local(envelope.tag) != "Envelope":
        raise Malformed("the request is not a SOAP envelope")
    call = next((child[0] for child in envelope if _local(child.tag) == "Body" and len(child)), None)
    if call is None:
        raise Malformed("the SOAP body is empty")
    targets = {f"#{element.get('id')}": element for element in envelope.iter() if element.get("id")}
    parts: dict[str, str | dict[str, str]] = {}
    for sent in call:
        part = targets.get(sent.get("href", ""), sent)
        if part.get("{http://www.w3.org/2001/XMLSchema-instance}nil") in ("true", "1"):
            continue
        members = {_local(child.tag): targets.get(child.get("href", ""), child).text or "" for child in part}
        parts[_local(sent.tag)] = members or part.text or ""
    return _local(call.tag), parts


def write_reply(operation: str, reply: Mapping[str, Value], style: Style) -> str:
    """The envelope of a reply; parts missing from `reply` are absent on the wire."""
    parts = "".join(
        _element(part, _PART_TYPES.get(part, "xsd:string"), reply[part], style)
        for part in REPLIES[operation]
        if part in reply
    )
    encoding = f' SOAP-ENV:encodingStyle="{ENCODING}"' if style == "encoded" else ""
    return _envelope(f'<tns:{operation}Response xmlns:tns="{NAMESPACE}">{parts}</tns:{operation}Response>', encoding)


def write_fault(side: Literal["Client", "Server"], reason: str) -> str:
    """The envelope of a SOAP-ENV:Fault (ASSUMPTION-6: sent with HTTP 500)."""
    return _envelope(
        f"<SOAP-ENV:Fault><faultcode>SOAP-ENV:{side}</faultcode>"
        f"<faultstring>{_text(reason)}</faultstring></SOAP-ENV:Fault>",
        "",
    )


def _envelope(body: str, attributes: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"'
        ' xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        f' xmlns:SOAP-ENC="{ENCODING}"{attributes}><SOAP-ENV:Body>{body}</SOAP-ENV:Body></SOAP-ENV:Envelope>\n'
    )


def _element(name: str, type_: str, value: Value, style: Style) -> str:
    encoded = style == "encoded"
    mark = f' xsi:type="{type_}"' if encoded else ""
    if isinstance(value, str | int):
        return f"<{name}{mark}>{_text(str(value))}</{name}>"
    if isinstance(value, Mapping):
        content = "".join(
            _element(member, member_type, value[member], style) for member, member_type in _STRUCTURES[type_].items()
        )
        return f"<{name}{mark}>{content}</{name}>"
    if encoded:
        mark = f' xsi:type="SOAP-ENC:Array" SOAP-ENC:arrayType="tns:VisibleAdministration[{len(value)}]"'
    items = "".join(_element("item", "tns:VisibleAdministration", item, style) for item in value)
    return f"<{name}{mark}>{items}</{name}>"


def _structure_type(name: str, members: Mapping[str, str]) -> str:
    elements = "".join(f'<xsd:element name="{member}" type="{type_}"/>' for member, type_ in members.items())
    local = name.removeprefix("tns:")
    return f'<xsd:complexType name="{local}"><xsd:sequence>{elements}</xsd:sequence></xsd:complexType>'


def _message(name: str, parts: Sequence[str]) -> str:
    content = "".join(f'<part name="{part}" type="{_PART_TYPES.get(part, "xsd:string")}"/>' for part in parts)
    return f'<message name="{name}">{content}</message>'


def _text(value: str) -> str:
    """Character content: escaped, without what XML 1.0 cannot hold."""
    kept = "".join(c for c in value if (c >= " " and c not in "\ufffe\uffff") or c in "\t\n\r")
    return escape(kept, quote=False).replace("\r", "&#13;")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
