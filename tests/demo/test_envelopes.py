"""The WSDLs the sandbox serves, and the envelopes it reads."""

import pytest
import requests
from defusedxml.ElementTree import fromstring
from support.app import LONGEST_WAIT

from webapp.demo.cash import CashSandbox

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"


def get(address):
    return requests.get(address, timeout=LONGEST_WAIT)


@pytest.mark.parametrize("style", ["encoded", "literal"])
def test_the_wsdl_names_endpoint_operations_and_style(cash, style):
    wsdl = fromstring(get(f"{cash.wsdl}&style={style}").content)
    binding = wsdl.find(f"{WSDL}binding")
    assert [operation.get("name") for operation in binding.findall(f"{WSDL}operation")] == [
        "Authenticate",
        "ListAdministrations",
        "Export",
        "Import",
        "GetTransaction",
    ]
    assert {body.get("use") for body in binding.iter(f"{SOAP}body")} == {style}
    address = next(wsdl.iter(f"{SOAP}address")).get("location")
    assert address == f"{cash.url}/?api/soap&style={style}"


def test_encoded_is_the_default_and_the_constructor_can_change_it(cash):
    assert 'use="encoded"' in get(cash.wsdl).text
    with CashSandbox(style="literal") as literal:
        assert 'use="literal"' in get(literal.wsdl).text
        assert 'use="encoded"' in get(f"{literal.wsdl}&style=encoded").text


def test_the_3_0_wsdl_has_credentials_and_no_authenticate(cash):
    wsdl = fromstring(get(cash.wsdl_3).content)
    messages = {message.get("name"): [part.get("name") for part in message] for message in wsdl.iter(f"{WSDL}message")}
    assert "AuthenticateRequest" not in messages
    assert messages["ExportRequest"] == ["token", "relatie", "email", "pass", "export", "administration", "formaat"]
    assert messages["GetTransactionRequest"] == ["token", "relatie", "email", "pass", "id"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"geen xml",
        b"<a/>",
        b"<Envelope><Body/></Envelope>",
        b"<Envelope><Body><Onbekend/></Body></Envelope>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><Envelope><Body><Export>&b;</Export></Body></Envelope>',
        b'<?xml version="1.0" encoding="nope"?><Envelope/>',
    ],
)
def test_what_cannot_be_dispatched_is_a_fault(cash, body):
    reply = requests.post(f"{cash.url}/?api/soap", data=body, timeout=LONGEST_WAIT)
    assert reply.status_code == 500
    assert "<SOAP-ENV:Fault>" in reply.text
    assert cash.calls == []


def test_parts_may_be_references_and_nil(cash, in_demo):
    body = (
        '<Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Body><Export>'
        f'<token>{in_demo.token}</token><export>2209</export><administration href="#a"/><formaat xsi:nil="true"/>'
        '</Export><multiRef id="a"><admCode>x001</admCode><admMap>1571</admMap></multiRef></Body></Envelope>'
    )
    assert "<code " in (reply := requests.post(f"{cash.url}/?api/soap", data=body, timeout=LONGEST_WAIT)).text
    assert "MAG1" in reply.text
