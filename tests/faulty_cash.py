"""A Cash on a real TLS socket that is as good as its sandbox, until it suffers a fault of the table."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from math import inf
from pathlib import Path
from typing import Any, BinaryIO
from unittest import mock

import trustme
from faults import ANSWERS, Call, Fault, http

from webapp.demo.cash import CashSandbox
from webapp.demo.envelopes import Dialect

YESTERDAY, LAST_WEEK = (datetime.now(UTC) - timedelta(days=days) for days in (1, 7))

Connection = Callable[["FaultyCash"], AbstractContextManager[object]]


class FaultyCash:
    """The server, with an authority of its own. A fault is one of ANSWERS, or one of CONNECTIONS below."""

    def __init__(self, folder: Path) -> None:
        self.sandbox = CashSandbox()  # asked in-process; it does not listen
        self.dialect: Dialect = "token"
        self.pace = 0.1
        self.asked: list[str] = []  # the operations since the fault began, or ended
        self.tokens: list[str] = []  # every one it gave
        self.authority = trustme.CA()
        self.tls = serving(self.authority.issue_cert("127.0.0.1"))
        self.port = 0
        self.settings: dict[str, Any] = {"CASH_CA_FILE": str(folder / "ca.pem")}  # how an app gets here
        self.authority.cert_pem.write_to_path(self.settings["CASH_CA_FILE"])
        self._faults: dict[str, tuple[Fault, float]] = {}
        self._undo = ExitStack()

    def suffer(self, fault: str | Fault, at: str = "", times: float = inf) -> None:
        """The connection has this fault, or so many answers of the operation `at` have it, until recover()."""
        self.asked.clear()
        if fault in CONNECTIONS:
            self._undo.enter_context(CONNECTIONS[fault](self))
        else:
            self._faults[at] = ANSWERS[fault] if isinstance(fault, str) else fault, times

    def recover(self) -> None:
        """As good as the sandbox again."""
        self.asked.clear()
        self._faults.clear()
        self._undo.close()

    def was_left_for_another(self) -> bool:
        """Whether somebody went to the other host."""
        with suppress(BlockingIOError):
            self._elsewhere.accept()[0].close()
            return True
        return False

    def __enter__(self) -> "FaultyCash":
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self._elsewhere.setblocking(False)
        self.listen()
        self.settings["CASH_WSDL"] = f"https://127.0.0.1:{self.port}/?api/wsdl"
        return self

    def __exit__(self, *_: object) -> None:
        self.recover()
        self.stop_listening()
        self._elsewhere.close()

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()

    def stop_listening(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            suppress(OSError),  # the other side may leave at any time
            plain,
            self.tls.wrap_socket(plain, server_side=True) as connection,
            connection.makefile("rb") as stream,
        ):
            while (call := self._read(connection, stream)) and (answer := self._answer(call)) is not None:
                connection.sendall(answer)

    def _read(self, connection: ssl.SSLSocket, stream: BinaryIO) -> Call | None:
        head = b"".join(takewhile(bytes.strip, iter(stream.readline, b"")))
        if not head:
            return None
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = stream.read(int(length[1])) if length else b""
        if named := re.search(rb'(?i)soapaction: "urn:cashweb#(\w+)"', head):
            operation = named[1].decode()
            good = self.sandbox.serve_operation(self.dialect, "encoded", body)
        else:
            operation = "WSDL"
            good = self.sandbox.serve_wsdl(self.dialect, "encoded", f"https://127.0.0.1:{self.port}/?api/soap")
        self.asked.append(operation)
        if operation == "Authenticate":
            self.tokens.extend(re.findall(r"<token[^>]*>([^<]+)", good))
        elsewhere = f"https://localhost:{self._elsewhere.getsockname()[1]}/"
        return Call(operation, body, good.encode(), connection, self.pace, elsewhere)

    def _answer(self, call: Call) -> bytes | None:
        fault, times = self._faults.get(call.operation, (None, 0))
        if fault is None or not times:
            return http(call.good)
        self._faults[call.operation] = fault, times - 1
        return fault(call)


def serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    """TLS under this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def refused(cash: FaultyCash) -> Iterator[None]:
    """The port is held, but nobody listens."""
    cash.stop_listening()
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", cash.port))
        yield
    cash.listen()


@contextmanager
def not_accepting(cash: FaultyCash) -> Iterator[None]:
    """So many wait to be accepted that nobody else gets in."""
    cash.stop_listening()
    with ExitStack() as waiting:
        full = waiting.enter_context(socket.create_server(("127.0.0.1", cash.port), backlog=0))
        with suppress(TimeoutError):
            while True:
                attempt = waiting.enter_context(socket.socket())
                attempt.settimeout(0.1)
                attempt.connect(full.getsockname())
        yield
    cash.listen()


def unknown_host(cash: FaultyCash) -> AbstractContextManager[object]:
    """The resolver knows no name any more."""
    unknown = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return mock.patch.object(socket, "getaddrinfo", side_effect=unknown)


def presenting(certificate: Callable[[trustme.CA], trustme.LeafCert]) -> Connection:
    """Another certificate."""
    return lambda cash: mock.patch.object(cash, "tls", serving(certificate(cash.authority)))


def self_signed(_authority: trustme.CA) -> trustme.LeafCert:
    other = trustme.CA()
    return trustme.LeafCert(other.private_key_pem.bytes(), other.cert_pem.bytes(), [])


CONNECTIONS: dict[str, Connection] = {
    "refused": refused,
    "DNS failure": unknown_host,
    "connect timeout": not_accepting,
    "self-signed certificate": presenting(self_signed),
    "expired certificate": presenting(
        lambda authority: authority.issue_cert("127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY)
    ),
    "wrong-host certificate": presenting(lambda authority: authority.issue_cert("cash.example")),
}
