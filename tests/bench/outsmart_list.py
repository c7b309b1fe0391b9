"""What a long list of OutSmart costs: memory however long it is, and time beside json.loads of the same bytes."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from socket import socket

from samples import alternate, median
from support.server import Server
from table import Row

READER = Path(__file__).with_name("outsmart_reader.py")
SHORT, LONG = 20_000, 156_000  # rows; the long one is about 50 MB
MOST_MORE_MB, LEAST_SPEED, ROUNDS = 4, 0.3, 3
ROW = {
    **{"id": "12345", "code": "PMP-200", "description": "Circulatiepomp 200 mm, met toebehoren", "price": "189.50"},
    **{"unit": "stuks", "eancode": "", "barcode": "8712345678906", "note": "", "vat_code": "2", "visible": "1"},
    **{f"freefield{n}": f"waarde {n}" for n in range(1, 6)},
    "is_internal": "0",
}


class Lists(Server):
    """Answers with as many rows as the token says, made while they are sent."""

    def answer(self, connection: socket, head: bytes, body: bytes) -> None:
        rows = int(head.partition(b"token=")[2].partition(b"&")[0])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
        for piece in pieces(rows):
            connection.sendall(piece)


def pieces(rows: int) -> Iterator[bytes]:
    yield b'{"code":200,"messages":[],"response":['
    block, text = 1_000, json.dumps(ROW, separators=(",", ":"))
    for at in range(0, rows, block):
        here = min(block, rows - at)
        yield (",".join([text] * here) + ("," if at + here < rows else "")).encode()
    yield b"]}"


def rows(folder: Path) -> list[Row]:
    """Memory, then speed."""
    with Lists() as server:
        address = f"{server.origin}/openapi/8"

        def run(way: str, number: int) -> tuple[float, float]:
            command = [sys.executable, READER, way, address, str(number)]
            ours = {**os.environ, "PYTHONPATH": str(READER.parents[2])}
            done = subprocess.run(command, env=ours, capture_output=True, text=True, check=True)
            seconds, megabytes = map(float, done.stdout.split())
            return seconds, megabytes

        short, long, whole = (run(*each)[1] for each in (("client", SHORT), ("client", LONG), ("loads", LONG)))
        mine, theirs = (
            median(each) for each in alternate(ROUNDS, lambda: run("client", LONG)[0], lambda: run("loads", LONG)[0])
        )
    return [
        Row(
            f"peak memory (RSS), a list of {LONG} rows",
            f"{long:.0f} MB ({SHORT} rows: {short:.0f} MB)",
            f"json.loads {whole:.0f} MB",
            f"{long / whole:.2f}",
            f"≤ {MOST_MORE_MB} MB more",
            long - short <= MOST_MORE_MB,
        ),
        Row(
            "rows of that list, received and read",
            f"{LONG / mine:.0f}/s",
            f"received and json.loads {LONG / theirs:.0f}/s",
            f"{theirs / mine:.2f}",
            f"≥ {LEAST_SPEED}",
            theirs / mine >= LEAST_SPEED,
        ),
    ]
