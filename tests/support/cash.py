"""The Cash of a test: one that says exactly what it is told to, and one that is good until it suffers a fault."""

import re
import socket
import ssl
from collections.abc import Callable
from contextlib import ExitStack, suppress
from itertools import chain, repeat
from math import inf
from pathlib import Path
from typing import Any, Self

from support.app import LONGEST_WAIT
from support.faults import ANSWERS, CONNECTIONS, Call, Fault
from support.server import Server, http
from support.tls import Certificates

from webapp.demo.cash import CashSandbox
from webapp.demo.envelopes import Dialect

Answer = bytes | Callable[[socket.socket], None]  # after what is called, the connection ends

PARTS = {
    "Authenticate": ("relation", "email", "password", "service"),
    "ListAdministrations": ("token",),
    "Export": ("token", "export", "administration"),
    "Import": ("token", "import", "administration"),
    "GetTransaction": ("token", "id"),
}


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


class Peer(Server):
    """Answers each POST with the next of its answers, the last one for ever, and a GET with a WSDL."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self.answers = chain(answers, repeat(answers[-1] if answers else b""))
        self.wsdl: Answer | None = None
        self.parts = PARTS

    def answer(self, connection: socket.socket, head: bytes, body: bytes) -> bytes | None:
        answer = next(self.answers) if head.startswith(b"POST") else self._describe()
        return answer(connection) if callable(answer) else answer

    def _describe(self) -> Answer:
        return self.wsdl or http(describe(f"{self.origin}/?api/soap", self.parts))

    def drip(self, connection: socket.socket, data: bytes, first: int = 0) -> None:
        """Sends so many bytes at once, the others one by one, and then nothing."""
        connection.sendall(data[:first])
        for at in range(first, len(data)):
            connection.sendall(data[at : at + 1])
            if self.over.wait(0.05):
                return
        self.over.wait(2 * LONGEST_WAIT)


class FaultyCash(Server):
    """As good as its sandbox, over TLS, until it suffers one of ANSWERS or of CONNECTIONS."""

    def __init__(self, folder: Path) -> None:
        self.certificates = Certificates(folder)
        super().__init__(self.certificates.good)
        self.sandbox = CashSandbox()  # asked in-process; it does not listen
        self.dialect: Dialect = "token"
        self.pace = 0.1
        self.asked: list[str] = []  # the operations since the fault began, or ended
        self.tokens: list[str] = []  # every one it gave
        self.settings: dict[str, Any] = {"CASH_CA_FILE": self.certificates.file}  # how an app gets here
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

    def __enter__(self) -> Self:
        self._elsewhere = socket.create_server(("127.0.0.1", 0))
        self._elsewhere.setblocking(False)
        super().__enter__()
        self.settings["CASH_WSDL"] = f"{self.origin}/?api/wsdl"
        return self

    def __exit__(self, *error: object) -> None:
        self.recover()
        super().__exit__(*error)
        self._elsewhere.close()

    def answer(self, connection: socket.socket, head: bytes, body: bytes) -> bytes | None:
        operation, good = self._good(head, body)
        self.asked.append(operation)
        elsewhere = f"https://localhost:{self._elsewhere.getsockname()[1]}/"
        call = Call(operation, body, good.encode(), connection, self.pace, elsewhere)
        fault, times = self._faults.get(operation, (None, 0))
        if fault is None or not times:
            return http(call.good)
        self._faults[operation] = fault, times - 1
        return fault(call)

    def _good(self, head: bytes, body: bytes) -> tuple[str, str]:
        """The operation that is asked, and what the sandbox answers."""
        named = re.search(rb'(?i)soapaction: "urn:cashweb#(\w+)"', head)
        if not named:
            return "WSDL", self.sandbox.serve_wsdl(self.dialect, "encoded", f"{self.origin}/?api/soap")
        operation, good = named[1].decode(), self.sandbox.serve_operation(self.dialect, "encoded", body)
        if operation == "Authenticate":
            self.tokens += re.findall(r"<token[^>]*>([^<]+)", good)
        return operation, good
