"""How replies are read, and records out of an export, without a network."""

import tracemalloc

import pytest

from webapp.cash.client.export_stream import MAX_RECORD, read_records
from webapp.cash.client.reasons import ResponseError
from webapp.cash.client.reply import answer
from webapp.cash.client.xml import Node, Tree, read_text, read_tree
from webapp.outbound.failures import CallFailed
from webapp.outbound.text import clean


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
    assert failure.value.reason == "no_code"


def test_other_code_is_a_refusal() -> None:
    with pytest.raises(ResponseError) as failure:
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
    assert (failure.value.reason, failure.value.detail) == ("soap_fault", detail)


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
    assert failure.value.reason == expected


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
    node = read_tree([f"<a {declared}>{inside}</a>".encode()], detailed=True)
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
    assert failure.value.reason == "too_large"


def test_names_are_cleaned() -> None:
    assert clean("  a\x00\tb\n\u202ec\u2066d\u2028e\x9b ") == "a b cd e"
    assert clean("x" * 10_000) == "x" * 200


# The export


def records(document: bytes, size: int = 7) -> list[dict[str, str]]:
    chunks = [document[at : at + size] for at in range(0, len(document), size)]
    return list(read_records(chunks))


INNER = (
    "Content-type: text/xml &lt;?xml version='1.0' encoding='ISO-8859-1'?>&lt;cash>"
    "&lt;R2260>&lt;F2260>A1&lt;/F2260>"
    "&lt;F2001>caf\u00e9 &amp;lt;b> <![CDATA[<i>x</i>]]>&lt;/F2001>&lt;Zjpg/>&lt;/R2260>"
    "&lt;R2050>&lt;Z0101> 7 &lt;/Z0101>&lt;/R2050>&lt;/cash>"
)
RECORDS = [
    {"record": "2260", "2260": "A1", "2001": "café <b> <i>x</i>", "Zjpg": ""},
    {"record": "2050", "Z0101": " 7 "},
]


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
    with pytest.raises(ResponseError):
        next(read_records([reply(refusal)]))


def test_records_come_before_the_export_has_ended() -> None:
    first, second = reply(f"{OK}<exportResult>{INNER}</exportResult>").split(b"&lt;R2050")

    def chunks():  # type: ignore[no-untyped-def]
        yield first
        seen.append("asked for more")
        yield b"&lt;R2050" + second

    seen: list[str] = []
    export = read_records(chunks())
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
        ("&lt;cash>&lt;R2260 a='" + "x" * (2 * 1024 * 1024), "not_xml"),
        ("&lt;cash>&lt;!--" + "x" * (2 * 1024 * 1024), "too_large"),
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
    assert failure.value.reason == expected


def test_truncated_export_gives_its_records_and_then_an_error() -> None:
    whole = reply(f"{OK}<exportResult>{INNER}</exportResult>")
    export = read_records([whole[:-60]])
    with pytest.raises(CallFailed) as failure:
        list(export)
    assert failure.value.reason == "not_xml"
