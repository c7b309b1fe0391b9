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

ACCOUNTS = 1_000_000
VISITED, PAGES, SAVES, SUBMITS = 40, 200, 40, 7
MOST = 1.2
LAST_MONTH = 40 * 24 * 3600
AGO = "(n * 7919) % 86400"  # seconds, so that times are not in the order of the accounts
COLUMNS = {"account": "CAST(2000000 + n AS TEXT)", "at": f"at - {AGO}", "since": f"since - {AGO}"}


def rows(folder: Path) -> list[Row]:
    """The page, Save and Submit."""
    few, many = folder / "one.db", folder / "million.db"
    with CashSandbox() as cash:
        with Server(database=few, cash=cash.wsdl) as page:
            connect(page, saves=1)
        age(few)
        shutil.copy(few, many)
        multiply(many)
        with Server(database=few, cash=cash.wsdl) as alone, Server(database=many, cash=cash.wsdl) as among:
            one = Browser(alone)
            others = [Browser(among, str(each)) for each in random.sample(range(2_000_000, 3_000_000), VISITED)]
            turn = itertools.cycle(others)
            pages = alternate(PAGES, lambda: one.get("/"), lambda: next(turn).get("/"))
            saves = alternate(SAVES, one.toggle, lambda: next(turn).toggle())
            submits = alternate(SUBMITS, one.log_in, lambda: next(turn).log_in())
    return [row("page", pages), row("Save", saves), row("Submit", submits)]


def age(database: Path) -> None:
    """Moves what happened back in time: most accounts did not change anything today."""
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("UPDATE logins SET since = since - ?", [LAST_MONTH])
        db.execute("UPDATE settings SET at = at - ?", [LAST_MONTH])
        db.execute("UPDATE timeline SET at = at - ?", [LAST_MONTH])


def multiply(database: Path) -> None:
    """Gives accounts 2000000 and up what account 1001 has: its login, its settings, its log."""
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -1000000")
        db.execute("BEGIN")
        indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql > ''").fetchall()
        for name, _ in indexes:
            db.execute(f"DROP INDEX {name}")
        for table in ("logins", "settings", "timeline"):
            columns = [name for _, name, *_ in db.execute(f"PRAGMA table_info({table})") if name != "id"]
            values = [COLUMNS.get(name, name) for name in columns]
            db.execute(
                "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers LIMIT ?) "
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
                f"FROM (SELECT * FROM {table} WHERE account = '1001') CROSS JOIN numbers",
                [ACCOUNTS],
            )
        for _, sql in indexes:  # made at once, they take a third of the time
            db.execute(sql)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")


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
