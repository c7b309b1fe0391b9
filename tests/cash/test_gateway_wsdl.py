"""When the gateway reads the WSDL, what it makes of it, and of one that cannot be used."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from support.cash import LIST, PARTS, TOKEN, Peer, describe, soap
from support.gateway import LOGIN, fails, gateway, submit
from support.server import http

import webapp.cash.client.soap
from webapp.cash.client.errors import CashError, CashFault, CashUnreachable, CredentialsRejected


@pytest.fixture
def wsdl_ages(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Makes it so many seconds later than it is, for the age of a WSDL."""
    return lambda seconds: monkeypatch.setattr(webapp.cash.client.soap, "monotonic", lambda: time.monotonic() + seconds)


def test_wsdl_is_read_once_for_all_sessions_and_again_after_a_failure() -> None:
    with Peer(TOKEN, LIST, TOKEN, LIST) as peer:
        shared = gateway(peer)
        peer.wsdl = http("<html>Onderhoud</html>")
        with shared.session(LOGIN) as session, pytest.raises(CashUnreachable, match="maintenance"):
            session.administrations()
        peer.wsdl = None
        for _ in range(2):
            with shared.session(LOGIN) as session:
                assert session.administrations()
        assert sum(request.startswith(b"GET") for request in peer.requests) == 2


FAULT = "<Envelope><Body><Fault><faultcode>Client</faultcode></Fault></Body></Envelope>"
NOTHING_AT_THE_OLD_ADDRESS = {
    "redirect": http("", "301 Moved Permanently", Location="/"),
    "http_400": http("", "400 Bad Request"),
    "http_404": http("", "404 Not Found"),
    "http_405": http("", "405 Method Not Allowed"),
    "http_410": http("", "410 Gone"),
    "http_500": http("oops", "500 Internal Server Error"),
    "soap_fault": http(FAULT, "500 Internal Server Error"),
    "maintenance": http("<html><body>Home</body></html>"),
    "not_xml": http(""),
    "not_soap": http("<a/>"),
    "no_code": http("<Envelope><Body><r/></Body></Envelope>"),
}


@pytest.mark.parametrize("reason", NOTHING_AT_THE_OLD_ADDRESS)
def test_an_address_that_moved_is_found_again(reason: str) -> None:
    with Peer(TOKEN, LIST, NOTHING_AT_THE_OLD_ADDRESS[reason], TOKEN, LIST) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            assert session.administrations()
        peer.wsdl = http(describe(f"{peer.origin}/?api/v2/soap", PARTS))
        with shared.session(LOGIN) as session:
            with pytest.raises(CashError, match=reason):
                session.administrations()
            assert session.administrations()
        assert [request.split(b" ")[1] for request in peer.requests[-2:]] == [b"/?api/v2/soap"] * 2


def test_the_wsdl_is_read_again_every_hour_and_an_old_one_is_better_than_none(
    wsdl_ages: Callable[[float], None],
) -> None:
    with Peer(TOKEN, LIST, TOKEN, LIST, TOKEN, LIST, TOKEN, LIST) as peer:
        shared = gateway(peer)

        def submit_again() -> list[bytes]:
            peer.requests.clear()
            with shared.session(LOGIN) as session:
                assert session.administrations()
            return [request.split(b" ")[0] for request in peer.requests]

        assert submit_again() == [b"GET", b"POST", b"POST"]
        wsdl_ages(3500)
        assert submit_again() == [b"POST", b"POST"]
        wsdl_ages(3700)
        peer.wsdl = http("", "404 Not Found")
        assert submit_again() == [b"GET", b"POST", b"POST"]
        assert submit_again() == [b"POST", b"POST"]


def test_a_wsdl_that_hangs_leaves_the_call_its_time(wsdl_ages: Callable[[float], None]) -> None:
    def silence(connection: socket.socket) -> None:
        peer.over.wait(5)

    with Peer(TOKEN, LIST) as peer:
        shared = gateway(peer, deadline=2.0)
        with shared.session(LOGIN) as session:
            session.log_in()
            wsdl_ages(3700)
            peer.wsdl = silence
            assert session.administrations()


def test_a_slow_failure_does_not_discard_a_newer_wsdl() -> None:
    arrived, release = threading.Event(), threading.Event()

    def fail_late(connection: socket.socket) -> None:
        arrived.set()
        release.wait(5)
        connection.sendall(NOTHING_AT_THE_OLD_ADDRESS["http_404"])

    with Peer(TOKEN, fail_late, NOTHING_AT_THE_OLD_ADDRESS["http_404"], TOKEN, LIST) as peer:
        shared = gateway(peer)

        def ask() -> None:
            with shared.session(LOGIN) as session, suppress(CashUnreachable):
                session.administrations()

        slow = threading.Thread(target=ask)
        slow.start()
        assert arrived.wait(5)
        ask()
        ask()
        release.set()
        slow.join()
        ask()
        assert sum(request.startswith(b"GET") for request in peer.requests) == 2


RENAMED = {**PARTS, "Authenticate": ("relatie", "email", "pass", "service")}


def test_a_login_is_sent_once_more_where_cash_now_asks_for_it_in_other_words(
    wsdl_ages: Callable[[float], None],
) -> None:
    with Peer(TOKEN, http(soap(code=2)), TOKEN, LIST) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.log_in()
        wsdl_ages(61)
        peer.parts = RENAMED
        peer.requests.clear()
        with shared.session(LOGIN) as session:
            assert session.administrations()
        assert [request.split(b" ")[0] for request in peer.requests] == [b"POST", b"GET", b"POST", b"POST"]
        assert b"<pass>Geheim-42</pass>" in peer.requests[2]


@pytest.mark.parametrize(("seconds", "parts", "asked"), [(61, PARTS, [b"POST", b"GET"]), (59, RENAMED, [b"POST"])])
def test_any_other_login_is_sent_once(
    seconds: float, parts: dict[str, tuple[str, ...]], asked: list[bytes], wsdl_ages: Callable[[float], None]
) -> None:
    with Peer(TOKEN, http(soap(code=2))) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.log_in()
        wsdl_ages(seconds)
        peer.parts = parts
        peer.requests.clear()
        with shared.session(LOGIN) as session, pytest.raises(CredentialsRejected):
            session.administrations()
        assert [request.split(b" ")[0] for request in peer.requests] == asked


def test_a_login_that_is_refused_is_refused_also_where_the_wsdl_is_gone(wsdl_ages: Callable[[float], None]) -> None:
    with Peer(TOKEN, LIST, http(soap(code=2))) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.administrations()
        wsdl_ages(61)
        peer.wsdl = http("", "404 Not Found")
        with shared.session(LOGIN) as session, pytest.raises(CredentialsRejected):
            session.administrations()


# The WSDL


def test_wsdl_with_an_unknown_part_is_a_fault_that_names_it_and_heals() -> None:
    with Peer(TOKEN, LIST) as peer:
        shared = gateway(peer)
        peer.parts = {**PARTS, "Authenticate": ("relation", "email", "password", "service", "kleur")}
        with shared.session(LOGIN) as session:
            with pytest.raises(CashFault, match=r"wsdl_part: .*kleur"):
                session.administrations()
            peer.parts = PARTS
            assert session.administrations()


def test_wsdl_without_authenticate_takes_credentials_in_every_call() -> None:
    with Peer(LIST) as peer:
        peer.parts = {"ListAdministrations": ("token", "relatie", "email", "pass")}
        assert submit(peer)
        assert b"<token></token><relatie>25583</relatie>" in peer.requests[1]


def test_wsdl_without_a_needed_operation_is_a_fault() -> None:
    with Peer(TOKEN) as peer:
        peer.parts = {"Authenticate": PARTS["Authenticate"]}
        fails(peer, CashFault, "wsdl_operation")


def test_wsdl_that_sends_credentials_elsewhere_is_refused_before_any_call() -> None:
    with Peer(TOKEN) as peer, Peer(TOKEN) as other:
        peer.wsdl = http(describe(f"{other.origin}/?api/soap", PARTS))
        fails(peer, CashFault, "wsdl_address")
        assert (len(peer.requests), other.connections) == (1, 0)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http("", "404 Not Found"), "http_404"),
        (http("", "500 Internal Server Error"), "http_500"),
        (http("<a/>"), "not_wsdl"),
        (http("<definitions/>"), "not_wsdl"),
        (http("<!DOCTYPE a [<!ENTITY b 'c'>]><definitions/>"), "unsafe_xml"),
    ],
)
def test_wsdl_that_cannot_be_read_is_unreachable(answer: bytes, reason: str) -> None:
    with Peer(TOKEN) as peer:
        peer.wsdl = answer
        fails(peer, CashUnreachable, reason)
