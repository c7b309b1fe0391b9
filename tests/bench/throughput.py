"""The page and the manual against a bare Flask "hello": same server, same client, in turn.

The page is rendered each time for another account, each with twenty lines in its log.

One Python worker is bound by one processor, so its throughput is what it answers in a second of processor time;
the rate by the clock stands beside it, but hangs on what else the machine does.
"""

import socket
import threading
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from browser import connect
from samples import alternate, median
from server import HELLO, Server
from stopwatch import ran
from table import Row

from webapp import db
from webapp.cash.store.activity import Activity
from webapp.demo.cash import CashSandbox

ROUNDS, SECONDS, CLIENTS = 10, 0.6, 4
ACCOUNTS, LINES = 20, 20
LEAST = {"page": 0.12, "manual": 0.25}


def rows(folder: Path) -> list[Row]:
    """A row each."""
    by_clock: dict[str, list[float]] = {"page": [], "manual": [], "hello": []}
    database = folder / "throughput.db"
    with (
        CashSandbox() as cash,
        Server(database=database, cash=cash.wsdl) as ours,
        Server(HELLO) as bare,
    ):
        sessions = [connect(ours, account=f"20{number}").session for number in range(ACCOUNTS)]
        fill_logs(database)
        asked = [
            loaded(ours, [asking("/", session) for session in sessions], by_clock["page"]),
            loaded(ours, [asking("/manual?lang=nl")], by_clock["manual"]),
            loaded(bare, [asking("/")], by_clock["hello"]),
        ]
        alternate(1, *asked)  # warm
        pages, manuals, hellos = alternate(ROUNDS, *asked)
    return [row("page", pages, hellos, by_clock), row("manual", manuals, hellos, by_clock)]


def row(name: str, mine: list[float], hellos: list[float], by_clock: dict[str, list[float]]) -> Row:
    ratio = median(ours / bare for ours, bare in zip(mine, hellos, strict=True))
    return Row(
        f'{name} ÷ Flask "hello", throughput',
        f"{median(mine):.0f} a CPU second ({median(by_clock[name]):.0f}/s by the clock)",
        f"{median(hellos):.0f} a CPU second ({median(by_clock['hello']):.0f}/s)",
        f"{ratio:.3f}",
        f"≥ {LEAST[name]:.2f}",
        ratio >= LEAST[name],
    )


def fill_logs(database: Path) -> None:
    """Twenty lines in the log of each account."""
    with db.connect(str(database)) as file:
        for account in range(ACCOUNTS):
            for line in range(LINES):
                login = {"email": "api@example.nl", "relation_code": "25583"}
                Activity(file).add(f"20{account}", f"user {line}", "login_replaced", **login)


def asking(path: str, session: str = "") -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Cash-Session: {session}\r\n"
        "Accept: text/html\r\nAccept-Encoding: gzip\r\n\r\n"
    ).encode()


def loaded(server: Server, requests: list[bytes], by_clock: list[float]) -> Callable[[], float]:
    """A round of load on a server over CLIENTS kept connections: answers a second of its processor time."""

    def round() -> float:
        counts, used = [0] * CLIENTS, ran(server.worker())
        ends = time.perf_counter() + SECONDS
        threads = [threading.Thread(target=_ask, args=(server.port, requests, ends, counts, n)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        by_clock.append(sum(counts) / SECONDS)
        return sum(counts) / (ran(server.worker()) - used)

    return round


def _ask(port: int, requests: list[bytes], ends: float, counts: list[int], mine: int) -> None:
    """Asks until the time is over. A plain socket: a client that costs more than the server would be the measure."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for request in cycle(requests):
            if time.perf_counter() >= ends:
                break
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
