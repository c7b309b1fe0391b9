"""Fifty people wait for a Cash that hangs; what do the others notice?"""

import threading
import time
from collections import Counter
from pathlib import Path

from browser import Browser, connect
from samples import percentile
from server import Server
from table import Row

from webapp.demo.cash import CashSandbox

ROUNDS, HANGING, OTHERS, THREADS = 3, 50, 4, 16
HANG_SECONDS, EVERY_SECONDS = 4.0, 0.08
MOST_MS = 200.0


def rows(folder: Path) -> list[Row]:
    """The 99th percentile of the pages of other accounts, from the moment of the fifty Submits on."""
    healthy, beside = [], []
    statuses: Counter[int] = Counter()
    with CashSandbox() as cash, Server(database=folder / "hanging.db", cash=cash.wsdl, threads=THREADS) as page:
        others = [connect(page, str(2001 + n)) for n in range(OTHERS)]
        for round in range(ROUNDS):
            waiting = [Browser(page, f"{round}-{n}", address=f"192.0.2.{n + 10}") for n in range(HANGING)]
            healthy.append(percentile(visit(others, HANG_SECONDS / 2), 0.99) * 1000)
            cash.slow(HANG_SECONDS)
            threads = [threading.Thread(target=hang, args=(each, n, statuses)) for n, each in enumerate(waiting)]
            for thread in threads:
                thread.start()
            beside.append(percentile(visit(others, HANG_SECONDS * 0.9), 0.99) * 1000)
            for thread in threads:
                thread.join()
            cash.recover()
    hung, refused = statuses[422] // ROUNDS, statuses[503] // ROUNDS
    late, quiet = min(beside), min(healthy)  # the quietest round: other work on the machine only ever slows
    return [
        Row(
            f"pages of others while {HANGING} Submits hang, p99",
            f"{late:.0f} ms",
            f"Cash healthy {quiet:.0f} ms",
            f"{late / quiet:.1f}",
            f"< {MOST_MS:.0f} ms",
            late < MOST_MS,
        ),
        Row(
            "of those Submits",
            f"{hung} waited for Cash, {refused} got 503 at once",
            f"{THREADS} threads, 10 calls in flight",
            "",
            "10 wait",
            hung == 10 and hung + refused == HANGING,
        ),
    ]


def hang(browser: Browser, number: int, statuses: "Counter[int]") -> None:
    """A Submit with a login that Cash refuses in the end; each with an email address of its own."""
    browser.submit("login", {"relation_code": "25583", "email": f"{number}@example.nl", "password": "x"}, status=0)
    statuses[browser.status] += 1


def visit(browsers: list[Browser], seconds: float) -> list[float]:
    """How long pages took that were asked for at a steady pace, late ones counted from when they were due."""
    times: list[float] = []

    def visiting(browser: Browser, first: float) -> None:
        due = first
        while due < first + seconds:
            time.sleep(max(0.0, due - time.perf_counter()))
            browser.get("/")
            assert browser.status == 200
            times.append(time.perf_counter() - due)
            due += EVERY_SECONDS

    now = time.perf_counter()
    apart = EVERY_SECONDS / len(browsers)
    threads = [threading.Thread(target=visiting, args=(each, now + n * apart)) for n, each in enumerate(browsers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times
