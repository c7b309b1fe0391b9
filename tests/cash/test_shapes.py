"""Whatever PHP's own SoapClient decodes without settings is read: arrays with keys, structs, all parts in one."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime

import pytest
from support.cash import TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, gateway, submit
from support.php import php_server
from support.server import http

from webapp.cash.client.errors import CashFault, CashUnreachable, CredentialsRejected
from webapp.cash.client.export_stream import read_records
from webapp.cash.client.gateway import CashGateway
from webapp.cash.client.session import CashSession
from webapp.cash.model import Administration, Credentials, TransactionStatus
from webapp.outbound.failures import CallFailed

SEEN = [
    Administration("1571", "x001", "Jansen & Zn <bv> é", read_only=True),
    Administration("1702", "x001", "Verhuur"),
]


@pytest.fixture(scope="module")
def php() -> Iterator[str]:
    with php_server("loose.php") as address:
        yield address


@pytest.fixture(params=["encoded", "literal"])
def style(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["map", "object", "return", "struct", "array", "packed"])
def wsdl(request: pytest.FixtureRequest, php: str, style: str) -> str:
    return f"{php}/{style}/{request.param}/wsdl"


@pytest.fixture
def session(wsdl: str) -> Iterator[CashSession]:
    with CashGateway(wsdl, "OUTSMART").session(LOGIN) as session:
        yield session


def test_a_login_sees_its_administrations(session: CashSession) -> None:
    assert session.administrations() == SEEN


def test_a_wrong_password_is_rejected(wsdl: str) -> None:
    wrong = Credentials(LOGIN.relation_code, LOGIN.email, "fout")
    with CashGateway(wsdl, "OUTSMART").session(wrong) as session, pytest.raises(CredentialsRejected):
        session.administrations()


def test_an_export_gives_its_records(session: CashSession) -> None:
    records = list(session.export(BOOKS, "2209"))
    assert len(records) == 3000
    assert records[-1] == {"record": "2209", "2209": "M2999", "2001": "Bus & 2999"}


def test_an_import_and_its_transaction_come_back(session: CashSession) -> None:
    transaction = session.import_records(BOOKS, [("0101", {"0103": "x"})])
    assert (transaction.id, transaction.status) == ("a1", TransactionStatus.ERROR)
    assert [(error.message, error.line, error.source) for error in transaction.errors] == [("Fout", 1, "0101|0103=x|")]
    assert transaction.creation == datetime(2021, 12, 15, 14, 40, 33)
    assert (transaction.administration.map, transaction.administration.code) == ("1571", "x001")
    assert (transaction.initiator_relation, transaction.initiator_user) == ("25583", "271363")
    assert session.transaction("b2").id == "b2"


# What another server may make of the same


def entry(key: str, value: str) -> str:
    return f"<item><key>{key}</key><value>{value}</value></item>"


BOOK = entry("admCode", "x001") + entry("admMap", "1571") + entry("admName", "Demo")
OK = "<response><code>1</code></response>"


def answered(parts: str, after: str = "") -> bytes:
    return http(f"<E:Envelope xmlns:E='urn:e'><E:Body><E:r>{parts}</E:r>{after}</E:Body></E:Envelope>")


@pytest.mark.parametrize(
    "listed",
    [
        f"<item>{BOOK}</item>",
        BOOK,  # one, and no list
        entry("0", BOOK) + entry("3", f"<item>{BOOK}</item>"),  # a list with gaps has keys
        entry("item", f"<item>{BOOK}</item>"),
        f"<item>{BOOK.replace('<key>', '<KEY>').replace('</key>', '</KEY>')}</item>",
        "<item>" + "".join(f"<item><value>{v}</value><key>{k}</key></item>" for k, v in [("code", "x001")]) + "</item>",
    ],
)
def test_a_list_with_keys_is_a_list(listed: str) -> None:
    with Peer(TOKEN, http(soap(f"<administrationList>{listed}</administrationList>"))) as peer:
        assert [each.code for each in submit(peer)] == ["x001"]


def test_references_are_followed_into_and_out_of_a_map() -> None:
    listed = "<administrationList><item href='#m'/></administrationList>"
    inside = '<item><key href="#k"/><value href="#v"/></item><item href="#n"/>'
    after = (
        f"<multiRef id='m'>{inside}</multiRef><multiRef id='k'>admCode</multiRef><multiRef id='v'>x001</multiRef>"
        "<multiRef id='n'><key>admMap</key><value>1571</value></multiRef>"
    )
    with Peer(TOKEN, answered(OK + listed, after)) as peer:
        assert [each.id for each in submit(peer)] == ["1571/x001"]


def test_a_nil_in_a_map_is_absent() -> None:
    nil = "<item><key>admName</key><value xmlns:i='urn:i' i:nil='true'/></item>"
    listed = f"<item>{entry('admCode', 'x001')}{nil}</item>"
    with Peer(TOKEN, http(soap(f"<administrationList>{listed}</administrationList>"))) as peer:
        assert [each.name for each in submit(peer)] == ["x001"]


EXPORT = "<exportResult>&lt;cash>&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;/R2209>&lt;/cash></exportResult>"
MAPPED = entry("exportResult", EXPORT.removeprefix("<exportResult>").removesuffix("</exportResult>"))


@pytest.mark.parametrize(
    "reply",
    [
        answered(f"<return>{OK}{EXPORT}</return>"),
        answered(f"<ExportReturn>{EXPORT}{OK}</ExportReturn>"),
        answered("<return href='#r'/>", f"<multiRef id='r'>{OK}{EXPORT}</multiRef>"),
        answered(f"<result>return</result><return>{OK}{EXPORT}</return>"),  # as SOAP 1.2 names it
        answered("<return>" + entry("response", entry("code", "1")) + MAPPED + "</return>"),
        answered("<return>" + MAPPED + entry("response", "<code>1</code>") + "</return>"),
        answered(
            "<return>" + entry("response", "<code>1</code>") + '<item><key>exportResult</key><value href="#e"/></item>'
            "</return>",
            EXPORT.replace("<exportResult>", "<multiRef id='e'>").replace("</exportResult>", "</multiRef>"),
        ),
        answered(f"<response><code href='#c'/></response>{EXPORT}", "<multiRef id='c'>1</multiRef>"),
    ],
)
def test_an_export_is_read_wherever_it_stands(reply: bytes) -> None:
    with Peer(TOKEN, reply) as peer, gateway(peer).session(LOGIN) as session:
        assert list(session.export(BOOKS, "2209")) == [{"record": "2209", "2209": "M1"}]


@pytest.mark.parametrize("parts", [OK + EXPORT, entry("response", "<code>1</code>") + MAPPED])
def test_records_come_before_a_wrapped_export_has_ended(parts: str) -> None:
    whole = answered(f"<return>{parts}</return>").partition(b"\r\n\r\n")[2]
    first, _rest = whole.split(b"&lt;/cash>")

    def chunks() -> Iterator[bytes]:
        yield first
        raise AssertionError("it waited for the rest")

    assert next(read_records(chunks())) == {"record": "2209", "2209": "M1"}


RECORD = "<cash><R2209><F2209>M1</F2209><F2001>Café & co</F2001></R2209></cash>"
LATIN = f"<?xml version='1.0' encoding='ISO-8859-1'?>{RECORD}".encode("latin-1")


@pytest.mark.parametrize("document", [RECORD.encode(), LATIN, b"<cash/>"])
@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("line", [4, 61, 100_000])
def test_xml_in_base64_is_unpacked_as_php_does(document: bytes, size: int, line: int) -> None:
    packed = b64encode(document).decode()
    lines = "\n".join(packed[at : at + line] for at in range(0, len(packed), line))
    whole = soap(f"<exportResult>{lines}</exportResult>").encode()
    expected = [] if document == b"<cash/>" else [{"record": "2209", "2209": "M1", "2001": "Café & co"}]
    assert list(read_records(whole[at : at + size] for at in range(0, len(whole), size))) == expected


def test_a_list_in_base64_is_unpacked_too() -> None:
    listed = b64encode(b"<x><Adm><Code>x001</Code></Adm></x>").decode()
    with Peer(TOKEN, http(soap(f"<administrationList>{listed}</administrationList>"))) as peer:
        assert [each.code for each in submit(peer)] == ["x001"]


@pytest.mark.parametrize("text", ["geen gegevens", "PGNhc2g", "PGNhc2g+*", "abcde", "=", "PGNhc2g+" * 30])
def test_what_only_looks_packed_is_damaged_as_ever(text: str) -> None:
    with pytest.raises(CallFailed, match="not_xml"):
        list(read_records([soap(f"<exportResult>{text}</exportResult>").encode()]))


@pytest.mark.parametrize("wrapped", ["<return>{}</return>", "{}"])
def test_a_refusal_gives_no_records_wherever_it_stands(wrapped: str) -> None:
    refusal = answered(wrapped.format(entry("response", entry("code", "800")) + EXPORT))
    with (
        Peer(TOKEN, refusal) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashFault, match="code_800"),
    ):
        next(session.export(BOOKS, "2209"))


def test_an_answer_without_a_code_is_none_wherever_it_looks_for_one() -> None:
    with (
        Peer(TOKEN, answered(f"<return><deep>{OK}</deep></return>")) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashFault, match="no_code"),
    ):
        session.transaction("a1")


def test_a_list_of_something_else_in_a_map_is_still_a_fault() -> None:
    listed = f"<administrationList><item>{entry('boek', 'x001')}</item></administrationList>"
    with Peer(TOKEN, http(soap(listed))) as peer, pytest.raises(CashFault, match=r"unknown_list: .*boek"):
        submit(peer)


def test_ten_thousand_administrations_as_maps_are_read() -> None:
    item = (
        "<item xsi:type='ns2:Map'><item><key xsi:type='xsd:string'>admCode</key>"
        "<value xsi:type='xsd:string'>x{0}</value></item>"
        "<item><key xsi:type='xsd:string'>admMap</key><value xsi:type='xsd:string'>1571</value></item>"
        "<item><key xsi:type='xsd:string'>admName</key><value xsi:type='xsd:string'>Demo Installatie {0}</value></item>"
        "<item><key xsi:type='xsd:string'>ReadOnly</key><value xsi:type='xsd:string'>N</value></item></item>"
    )
    items = "".join(item.format(number) for number in range(10_000))
    answer = http(soap(f"<administrationList xmlns:xsi='urn:i'>{items}</administrationList>"))
    with Peer(TOKEN, answer) as peer:
        assert len(submit(peer, deadline=30.0)) == 10_000


def test_errors_of_an_import_are_read_from_a_struct_too() -> None:
    error = entry("message", "Fout") + entry("line", "2")
    err = entry("errors", entry("error", error))
    inside = f"<transaction><status>3</status><err>{err}</err></transaction>"
    with Peer(TOKEN, http(soap(inside))) as peer, gateway(peer).session(LOGIN) as session:
        assert [(each.message, each.line) for each in session.transaction("a1").errors] == [("Fout", 2)]


def test_a_login_in_a_wrapper_without_a_token_is_none() -> None:
    with Peer(answered(f"<return>{OK}</return>")) as peer, pytest.raises(CashUnreachable, match="no_token"):
        submit(peer)
