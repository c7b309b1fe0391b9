"""Measures each bar of speed beside its counterpart; exit code 1 when one is missed. `run.py save submit` runs some."""

import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from table import Row, aligned

TOPICS = (
    "first_view",
    "footprint",
    "throughput",
    "submit",
    "save",
    "hanging",
    "accounts",
    "outsmart_list",
    "worker",
    "takeover",
    "sync",
    "exports",
)


def main(topics: list[str]) -> int:
    """Runs the topics and prints the table."""
    rows: list[Row] = []
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for topic in topics:
            since = time.perf_counter()
            rows += import_module(topic).rows(Path(folder))
            print(f"{topic}: {time.perf_counter() - since:.0f} s", file=sys.stderr)
    print(f"\n{aligned(rows)}\n")
    missed = [row.name for row in rows if not row.ok]
    print(f"{len(rows) - len(missed)} of {len(rows)} in {time.perf_counter() - started:.0f} s", end="")
    print(f"; missed: {', '.join(missed)}" if missed else "")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(TOPICS)))
