"""A Cash that answers exactly what a test tells it to, over a real socket, and the gateway that asks it."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, repeat
from pathlib import Path

import pytest
import trustme
from faulty_cash import LAST_WEEK, YESTERDAY, serving

from webapp.cash.client.errors import CashError
from webapp.cash.client.gateway import CashGateway
from webapp.cash.model import Administration, Credentials

LOGIN = Credentials("25583", "api@example.test", "Geheim-42")
BOOKS = Administration("1571", "x001", "Demo B.V.")
Answer = bytes | Callable[[socket.socket], None]

PARTS = {
    "Authenticate": ("relation", "email", "password", "service"),
    "ListAdministrations": ("token",),
    "Export": ("token", "export", "administration"),
    "Import": ("token", "import", "administration"),
    "GetTransaction": ("token", "id"),
}


def http(body: bytes | str, status: str = "200 OK", **headers: str) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content_Type": "text/xml; charset=utf-8", "Content_Length": str(len(data)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items() if value)
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + data


def soap(parts: str = "", code: int = 1) -> str:
    response = f"<response><code>{code}</code><message>x</message></response>"
    return f"<E:Envelope xmlns:E='urn:e'><E:Body><E:r>{response}{parts}</E:r></E:Body></E:Envelope>"


def describe(address: str, parts: dict[str, tuple[str, ...]]) -> str:
    messages = "".join(
        f"<message name='{name}'>{''.join(f'<part name={part!r}/>' for part in asked)}</message>"
        for name, asked in parts.items()
    )
    asked = "".join(f"<operation name='{name}'><input message='t:{name}'/></operation>" for name in parts)
    bound = "".join(
        f"<operation name='{name}'><s:operation/><input><s:body use='literal'/></input></operation>" for name in parts
    )
    return (
        "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/'"
        f" xmlns:t='urn:t' targetNamespace='urn:t'>{messages}<portType name='P'>{asked}</portType>"
        f"<binding name='B' type='t:P'><s:binding style='rpc'/>{bound}</binding>"
        f"<service><port binding='t:B'><s:address location='{address}'/></port></service></definitions>"
    )


BODY = soap("<token>tok-1</token>").encode()
TOKEN = http(BODY)
LIST = http(
    soap(
        "<administrationList><i><admCode>x001</admCode><admMap>1571</admMap><admName>Demo</admName></i></administrationList>"
    )
)


class Peer:
    """A server that answers each POST with the next of its answers, the last one for ever, and a GET with a WSDL."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answers = chain(answers, repeat(answers[-1] if answers else b""))
        self.wsdl: Answer | None = None
        self.parts = PARTS
        self.requests: list[bytes] = []
        self.connections = 0
        self.tls = tls
        self.greet: Callable[[socket.socket], None] | None = None
        self.over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> "Peer":
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.origin = f"http{'s' if self.tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        for each in [self._listener, *self._sockets]:
            with _quietly():
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        for thread in self._threads:
            thread.join()

    def drip(self, connection: socket.socket, data: bytes, first: int = 0) -> None:
        connection.sendall(data[:first])
        for at in range(first, len(data)):
            connection.sendall(data[at : at + 1])
            if self.over.wait(0.05):
                return
        self.over.wait(5)

    def _start(self, run: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True, name="peer")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with _quietly():
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._sockets.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with _quietly(), connection:
            if self.greet:
                self.greet(connection)
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
                self._sockets.append(connection)
            with connection, connection.makefile("rb") as stream:
                while request := self._read(stream):
                    self.requests.append(request)
                    answer = next(self.answers) if request.startswith(b"POST") else self._describe()
                    if callable(answer):
                        return answer(connection)
                    connection.sendall(answer)

    def _describe(self) -> Answer:
        return self.wsdl or http(describe(f"{self.origin}/?api/soap", self.parts))

    @staticmethod
    def _read(stream: object) -> bytes:
        head, length = b"", 0
        while (line := stream.readline()) not in (b"\r\n", b""):  # type: ignore[attr-defined]
            head += line
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        return head + stream.read(length) if head else b""  # type: ignore[attr-defined]


@contextmanager
def _quietly() -> Iterator[None]:
    with suppress(OSError, ValueError):  # the other side may be gone at any time
        yield


def gateway(peer: Peer | str, **options: object) -> CashGateway:
    address = peer if isinstance(peer, str) else f"{peer.origin}/?api/wsdl"
    return CashGateway(address, "OUTSMART", **{"deadline": 5.0, **options})  # type: ignore[arg-type]


def submit(peer: Peer | str, **options: object) -> list[Administration]:
    with gateway(peer, **options).session(LOGIN) as session:
        return session.administrations()


def fails(peer: Peer | str, kind: type[CashError], reason: str, **options: object) -> CashError:
    """Submits; the failure is of this class, tells no secret, and leaves no thread."""
    threads = set(threading.enumerate())
    with pytest.raises(CashError) as failure:
        submit(peer, **options)
    assert (type(failure.value), failure.value.reason) == (kind, reason), str(failure.value)
    assert LOGIN.password not in str(failure.value) + repr(failure.value)
    assert "tok-1" not in str(failure.value) + repr(failure.value)
    assert failure.value.__cause__ is None
    assert not [each for each in set(threading.enumerate()) - threads if each.name != "peer"]
    return failure.value


class Certificates:
    """Of an authority of our own; `file` is what it takes to trust it."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.file)
        self.good = serving(authority.issue_cert("127.0.0.1"))
        self.wrong_host = serving(authority.issue_cert("cash.test"))
        self.expired = serving(authority.issue_cert("127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY))
        self.self_signed = serving(trustme.CA().issue_cert("127.0.0.1"))
