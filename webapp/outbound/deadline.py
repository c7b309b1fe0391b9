"""What a series of calls may cost, kept by the sockets they use.

Before every read and write a socket gets the time that is left as its timeout, so a server that drips one byte
a second ends like a silent one, in headers and body alike. It also counts what arrives, so no reply can be
larger than its cap, wherever in HTTP the excess is put.
"""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from math import inf
from typing import Any, TypeVar

from .failures import CallFailed

_T = TypeVar("_T")


class Deadline:
    """What calls may still cost: seconds for all of them, bytes for the reply of the current one.

    `step` hears of what passed: resolved, connected, secure, answered.
    """

    def __init__(
        self, seconds: float, step: Callable[[str], None] = lambda name: None, each: float | None = None
    ) -> None:
        """`each`: seconds for one call, which begin when it is its turn."""
        self.step = step
        self.reused = False  # whether the current call goes over a connection that served another
        self.sent = False  # whether anything of the current call may have gone out
        self._ends = time.monotonic() + seconds
        self._each, self._call_ends = each, inf
        self._limit = self._received = 0

    def begin_call(self, limit: int) -> None:
        """The next reply may be `limit` bytes long, headers included."""
        self._limit, self._received, self.reused, self.sent = limit, 0, False, False
        self._call_ends = inf if self._each is None else time.monotonic() + self._each

    def met_silence(self) -> bool:
        """Whether the current call got no byte over a reused connection: the other side had probably closed it."""
        return self.reused and not self._received

    def left(self) -> float:
        """Seconds left; raises CallFailed when there are none."""
        seconds = min(self._ends, self._call_ends) - time.monotonic()
        if seconds <= 0:
            raise self.late()
        return seconds

    def late(self) -> CallFailed:
        """What to raise when time is up: nothing came at all, or it came too slowly."""
        if self._received:
            return CallFailed("deadline", "the reply came too slowly")
        return CallFailed("read_timeout", "no reply came")

    def count(self, received: int) -> None:
        """Adds to what was read; raises CallFailed when that is more than the reply may be."""
        self._received += received
        if self._received > self._limit:
            raise CallFailed("too_large", f"the reply is larger than {self._limit} bytes")


class TimedSocket(socket.socket):
    """A socket that keeps the deadline and the cap of the call it works for."""

    deadline: Deadline

    def recv_into(self, *args: Any) -> int:
        count = self._in_time(super().recv_into, *args)
        self.deadline.count(count)
        return count

    def send(self, *args: Any) -> int:
        return self._in_time(super().send, *args, sends=True)

    def sendall(self, *args: Any) -> None:
        self._in_time(super().sendall, *args, sends=True)

    def _in_time(self, act: Callable[..., _T], *args: Any, sends: bool = False) -> _T:
        self.settimeout(self.deadline.left())
        self.deadline.sent = self.deadline.sent or sends
        try:
            return act(*args)
        except TimeoutError:
            raise self.deadline.late() from None


class TimedTlsSocket(TimedSocket, ssl.SSLSocket):
    """The same, encrypted."""


def connect(host: str, port: int, seconds: float, deadline: Deadline) -> TimedSocket:
    """Connects to the first address of `host` that answers, trying each for `seconds` at most."""
    failure = CallFailed("dns", f"{host} has no address")
    addresses = look_up(host, port, min(seconds, deadline.left()))
    deadline.step("resolved")
    for family, kind, protocol, _, address in addresses:
        try:
            fresh = TimedSocket(family, kind, protocol)
            connected = _connect_one(fresh, address, min(seconds, deadline.left()), deadline)
            deadline.step("connected")
            return connected
        except TimeoutError:
            failure = CallFailed("connect_timeout", f"{host} does not answer")
        except ConnectionRefusedError:
            failure = CallFailed("refused", f"{host} refuses the connection")
        except OSError as error:
            failure = CallFailed("refused", f"{host}: {error.strerror}")
    raise failure


def _connect_one(fresh: TimedSocket, address: Any, seconds: float, deadline: Deadline) -> TimedSocket:
    try:
        fresh.settimeout(seconds)
        fresh.connect(address)
        fresh.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        fresh.close()
        raise
    fresh.deadline = deadline
    return fresh


def look_up(host: str, port: int, seconds: float) -> list[Any]:
    """The addresses of a host. A look-up cannot be interrupted, so it may outlive its call, but only one a host."""
    ask = (host, port)
    with _looking_up:
        thread, found = _look_ups.get(ask) or (None, [])
        if thread is None or not thread.is_alive():
            found = []
            thread = threading.Thread(target=_ask_resolver, args=(*ask, found), daemon=True)
            _look_ups[ask] = (thread, found)
            thread.start()
    thread.join(seconds)
    if not found:
        raise CallFailed("dns", f"no answer about {host} in time")
    if isinstance(found[0], Exception):
        raise CallFailed("dns", f"{host} is unknown") from None
    return list(found[0])


def _ask_resolver(host: str, port: int, found: list[Any]) -> None:
    try:
        found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        found.append(error)


_looking_up = threading.Lock()
_look_ups: dict[tuple[str, int], tuple[threading.Thread, list[Any]]] = {}
