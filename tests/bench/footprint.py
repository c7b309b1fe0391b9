"""What a worker weighs, and how soon it answers."""

from pathlib import Path

from browser import Browser, connect
from samples import alternate, median
from server import HELLO, Server
from table import Row

from webapp.demo.cash import CashSandbox

PAGES, STARTS = 200, 5
MOST_MB, MOST_SECONDS = 80, 1.0


def rows(folder: Path) -> list[Row]:
    """Memory, then start."""
    return [memory(folder / "memory.db"), start(folder / "start.db")]


def memory(database: Path) -> Row:
    """The resident memory of the worker: all of it, also the pages of libraries that it shares with its master."""
    with CashSandbox() as cash, Server(database=database, cash=cash.wsdl) as page, Server(HELLO) as bare:
        browser = connect(page)
        for _ in range(PAGES):
            browser.get("/")
        resident, share = megabytes(page.worker())
        hello, _ = megabytes(bare.worker())
    return Row(
        f"worker memory (RSS) after {PAGES} pages",
        f"{resident:.0f} MB (its share of shared pages only, PSS: {share:.0f})",
        f'Flask "hello" {hello:.0f} MB',
        f"{resident / hello:.1f}",
        f"≤ {MOST_MB} MB",
        resident <= MOST_MB,
    )


def megabytes(process: int) -> tuple[float, float]:
    """RSS and PSS."""
    lines = (line.split() for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:])
    kilobytes = {line[0]: int(line[1]) for line in lines}
    return kilobytes["Rss:"] / 1024, kilobytes["Pss:"] / 1024


def start(database: Path) -> Row:
    """From the start of the process to the first answered /readyz."""

    def starting(app: Server) -> float:
        with app as server:
            return server.start_seconds

    with Server(database=database) as page:
        Browser(page)  # the bytecode is there now
    pages, hellos = alternate(STARTS, lambda: starting(Server(database=database)), lambda: starting(Server(HELLO)))
    return Row(
        "start, to the first answered /readyz",
        f"{median(pages):.2f} s",
        f'Flask "hello" {median(hellos):.2f} s',
        f"{median(pages) / median(hellos):.1f}",
        f"≤ {MOST_SECONDS:.0f} s",
        median(pages) <= MOST_SECONDS,
    )
