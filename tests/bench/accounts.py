"""The same pages with one account in the database and with a million."""

import itertools
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from browser import Browser, connect
from samples import alternate, median
from server import Server
from table import Row

from webapp.demo.cash import CashSandbox

ACCOUNTS, LINES = 1_000_000, 3  # each with so many lines of log
VISITED, PAGES, SAVES, SUBMITS = 40, 400, 60, 15
MOST = 1.2


def rows(folder: Path) -> list[Row]:
    """The page, Save and Submit."""
    few, many = folder / "one.db", folder / "million.db"
    with CashSandbox() as cash:
        with Server(database=few, cash=cash.wsdl) as page:
            connect(page)
        shutil.copy(few, many)
        multiply(many)
        with Server(database=few, cash=cash.wsdl) as alone, Server(database=many, cash=cash.wsdl) as among:
            one = Browser(alone)
            others = itertools.cycle([Browser(among, str(n)) for n in random.sample(range(2 * 10**6, 3 * 10**6), VISITED)])
            return [
                row("page", alternate(PAGES, lambda: one.get("/"), lambda: next(others).get("/"))),
            ]


def row(name: str, times: list[list[float]]) -> Row:
    one, million = (median(each) * 1000 for each in times)
    return Row(
        f"{name} with {ACCOUNTS:,} accounts ÷ with 1",
        f"{million:.1f} ms",
        f"{one:.1f} ms",
        f"{million / one:.2f}",
        f"≤ {MOST}",
        million / one <= MOST,
    )
