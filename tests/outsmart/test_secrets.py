"""The tokens stand in every address, and are found in nothing that is told, written or kept."""

import logging
import socket
import traceback
from collections.abc import Callable, Iterator

import pytest
from reliability.canary import Canary, Watch
from support.app import LONGEST_WAIT
from support.outsmart import ROW, Answer, Scripted, envelope, gateway
from support.server import http

from webapp.outsmart.errors import OutSmartError
from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.model import RELATIONS
from webapp.outsmart.session import OutSmartSession
from webapp.outsmart.workorders import WorkOrders


def broken(data: bytes) -> Answer:
    return lambda connection: connection.sendall(data)


def parrot(code: int) -> Callable[[Scripted], Answer]:
    """Says the address it was asked for in every place there is."""

    def prepare(peer: Scripted) -> Answer:
        def answer(connection: socket.socket) -> bytes:
            address = peer.requests[-1].split(b" ")[1].decode()
            said = [f"no such thing: {address}", *address.replace("&", "=").split("=")]
            return envelope([{"name": address}] if code == 200 else None, code, said)

        return answer

    return prepare


def redirect(peer: Scripted) -> Answer:
    def answer(connection: socket.socket) -> bytes:
        address = peer.requests[-1].split(b" ")[1].decode()
        return http("", "302 Found", Location=address, Retry_After=address)

    return answer


FAULTS: dict[str, Answer | Callable[[Scripted], Answer]] = {
    "good list": envelope([ROW]),
    "good post": envelope(1),
    "nothing": broken(b""),
    "no HTTP": broken(b"SSH-2.0\r\n\r\n"),
    "damaged headers": b"HTTP/1.1 200 OK\r\nA: 1\r\n B\r\n: c\r\nContent-Length: 2\r\n\r\n{}",
    "header without colon": broken(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 2\r\n\r\n{}"),
    "endless header": broken(b"HTTP/1.1 200 OK\r\nA: " + b"x" * 100_000),
    "cut body": broken(http(b"{}", Content_Length="100")),
    "bad chunk": broken(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "bad gzip": http(b"nonsense", Content_Encoding="gzip"),
    "web page": http("<html>"),
    "no JSON": http("nonsense"),
    "too deep": http('{"response":' + "[" * 50_000),
    "no envelope": http("[]"),
    "no list": envelope(7),
    "odd item": envelope([7]),
    "no such order": envelope(None, 1500),
    "busy": http("", "429 Too Many Requests", Retry_After="5"),
    "down": http("", "503 Service Unavailable"),
    "unauthorised": http("", "401 Unauthorized", WWW_Authenticate="Basic"),
    "redirect": redirect,
    **{f"parrot {code}": parrot(code) for code in (200, 1004, 1007, 1301, 4711)},
}


class Listener:
    """Everything a call leaves behind, searched for two canaries."""

    def __init__(self) -> None:
        self.software, self.account = Canary(), Canary()
        self.watch = Watch([self.software, self.account])
        self.outcomes: list[str] = []

    def try_all(self, way: OutSmartGateway) -> None:
        with way.session("1001", self.account.password) as session:
            orders = WorkOrders(session)
            for act in (
                lambda: list(session.get(RELATIONS)),
                lambda: session.post(RELATIONS, [ROW]),
                lambda: list(orders.complete("1")),
                lambda: orders.get("7"),
                lambda: orders.close("7"),
                lambda: orders.set_work_status("7", "99"),
            ):
                self._hear(act)
            self._look_at(way, session)

    def _hear(self, act: Callable[[], object]) -> None:
        try:
            outcome = act()
            if not isinstance(outcome, list):  # rows are what the account itself keeps
                self.watch.look("outcome", repr(outcome).encode())
            self.outcomes.append("ok")
        except OutSmartError as error:
            self.outcomes.append(error.reason)
            self._look_at_error(error)

    def _look_at_error(self, error: BaseException) -> None:
        assert error.__cause__ is error.__context__ is None
        told = "".join(traceback.format_exception(error))
        kept = f"{error!s} {error!r} {error.args!r} {vars(error)!r} {getattr(error, '__notes__', '')}"
        self.watch.look(f"error {type(error).__name__}", (told + kept).encode())
        frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
        names = [repr(frame.f_locals) for frame in frames if "webapp" in frame.f_code.co_filename]
        self.watch.look("locals", "".join(names).encode())

    def _look_at(self, way: OutSmartGateway, session: OutSmartSession) -> None:
        self.watch.look("gateway", repr(way).encode())
        self.watch.look("session", f"{session!r} {vars(session)!r}".encode())


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Hears every logger at its loudest, those of libraries too."""
    listener, root = Listener(), logging.getLogger()
    loggers = [root, *map(logging.getLogger, ("urllib3", "urllib3.connection", "urllib3.connectionpool", "requests"))]
    levels = [logger.level for logger in loggers]
    root.addHandler(listener.watch)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield listener
    root.removeHandler(listener.watch)
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_failure_tells_a_token(fault: str, listener: Listener, capfd: pytest.CaptureFixture[str]) -> None:
    answer = FAULTS[fault]
    with Scripted(b"") as peer:
        peer.always(answer(peer) if answer is redirect or fault.startswith("parrot") else answer)  # type: ignore
        records: list[object] = []
        listener.try_all(gateway(peer, listener.software.password, observer=records.append))
        assert all(listener.software.is_in(request) and listener.account.is_in(request) for request in peer.requests)
        assert len(records) == len(peer.requests) == len(listener.outcomes) == 6
    listener.watch.look("call records", repr(records).encode())
    listener.watch.look("stdout and stderr", "".join(capfd.readouterr()).encode())
    assert listener.watch.found == []
    assert listener.watch.looked_at > 6


@pytest.mark.parametrize("silent", ["read timeout", "refused", "unknown host", "too large", "stopped"])
def test_no_failure_of_the_connection_tells_a_token(
    silent: str, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Scripted(broken(envelope([ROW] * 100))) as peer:
        way = gateway(peer, listener.software.password, deadline=0.2 if silent == "read timeout" else LONGEST_WAIT)
        if silent == "read timeout":
            peer.stop_reading()
        elif silent == "refused":
            peer.stop_listening()
        elif silent == "unknown host":
            way = gateway("http://outsmart.invalid/openapi/8", listener.software.password)
        elif silent == "too large":
            monkeypatch.setattr("webapp.outsmart.session.LARGEST_LIST", 1_000)
            monkeypatch.setattr("webapp.outsmart.session.LARGEST_ANSWER", 1_000)
        else:
            monkeypatch.setattr("webapp.outsmart.session.Envelope", interrupt)
            with pytest.raises(KeyboardInterrupt) as stopped:
                listener.try_all(way)
            listener.watch.look("interrupt", "".join(traceback.format_exception(stopped.value)).encode())
            assert listener.watch.found == []
            return
        listener.try_all(way)
    assert "ok" not in listener.outcomes
    assert listener.watch.found == []


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_is_searched_would_be_found(listener: Listener) -> None:
    logging.getLogger("some.library").debug("GET /?token=%s", listener.account.password)
    assert listener.watch.found
