"""Our gateway against PHP's own SoapServer: another namespace, Dutch part names, other spelling of operations."""

from collections.abc import Iterator

import pytest
from support.php import php_server

from webapp.cash.client.errors import CashFault, CredentialsRejected
from webapp.cash.client.gateway import CashGateway
from webapp.cash.client.session import CashSession
from webapp.cash.model import Administration, Credentials, TransactionStatus

LOGIN = Credentials("025583", "api@voorbeeld.test", 'g<h&e]]>\'im "é"')


@pytest.fixture(scope="module", params=["encoded", "literal"])
def wsdl(request: pytest.FixtureRequest) -> Iterator[str]:
    with php_server("server.php", KAS_STYLE=request.param) as address:
        yield f"{address}/kas.php?api/wsdl"


@pytest.fixture
def session(wsdl: str) -> Iterator[CashSession]:
    with CashGateway(wsdl, "OUTSMART").session(LOGIN) as session:
        yield session


def test_login_with_difficult_characters_sees_administrations(session: CashSession) -> None:
    assert session.administrations() == [
        Administration("1571", "x001", "Jansen & Zn <bv> é"),
        Administration("1702", "x001", "Verhuur"),
    ]


def test_wrong_password_is_rejected_credentials(wsdl: str) -> None:
    wrong = Credentials(LOGIN.relation_code, LOGIN.email, "fout")
    with CashGateway(wsdl, "OUTSMART").session(wrong) as session, pytest.raises(CredentialsRejected):
        session.log_in()


def test_unknown_service_is_a_fault_of_ours(wsdl: str) -> None:
    with CashGateway(wsdl, "NOBODY").session(LOGIN) as session, pytest.raises(CashFault, match="code_7"):
        session.log_in()


def test_export_gives_records(session: CashSession) -> None:
    records = list(session.export(Administration("1571", "x001", ""), "2260W", "7"))
    assert records == [{"record": "2260", "2260": "2260W|7", "2001": "Buis <22> é", "Zjpg": ""}]


def test_export_of_unknown_administration_is_a_fault(session: CashSession) -> None:
    with pytest.raises(CashFault, match="code_903"):
        list(session.export(Administration("1571", "x009", ""), "2260"))


def test_import_and_its_errors_come_back(session: CashSession) -> None:
    fields = {"0101": "000100", "0103": "Jan | & <Zn>\x07 é"}
    transaction = session.import_records(Administration("1571", "x001", ""), [("0101", fields)])
    assert (transaction.id, transaction.status) == ("a1b2", TransactionStatus.ERROR)
    assert [error.message for error in transaction.errors] == ["Jan & <Zn> é"]
    assert (transaction.initiator_relation, transaction.administration.id) == ("25583", "1571/x001")


def test_transaction_is_found_or_is_a_fault(session: CashSession) -> None:
    transaction = session.transaction("a1b2")
    assert (transaction.status, transaction.errors) == (TransactionStatus.SUCCESS, ())
    assert str(transaction.creation) == "2021-12-15 14:40:33"
    assert transaction.last_update is None
    with pytest.raises(CashFault, match="code_902"):
        session.transaction("nothing")
