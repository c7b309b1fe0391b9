"""What the gateway makes of Cash, over real sockets: calls, codes, limits, and what is told of them."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from support.app import LONGEST_WAIT
from support.cash import BODY, LIST, TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, fails, gateway, submit
from support.server import http

from webapp.cash.client.calls import CallRecord
from webapp.cash.client.errors import CashBusy, CashError, CashFault, CashUnreachable, CredentialsRejected
from webapp.cash.client.session import CashSession
from webapp.cash.model import Administration, Credentials, TransactionStatus
from webapp.demo.cash import LOGINS, CashSandbox

# With the sandbox: both styles, both dialects, all five operations


@pytest.fixture(scope="module", params=["encoded", "literal"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[CashSandbox]:
    with CashSandbox(style=request.param) as cash:
        yield cash


@pytest.mark.parametrize("dialect", ["token", "3.0"])
def test_all_operations_work_in_both_dialects(sandbox: CashSandbox, dialect: str) -> None:
    login = LOGINS[0]
    credentials = Credentials(login.relation_code, login.email, login.password)
    sandbox.forget_calls()
    with gateway(sandbox.wsdl if dialect == "token" else sandbox.wsdl_3).session(credentials) as session:
        session.log_in()
        administrations = session.administrations()
        assert [each.id for each in administrations] == list(login.sees)
        relations = list(session.export(administrations[0], "0101"))
        assert {each["record"] for each in relations} == {"0101"}
        assert all(each["0101"].isdecimal() for each in relations)
        changed = {"0101": relations[0]["0101"], "0103": "Jansen & Zn. <é>", "0107": "1234AB Test"}
        transaction = session.import_records(administrations[0], [("0101", changed)])
        assert session.transaction(transaction.id).status == TransactionStatus.SUCCESS
        again = next(each for each in session.export(administrations[0], "0101") if each["0101"] == changed["0101"])
        assert again["0103"] == changed["0103"]
        with pytest.raises(CashFault, match="code_902"):
            session.transaction("unknown")
    assert sandbox.wsdl_reads == 1
    assert sandbox.count("Authenticate") == (1 if dialect == "token" else 0)


@pytest.mark.parametrize("dialect", ["token", "3.0"])
def test_wrong_password_is_rejected_credentials(sandbox: CashSandbox, dialect: str) -> None:
    wrong = Credentials(LOGINS[0].relation_code, LOGINS[0].email, "wrong")
    address = sandbox.wsdl if dialect == "token" else sandbox.wsdl_3
    with gateway(address).session(wrong) as session, pytest.raises(CredentialsRejected):
        session.administrations()


# Submit


def test_submit_is_one_login_one_list_and_one_connection() -> None:
    with Peer(TOKEN, LIST) as peer:
        assert submit(peer) == [Administration("1571", "x001", "Demo")]
        first = [request.split(b" ")[0] for request in peer.requests]
        assert (first, peer.connections) == ([b"GET", b"POST", b"POST"], 1)
        assert b"<relation>25583</relation>" in peer.requests[1]
        assert b"<token>tok-1</token>" in peer.requests[2]
        assert b"Cookie" not in peer.requests[2]
        assert all(b"\r\nAccept-Encoding: identity\r\n" in request for request in peer.requests)


def test_the_environment_means_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Peer(TOKEN, LIST) as peer:
        assert submit(peer)
        assert not any(b"Cookie" in request or b"Authorization" in request for request in peer.requests)


# Codes


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (2, CredentialsRejected, "code_2"),
        *((code, CashUnreachable, f"code_{code}") for code in (3, 4, 5, 6, 200, 300, 400, 500, 600, 700)),
        (7, CashFault, "code_7"),
        *((code, CashFault, f"code_{code}") for code in (800, 900, 901, 902, 903)),
        *((code, CashFault, f"code_{code}") for code in (0, -1, 8, 1002)),
    ],
)
def test_response_code_has_its_class(code: int, kind: type[CashError], reason: str) -> None:
    with Peer(http(soap(code=code))) as peer:
        fails(peer, kind, reason)


@pytest.mark.parametrize("code", [5, 6])
def test_lost_token_is_renewed_once(code: int) -> None:
    lost = http(soap(code=code))
    with Peer(TOKEN, lost, http(soap("<token>tok-2</token>")), LIST) as peer:
        assert submit(peer)
        assert b"<token>tok-2</token>" in peer.requests[-1]
    with Peer(TOKEN, lost, TOKEN, lost) as peer:
        fails(peer, CashUnreachable, f"code_{code}")
        assert len(peer.requests) == 5


def test_lost_token_is_renewed_for_an_export() -> None:
    export = http(soap("<exportResult>&lt;cash>&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;/R2209>&lt;/cash></exportResult>"))
    with Peer(TOKEN, http(soap(code=5)), TOKEN, export) as peer, gateway(peer).session(LOGIN) as session:
        assert list(session.export(BOOKS, "2209")) == [{"record": "2209", "2209": "M1"}]


def test_token_that_is_lost_twice_ends_an_export() -> None:
    lost = http(soap(code=5))
    with (
        Peer(TOKEN, lost, TOKEN, lost) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashUnreachable, match="code_5"),
    ):
        next(session.export(BOOKS, "2209"))


def test_login_without_a_token_is_no_login() -> None:
    with Peer(http(soap())) as peer:
        fails(peer, CashUnreachable, "no_token")


def test_fault_that_repeats_the_login_tells_nothing_of_it() -> None:
    login = Credentials("25583", "api@example.test", 'zonne&schijn‹nacht"é')

    def parrot(connection: socket.socket) -> None:
        repeated = escape(peer.requests[-1].partition(b"<relation>")[2].decode())
        fault = f"<Fault><faultcode>Server</faultcode><faultstring>{repeated}</faultstring></Fault>"
        connection.sendall(http(f"<Envelope><Body>{fault}</Body></Envelope>", "500 Internal Server Error"))

    with Peer(parrot) as peer, gateway(peer).session(login) as session:
        with pytest.raises(CashUnreachable) as failure:
            session.administrations()
        assert str(failure.value) == "soap_fault: Server"


# Limits and what is told


def test_only_so_many_calls_are_in_flight() -> None:
    arrived, release = threading.Event(), threading.Event()

    def wait(connection: socket.socket) -> None:
        arrived.set()
        release.wait(2 * LONGEST_WAIT)
        connection.sendall(LIST)

    with Peer(TOKEN, wait, TOKEN, LIST) as peer:
        shared = gateway(peer, calls_in_flight=1)

        def ask() -> None:
            with shared.session(LOGIN) as session:
                session.administrations()

        first = threading.Thread(target=ask)
        first.start()
        assert arrived.wait(LONGEST_WAIT)
        started = time.monotonic()
        with shared.session(LOGIN) as session, pytest.raises(CashBusy, match="in_flight") as busy:
            session.administrations()
        assert time.monotonic() - started < LONGEST_WAIT
        assert busy.value.retry_after
        release.set()
        first.join()
        ask()


def test_place_in_flight_is_free_after_every_failure() -> None:
    with Peer(http("", "503 Service Unavailable")) as peer:
        shared = gateway(peer, calls_in_flight=1)
        for _ in range(3):
            with shared.session(LOGIN) as session, pytest.raises(CashUnreachable):
                session.administrations()


def test_export_holds_its_place_until_it_is_closed() -> None:
    result = "&lt;cash>" + "&lt;R2209>&lt;/R2209>" * 3 + "&lt;/cash>"
    with (
        Peer(TOKEN, http(soap(f"<exportResult>{result}</exportResult>")), LIST) as peer,
        gateway(peer, calls_in_flight=1).session(LOGIN) as session,
    ):
        export = session.export(BOOKS, "2209")
        assert next(export) == {"record": "2209"}
        with pytest.raises(CashBusy, match="in_flight"):
            session.administrations()
        export.close()  # type: ignore[attr-defined]
        assert session.administrations()


def test_another_call_may_be_made_while_an_export_is_open() -> None:
    result = "&lt;cash>" + "&lt;R2209>&lt;/R2209>" * 30_000 + "&lt;/cash>"
    with (
        Peer(TOKEN, http(soap(f"<exportResult>{result}</exportResult>")), LIST) as peer,
        gateway(peer).session(LOGIN) as session,
    ):
        export = session.export(BOOKS, "2209")
        next(export)
        assert session.administrations()
        assert len(list(export)) == 29_999


def test_export_of_6_mb_is_read_and_not_held() -> None:
    picture = "x" * 600_000
    result = f"&lt;cash>{f'&lt;R2260>&lt;Z4245>{picture}&lt;/Z4245>&lt;/R2260>' * 10}&lt;/cash>"
    with (
        Peer(TOKEN, http(soap(f"<exportResult>{result}</exportResult>"))) as peer,
        gateway(peer).session(LOGIN) as session,
    ):
        assert list(session.export(BOOKS, "2260")) == [{"record": "2260", "Z4245": picture}] * 10


def test_export_has_a_deadline_of_its_own() -> None:
    with (
        Peer(TOKEN, lambda connection: peer.drip(connection, http(BODY), 0)) as peer,
        gateway(peer).session(LOGIN) as session,
    ):
        session.log_in()
        started = time.monotonic()
        with pytest.raises(CashUnreachable, match="deadline"):
            list(session.export(BOOKS, "2209", deadline=0.9))
        assert time.monotonic() - started < LONGEST_WAIT


def test_export_command_cannot_be_extended_by_its_arguments() -> None:
    with gateway("http://127.0.0.1:1/").session(LOGIN) as session, pytest.raises(ValueError, match="command"):
        session.export(BOOKS, "2260", "A|B")


def test_our_own_limit_per_minute_is_asked_before_every_call() -> None:
    waits = iter([None, 17])
    with Peer(TOKEN, LIST) as peer:
        assert fails(peer, CashBusy, "rate_limit", before_call=lambda *who: next(waits)).retry_after == 17
        assert len(peer.requests) == 2


def test_reading_the_wsdl_is_within_our_own_limit_too() -> None:
    with Peer(TOKEN, LIST) as peer:
        assert fails(peer, CashBusy, "rate_limit", before_wsdl=lambda *who: 17).retry_after == 17
        assert peer.requests == []


def test_closed_session_has_forgotten_its_token() -> None:
    with Peer(TOKEN, LIST, TOKEN, LIST) as peer, gateway(peer).session(LOGIN) as session:
        session.administrations()
        session.close()
        session.administrations()
        assert [b"Authenticate" in request for request in peer.requests[1:]] == [True, False, True, False]


def test_observer_hears_of_every_call_and_no_secret() -> None:
    heard: list[CallRecord] = []
    with Peer(TOKEN, http("", "503 Service Unavailable")) as peer:
        fails(peer, CashUnreachable, "http_503", observer=heard.append)
    told = [(call.operation, call.outcome) for call in heard]
    assert told == [("WSDL", "ok"), ("Authenticate", "ok"), ("ListAdministrations", "http_503")]
    assert all(call.ms > 0 for call in heard)


def test_no_secret_is_shown_by_what_is_printed() -> None:
    with Peer(TOKEN, LIST) as peer, gateway(peer).session(LOGIN) as session:
        session.administrations()
        assert isinstance(session, CashSession)
        shown = repr(LOGIN) + repr(session) + repr(session._soap)
    assert LOGIN.password not in shown
    assert "tok-1" not in shown
