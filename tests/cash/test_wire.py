"""What can be in the place of Cash on the wire, and what the gateway makes of it."""

import gzip
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from support.cash import LIST, TOKEN, Peer, soap
from support.gateway import fails, submit
from support.server import http

from webapp.cash.client.errors import CashBusy, CashError, CashUnreachable
from webapp.outbound import deadline


@pytest.mark.parametrize(
    ("answer", "kind", "reason"),
    [
        (http(soap("<token>tok-1</token>")[:-30]), CashUnreachable, "not_xml"),
        (http(""), CashUnreachable, "not_xml"),
        (http("<!DOCTYPE html><html><p>Onderhoud", Content_Type="text/html"), CashUnreachable, "maintenance"),
        (http("<!DOCTYPE a [<!ENTITY a 'aaa'><!ENTITY b '&a;&a;'>]><a>&b;</a>"), CashUnreachable, "unsafe_xml"),
        (http("<a/>"), CashUnreachable, "not_soap"),
        (http("", "401 Unauthorized"), CashUnreachable, "http_401"),
        (http("", "403 Forbidden"), CashUnreachable, "http_403"),
        (http("", "500 Internal Server Error"), CashUnreachable, "http_500"),
        (http("<html>", "500 Internal Server Error"), CashUnreachable, "http_500"),
        (http(soap("<token>tok-1</token>"), "500 Internal Server Error"), CashUnreachable, "http_500"),
        (http("", "502 Bad Gateway"), CashUnreachable, "http_502"),
        (http("", "429 Too Many Requests"), CashBusy, "http_429"),
        (http("x", Content_Length="100000"), CashUnreachable, "reset"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", CashUnreachable, "reset"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", CashUnreachable, "reset"),
        (b"", CashUnreachable, "reset"),
    ],
)
def test_bad_reply_has_its_class(answer: bytes, kind: type[CashError], reason: str) -> None:
    def last_words(connection: socket.socket) -> None:
        connection.sendall(answer)

    with Peer(last_words) as peer:
        fails(peer, kind, reason)


@pytest.mark.parametrize(
    ("status", "header", "low", "high"),
    [
        ("429 Too Many Requests", "120", 120, 120),
        ("503 Service Unavailable", "30", 30, 30),
        ("503 Service Unavailable", 1, 3500, 3600),
        ("503 Service Unavailable", -1, 0, 0),
        ("503 Service Unavailable", "9" * 30, 86400, 86400),
    ],
)
def test_wish_of_cash_to_wait_is_passed_on(status: str, header: str | int, low: int, high: int) -> None:
    if isinstance(header, int):  # hours from now
        header = format_datetime(datetime.now(UTC) + timedelta(hours=header), usegmt=True)
    with Peer(http("", status, Retry_After=header)) as peer:
        kind = CashBusy if status.startswith("429") else CashUnreachable
        wait = fails(peer, kind, f"http_{status[:3]}").retry_after
        assert wait is not None
        assert low <= wait <= high


@pytest.mark.parametrize("header", ["soon", "-5", "²", "1.5", "Tue, 99 Foo 2026"])
def test_odd_retry_after_is_no_error(header: str) -> None:
    with Peer(http("", "503 Service Unavailable", Retry_After=header.encode().decode("latin-1"))) as peer:
        assert fails(peer, CashUnreachable, "http_503").retry_after in (None, 0)


def test_redirect_is_not_followed_and_its_body_not_unpacked() -> None:
    with Peer(TOKEN) as other:
        bomb = gzip.compress(b"x" * 20_000_000)
        headers = {"Location": f"{other.origin}/", "Content_Encoding": "gzip"}
        with Peer(http(bomb, "307 Temporary Redirect", **headers)) as peer:
            fails(peer, CashUnreachable, "redirect")
        assert other.connections == 0


def test_compressed_reply_is_not_unpacked() -> None:
    with Peer(http(gzip.compress(b" " * 50_000_000), Content_Encoding="gzip")) as peer:
        fails(peer, CashUnreachable, "compressed")


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n", "too_large"),
        (b"HTTP/1.1 200 OK\r\n\r\n", "too_large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2faf080\r\n", "too_large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "reset"),  # the length of a chunk has no end
        (b"HTTP/1.1 200 OK\r\nX: ", "reset"),  # a header has no end
        (b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 50000000\r\n\r\n", "http_500"),
    ],
)
def test_reply_of_50_mb_is_cut_off(head: bytes, reason: str) -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(50):
            connection.sendall(b"1" * 1_000_000)
            sent.append(1)

    with Peer(flood) as peer:
        fails(peer, CashUnreachable, reason)
    assert len(sent) < 25


def test_wrong_charset_and_text_before_the_xml_do_no_harm() -> None:
    prefixed = http(
        b"Content-type: text/xml " + LIST.partition(b"\r\n\r\n")[2], Content_Type="text/plain; charset=utf-16"
    )
    with Peer(TOKEN, prefixed) as peer:
        assert submit(peer)


def test_keepalive_that_ended_is_replaced_by_a_new_connection() -> None:
    def answer_once(connection: socket.socket) -> None:
        connection.sendall(http(soap("<token>tok-1</token>"), Connection="close"))

    with Peer(answer_once, LIST) as peer:
        assert submit(peer)
        assert peer.connections == 2


def test_reset_is_unreachable() -> None:
    def reset(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<a>")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with Peer(reset) as peer:
        fails(peer, CashUnreachable, "reset")


def test_refused_connection_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        fails(f"http://127.0.0.1:{free.getsockname()[1]}/", CashUnreachable, "refused")


def test_connection_that_is_not_accepted_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = []
        for _ in range(4):
            attempt = socket.socket()
            attempt.setblocking(False)
            attempt.connect_ex(full.getsockname())
            waiting.append(attempt)
        time.sleep(0.05)
        fails(f"http://127.0.0.1:{full.getsockname()[1]}/", CashUnreachable, "connect_timeout", connect_timeout=0.3)
        for attempt in waiting:
            attempt.close()


def test_unknown_host_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(deadline.socket, "getaddrinfo", nobody)
    fails("http://cash.invalid/", CashUnreachable, "dns")


def test_resolver_that_hangs_holds_up_one_thread_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> None:
        release.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(deadline.socket, "getaddrinfo", hang)
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(CashUnreachable, match="dns"):
            submit("http://slow.invalid/", connect_timeout=0.1)
    assert threading.active_count() == before + 1
    release.set()
    for thread in threading.enumerate():
        if thread.name.endswith("(_ask_resolver)"):
            thread.join()
