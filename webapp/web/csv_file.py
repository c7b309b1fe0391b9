"""A table as a file that a spreadsheet of the Netherlands opens: semicolons, and nothing that it would carry out."""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

BOM = "\ufeff"  # without it Excel takes UTF-8 for another encoding
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"-?[0-9]+(,[0-9]+)?")

Cells = Iterable[str]


def attachment(name: str, rows: Iterable[Cells]) -> Response:
    """The rows as a file of this name, sent as they are read."""
    response = Response(stream_with_context(_written(rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(rows: Iterable[Cells]) -> Iterator[str]:
    yield BOM
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([_harmless(cell) for cell in row])
        yield line.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) else cell
