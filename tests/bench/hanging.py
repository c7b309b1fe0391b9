"""Fifty people wait for a Cash that hangs; what do the others notice?"""

import threading
import time
from pathlib import Path

from browser import Browser, connect
from samples import median, percentile
from server import Server
from table import Row

from webapp.demo.cash import CashSandbox

ROUNDS, HANGING, OTHERS, THREADS = 3, 50, 4, 16
HANG_SECONDS, ARRIVE_SECONDS, EVERY_SECONDS = 4.0, 1.0, 0.08
MOST_MS = 200.0


def rows(folder: Path) -> list[Row]:
    """The pages of other accounts, from the first of the fifty Submits until Cash lets go; and those Submits."""
    healthy, beside = [], []
    answers: list[tuple[int, float]] = []
    with CashSandbox() as cash, Server(database=folder / "hanging.db", cash=cash.wsdl, threads=THREADS) as page:
        others = [connect(page, str(2001 + n), alone=False) for n in range(OTHERS)]
        for round in range(ROUNDS):
            waiting = [Hanger(page, round, number) for number in range(HANGING)]
            healthy.append(percentile(visit(others, HANG_SECONDS / 2), 0.99) * 1000)
            cash.slow(HANG_SECONDS)
            started = time.perf_counter()
            threads = [threading.Thread(target=hang, args=(each, started, answers)) for each in waiting]
            for thread in threads:
                thread.start()
            beside.append(percentile(visit(others, HANG_SECONDS - 0.2), 0.99) * 1000)
            for thread in threads:
                thread.join()
            cash.recover()
    late, quiet = median(beside), median(healthy)
    hung = [seconds for status, seconds in answers if status == 422]
    refused = [seconds for status, seconds in answers if status == 503]
    return [
        Row(
            f"pages of others while {HANGING} Submits of {ARRIVE_SECONDS:g} s hang, p99",
            f"{late:.0f} ms (rounds: {', '.join(f'{each:.0f}' for each in beside)})",
            f"Cash healthy {quiet:.0f} ms",
            f"{late / quiet:.1f}",
            f"< {MOST_MS:.0f} ms",
            late < MOST_MS,
        ),
        Row(
            "of those Submits, in one process",
            f"{len(hung) / ROUNDS:g} wait, {len(refused) / ROUNDS:g} get 503",
            f"503 after {median(refused or [0.0]) * 1000:.0f} ms; {THREADS} threads",
            "",
            "10 wait",
            len(hung) == 10 * ROUNDS and len(refused) == (HANGING - 10) * ROUNDS and min(hung) > HANG_SECONDS,
        ),
    ]


class Hanger:
    """A Submit with a login that Cash refuses in the end, ready to be sent in its turn."""

    def __init__(self, server: Server, round: int, number: int) -> None:
        self.browser = Browser(server, f"{round}-{number}", address=f"192.0.2.{number + 10}", alone=False)
        # Each has an email address of its own: failures are counted per login.
        wrong = {"relation_code": "25583", "email": f"{number}@example.nl", "password": "x"}
        self.submit = self.browser.filled_in("login", wrong)
        self.after = ARRIVE_SECONDS * number / HANGING


def hang(one: Hanger, started: float, answers: list[tuple[int, float]]) -> None:
    """Sends the Submit when it is its turn."""
    time.sleep(max(0.0, started + one.after - time.perf_counter()))
    seconds = one.submit()
    answers.append((one.browser.status, seconds))


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
