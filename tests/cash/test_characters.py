"""One odd character from Cash costs that character, and neither a login nor a list."""

import pytest
from support.cash import TOKEN, Peer, soap
from support.gateway import LOGIN, gateway, submit
from support.server import http

from webapp.cash.client.characters import Permitted
from webapp.cash.client.errors import CashUnreachable, CredentialsRejected
from webapp.cash.client.export_stream import read_records
from webapp.cash.client.repair import Repaired
from webapp.cash.client.xml import read_text, read_tree
from webapp.cash.model import Administration
from webapp.outbound.failures import CallFailed
from webapp.outbound.text import clean

FORBIDDEN = [
    *(b"&#11;", b"&#0;", b"&#x1B;", b"&#x1b;", b"&#xFFFE;", b"&#65535;", b"&#xD800;", b"&#xdfff;", b"&#x0000B;"),
    *(b"&#00000000000000011;", b"&#x110000;", b"&#99999999999999999999;"),
    *(b"\x00", b"\x0b", b"\x1b", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf"),
]
NAME = "Jan%sssen &#233; \U0001f600 \uffee\ud7ff"
ITEM = f"<item><admCode>x001</admCode><admMap>1571</admMap><admName>{NAME}</admName></item>"
CLEANED = "Janssen é \U0001f600 \uffee\ud7ff"


def with_bytes(text: str, odd: bytes) -> bytes:
    before, after = text.split("%s")
    return before.encode() + odd + after.encode()


@pytest.mark.parametrize("odd", FORBIDDEN)
def test_a_company_name_with_a_character_that_xml_forbids_locks_nobody_out(odd: bytes) -> None:
    with Peer(TOKEN, http(with_bytes(soap(f"<administrationList>{ITEM}</administrationList>"), odd))) as peer:
        assert submit(peer) == [Administration("1571", "x001", CLEANED)]


@pytest.mark.parametrize("odd", FORBIDDEN)
def test_a_list_that_travels_as_text_may_hold_it_too(odd: bytes) -> None:
    escaped = odd.replace(b"&", b"&amp;")
    text = ITEM.replace("&", "&amp;").replace("<", "&lt;")
    with Peer(TOKEN, http(with_bytes(soap(f"<administrationList>{text}</administrationList>"), escaped))) as peer:
        assert submit(peer) == [Administration("1571", "x001", CLEANED)]


@pytest.mark.parametrize("odd", FORBIDDEN)
def test_a_wrong_password_is_one_whatever_the_message_holds(odd: bytes) -> None:
    refusal = "<E><Body><r><response><code>2</code><message>Error%s</message></response></r></Body></E>"
    refusal = refusal.replace("<E>", "<Envelope>").replace("</E>", "</Envelope>")
    with Peer(http(with_bytes(refusal, odd))) as peer, pytest.raises(CredentialsRejected):
        submit(peer)


@pytest.mark.parametrize("odd", FORBIDDEN)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_record_keeps_the_rest_however_the_wire_cuts_it(odd: bytes, size: int) -> None:
    inner = "&lt;cash>&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;F2001>Ma%sgazijn&lt;/F2001>&lt;/R2209>&lt;/cash>"
    reply = with_bytes(soap(f"<exportResult>{inner}</exportResult>"), odd.replace(b"&", b"&amp;"))
    chunks = [reply[at : at + size] for at in range(0, len(reply), size)]
    assert list(read_records(chunks)) == [{"record": "2209", "2209": "M1", "2001": "Magazijn"}]


@pytest.mark.parametrize("odd", FORBIDDEN)
def test_an_error_of_an_import_is_read_all_the_same(odd: bytes) -> None:
    err = "&lt;cash>&lt;errors>&lt;error>&lt;message>Fo%sut&lt;/message>&lt;/error>&lt;/errors>&lt;/cash>"
    reply = with_bytes(
        soap(f"<transaction><status>3</status><err>{err}</err></transaction>"), odd.replace(b"&", b"&amp;")
    )
    with Peer(TOKEN, http(reply)) as peer, gateway(peer).session(LOGIN) as session:
        assert [error.message for error in session.transaction("a1").errors] == ["Fout"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_other_encodings_lose_no_more(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='utf-16'?><a>é\x0b&#11;\U0001f600\ufffe{'x' * 200}</a>"
    data = text.encode(encoding)
    assert read_tree([data]).text == f"é\U0001f600{'x' * 200}"
    assert read_tree([data[at : at + 3] for at in range(0, len(data), 3)]).text == f"é\U0001f600{'x' * 200}"


def test_latin_letters_are_not_taken_for_halves_of_utf_8() -> None:
    text = "<?xml version='1.0' encoding='ISO-8859-1'?><a>ï¿¾í\xa0\x80</a>"
    assert read_tree([text.encode("latin-1")]).text == "ï¿¾í\xa0\x80"


def test_a_byte_that_is_no_character_at_all_is_still_damage() -> None:
    with pytest.raises(CallFailed, match="not_xml"):
        read_tree([b"<a>\xff</a>"])


# XML that somebody put together by hand


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Jansen & Zn", "Jansen & Zn"),
        ("A&B", "A&B"),
        ("&", "&"),
        ("&&amp;", "&&"),
        ("&#", "&#"),
        ("&#x;", "&#x;"),
        ("R&D; en meer", "R&D; en meer"),
        ("Caf&eacute; &euro; &nbsp;.", "Café € \xa0."),
        ("Buis < 22", "Buis < 22"),
        ("<3 & <", "<3 & <"),
        ("a<b en c>d", "a<b en c>d"),
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("<![CDATA[Jansen & <Zn>]]>", "Jansen & <Zn>"),
        ("<![CDATA[a]]>&<![CDATA[<]]>", "a&<"),
        ("<!-- & < -->x", "x"),
        ("a]]>b ]] ]>", "a]]>b ]] ]>"),
        ("Jansen <jr> Zn", "Jansen <jr> Zn"),
        ("</en> <jr>", "</en> <jr>"),
        ("<jr></senior>", "<jr></senior>"),
        ("&amp;amp; &lt;b&gt; &#60;", "&amp; <b> <"),
    ],
)
@pytest.mark.parametrize("size", [1, 5, 100_000])
def test_a_bare_ampersand_or_less_than_in_text_blocks_no_list(written: str, read: str, size: int) -> None:
    document = f"<x><Name>{written}</Name></x>"
    assert read_text(document).value("name") == read.strip()
    inner = f"<cash><R2209><F2001>{written}</F2001></R2209></cash>"
    inner = inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    reply = soap(f"<exportResult>{inner}</exportResult>").encode()
    chunks = [reply[at : at + size] for at in range(0, len(reply), size)]
    assert list(read_records(chunks)) == [{"record": "2209", "2001": read}]


def test_whole_elements_in_a_name_are_text_in_an_export_and_structure_in_a_list() -> None:
    inner = "&lt;cash>&lt;R2209>&lt;F2001>a &lt;b>c&lt;/b>&lt;br/>&lt;/F2001>&lt;/R2209>&lt;/cash>"
    assert list(read_records([soap(f"<exportResult>{inner}</exportResult>").encode()])) == [
        {"record": "2209", "2001": "a <b>c</b><br/>"}
    ]
    assert read_text("<x><Name>a</Name><b>c</b></x>").value("b") == "c"


@pytest.mark.parametrize("name", ["Name", "k:F2001", "r"])
def test_a_field_of_any_name_ends(name: str) -> None:
    declared = " xmlns:k='urn:k'" if ":" in name else ""
    inner = f"<cash><R2209><{name}{declared}>a <b> </k></{name}><F2209>M1</F2209></R2209></cash>".replace("<", "&lt;")
    (record,) = read_records([soap(f"<exportResult>{inner}</exportResult>").encode()])
    assert list(record.values()) == ["2209", "a <b> </k>", "M1"]


def test_pairs_are_found_in_time() -> None:
    with pytest.raises(CallFailed):
        read_text("<x>" + "<a>" * 50_000 + "</b>" * 50_000 + "<!--" * 50_000)
    with pytest.raises(CallFailed):
        read_text("<x>" + "<![CDATA[" * 100_000)


def test_one_such_name_does_not_cost_the_others() -> None:
    books = "<Adm><Code>a</Code><Name>A & B < C</Name></Adm><Adm><Code>b</Code></Adm>"
    text = f"<x><Dir><Name>1571</Name><Adms>{books}</Adms></Dir></x>".replace("&", "&amp;").replace("<", "&lt;")
    with Peer(TOKEN, http(soap(f"<administrationList>{text}</administrationList>"))) as peer:
        assert [(each.id, each.name) for each in submit(peer)] == [("1571/a", "A & B < C"), ("1571/b", "b")]


def test_the_envelope_itself_is_not_repaired() -> None:
    with Peer(http(soap("<token>a & b</token>"))) as peer, pytest.raises(CashUnreachable, match="not_xml"):
        submit(peer)


def test_text_that_ends_in_the_middle_stays_damaged() -> None:
    for damaged in ("<x><Dir>", "<x>a &", "<x>a <", "<x", "<x><!-- ", "<x><![CDATA[a"):
        with pytest.raises(CallFailed, match="not_xml"):
            read_text(damaged)


def test_what_is_held_back_is_bounded() -> None:
    repaired, permitted = Repaired(), Permitted()
    given = sum(len(piece) for _ in range(1000) for piece in repaired.feed(permitted.feed(b"<" + b"a" * 999)))
    assert given > 990_000


# Labels


def test_a_label_has_no_character_that_cannot_be_seen() -> None:
    assert clean("a\u200bb\u2060\ufeff\xad\u202e\U000e0041\u061c") == "ab"
    assert clean("\U0001f468\u200d\U0001f469") == "\U0001f468\u200d\U0001f469"


def test_no_control_character_of_cash_reaches_a_log_line() -> None:
    failure = CallFailed("not_xml", "a\r\nWARNING forged\x1b[31m\u2028\x85\u202e" + "x" * 1000)
    assert str(failure.detail).startswith("a WARNING forged[31m xxx")
    assert len(failure.detail) == 500
    assert failure.args == (failure.reason, failure.detail)
