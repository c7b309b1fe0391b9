"""What the gateway makes of Cash and of everything that can be in its place, over real sockets."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import chain, repeat
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
import trustme

import webapp.cash.soap
from webapp.cash.gateway import (
    Administration,
    CallRecord,
    CashBusy,
    CashError,
    CashFault,
    CashGateway,
    CashSession,
    CashUnreachable,
    Credentials,
    CredentialsRejected,
    NoAdministration,
    TransactionStatus,
)
from webapp.cash.soap import Node, exchange
from webapp.cash.soap.nodes import read_tree
from webapp.demo.cash import LOGINS, CashSandbox

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


TOKEN = http(soap("<token>tok-1</token>"))
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


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Makes it so many seconds later than it is, for the age of a WSDL."""
    return lambda seconds: monkeypatch.setattr(webapp.cash.soap, "monotonic", lambda: time.monotonic() + seconds)


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


def test_the_wsdl_is_read_again_every_hour_and_an_old_one_is_better_than_none(later: Callable[[float], None]) -> None:
    with Peer(TOKEN, LIST, TOKEN, LIST, TOKEN, LIST, TOKEN, LIST) as peer:
        shared = gateway(peer)

        def submit_again() -> list[bytes]:
            peer.requests.clear()
            with shared.session(LOGIN) as session:
                assert session.administrations()
            return [request.split(b" ")[0] for request in peer.requests]

        assert submit_again() == [b"GET", b"POST", b"POST"]
        later(3500)
        assert submit_again() == [b"POST", b"POST"]
        later(3700)
        peer.wsdl = http("", "404 Not Found")
        assert submit_again() == [b"GET", b"POST", b"POST"]
        assert submit_again() == [b"POST", b"POST"]


def test_a_wsdl_that_hangs_leaves_the_call_its_time(later: Callable[[float], None]) -> None:
    def silence(connection: socket.socket) -> None:
        peer.over.wait(5)

    with Peer(TOKEN, LIST) as peer:
        shared = gateway(peer, deadline=2.0)
        with shared.session(LOGIN) as session:
            session.log_in()
            later(3700)
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


def test_a_login_is_sent_once_more_where_cash_now_asks_for_it_in_other_words(later: Callable[[float], None]) -> None:
    with Peer(TOKEN, http(soap(code=2)), TOKEN, LIST) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.log_in()
        later(61)
        peer.parts = RENAMED
        peer.requests.clear()
        with shared.session(LOGIN) as session:
            assert session.administrations()
        assert [request.split(b" ")[0] for request in peer.requests] == [b"POST", b"GET", b"POST", b"POST"]
        assert b"<pass>Geheim-42</pass>" in peer.requests[2]


@pytest.mark.parametrize(("seconds", "parts", "asked"), [(61, PARTS, [b"POST", b"GET"]), (59, RENAMED, [b"POST"])])
def test_any_other_login_is_sent_once(
    seconds: float, parts: dict[str, tuple[str, ...]], asked: list[bytes], later: Callable[[float], None]
) -> None:
    with Peer(TOKEN, http(soap(code=2))) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.log_in()
        later(seconds)
        peer.parts = parts
        peer.requests.clear()
        with shared.session(LOGIN) as session, pytest.raises(CredentialsRejected):
            session.administrations()
        assert [request.split(b" ")[0] for request in peer.requests] == asked


def test_a_login_that_is_refused_is_refused_also_where_the_wsdl_is_gone(later: Callable[[float], None]) -> None:
    with Peer(TOKEN, LIST, http(soap(code=2))) as peer:
        shared = gateway(peer)
        with shared.session(LOGIN) as session:
            session.administrations()
        later(61)
        peer.wsdl = http("", "404 Not Found")
        with shared.session(LOGIN) as session, pytest.raises(CredentialsRejected):
            session.administrations()


def test_cookies_and_the_environment_mean_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with Peer(http(soap("<token>tok-1</token>"), Set_Cookie="a=b"), LIST) as peer:
        assert submit(peer)
        assert not any(b"Cookie" in request or b"Authorization" in request for request in peer.requests)


# Codes


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (2, CredentialsRejected, "code_2"),
        *((code, CashUnreachable, f"code_{code}") for code in (3, 4, 5, 6, 200, 300, 400, 500, 600, 700)),
        (7, CashFault, "service"),
        *((code, CashFault, f"code_{code}") for code in (800, 900, 901, 902, 903)),
        *((code, CashFault, "unknown_code") for code in (0, -1, 8, 1002)),
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


# Administrations


def listed(inside: str) -> list[Administration]:
    with Peer(TOKEN, http(soap(inside))) as peer:
        return submit(peer)


ITEM = "<item><admMap>1571</admMap><admNaam>Demo</admNaam><admCode>x001</admCode></item>"
REST = (
    "<x><Dir><Name>1571</Name><Relnm>R</Relnm><Adms>"
    "<Adm><Code>x001</Code><Name>Demo</Name><ReadOnly>J</ReadOnly></Adm></Adms></Dir></x>"
)


@pytest.mark.parametrize(
    "inside",
    [
        f"<administrationList>{ITEM}</administrationList>",
        f"<administrationList>{ITEM}{ITEM}</administrationList>",
        f"<administrationList><items>{ITEM}<item/></items></administrationList>",
        ITEM.replace("item", "administrationList"),
    ],
)
def test_administrations_are_read_from_any_likely_shape(inside: str) -> None:
    assert listed(inside) == [Administration("1571", "x001", "Demo")]


@pytest.mark.parametrize("before", ["", "Content-type: text/xml &lt;?xml version='1.0' encoding='UTF-8'?>"])
def test_administrations_are_read_from_xml_text(before: str) -> None:
    inside = f"<administrationList>{before}{REST.replace('<', '&lt;')}</administrationList>"
    assert listed(inside) == [Administration("1571", "x001", "Demo", read_only=True)]
    assert listed(f"<administrationList>{REST}</administrationList>") == [Administration("1571", "x001", "Demo", True)]


def test_same_code_in_two_maps_is_two_administrations() -> None:
    found = listed(f"<administrationList>{ITEM}{ITEM.replace('1571', '1702')}</administrationList>")
    assert [each.id for each in found] == ["1571/x001", "1702/x001"]


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "<administrationList/>",
        "<administrationList xmlns:i='urn:i' i:nil='true'/>",
        "<administrationList><item/></administrationList>",
        "<administrationList>&lt;x>&lt;Dir>&lt;Name>1&lt;/Name>&lt;Adms/>&lt;/Dir>&lt;/x></administrationList>",
        "<administrationList><Dir><Name>1571</Name><Relnm>R</Relnm></Dir></administrationList>",
    ],
)
def test_login_that_sees_nothing_is_told_so(inside: str) -> None:
    with pytest.raises(NoAdministration):
        listed(inside)


def test_list_of_unknown_fields_is_a_fault_and_not_an_empty_list() -> None:
    with pytest.raises(CashFault, match=r"unknown_list: .*boek"):
        listed("<administrationList><item><boek>x001</boek></item></administrationList>")


def test_damaged_list_in_text_is_unreachable() -> None:
    with pytest.raises(CashUnreachable, match="not_xml"):
        listed("<administrationList>&lt;x>&lt;Dir></administrationList>")


def test_list_that_refers_to_itself_ends() -> None:
    with pytest.raises(NoAdministration):
        listed("<administrationList id='a'><item href='#a'/></administrationList>")
    with pytest.raises(CashUnreachable, match="too_large"):
        listed("<administrationList id='a'>" + "<item href='#a'/>" * 30 + "</administrationList>")


def test_hostile_names_are_only_text() -> None:
    name = "&lt;img src=x onerror=alert(1)>\u202e&#133;" + "y" * 500
    (found,) = listed(f"<administrationList>{ITEM.replace('Demo', name)}</administrationList>")
    assert found.name.startswith("<img src=x onerror=alert(1)> yyy")
    assert len(found.name) == 200


def test_ten_thousand_administrations_are_read() -> None:
    item = (
        "<item xsi:type='ns1:Administration'><admCode xsi:type='xsd:string'>x{0}</admCode><admMap xsi:type="
        "'xsd:string'>1571</admMap><admName xsi:type='xsd:string'>Demo Installatiebedrijf {0} B.V.</admName></item>"
    )
    items = "".join(item.format(number) for number in range(10_000))
    spaces = "xmlns:xsi='urn:i'"
    assert len(listed(f"<administrationList {spaces}>{items}</administrationList>")) == 10_000


# Transactions


def test_transaction_tells_what_cash_did_not_accept() -> None:
    err = "Content-type: text/xml <cash><errors><error><message>Ongeldig</message>"
    err += "<line>1</line><source>2229|0101=1|</source></error></errors></cash>"
    inside = (
        "<transaction><id>a1</id><status>3</status><creation>2021-12-15 14:40:33</creation>"
        "<lastUpdate>0000-00-00 00:00:00</lastUpdate><initiator><relation>25583</relation><user>7</user></initiator>"
        f"<err>{err.replace('<', '&lt;')}</err></transaction>"
    )
    with Peer(TOKEN, http(soap(inside))) as peer, gateway(peer).session(LOGIN) as session:
        transaction = session.import_records(BOOKS, [("0101", {"0101": "1"})])
    assert (transaction.status, transaction.initiator_user) == (TransactionStatus.ERROR, "7")
    assert (transaction.creation, transaction.last_update) == (datetime(2021, 12, 15, 14, 40, 33), None)
    (error,) = transaction.errors
    assert (error.message, error.line, error.source) == ("Ongeldig", 1, "2229|0101=1|")


@pytest.mark.parametrize("status", ["", "4", "Pending"])
def test_transaction_of_unknown_status_is_a_fault(status: str) -> None:
    answer = http(soap(f"<transaction><status>{status}</status></transaction>"))
    with (
        Peer(TOKEN, answer) as peer,
        gateway(peer).session(LOGIN) as session,
        pytest.raises(CashFault, match="unknown_status"),
    ):
        session.transaction("a1")


def test_error_text_that_is_no_xml_is_one_message() -> None:
    inside = "<transaction><status>3</status><err>kapot</err></transaction>"
    with Peer(TOKEN, http(soap(inside))) as peer, gateway(peer).session(LOGIN) as session:
        assert [error.message for error in session.transaction("a1").errors] == ["kapot"]


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


# The wire


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

    monkeypatch.setattr(exchange.socket, "getaddrinfo", nobody)
    fails("http://cash.invalid/", CashUnreachable, "dns")


def test_resolver_that_hangs_holds_up_one_thread_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def hang(*_: object, **__: object) -> None:
        release.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(exchange.socket, "getaddrinfo", hang)
    before = threading.active_count()
    for _ in range(3):
        with pytest.raises(CashUnreachable, match="dns"):
            submit("http://slow.invalid/", connect_timeout=0.1)
    assert threading.active_count() == before + 1
    release.set()
    for thread in threading.enumerate():
        if thread.name.endswith("(_ask_resolver)"):
            thread.join()


# The deadline

BODY = soap("<token>tok-1</token>").encode()


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
    reply: bytes, first: int, reason: str, tls: bool, certificates: "Certificates"
) -> None:
    with Peer(lambda connection: _drip(peer, connection, reply, first), tls=certificates.good if tls else None) as peer:
        started = time.monotonic()
        fails(peer, CashUnreachable, reason, deadline=0.9, ca_file=certificates.file)
        assert 0.85 < time.monotonic() - started < 4


def _drip(peer: Peer, connection: socket.socket, reply: bytes, first: int) -> None:
    peer.drip(connection, reply, first)
    peer.over.wait(5)


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
        assert time.monotonic() - started < 4


@pytest.mark.parametrize("what", ["the WSDL", "an answer"])
def test_reading_what_came_counts_for_the_deadline(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(chunks: Iterator[bytes]) -> Node:
        read = read_tree(chunks)
        time.sleep(1.1)
        return read

    with Peer(TOKEN, LIST) as peer, gateway(peer, deadline=1.0).session(LOGIN) as session:
        if what == "an answer":
            session.log_in()
        monkeypatch.setattr(webapp.cash.soap, "read_tree", slowly)
        with pytest.raises(CashUnreachable, match="deadline"):
            session.administrations()
        assert len(peer.requests) == (3 if what == "an answer" else 1)


def test_handshake_that_drips_ends_in_time() -> None:
    with Peer(TOKEN) as peer:
        peer.greet = lambda connection: peer.drip(connection, b"\x16\x03\x03\x40\x00" + b"\x02" * 200)
        started = time.monotonic()
        fails(peer.origin.replace("http", "https"), CashUnreachable, "connect_timeout", connect_timeout=0.3)
        assert time.monotonic() - started < 4


@pytest.mark.parametrize("tls", [False, True])
def test_server_that_does_not_read_ends_at_the_deadline(tls: bool, certificates: "Certificates") -> None:
    def deaf(connection: socket.socket) -> None:
        peer.over.wait(30)

    with Peer(TOKEN, tls=certificates.good if tls else None) as peer:
        shared = gateway(peer, ca_file=certificates.file, deadline=0.8)
        with shared.session(LOGIN) as session:
            session.log_in()
            peer._read = lambda stream: deaf(stream) or b""  # type: ignore[method-assign,assignment]
            session.close()
            session._token = "tok-1"
            large = [("0101", {"0103": "x" * 4_000_000})]
            started = time.monotonic()
            with pytest.raises(CashUnreachable, match="read_timeout"):
                session.import_records(BOOKS, large)
            assert time.monotonic() - started < 5


# TLS


class Certificates:
    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        self.file = str(folder / "ca.pem")
        authority.cert_pem.write_to_path(self.file)
        past = datetime.now(UTC) - timedelta(days=1)
        self.good = _context(authority.issue_cert("127.0.0.1"))
        self.wrong_host = _context(authority.issue_cert("cash.test"))
        self.expired = _context(authority.issue_cert("127.0.0.1", not_before=past - timedelta(9), not_after=past))
        self.self_signed = _context(trustme.CA().issue_cert("127.0.0.1"))


def _context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("certificates"))


def test_certificate_of_our_own_authority_is_trusted(certificates: Certificates) -> None:
    with Peer(TOKEN, LIST, tls=certificates.good) as peer:
        assert submit(peer, ca_file=certificates.file)
        assert peer.connections == 1


@pytest.mark.parametrize("which", ["wrong_host", "expired", "self_signed"])
def test_certificate_that_proves_nothing_is_refused(which: str, certificates: Certificates) -> None:
    with Peer(TOKEN, tls=getattr(certificates, which)) as peer:
        fails(peer, CashUnreachable, "tls", ca_file=certificates.file)
        assert peer.requests == []


def test_the_usual_authorities_do_not_vouch_for_our_own(certificates: Certificates) -> None:
    with Peer(TOKEN, tls=certificates.good) as peer:
        fails(peer, CashUnreachable, "tls")


def test_server_without_tls_is_a_tls_failure() -> None:
    with Peer(TOKEN) as peer:
        peer.greet = lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        fails(peer.origin.replace("http", "https"), CashUnreachable, "tls")


# Limits and what is told


def test_only_so_many_calls_are_in_flight() -> None:
    arrived, release = threading.Event(), threading.Event()

    def wait(connection: socket.socket) -> None:
        arrived.set()
        release.wait(5)
        connection.sendall(LIST)

    with Peer(TOKEN, wait, TOKEN, LIST) as peer:
        shared = gateway(peer, calls_in_flight=1)

        def ask() -> None:
            with shared.session(LOGIN) as session:
                session.administrations()

        first = threading.Thread(target=ask)
        first.start()
        assert arrived.wait(5)
        started = time.monotonic()
        with shared.session(LOGIN) as session, pytest.raises(CashBusy, match="in_flight") as busy:
            session.administrations()
        assert time.monotonic() - started < 4
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
        Peer(TOKEN, lambda connection: _drip(peer, connection, http(BODY), 0)) as peer,
        gateway(peer).session(LOGIN) as session,
    ):
        session.log_in()
        started = time.monotonic()
        with pytest.raises(CashUnreachable, match="deadline"):
            list(session.export(BOOKS, "2209", deadline=0.9))
        assert time.monotonic() - started < 4


def test_export_command_cannot_be_extended_by_its_arguments() -> None:
    with gateway("http://127.0.0.1:1/").session(LOGIN) as session, pytest.raises(ValueError, match="command"):
        session.export(BOOKS, "2260", "A|B")


def test_our_own_limit_per_minute_is_asked_before_every_call() -> None:
    waits = iter([None, 17])
    with Peer(TOKEN, LIST) as peer:
        assert fails(peer, CashBusy, "rate_limit", before_call=lambda: next(waits)).retry_after == 17
        assert len(peer.requests) == 2


def test_reading_the_wsdl_is_within_our_own_limit_too() -> None:
    with Peer(TOKEN, LIST) as peer:
        assert fails(peer, CashBusy, "rate_limit", before_wsdl=lambda: 17).retry_after == 17
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
        shown = repr(LOGIN) + repr(session) + repr(session._gateway)
    assert LOGIN.password not in shown
    assert "tok-1" not in shown
