"""One HTTP call: TLS always verified, no redirect followed, nothing unpacked unasked, one connection kept.

The adapter of `requests` is used without a session: no proxy or netrc of the environment, no redirects
(a session reads, and unpacks, the body of a redirect even where it must not follow it).
"""

import logging
import ssl
from collections.abc import Container, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from socket import socket
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar, extract_cookies_to_jar, get_cookie_header
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from .deadline import Deadline, TimedTlsSocket, connect
from .failures import CallFailed
from .packed import unpacked

CHUNK = 64 * 1024  # bytes read at a time
LONGEST_COOKIES = 8 * 1024  # characters in one request; more are not sent
MOST_COOKIES = 50  # of one origin; with more than that all are forgotten
LONGEST_WAIT = 24 * 3600  # seconds; a Retry-After beyond it is cut
NOT_PACKED = {"identity", ""}

for _name in ("connection", "connectionpool", "poolmanager", "response", "util.retry"):
    # Its lines hold whole addresses, and a vendor may want its token in there.
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda record: False)


class _Connection(HTTPConnection):
    deadline: Deadline

    def _new_conn(self) -> socket:
        return connect(self._dns_host, self.port, float(self.timeout or 0), self.deadline)


class _TlsConnection(HTTPSConnection):
    deadline: Deadline

    def _new_conn(self) -> socket:
        return connect(self._dns_host, self.port, float(self.timeout or 0), self.deadline)

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError:
            raise CallFailed("connect_timeout", "no TLS handshake in time") from None
        except ssl.SSLError as error:
            why = getattr(error, "verify_message", "") or error.reason
            raise CallFailed("tls", str(why)) from None
        if not isinstance(self.sock, TimedTlsSocket):
            raise TypeError("the deadline would not hold on this socket")
        self.sock.deadline = self.deadline
        self.deadline.step("secure")


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection
    deadline: Deadline

    def _get_conn(self, timeout: float | None = None) -> Any:
        connection: Any = super()._get_conn(timeout)
        connection.deadline = self.deadline
        self.deadline.reused = connection.sock is not None
        if connection.sock is not None:  # a kept connection now works for another call
            connection.sock.deadline = self.deadline
        return connection


class _TlsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection  # type: ignore[assignment]


@dataclass(frozen=True)
class HttpReply:
    """A reply that is worth reading; its body comes in chunks."""

    status: int
    chunks: Iterator[bytes]


class Wire(HTTPAdapter):
    """The way to one server; keeps its connection for the next call, and its cookies. For one thread at a time."""

    def __init__(self, trust: ssl.SSLContext, connect_timeout: float, user_agent: str) -> None:
        self._trust = trust
        self._connect_timeout = connect_timeout
        self._always = {"Accept-Encoding": "identity", "User-Agent": user_agent}
        self._deadline = Deadline(0)
        self._cookies: dict[str, RequestsCookieJar] = {}  # by origin; they live as long as this
        super().__init__(pool_connections=1, pool_maxsize=2)  # an export may be open beside another call

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def build_connection_pool_key_attributes(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        host, _ = super().build_connection_pool_key_attributes(request, True)
        return host, {"ssl_context": self._trust, "cert_reqs": "CERT_REQUIRED"} if host["scheme"] == "https" else {}

    def cert_verify(self, *args: Any) -> None:
        """Nothing: the context has its authorities already, and must not get others beside them."""

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        pool.deadline = self._deadline
        return pool

    def close(self) -> None:
        """Closes the connection and forgets the cookies."""
        self._cookies.clear()
        self._hang_up()

    def _hang_up(self) -> None:
        """Closes the connection now: dropping its pool would leave that to the garbage collector."""
        for key in self.poolmanager.pools.keys():  # noqa: SIM118 - urllib3's container is no dict
            self.poolmanager.pools[key].close()
        super().close()

    @contextmanager
    def call(
        self,
        deadline: Deadline,
        url: str,
        limit: int,
        body: bytes | None = None,
        headers: Mapping[str, str] = {},
        *,
        also_read: Container[int] = (),
        may_repeat: bool = False,
        packed: bool = False,
    ) -> Iterator[HttpReply]:
        """POSTs the body, or GETs without one; the reply may be `limit` bytes long, headers included.

        A call that `may_repeat` is sent once more when a kept connection turns out to be closed. `packed` asks for
        gzip; the limit then holds for what was unpacked, too. Raises CallFailed for every status that is neither 2xx
        nor in `also_read`, and when no reply comes in time.
        """
        self._deadline = deadline
        method, sent = "GET" if body is None else "POST", {**self._always, **headers}
        if packed:
            sent["Accept-Encoding"] = "gzip"
        try:
            request = requests.Request(method, url, headers=sent, data=body).prepare()
            with closing(self._send_with_cookies(request, limit, may_repeat)) as response:
                deadline.step("answered")
                _refuse(response, also_read, NOT_PACKED | {"gzip"} if packed else NOT_PACKED)
                chunks = _chunks(response)
                plain = _encoding(response) in NOT_PACKED
                yield HttpReply(response.status_code, chunks if plain else unpacked(chunks, limit, deadline.left))
        except (requests.RequestException, HTTPError, OSError) as error:
            raise CallFailed("reset", f"the connection broke ({type(error).__name__})") from None

    def _send_with_cookies(self, request: requests.PreparedRequest, limit: int, may_repeat: bool) -> requests.Response:
        jar = self._cookies.setdefault(_origin(request), RequestsCookieJar())
        cookies = get_cookie_header(jar, request)  # type: ignore[no-untyped-call]
        if cookies and len(cookies) <= LONGEST_COOKIES:
            request.headers["Cookie"] = cookies
        response = self._send_in_time(request, limit, may_repeat)
        extract_cookies_to_jar(jar, request, response.raw)  # type: ignore[no-untyped-call]
        if len(jar) > MOST_COOKIES:
            jar.clear()
        return response

    def _send_in_time(self, request: requests.PreparedRequest, limit: int, may_repeat: bool) -> requests.Response:
        self._deadline.begin_call(limit)
        timeout = (self._connect_timeout, None)
        try:
            return self.send(request, stream=True, timeout=timeout)
        except (requests.RequestException, HTTPError, OSError):
            if not (may_repeat and self._deadline.met_silence()):
                raise
        self._hang_up()
        self._deadline.begin_call(limit)
        return self.send(request, stream=True, timeout=timeout)


def _origin(request: requests.PreparedRequest) -> str:
    scheme, _, rest = str(request.url).partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


@cache  # reading all the world's authorities takes a while
def trust(ca_file: str | None) -> ssl.SSLContext:
    """Who may vouch for a server: the authorities in `ca_file` and no others, or the usual ones."""
    context = ssl.create_default_context(cafile=ca_file or DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = TimedTlsSocket
    return context


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """The body in chunks of about one size, however small the pieces are that the server sends."""
    waiting = bytearray()
    try:
        for piece in response.raw.stream(CHUNK, decode_content=False):
            waiting += piece
            if len(waiting) >= CHUNK:
                yield bytes(waiting)
                waiting.clear()
        yield bytes(waiting)
    except (HTTPError, OSError) as error:
        raise CallFailed("reset", f"the reply broke off ({type(error).__name__})") from None


def _encoding(response: requests.Response) -> str:
    return response.headers.get("Content-Encoding", "").strip().lower()


def _refuse(response: requests.Response, also_read: Container[int], encodings: Container[str]) -> None:
    """Raises for a status that is no answer, and for a body that would have to be unpacked unasked."""
    status = response.status_code
    if 300 <= status < 400:
        raise CallFailed("redirect", f"HTTP {status} to another address")
    if not 200 <= status < 300 and status not in also_read:
        raise CallFailed(f"http_{status}", retry_after=_seconds(response.headers.get("Retry-After")))
    if _encoding(response) not in encodings:
        raise CallFailed("compressed", "the reply is compressed, which was not asked for")


def _seconds(retry_after: str | None) -> int | None:
    """A Retry-After header, in seconds from now: it may be a number or a date."""
    try:
        if retry_after is None or retry_after.strip().isdecimal():
            seconds = int(retry_after or "")
        else:
            seconds = int((parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0), LONGEST_WAIT)
