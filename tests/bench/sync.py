"""One account with 100,000 articles and 50,000 relations: how much memory its run takes, and how many rows a second."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from table import Row

ARTICLES, RELATIONS = 100_000, 50_000
MOST_MB, LEAST_ROWS = 150, 5_000
PLACE = {"1833": "Molenpad", "1834": "7", "0438": "8011 AB", "1837": "Zwolle"}


def serve() -> None:
    """Both sandboxes, in a process of their own, until the input ends."""
    from webapp.demo.cash import CashSandbox
    from webapp.demo.outsmart import OutSmartSandbox

    with CashSandbox() as cash, OutSmartSandbox() as outsmart:
        books = cash.books("2085/demo")
        for n in range(RELATIONS):
            number = f"{100_000 + n:06d}"
            fields = {"0101": number, "0103": f"Klant {n} B.V.", "0120": f"info@klant{n}.example", **PLACE}
            books.put("0101", fields, 300)
            books.put("2220", {"0101": number, "2226": "N"}, 300)
        for n in range(ARTICLES):
            article = {"2260": f"X{n:06d}", "2001": f"Koperbuis {n} mm", "2267": "12,50", "9001": "AMESA"[n % 5]}
            books.put("2260", {**article, "9002": "ST", "9003": "1"}, 300)
        outsmart.connect("bench", "bench-token")
        print(json.dumps([cash.wsdl, outsmart.api, outsmart.software_token]), flush=True)
        sys.stdin.read()


def measure() -> dict[str, Any]:
    """The first run, and a manual one that compares all of it, in this process."""
    from support import database
    from support.sync import EVERYTHING, Ask

    from webapp.cash.client.gateway import CashGateway
    from webapp.cash.model import Administration, Credentials
    from webapp.cash.store.marks import MarkStore
    from webapp.cash.store.openings import OpeningStore
    from webapp.cash.store.orders import OrderStore
    from webapp.cash.store.sent import SentStore
    from webapp.cash.sync.parts import Parts
    from webapp.cash.sync.run import execute
    from webapp.db import connect
    from webapp.outsmart.gateway import OutSmartGateway

    cash, api, software = json.loads(sys.argv[2])
    seconds = []
    login = Credentials("54852", "api@example.nl", "welkom")
    with tempfile.TemporaryDirectory() as folder:
        database.create(Path(folder, "app.db"))
        way = OutSmartGateway(api, software)
        with connect(f"{folder}/app.db") as db, way.session("bench", "bench-token") as session:
            for n in range(2):
                scratch = Path(folder, str(n))
                scratch.mkdir()
                parts = Parts(
                    cash=partial(CashGateway(cash, "OUTSMART").session, login),
                    administration=Administration("2085", "demo", "Demo"),
                    settings=EVERYTHING,
                    outsmart=session,
                    sent=SentStore(db),
                    marks=MarkStore(db),
                    orders=OrderStore(db),
                    openings=OpeningStore(db),
                    scratch=scratch,
                    now=lambda n=n: int(time.time()) + n * 24 * 3600,  # type: ignore[misc]
                )
                began = time.process_time()
                result: Any = execute(Ask("bench", "changed"), parts)
                seconds.append(time.process_time() - began)
                assert result["kinds"]["relations"]["sent"] == (0 if n else RELATIONS + 38), result
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"peak": peak, "rows": [int((ARTICLES + RELATIONS) / each) for each in seconds]}


def rows(_folder: Path) -> list[Row]:
    """Both sides and the run are processes of their own."""
    command = [sys.executable, __file__]
    with subprocess.Popen([*command, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as sides:
        assert sides.stdin
        assert sides.stdout
        where = sides.stdout.readline().strip()
        found = json.loads(
            subprocess.run([*command, "measure", where], capture_output=True, text=True, check=True).stdout
        )
        sides.stdin.close()
    first, again = found["rows"]
    bar = f"≥ {LEAST_ROWS:,} rows/s"
    return [
        Row(
            "run with 150,000 rows: memory", f"{found['peak']} MB", "", "", f"≤ {MOST_MB} MB", found["peak"] <= MOST_MB
        ),
        Row("first run", f"{first:,} rows/s", "", "", bar, first >= LEAST_ROWS),
        Row("run that compares all", f"{again:,} rows/s", "", "", bar, again >= LEAST_ROWS),
    ]


if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["measure", _]:
            print(json.dumps(measure()))
