"""Submit without the time that Cash itself takes."""

import http.client
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

from browser import connect
from samples import alternate, median, percentile, typical_percentile
from server import Server
from stopwatch import timed
from support.visitor import GOOD_LOGIN
from table import Row

from webapp.demo.cash import CashSandbox
from webapp.demo.server import CashServer

ROUNDS, SUBMITS = 5, 20
MOST_MS = 15.0
ENVELOPE = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="urn:cash"><s:Body>'
    "<c:{name}>{parts}</c:{name}></s:Body></s:Envelope>"
)


def rows(folder: Path) -> list[Row]:
    """The time, and what went over the wire to Cash."""
    submits, alone = [], []
    with CashSandbox() as cash, Server(database=folder / "submit.db", cash=cash.wsdl) as page:
        browser = connect(page)
        for _ in range(ROUNDS):
            forget_the_minute(folder / "submit.db")
            mine, theirs = alternate(SUBMITS, browser.log_in, lambda: ask_cash(cash.url))
            submits.append(mine)
            alone.append(median(theirs))
        cash.forget_calls()
        connections = count_connections(browser.log_in, times=10)
        once = cash.calls == ["Authenticate", "ListAdministrations"] * 10 and not cash.wsdl_reads
        calls = len(cash.calls)
    ours = [[(each - cashs) * 1000 for each in round] for round, cashs in zip(submits, alone, strict=True)]
    late, cashs = typical_percentile(ours, 0.95), median(alone) * 1000
    everything = [each * 1000 for round in submits for each in round]
    return [
        Row(
            "Submit minus Cash's own time, p95",
            f"{late:.1f} ms (p50 {median(percentile(each, 0.5) for each in ours):.1f})",
            f"Cash alone {cashs:.1f} ms",
            f"{median(everything) / cashs:.1f}",
            f"≤ {MOST_MS:.0f} ms",
            late <= MOST_MS,
        ),
        Row(
            "calls and connections a Submit",
            f"{calls / 10:g} calls, {connections / 10:g} connection",
            "Authenticate, ListAdministrations",
            "",
            "2, 1 kept",
            once and connections == 10,
        ),
    ]


def count_connections(act: Callable[[], object], times: int) -> int:
    """How many connections to Cash were made."""
    made = []
    accept = CashServer.process_request

    def counting(server: CashServer, request: Any, address: Any) -> None:
        made.append(address)
        accept(server, request, address)

    with mock.patch.object(CashServer, "process_request", counting):
        for _ in range(times):
            act()
    return len(made)


def ask_cash(url: str) -> float:
    """What a Submit asks of Cash, without anything of ours: two calls over one new connection."""
    return timed(lambda: _ask_cash(url))


def _ask_cash(url: str) -> None:
    with closing(http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)) as connection:
        login = dict(zip(("relation", "email", "password"), GOOD_LOGIN.values(), strict=True))
        reply = _call(connection, "Authenticate", {**login, "service": "OUTSMART"})
        token = re.search("<token[^>]*>([^<]+)</token>", reply)
        assert token, reply
        assert "x001" in _call(connection, "ListAdministrations", {"token": token[1]})


def _call(connection: http.client.HTTPConnection, name: str, values: dict[str, str]) -> str:
    parts = "".join(f"<{part}>{value}</{part}>" for part, value in values.items())
    content = ENVELOPE.format(name=name, parts=parts).encode()
    connection.request("POST", "/?api/soap", content, {"Content-Type": "text/xml; charset=utf-8"})
    return connection.getresponse().read().decode()


def forget_the_minute(database: Path) -> None:
    """Empties the counter of calls to Cash, which in production never holds more than a minute's worth."""
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        connection.execute("DELETE FROM rates")
