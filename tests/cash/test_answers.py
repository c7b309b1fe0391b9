"""What is read from the answers of Cash: administrations and transactions."""

from datetime import datetime

import pytest
from support.cash import TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, gateway, submit
from support.server import http

from webapp.cash.client.errors import CashFault, CashUnreachable, NoAdministration
from webapp.cash.model import Administration, TransactionStatus

# Administrations


def listed(inside: str) -> list[Administration]:
    with Peer(TOKEN, http(soap(inside))) as peer:
        return submit(peer, deadline=30.0)


ITEM = "<item><admMap>1571</admMap><admNaam>Demo</admNaam><admCode>x001</admCode></item>"
REST = (
    "<x><Dir><Name>1571</Name><Relnm>R</Relnm><Adms>"
    "<Adm><Code>x001</Code><Name>Demo</Name><ReadOnly>J</ReadOnly></Adm></Adms></Dir></x>"
)


@pytest.mark.parametrize(
    "inside",
    [
        f"<administrationList>{ITEM}</administrationList>",
        f"<administrationList>{ITEM}{ITEM}</administrationList>",
        f"<administrationList><items>{ITEM}<item/></items></administrationList>",
        ITEM.replace("item", "administrationList"),
    ],
)
def test_administrations_are_read_from_any_likely_shape(inside: str) -> None:
    assert listed(inside) == [Administration("1571", "x001", "Demo")]


@pytest.mark.parametrize("before", ["", "Content-type: text/xml &lt;?xml version='1.0' encoding='UTF-8'?>"])
def test_administrations_are_read_from_xml_text(before: str) -> None:
    inside = f"<administrationList>{before}{REST.replace('<', '&lt;')}</administrationList>"
    assert listed(inside) == [Administration("1571", "x001", "Demo", read_only=True)]
    assert listed(f"<administrationList>{REST}</administrationList>") == [Administration("1571", "x001", "Demo", True)]


def test_same_code_in_two_maps_is_two_administrations() -> None:
    found = listed(f"<administrationList>{ITEM}{ITEM.replace('1571', '1702')}</administrationList>")
    assert [each.id for each in found] == ["1571/x001", "1702/x001"]


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<administrationList/>",
        "<administrationList xmlns:i='urn:i' i:nil='true'/>",
        "<administrationList><item/></administrationList>",
        "<administrationList>&lt;x>&lt;Dir>&lt;Name>1&lt;/Name>&lt;Adms/>&lt;/Dir>&lt;/x></administrationList>",
        "<administrationList><Dir><Name>1571</Name><Relnm>R</Relnm></Dir></administrationList>",
    ],
)
def test_login_that_sees_nothing_is_told_so(inside: str) -> None:
    with pytest.raises(NoAdministration):
        listed(inside)


def test_list_of_unknown_fields_is_a_fault_and_not_an_empty_list() -> None:
    with pytest.raises(CashFault, match=r"unknown_list: .*boek"):
        listed("<administrationList><item><boek>x001</boek></item></administrationList>")


def test_damaged_list_in_text_is_unreachable() -> None:
    with pytest.raises(CashUnreachable, match="not_xml"):
        listed("<administrationList>&lt;x>&lt;Dir></administrationList>")


def test_list_that_refers_to_itself_ends() -> None:
    with pytest.raises(NoAdministration):
        listed("<administrationList id='a'><item href='#a'/></administrationList>")
    with pytest.raises(CashUnreachable, match="too_large"):
        listed("<administrationList id='a'>" + "<item href='#a'/>" * 30 + "</administrationList>")


def test_hostile_names_are_only_text() -> None:
    name = "&lt;img src=x onerror=alert(1)>\u202e&#133;" + "y" * 500
    (found,) = listed(f"<administrationList>{ITEM.replace('Demo', name)}</administrationList>")
    assert found.name.startswith("<img src=x onerror=alert(1)> yyy")
    assert len(found.name) == 200


def test_ten_thousand_administrations_are_read() -> None:
    item = (
        "<item xsi:type='ns1:Administration'><admCode xsi:type='xsd:string'>x{0}</admCode><admMap xsi:type="
        "'xsd:string'>1571</admMap><admName xsi:type='xsd:string'>Demo Installatiebedrijf {0} B.V.</admName></item>"
    )
    items = "".join(item.format(number) for number in range(10_000))
    spaces = "xmlns:xsi='urn:i'"
    assert len(listed(f"<administrationList {spaces}>{items}</administrationList>")) == 10_000


# Transactions


def test_transaction_tells_what_cash_did_not_accept() -> None:
    err = "Content-type: text/xml <cash><errors><error><message>Ongeldig</message>"
    err += "<line>1</line><source>2229|0101=1|</source></error></errors></cash>"
    inside = (
        "<transaction><id>a1</id><status>3</status><creation>2021-12-15 14:40:33</creation>"
        "<lastUpdate>0000-00-00 00:00:00</lastUpdate><initiator><relation>25583</relation><user>7</user></initiator>"
        f"<err>{err.replace('<', '&lt;')}</err></transaction>"
    )
    with Peer(TOKEN, http(soap(inside))) as peer, gateway(peer).session(LOGIN) as session:
        transaction = session.import_records(BOOKS, [("0101", {"0101": "1"})])
    assert (transaction.status, transaction.initiator_user) == (TransactionStatus.ERROR, "7")
    assert (transaction.creation, transaction.last_update) == (datetime(2021, 12, 15, 14, 40, 33), None)
    (error,) = transaction.errors
    assert (error.message, error.line, error.source) == ("Ongeldig", 1, "2229|0101=1|")


@pytest.mark.parametrize("status", ["", "4", "Pending"])
def test_transaction_of_unknown_status_is_a_fault(status: str) -> None:
    answer = http(soap(f"<transaction><status>{status}</status></transaction>"))
    with (
        Peer(TOKEN, answer) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashFault, match="unknown_status"),
    ):
        session.transaction("a1")


def test_error_text_that_is_no_xml_is_one_message() -> None:
    inside = "<transaction><status>3</status><err>kapot</err></transaction>"
    with Peer(TOKEN, http(soap(inside))) as peer, gateway(peer).session(LOGIN) as session:
        assert [error.message for error in session.transaction("a1").errors] == ["kapot"]
