"""The page from the database against a bare Flask "hello": same server, same client, in turn.

One Python worker is bound by one processor, so its throughput is what it answers in a second of processor time;
the rate by the clock stands beside it, but hangs on what else the machine does.
"""

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from browser import connect
from samples import alternate, median
from server import HELLO, Server
from stopwatch import ran
from table import Row

from webapp.demo.cash import CashSandbox

ROUNDS, SECONDS, CLIENTS = 10, 0.6, 4
LEAST = 0.40


def rows(folder: Path) -> list[Row]:
    """One row."""
    by_clock: dict[Server, list[float]] = {}
    with (
        CashSandbox() as cash,
        Server(database=folder / "throughput.db", cash=cash.wsdl) as page,
        Server(HELLO) as bare,
    ):
        session = connect(page).session
        asked = [loaded(server, session, by_clock.setdefault(server, [])) for server in (page, bare)]
        alternate(1, *asked)  # warm
        pages, hellos = alternate(ROUNDS, *asked)
    ratio = median(mine / theirs for mine, theirs in zip(pages, hellos, strict=True))
    return [
        Row(
            'page ÷ Flask "hello", throughput',
            f"{median(pages):.0f} a CPU second ({median(by_clock[page]):.0f}/s by the clock)",
            f"{median(hellos):.0f} a CPU second ({median(by_clock[bare]):.0f}/s)",
            f"{ratio:.3f}",
            f"≥ {LEAST:.2f}",
            ratio >= LEAST,
        )
    ]


def loaded(server: Server, session: str, by_clock: list[float]) -> Callable[[], float]:
    """A round of load on a server over CLIENTS kept connections: answers a second of its processor time."""
    request = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nX-Cash-Session: {session}\r\n"
        "Accept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()

    def round() -> float:
        counts, used = [0] * CLIENTS, ran(server.worker())
        ends = time.perf_counter() + SECONDS
        threads = [threading.Thread(target=_ask, args=(server.port, request, ends, counts, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        by_clock.append(sum(counts) / SECONDS)
        return sum(counts) / (ran(server.worker()) - used)

    return round


def _ask(port: int, request: bytes, ends: float, counts: list[int], mine: int) -> None:
    """Asks until the time is over. A plain socket: a client that costs more than the server would be the measure."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        while time.perf_counter() < ends:
            connection.sendall(request)
            answer = bytearray()
            while (end := answer.find(b"\r\n\r\n")) < 0:
                answer += _some(connection)
            head = bytes(answer[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(head.decode())
            length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
            while len(answer) < end + 4 + length:
                answer += _some(connection)
            counts[mine] += 1


def _some(connection: socket.socket) -> bytes:
    if not (some := connection.recv(256 * 1024)):
        raise ConnectionResetError
    return some
