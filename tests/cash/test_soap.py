"""How Cash is asked, without a network."""

import re

import pytest
from defusedxml.ElementTree import fromstring

from webapp.cash.client.envelope import write_envelope
from webapp.cash.client.parts import fill
from webapp.cash.client.records import write_records
from webapp.cash.client.wsdl import Operation, Part, Wsdl, read_wsdl
from webapp.cash.client.xml import read_tree
from webapp.outbound.failures import CallFailed

XSD = "http://www.w3.org/2001/XMLSchema"
URL = "https://cash.test/?api/wsdl"
VALUES = {
    "relation": "25583",
    "email": "api@example.test",
    "password": "geheim",
    "service": "OUTSMART",
    "token": "tok",
    "export": "2260",
    "administration": {"admCode": "x001", "admMap": "1571"},
    "formaat": "0",
}


def operation(name: str, *parts: str, encoded: bool = False) -> Operation:
    return Operation(name, "urn:x", "urn:x#" + name, encoded, tuple(Part(part, (XSD, "string")) for part in parts))


def wsdl(
    address: str = "https://cash.test/?api/soap",
    *,
    style: str = "rpc",
    use: str = 'use="literal"',
    before: str = "",
    message: str = "In",
    action: str = "act",
    soap: str = "http://schemas.xmlsoap.org/wsdl/soap/",
) -> Wsdl:
    text = f"""<definitions targetNamespace="urn:x" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="{soap}"
        xmlns:t="urn:x" xmlns:d="{XSD}">{before}
      <message name="In"><part name="token" type="d:string"/></message>
      <portType name="P"><operation name="getTransaction"><input message="t:{message}"/></operation></portType>
      <binding name="B" type="t:P"><s:binding style="{style}"/><operation name="getTransaction">
        <s:operation soapAction="{action}"/><input><s:body {use}/></input></operation></binding>
      <service><port binding="t:B"><s:address location="{address}"/></port></service></definitions>"""
    return read_wsdl(read_tree([text.encode()], detailed=True), URL)


def filled(asked: Operation, *, by_token: bool = True) -> list[object]:
    return [value for _, value in fill(asked, VALUES, by_token)]


# The WSDL


def test_wsdl_says_how_to_ask() -> None:
    read = wsdl(use='use="encoded" namespace="urn:other"')
    assert read.address == "https://cash.test/?api/soap"
    part = Part("token", (XSD, "string"))
    assert read.operation("GetTransaction") == Operation("getTransaction", "urn:other", "act", True, (part,))


def test_namespace_of_the_wsdl_is_used_where_the_body_names_none() -> None:
    assert (wsdl().operation("gettransaction").namespace, wsdl().operation("gettransaction").encoded) == (
        "urn:x",
        False,
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/?api/soap",
        "https://cash.test:444/?api/soap",
        "https://cash.test@evil.test/",
        "http://cash.test:8080/",
        "ftp://cash.test/",
        "https://cash.test:no/",
        "//evil.test/",
        "/?api/soap",
        "",
    ],
)
def test_credentials_go_nowhere_but_to_the_configured_place(address: str) -> None:
    with pytest.raises(CallFailed) as failure:
        wsdl(address)
    assert failure.value.reason == "wsdl_address"


@pytest.mark.parametrize("address", ["http://cash.test/soap?x=1", "https://CASH.test:443/soap?x=1"])
def test_plain_address_on_the_configured_host_is_asked_by_tls(address: str) -> None:
    assert wsdl(address).address == "https://cash.test/soap?x=1"


def test_document_style_is_named_to_the_operator() -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(style="document")
    assert failure.value.reason == "wsdl_style"


def test_wsdl_for_soap_1_2_only_is_no_wsdl_for_us() -> None:
    with pytest.raises(CallFailed) as failure:
        wsdl(soap="http://schemas.xmlsoap.org/wsdl/soap12/")
    assert failure.value.reason == "not_wsdl"


def test_imports_of_a_wsdl_are_not_fetched() -> None:
    assert wsdl(before='<import namespace="urn:y" location="http://127.0.0.1:1/x.wsdl"/>').operations


@pytest.mark.parametrize("action", ["urn:€#x", "urn:é#x"])
def test_action_that_cannot_stand_in_a_header_is_refused(action: str) -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(action=action)
    assert failure.value.reason == "wsdl_operation"


def test_name_that_would_break_the_envelope_is_refused() -> None:
    part = '<message name="Bad"><part name="a&gt;&lt;b"/></message>'
    with pytest.raises(CallFailed) as failure:
        wsdl(before=part, message="Bad")
    assert failure.value.reason == "wsdl_part"


@pytest.mark.parametrize("message", ["Other", ""])
def test_operation_that_the_wsdl_does_not_describe_is_named(message: str) -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(message=message)
    assert failure.value.reason == "wsdl_operation"


# The parts


def test_known_parts_are_filled_by_name_in_any_order() -> None:
    asked = operation("authenticate", "Service", "pass", "RELATIE", "email")
    assert filled(asked) == ["OUTSMART", "geheim", "25583", "api@example.test"]


def test_unknown_parts_are_filled_by_position() -> None:
    assert filled(operation("Authenticate", "wie", "post", "sleutel")) == ["25583", "api@example.test", "geheim"]


def test_3_0_dialect_puts_credentials_in_every_call() -> None:
    asked = operation("export", "token", "relatie", "email", "pass", "opdracht", "administration", "formaat")
    expected = ["tok", "25583", "api@example.test", "geheim", "2260", VALUES["administration"], "0"]
    assert filled(asked, by_token=False) == expected


@pytest.mark.parametrize(
    "parts", [("token", "export", "administration", "formaat", "kleur"), ("token", "export", "kleur", "administration")]
)
def test_part_nobody_knows_is_named(parts: tuple[str, ...]) -> None:
    with pytest.raises(CallFailed, match="kleur") as failure:
        filled(operation("Export", *parts))
    assert failure.value.reason == "wsdl_part"


def test_value_without_a_part_is_named() -> None:
    with pytest.raises(CallFailed, match="password") as failure:
        filled(operation("Authenticate", "relation", "email"))
    assert failure.value.reason == "wsdl_part"


# The envelope


@pytest.mark.parametrize("encoded", [True, False])
def test_envelope_carries_any_value_unharmed(encoded: bool) -> None:
    asked = operation("Export", "token", "export", "administration", encoded=encoded)
    nasty = "<&>\"']]>\r\n\té€\U0001f600"
    written = write_envelope(asked, [(asked.parts[0], nasty + "\x00\x1b\ud800"), (asked.parts[2], {"admCode": "x&1"})])
    call = fromstring(written)[0][0]
    assert call.tag == "{urn:x}Export"
    assert call[0].text == nasty
    assert (call[1].tag, call[1][0].tag, call[1][0].text) == ("administration", "admCode", "x&1")
    types = [value for name, value in call[0].attrib.items() if name.endswith("}type")]
    assert types == (["xsd:string"] if encoded else [])


def test_struct_has_the_type_the_wsdl_gives_it() -> None:
    part = Part("administration", ('urn:"t"', "Administratie"))
    asked = Operation("Export", "urn:x", "", True, (part,))
    written = write_envelope(asked, [(part, {"admCode": "x001"})]).decode()
    assert 'xmlns:t="urn:&quot;t&quot;" xsi:type="t:Administratie"' in written


# The import


def test_import_text_is_xml_that_cash_can_take() -> None:
    text = write_records([("301", {"0301": "a|b\x00\r\nc & <d>", "Zjpg": ""}), ("2229", {})])
    expected = "<CASH><R0301><F0301>ab c &amp; &lt;d&gt;</F0301><Zjpg></Zjpg></R0301><R2229></R2229></CASH>"
    assert text == '<?xml version="1.0"?>\n' + expected
    assert re.match("CASH", fromstring(text).tag)


@pytest.mark.parametrize(
    "record", [("R0101", {}), ("", {}), ("0101", {"record": "0101"}), ("0101", {"F0101": "x"}), ("0101", {"Z><": ""})]
)
def test_names_that_are_no_record_or_field_are_refused(record: tuple[str, dict[str, str]]) -> None:
    with pytest.raises(ValueError, match="is no"):
        write_records([record])


def test_import_without_records_is_refused() -> None:
    with pytest.raises(ValueError, match="no records"):
        write_records([])
