"""Whatever is slow, a conversation with Cash ends in time."""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from support.app import LONGEST_WAIT
from support.cash import BODY, LIST, PARTS, TOKEN, Peer, describe
from support.gateway import BOOKS, LOGIN, fails, gateway
from support.server import http
from support.tls import Certificates

import webapp.cash.client.soap
from webapp.cash.client.budget import Budget
from webapp.cash.client.errors import CashUnreachable
from webapp.cash.client.xml import Node, read_tree


@pytest.mark.parametrize(
    ("reply", "first", "reason"),
    [
        (b"", 0, "read_timeout"),
        (http(BODY), 0, "deadline"),  # in the status line
        (http(BODY), 20, "deadline"),  # in the headers
        (http(BODY), len(http(BODY)) - 200, "deadline"),  # in the body
        (b"HTTP/1.1 200 OK\r\n\r\n" + BODY, 30, "deadline"),  # in a body that only the end of the connection ends
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n<\r\n" * 99, 50, "deadline"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 99, 0, "deadline"),
    ],
)
@pytest.mark.parametrize("tls", [False, True])
def test_slow_reply_ends_at_the_deadline(
    reply: bytes, first: int, reason: str, tls: bool, certificates: Certificates
) -> None:
    with Peer(lambda connection: peer.drip(connection, reply, first), tls=certificates.good if tls else None) as peer:
        started = time.monotonic()
        fails(peer, CashUnreachable, reason, deadline=0.9, ca_file=certificates.file)
        assert 0.85 < time.monotonic() - started < LONGEST_WAIT


def test_deadline_holds_over_all_calls_of_a_submit() -> None:
    def slow(answer: bytes) -> Callable[[socket.socket], None]:
        def reply(connection: socket.socket) -> None:
            peer.over.wait(0.25)
            connection.sendall(answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))

        return reply

    with Peer(slow(TOKEN), slow(LIST)) as peer:
        peer.wsdl = slow(http(describe(f"{peer.origin}/?api/soap", PARTS)))
        started = time.monotonic()
        fails(peer, CashUnreachable, "read_timeout", deadline=0.6)
        assert time.monotonic() - started < LONGEST_WAIT


@pytest.mark.parametrize("what", ["the WSDL", "an answer"])
def test_reading_what_came_counts_for_the_deadline(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(chunks: Iterator[bytes], budget: Budget, **how: bool) -> Node:
        read = read_tree(chunks, budget, **how)
        time.sleep(1.1)
        return read

    with Peer(TOKEN, LIST) as peer, gateway(peer, deadline=1.0).session(LOGIN) as session:
        if what == "an answer":
            session.log_in()
        monkeypatch.setattr(webapp.cash.client.soap, "read_tree", slowly)
        with pytest.raises(CashUnreachable, match="deadline"):
            session.administrations()
        assert len(peer.requests) == (3 if what == "an answer" else 1)


def test_handshake_that_drips_ends_in_time() -> None:
    with Peer(TOKEN) as peer:
        peer.greet = lambda connection: peer.drip(connection, b"\x16\x03\x03\x40\x00" + b"\x02" * 200)
        started = time.monotonic()
        fails(peer.origin.replace("http", "https"), CashUnreachable, "connect_timeout", connect_timeout=0.3)
        assert time.monotonic() - started < LONGEST_WAIT


@pytest.mark.parametrize("tls", [False, True])
def test_server_that_does_not_read_ends_at_the_deadline(tls: bool, certificates: Certificates) -> None:
    with Peer(TOKEN, tls=certificates.good if tls else None) as peer:
        shared = gateway(peer, ca_file=certificates.file, import_deadline=0.8)
        with shared.session(LOGIN) as session:
            session.log_in()
            peer.stop_reading()
            session.close()
            session._token = "tok-1"
            large = [("0101", {"0103": "x" * 4_000_000})]
            started = time.monotonic()
            with pytest.raises(CashUnreachable, match="read_timeout"):
                session.import_records(BOOKS, large)
            assert time.monotonic() - started < LONGEST_WAIT
