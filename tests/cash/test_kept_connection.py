"""What lasts between two calls of one conversation: the connection, which Cash may close, and the cookies."""

import logging
import re
import socket
from collections.abc import Callable

import pytest
from support.cash import LIST, PARTS, TOKEN, Answer, Peer, describe, soap
from support.gateway import BOOKS, LOGIN, fails, gateway
from support.gateway import submit as submit_to
from support.server import http
from support.tls import Certificates

from webapp.cash.client.errors import CashUnreachable
from webapp.cash.client.session import CashSession
from webapp.outbound.deadline import Deadline
from webapp.outbound.failures import CallFailed
from webapp.outbound.http import Wire, trust

EXPORT = http(soap("<exportResult>&lt;cash>&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;/R2209>&lt;/cash></exportResult>"))
DONE = http(soap("<transaction><id>a1</id><status>2</status></transaction>"))


def close(connection: socket.socket) -> None:
    """Closes the connection instead of answering."""


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def one_byte(connection: socket.socket) -> None:
    connection.sendall(b"H")


def posts(peer: Peer) -> list[str]:
    """The operations it was asked for."""
    return [found[1] for request in peer.requests if (found := re.search(r"<c:(\w+)>", request.decode()))]


READING: dict[str, tuple[Callable[[CashSession], object], Answer]] = {
    "ListAdministrations": (lambda session: session.administrations(), LIST),
    "Export": (lambda session: list(session.export(BOOKS, "2209")), EXPORT),
    "GetTransaction": (lambda session: session.transaction("a1"), DONE),
}


@pytest.mark.parametrize("leave", [close, reset])
@pytest.mark.parametrize("operation", READING)
@pytest.mark.parametrize("tls", [False, True])
def test_a_reading_call_is_sent_once_more_when_cash_had_closed_the_connection(
    operation: str, leave: Answer, tls: bool, certificates: Certificates
) -> None:
    ask, answer = READING[operation]
    with (
        Peer(TOKEN, leave, answer, tls=certificates.good if tls else None) as peer,
        gateway(peer, ca_file=certificates.file).session(LOGIN) as session,
    ):
        session.log_in()
        assert ask(session)
        assert posts(peer) == ["Authenticate", operation, operation]
        assert peer.connections == 2


def test_the_wsdl_is_asked_for_once_more_too() -> None:
    with Peer(TOKEN, LIST, LIST) as peer, gateway(peer).session(LOGIN) as session:
        session.administrations()
        session._soap._asked_for_wsdl = -1e9
        answers = iter([close, http(describe(f"{peer.origin}/?api/v2/soap", PARTS))])
        peer._describe = lambda: next(answers)  # type: ignore[method-assign]
        session.administrations()
        assert b"/?api/v2/soap" in peer.requests[-1].splitlines()[0]


@pytest.mark.parametrize("operation", READING)
def test_it_is_sent_no_third_time(operation: str) -> None:
    ask, _ = READING[operation]
    with Peer(TOKEN, close) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="reset"):
            ask(session)
        assert posts(peer) == ["Authenticate", operation, operation]


def test_a_login_is_never_sent_twice() -> None:
    with Peer(close) as peer:
        fails(peer, CashUnreachable, "reset")
        assert posts(peer) == ["Authenticate"]
    with Peer(TOKEN, http(soap(code=5)), close) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="reset"):
            session.administrations()
        assert posts(peer) == ["Authenticate", "ListAdministrations", "Authenticate"]


def test_an_import_is_never_sent_twice() -> None:
    with Peer(TOKEN, close, DONE) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="reset"):
            session.import_records(BOOKS, [("0101", {"0101": "1"})])
        assert posts(peer) == ["Authenticate", "Import"]


def test_a_fresh_connection_that_gets_no_answer_is_a_failure() -> None:
    with Peer(TOKEN, close) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        session._wire._hang_up()
        with pytest.raises(CashUnreachable, match="reset"):
            session.administrations()
        assert posts(peer) == ["Authenticate", "ListAdministrations"]


def test_one_byte_of_an_answer_is_an_answer_that_broke_off() -> None:
    with Peer(TOKEN, one_byte, LIST) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="reset"):
            session.administrations()
        assert posts(peer) == ["Authenticate", "ListAdministrations"]


def test_an_export_that_broke_off_is_not_begun_again() -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(EXPORT[:-60])

    with Peer(TOKEN, half, EXPORT) as peer, gateway(peer).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="reset"):
            list(session.export(BOOKS, "2209"))
        assert posts(peer) == ["Authenticate", "Export"]


def test_a_connection_that_is_silent_until_the_deadline_is_not_tried_again() -> None:
    def silence(connection: socket.socket) -> None:
        peer.over.wait(5)

    with Peer(TOKEN, silence, LIST) as peer, gateway(peer, deadline=0.6).session(LOGIN) as session:
        session.log_in()
        with pytest.raises(CashUnreachable, match="read_timeout"):
            session.administrations()
        assert posts(peer) == ["Authenticate", "ListAdministrations"]


def test_an_export_that_is_open_goes_on_while_another_call_is_sent_again() -> None:
    rows = "&lt;R2209>&lt;F2209>M1&lt;/F2209>&lt;/R2209>" * 30_000
    export = http(soap(f"<exportResult>&lt;cash>{rows}&lt;/cash></exportResult>"))
    with Peer(TOKEN, export, LIST, close, LIST) as peer, gateway(peer, deadline=30.0).session(LOGIN) as session:
        records = session.export(BOOKS, "2209")
        next(records)
        assert session.administrations()
        assert session.administrations()
        assert sum(1 for _ in records) == 29_999


def test_eighty_submits_pass_though_cash_keeps_no_connection_open() -> None:
    with Peer(*[TOKEN, close, LIST] * 80) as peer:
        shared = gateway(peer)
        for _ in range(80):
            with shared.session(LOGIN) as session:
                assert session.administrations()


# Cookies


def with_cookies(answer: bytes, *cookies: str) -> bytes:
    lines = "".join(f"Set-Cookie: {each}\r\n" for each in cookies).encode()
    return answer.replace(b"\r\n", b"\r\n" + lines, 1)


def cookies_sent(peer: Peer) -> list[str]:
    found = (re.search(rb"(?im)^cookie: (.*?)\r$", request) for request in peer.requests)
    return [each[1].decode() if each else "" for each in found]


def test_a_token_that_is_good_only_with_its_cookie_is_good() -> None:
    with Peer(with_cookies(TOKEN, "PHPSESSID=s1; path=/; HttpOnly", "node=b; Path=/"), LIST) as peer:
        assert submit_to(peer)
        assert cookies_sent(peer) == ["", "", "PHPSESSID=s1; node=b"]


def test_a_cookie_is_renewed_and_taken_back_as_cash_says() -> None:
    gone = "a=; Max-Age=0"
    answers = [with_cookies(TOKEN, "a=1", "b=1"), with_cookies(LIST, "a=2"), with_cookies(LIST, gone), LIST]
    with Peer(*answers) as peer, gateway(peer).session(LOGIN) as session:
        for _ in range(3):
            session.administrations()
        assert [set(each.split("; ")) for each in cookies_sent(peer)[2:]] == [{"a=1", "b=1"}, {"a=2", "b=1"}, {"b=1"}]


def test_a_cookie_lasts_for_one_conversation() -> None:
    with Peer(with_cookies(TOKEN, "a=1"), LIST, TOKEN, LIST, TOKEN, LIST) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.administrations()
            session.close()
            session.administrations()
        with shared.session(LOGIN) as session:
            session.administrations()
        assert cookies_sent(peer) == ["", "", "a=1", "", "", "", ""]


def test_a_cookie_survives_a_connection_that_closed() -> None:
    with Peer(with_cookies(TOKEN, "a=1"), close, LIST) as peer:
        assert submit_to(peer)
        assert cookies_sent(peer)[2:] == ["a=1", "a=1"]


def test_a_cookie_goes_to_no_other_origin() -> None:
    with Peer(with_cookies(TOKEN, "a=1", "b=1; Domain=127.0.0.1")) as one, Peer(TOKEN) as other:
        wire = Wire(trust(None), 3.0, "test")
        for peer in (one, other, one):
            with wire.call(Deadline(5), f"{peer.origin}/", 10_000, b""):
                pass
        wire.close()
        assert cookies_sent(one)[0] == ""
        assert "a=1" in cookies_sent(one)[1]
        assert cookies_sent(other) == [""]


@pytest.mark.parametrize("attributes", ["Domain=evil.test", "Path=/elsewhere", "Secure"])
def test_a_cookie_goes_only_where_it_says(attributes: str) -> None:
    with Peer(with_cookies(TOKEN, f"a=1; {attributes}"), LIST) as peer:
        assert submit_to(peer)
        assert cookies_sent(peer)[-1] == ""


def test_a_flood_of_cookies_is_not_carried_on() -> None:
    for flood in (["a=" + "x" * 9000], [f"a{number}=1" for number in range(60)]):
        with Peer(with_cookies(TOKEN, *flood), LIST) as peer:
            assert submit_to(peer)
            assert cookies_sent(peer)[-1] == ""


def test_a_cookie_is_in_no_log_line_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "webapp")
    with Peer(with_cookies(TOKEN, "PHPSESSID=zeer-geheim"), http("", "503 Service Unavailable")) as peer:
        failure = fails(peer, CashUnreachable, "http_503")
    assert "zeer-geheim" not in caplog.text + repr(failure) + str(vars(failure))


@pytest.mark.parametrize("cookie", ["a=\x0b1", "=;;;=", "a=é", "\x00", "a=1; expires=never"])
def test_an_odd_cookie_is_no_failure(cookie: str) -> None:
    answer = with_cookies(TOKEN, "good=1").replace(b"good=1\r\n", b"good=1\r\nSet-Cookie: " + cookie.encode() + b"\r\n")
    with Peer(answer, LIST) as peer:
        assert submit_to(peer)
        assert "good=1" in cookies_sent(peer)[-1]


# Any vendor


def test_a_call_reads_the_statuses_it_asks_for_and_sends_its_own_headers() -> None:
    teapot = http('{"message": "no"}', "422 Unprocessable Content", Content_Type="application/json")
    with Peer(teapot) as peer:
        wire = Wire(trust(None), 3.0, "outsmart-client")
        with wire.call(
            Deadline(5), f"{peer.origin}/", 1000, b"{}", {"Content-Type": "application/json"}, also_read={422}
        ) as reply:
            assert (reply.status, b"".join(reply.chunks)) == (422, b'{"message": "no"}')
        with pytest.raises(CallFailed, match="http_422"), wire.call(Deadline(5), f"{peer.origin}/", 1000, b"{}"):
            pass
        wire.close()
        assert b"User-Agent: outsmart-client" in peer.requests[0]
        assert b"Content-Type: application/json" in peer.requests[0]
