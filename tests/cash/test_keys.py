"""Codes and maps are Cash's: they travel character by character. Only labels are cleaned."""

import re
from html import escape, unescape
from urllib.parse import parse_qs, urlencode

import pytest
from support.cash import LIST, TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, gateway, submit
from support.php import php_server
from support.server import http

from webapp.cash.client.answers import LONGEST_CODE, MOST_WAREHOUSES
from webapp.cash.client.calls import CallRecord
from webapp.cash.client.errors import CashFault, CashUnreachable
from webapp.cash.client.gateway import CashGateway
from webapp.cash.model import Administration, Credentials, Login, Warehouse, find_administration

ODD = [
    ("1571", "  x001"),
    ("1571", "x001 "),
    ("1571", "x\u00a001"),
    ("1571", "x  01"),
    ("1571", "x\t01"),
    ("1571", "x\n01"),
    ("1571", "x\r01"),
    ("  12", "x001"),
    ("12\u2009", "x001"),
    ("c", "a/b"),
    ("c/a", "b"),
    ("c", "a%2Fb"),
    ("1571", "é\u202e\u200b"),
    ("1571", "<&\"'>"),
    ("", "x001"),
]


def element(name: str, value: str) -> str:
    return f"<{name}>{escape(value).replace(chr(13), '&#13;')}</{name}>"


def item(map: str, code: str, name: str = "Demo") -> str:
    return f"<item>{element('admCode', code)}{element('admMap', map)}{element('admName', name)}</item>"


def sent(request: bytes, name: str) -> str:
    found = re.search(f"<{name}>(.*?)</{name}>", request.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize(("map", "code"), ODD)
def test_a_code_is_sent_back_as_it_came(map: str, code: str) -> None:
    export = http(soap("<exportResult>&lt;cash/></exportResult>"))
    with (
        Peer(TOKEN, http(soap(f"<administrationList>{item(map, code)}</administrationList>")), export) as peer,
        gateway(peer).session(LOGIN) as session,
    ):
        (books,) = session.administrations()
        assert (books.map, books.code) == (map, code)
        list(session.export(books, "2209"))
        assert (sent(peer.requests[-1], "admMap"), sent(peer.requests[-1], "admCode")) == (map, code)


def test_odd_codes_are_administrations_of_their_own_with_ids_that_a_form_keeps() -> None:
    items = "".join(item(map, code) for map, code in ODD)
    with Peer(TOKEN, http(soap(f"<administrationList>{items}</administrationList>"))) as peer:
        found = submit(peer)
    assert [(each.map, each.code) for each in found] == ODD
    assert len({each.id for each in found}) == len(ODD)
    for each in found:
        assert parse_qs(urlencode({"administration": each.id})).get("administration") == [each.id]
        assert re.fullmatch(r"[\w.~%-]*/[\w.~%-]+", each.id, re.ASCII)


def test_an_ordinary_id_is_what_it_always_was() -> None:
    assert Administration("1571", "x001", "").id == "1571/x001"
    assert Administration("A-1.b_c~", "Z9", "").id == "A-1.b_c~/Z9"


@pytest.mark.parametrize(("map", "code"), ODD)
def test_a_setting_saved_under_a_former_id_still_finds_its_administration(map: str, code: str) -> None:
    books = Administration(map, code, "Demo")
    login = Login("", "", "", (Administration("9", "z", "Other"), books), 0, 0, "")
    former = f"{' '.join(map.split())}/{' '.join(code.split())}"
    assert login.administration(former) == books
    assert login.administration(books.id) == books
    assert login.administration("nothing") is None


def test_a_former_id_that_two_could_mean_finds_none_and_an_exact_one_goes_first() -> None:
    two = Administration("c", "a/b", ""), Administration("c/a", "b", "")
    assert find_administration(two, "c/a/b") is None
    exact = Administration("1571", "x 01", ""), Administration("1571", "x%2001", "")
    assert find_administration(exact, "1571/x%2001") == exact[0]


def test_layout_around_values_is_no_code() -> None:
    blank = "<item><admCode>\n  </admCode><admMap>1571</admMap></item>"
    listed = http(soap(f"<administrationList>{blank}</administrationList>"))
    with Peer(TOKEN, listed) as peer, pytest.raises(CashFault, match="unknown_list"):
        submit(peer)
    pretty = "\n  <item>\n    <admCode>x001</admCode>\n    <admMap>1571</admMap>\n  </item>\n"
    with Peer(TOKEN, http(soap(f"<administrationList>{pretty}</administrationList>"))) as peer:
        assert [each.id for each in submit(peer)] == ["1571/x001"]


def test_labels_are_cleaned_also_when_a_code_stands_in_for_one() -> None:
    with Peer(TOKEN, http(soap(f"<administrationList>{item('1', ' x ', '')}</administrationList>"))) as peer:
        (books,) = submit(peer)
    assert (books.code, books.name) == (" x ", "x")


def test_a_code_longer_than_any_is_left_out() -> None:
    items = item("1571", "x" * (LONGEST_CODE + 1)) + item("1571", "x001")
    with Peer(TOKEN, http(soap(f"<administrationList>{items}</administrationList>"))) as peer:
        assert [each.code for each in submit(peer)] == ["x001"]


def test_the_id_of_a_transaction_and_what_it_repeats_are_exact() -> None:
    err = "<cash><errors><error><message> Fout \n</message><source>2209|2209=  002|</source></error></errors></cash>"
    inside = f"{element('id', ' a 1')}<status>1</status><err>{escape(err)}</err>"
    answer = http(soap(f"<transaction>{inside}</transaction>"))
    with Peer(TOKEN, answer) as peer, gateway(peer).session(LOGIN) as session:
        transaction = session.transaction("z")
        session.transaction(transaction.id)
        assert sent(peer.requests[-1], "id") == " a 1"
    assert [(each.message, each.source) for each in transaction.errors] == [("Fout", "2209|2209=  002|")]


@pytest.mark.parametrize("style", ["encoded", "literal"])
def test_a_code_comes_exact_from_the_server_of_php(style: str) -> None:
    login = Credentials("025583", "api@voorbeeld.test", 'g<h&e]]>\'im "é"')
    with (
        php_server("server.php", KAS_STYLE=style, KAS_CODE="  x\u00a0001 ") as address,
        CashGateway(f"{address}/kas.php?api/wsdl", "OUTSMART").session(login) as session,
    ):
        books = session.administrations()[0]
        assert books.code == "  x\u00a0001 "
        assert list(session.export(books, "2260"))


# Warehouses


def warehouse_records(*warehouses: dict[str, str]) -> bytes:
    rows = "".join(
        f"<R2209>{''.join(element('F' + number, text) for number, text in each.items())}</R2209>" for each in warehouses
    )
    return http(soap(f"<exportResult>{escape(f'<cash>{rows}</cash>')}</exportResult>"))


def warehouses(*given: dict[str, str]) -> tuple[tuple[Warehouse, ...], bool]:
    with Peer(TOKEN, warehouse_records(*given)) as peer, gateway(peer).session(LOGIN) as session:
        return session.warehouses(BOOKS)


def test_warehouses_keep_their_codes_and_have_clean_names() -> None:
    found, cut = warehouses(
        {"2209": "  002", "2001": " Bus\n\u202e1 \u0085"},
        {"2209": "002", "2001": ""},
        {"2209": "\u00a0", "2001": "no code"},
        {"2209": "M1", "2001": "x" * 1000},
    )
    assert not cut
    assert found == (Warehouse("  002", "Bus 1"), Warehouse("002", "002"), Warehouse("M1", "x" * 200))


def test_blocked_and_repeated_warehouses_are_left_out() -> None:
    found, _ = warehouses(
        {"2209": "A", "2280": "N"},
        {"2209": "B", "2280": "J"},
        {"2209": "C", "2280": ""},
        {"2209": "D", "2280": " N "},
        {"2209": "A", "2001": "again"},
        {"2001": "nothing"},
        {"2209": "x" * (LONGEST_CODE + 1)},
    )
    assert [each.code for each in found] == ["A", "C", "D"]


def test_a_list_of_100_000_warehouses_is_cut_and_says_so() -> None:
    heard: list[CallRecord] = []
    many = warehouse_records(*({"2209": f"M{number}"} for number in range(100_000)))
    with Peer(TOKEN, many, LIST) as peer, gateway(peer, observer=heard.append, deadline=30.0).session(LOGIN) as session:
        found, cut = session.warehouses(BOOKS)
        assert (len(found), cut) == (MOST_WAREHOUSES, True)
        assert session.administrations(), "the next call is not in the way of the rest of the list"
    assert [call.operation for call in heard] == ["WSDL", "Authenticate", "Export", "ListAdministrations"]


def test_exactly_as_many_as_are_kept_are_not_cut() -> None:
    found, cut = warehouses(*({"2209": f"M{number}"} for number in range(MOST_WAREHOUSES)))
    assert (len(found), cut) == (MOST_WAREHOUSES, False)


def test_a_list_of_warehouses_that_breaks_off_is_none() -> None:
    whole = warehouse_records({"2209": "M1"}, {"2209": "M2"}).partition(b"\r\n\r\n")[2]
    with (
        Peer(TOKEN, http(whole[:-60])) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashUnreachable, match="not_xml"),
    ):
        session.warehouses(BOOKS)
