"""How Cash is asked and how its XML is read, without a network."""

import re
import tracemalloc

import pytest
from defusedxml.ElementTree import fromstring

from webapp.cash.import_text import write_records
from webapp.cash.soap import answer, envelope, fill, refuse
from webapp.cash.soap.export_stream import MAX_RECORD, read_records
from webapp.cash.soap.failures import CallFailed, Refused, clean
from webapp.cash.soap.nodes import Node, Tree, read_text, read_tree
from webapp.cash.soap.wsdl import Operation, Part, Wsdl, read_wsdl

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
    return read_wsdl(read_text(text), URL)


def filled(asked: Operation, *, by_token: bool = True) -> list[object]:
    return [value for _, value in fill(asked, VALUES, by_token)]


def reason(failure: pytest.ExceptionInfo[CallFailed]) -> str:
    return failure.value.reason


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
    assert reason(failure) == "wsdl_address"


@pytest.mark.parametrize("address", ["http://cash.test/soap?x=1", "https://CASH.test:443/soap?x=1"])
def test_plain_address_on_the_configured_host_is_asked_by_tls(address: str) -> None:
    assert wsdl(address).address == "https://cash.test/soap?x=1"


def test_document_style_is_named_to_the_operator() -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(style="document")
    assert reason(failure) == "wsdl_style"


def test_wsdl_for_soap_1_2_only_is_no_wsdl_for_us() -> None:
    with pytest.raises(CallFailed) as failure:
        wsdl(soap="http://schemas.xmlsoap.org/wsdl/soap12/")
    assert reason(failure) == "not_wsdl"


def test_imports_of_a_wsdl_are_not_fetched() -> None:
    assert wsdl(before='<import namespace="urn:y" location="http://127.0.0.1:1/x.wsdl"/>').operations


@pytest.mark.parametrize("action", ["urn:€#x", "urn:é#x"])
def test_action_that_cannot_stand_in_a_header_is_refused(action: str) -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(action=action)
    assert reason(failure) == "wsdl_operation"


def test_name_that_would_break_the_envelope_is_refused() -> None:
    part = '<message name="Bad"><part name="a&gt;&lt;b"/></message>'
    with pytest.raises(CallFailed) as failure:
        wsdl(before=part, message="Bad")
    assert reason(failure) == "wsdl_part"


@pytest.mark.parametrize("message", ["Other", ""])
def test_operation_that_the_wsdl_does_not_describe_is_named(message: str) -> None:
    with pytest.raises(CallFailed, match="getTransaction") as failure:
        wsdl(message=message)
    assert reason(failure) == "wsdl_operation"


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
    assert reason(failure) == "wsdl_part"


def test_value_without_a_part_is_named() -> None:
    with pytest.raises(CallFailed, match="password") as failure:
        filled(operation("Authenticate", "relation", "email"))
    assert reason(failure) == "wsdl_part"


# The envelope


@pytest.mark.parametrize("encoded", [True, False])
def test_envelope_carries_any_value_unharmed(encoded: bool) -> None:
    asked = operation("Export", "token", "export", "administration", encoded=encoded)
    nasty = "<&>\"']]>\r\n\té€\U0001f600"
    written = envelope(asked, [(asked.parts[0], nasty + "\x00\x1b\ud800"), (asked.parts[2], {"admCode": "x&1"})])
    call = fromstring(written)[0][0]
    assert call.tag == "{urn:x}Export"
    assert call[0].text == nasty
    assert (call[1].tag, call[1][0].tag, call[1][0].text) == ("administration", "admCode", "x&1")
    types = [value for name, value in call[0].attrib.items() if name.endswith("}type")]
    assert types == (["xsd:string"] if encoded else [])


def test_struct_has_the_type_the_wsdl_gives_it() -> None:
    part = Part("administration", ('urn:"t"', "Administratie"))
    asked = Operation("Export", "urn:x", "", True, (part,))
    written = envelope(asked, [(part, {"admCode": "x001"})]).decode()
    assert 'xmlns:t="urn:&quot;t&quot;" xsi:type="t:Administratie"' in written


# The reply


def reply(inside: str, after: str = "") -> bytes:
    return f"<E:Envelope xmlns:E='urn:e'><E:Body><r>{inside}</r>{after}</E:Body></E:Envelope>".encode()


OK = "<response><message/><code> 1 </code></response>"


def test_multirefs_are_followed_and_circles_end() -> None:
    parts = answer(
        read_tree(
            [
                reply(
                    '<response href="#a"/><token href="#b"/><id href="#c"/><x nil="1"/>',
                    '<multiRef id="a"><code href="#n"/></multiRef><multiRef id="n">1</multiRef>'
                    '<multiRef id="b">tok</multiRef><multiRef id="c" href="#c"/>',
                )
            ]
        )
    )
    assert parts.value("token") == "tok"
    assert parts.child("id") is None
    assert parts.child("x") is None


@pytest.mark.parametrize("code", ["", "een", "1.0", "9" * 40, "²"])
def test_reply_without_a_code_is_no_answer(code: str) -> None:
    with pytest.raises(CallFailed) as failure:
        answer(read_tree([reply(f"<response><code>{code}</code></response>")]))
    assert reason(failure) == "no_code"


def test_other_code_is_a_refusal() -> None:
    with pytest.raises(Refused) as failure:
        answer(read_tree([reply("<response><code>300</code></response>")]))
    assert failure.value.code == 300


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("SOAP-ENV:Server", "Server"),
        ("Client.Authentication", "Client"),
        ("geheim", "an unknown faultcode"),
        ("", "an unknown faultcode"),
    ],
)
def test_fault_is_told_without_its_text_which_may_repeat_what_was_sent(code: str, detail: str) -> None:
    fault = f"<Fault><faultcode>{code}</faultcode><faultstring>bad gehe... 'ge&amp;heim'</faultstring></Fault>"
    with pytest.raises(CallFailed) as failure:
        answer(read_tree([f"<Envelope><Body>{fault}</Body></Envelope>".encode()]))
    assert (reason(failure), failure.value.detail) == ("soap_fault", detail)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b"", "not_xml"),
        (b"Service unavailable", "not_xml"),
        (b"<a><b></a>", "not_xml"),
        (b"<a>", "not_xml"),
        (b"<a>&copy;</a>", "not_xml"),
        (b"<?xml version='1.0' encoding='klingon'?><a/>", "not_xml"),
        (b"<?xml version='1.0' encoding='utf-32'?><a/>", "not_xml"),
        (b"<a>\xff</a>", "not_xml"),
        (b"<html><body>Onderhoud</body></html>", "maintenance"),
        (b"<!DOCTYPE html><html><p>Onderhoud", "maintenance"),
        (b"<!DOCTYPE a><a/>", "unsafe_xml"),
        (b"<!DOCTYPE a [<!ENTITY b 'b'><!ENTITY c '&b;&b;'>]><a>&c;</a>", "unsafe_xml"),
        (b"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/'><a/>", "unsafe_xml"),
        (b"<a>" * 100_000, "too_large"),
        (b"<a>" + b"<b/>" * 200_000 + b"</a>", "too_large"),
        (b"<a b='" + b"x" * (2 * 1024 * 1024), "too_large"),
    ],
)
def test_bad_xml_is_refused(document: bytes, expected: str) -> None:
    with pytest.raises(CallFailed) as failure:
        read_tree([document])
    assert reason(failure) == expected


def test_text_before_the_xml_and_other_encodings_are_read() -> None:
    assert read_tree([b"Content-type: text/xml <a>\xc3\xa9</a>"]).text == "é"
    assert read_tree(["<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>".encode("latin-1")]).text == "é"
    assert read_tree(["<?xml version='1.0' encoding='utf-16'?><a>é</a>".encode("utf-16")]).text == "é"
    assert read_text("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>").text == "é"


def test_a_document_near_the_limits_is_read_whole() -> None:
    node = read_tree([b"<a>" + (b"x" * 28 + b"<b/>") * 140_000 + b"</a>"])
    assert len(node.children) == 140_000
    assert node.text == "x" * 28 * 140_000


def test_text_in_many_pieces_is_put_together_once() -> None:
    tree = Tree()
    tree.start("a", {})
    for _ in range(3):
        tree.data("x")
        tree.start("b", {})
        tree.end("b")
        assert tree.open[0].text == ""  # else each piece would copy all the text before it
    tree.end("a")
    assert tree.root is not None
    assert tree.root.text == "xxx"


def test_namespaces_of_many_elements_do_not_fill_the_memory() -> None:
    declared = " ".join(f"xmlns:p{number}='urn:{number}'" for number in range(2000))
    inside = "<b xmlns:q='urn:q'/>" * 2000
    tracemalloc.start()
    node = read_tree([f"<a {declared}>{inside}</a>".encode()])
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size < 10_000_000  # bytes
    assert node.children[-1].qualified("q:x") == ("urn:q", "x")
    assert node.children[-1].qualified("p7:x") == ("urn:7", "x")
    assert node.qualified("q:x") == ("", "x")


@pytest.mark.parametrize(
    "document",
    [
        "<a id='a'>" + "<b href='#a'/>" * 30 + "</a>",
        "<a>" + "<b href='#c'/>" * 1000 + "<c id='c'>" + "<d/>" * 1000 + "</c></a>",
    ],
)
def test_references_do_not_make_a_document_endless(document: str) -> None:
    def walk(node: Node, depth: int) -> None:
        for inner in node.each() if depth else ():
            walk(inner, depth - 1)

    with pytest.raises(CallFailed) as failure:
        walk(read_text(document), 8)  # a million looks and more, were they not counted
    assert reason(failure) == "too_large"


def test_names_are_cleaned() -> None:
    assert clean("  a\x00\tb\n\u202ec\u2066d\u2028e\x9b ") == "a b cd e"
    assert clean("x" * 10_000) == "x" * 200


# The export


def records(document: bytes, size: int = 7) -> list[dict[str, str]]:
    chunks = [document[at : at + size] for at in range(0, len(document), size)]
    return list(read_records(chunks, refuse, answer))


INNER = (
    "Content-type: text/xml &lt;?xml version='1.0' encoding='ISO-8859-1'?>&lt;cash>"
    "&lt;R2260>&lt;F2260>A1&lt;/F2260>"
    "&lt;F2001>caf\u00e9 &amp;lt;b> <![CDATA[<i>x</i>]]>&lt;/F2001>&lt;Zjpg/>&lt;/R2260>"
    "&lt;R2050>&lt;Z0101> 7 &lt;/Z0101>&lt;/R2050>&lt;/cash>"
)
RECORDS = [{"record": "2260", "2260": "A1", "2001": "café <b> x", "Zjpg": ""}, {"record": "2050", "Z0101": " 7 "}]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_export_gives_dictionaries_by_field_number(size: int) -> None:
    assert records(reply(f"{OK}<exportResult>{INNER}</exportResult>"), size) == RECORDS


def test_export_is_found_wherever_it_stands() -> None:
    assert records(reply(f"<exportResult>{INNER}</exportResult>{OK}")) == RECORDS
    behind = reply(f'{OK}<exportResult href="#e"/>', f'<multiRef id="e">{INNER}</multiRef>')
    assert records(behind) == RECORDS
    before = (
        f'<Envelope><Body><multiRef id="e">{INNER}</multiRef><r>{OK}<exportResult href="#e"/></r></Body></Envelope>'
    )
    assert records(before.encode()) == RECORDS


@pytest.mark.parametrize(
    "part", ["", "<exportResult/>", "<exportResult> \n</exportResult>", "<exportResult>&lt;cash/></exportResult>"]
)
def test_empty_export_has_no_records(part: str) -> None:
    assert records(reply(OK + part)) == []


def test_a_root_in_capitals_and_numbers_of_three_digits_are_read() -> None:
    export = "&lt;CASH>&lt;R301>&lt;F0301>1&lt;/F0301>&lt;/R301>&lt;/CASH>"
    assert records(reply(f"{OK}<exportResult>{export}</exportResult>")) == [{"record": "301", "0301": "1"}]


def test_export_that_is_no_text_is_refused_wherever_it_stands() -> None:
    inline = "<cash><R2209><F2209>M1</F2209></R2209></cash>"
    with pytest.raises(CallFailed, match="not_xml"):
        records(reply(f'{OK}<exportResult href="#e"/>', f'<multiRef id="e">{inline}</multiRef>'))


def test_refused_export_gives_no_records() -> None:
    refusal = f"<response><code>800</code></response><exportResult>{INNER}</exportResult>"
    with pytest.raises(Refused):
        next(read_records([reply(refusal)], refuse, answer))


def test_records_come_before_the_export_has_ended() -> None:
    first, second = reply(f"{OK}<exportResult>{INNER}</exportResult>").split(b"&lt;R2050")

    def chunks():  # type: ignore[no-untyped-def]
        yield first
        seen.append("asked for more")
        yield b"&lt;R2050" + second

    seen: list[str] = []
    export = read_records(chunks(), refuse, answer)
    assert next(export) == RECORDS[0]
    assert seen == []
    assert list(export) == RECORDS[1:]


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("&lt;cash>&lt;R2209>", "not_xml"),
        ("geen gegevens", "not_xml"),
        ("&lt;!DOCTYPE a [&lt;!ENTITY b 'b'>]>&lt;a/>", "unsafe_xml"),
        ("&lt;cash>" + "&lt;R2209>" * 100, "too_large"),
        ("&lt;cash>&lt;R2260>&lt;Z4245>" + "x" * MAX_RECORD, "too_large"),
        ("&lt;cash>&lt;R2260 a='" + "x" * (2 * 1024 * 1024), "too_large"),
        ("&lt;html>&lt;head>&lt;title>Onderhoud&lt;/title>&lt;/head>&lt;body/>&lt;/html>", "maintenance"),
        ("&lt;error>Geen rechten&lt;/error>", "not_xml"),
        ("&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;/R2209>", "not_xml"),
        ("&lt;cash>Geen rechten&lt;/cash>", "not_xml"),
        ("&lt;cash>&lt;R2209>Geen rechten&lt;/R2209>&lt;/cash>", "not_xml"),
        (
            "&lt;cash>&lt;errors>&lt;error>&lt;message>Geen rechten&lt;/message>&lt;/error>&lt;/errors>&lt;/cash>",
            "not_xml",
        ),
        ("&lt;cash>&lt;R>&lt;F2209>M1&lt;/F2209>&lt;/R>&lt;/cash>", "not_xml"),
        ("<cash><R2209><F2209>M1</F2209></R2209></cash>", "not_xml"),
        ("<cash/>", "not_xml"),
    ],
)
def test_bad_export_is_refused(inner: str, expected: str) -> None:
    with pytest.raises(CallFailed) as failure:
        records(reply(f"{OK}<exportResult>{inner}</exportResult>"), 64 * 1024)
    assert reason(failure) == expected


def test_truncated_export_gives_its_records_and_then_an_error() -> None:
    whole = reply(f"{OK}<exportResult>{INNER}</exportResult>")
    export = read_records([whole[:-60]], refuse, answer)
    with pytest.raises(CallFailed) as failure:
        list(export)
    assert reason(failure) == "not_xml"


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
