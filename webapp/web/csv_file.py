"""A table as a file that a spreadsheet of the Netherlands opens: semicolons, and nothing that it would carry out."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from flask import Response, stream_with_context

BOM = "\ufeff"  # without it Excel takes UTF-8 for another encoding
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what it would carry out begins so

Rows = Iterable[Sequence[str | Decimal]]


def attachment(name: str, chunks: Iterable[Rows]) -> Response:
    """The rows as a file of this name, sent chunk by chunk; a text is told from a number."""
    response = Response(stream_with_context(_written(chunks)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _written(chunks: Iterable[Rows]) -> Iterator[str]:
    yield BOM
    for rows in chunks:
        lines = io.StringIO()
        writer = csv.writer(lines, delimiter=";", lineterminator="\r\n")
        writer.writerows([_harmless(cell) for cell in row] for row in rows)
        yield lines.getvalue()


def _harmless(cell: str | Decimal) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    return f"'{cell}" if cell.startswith(FORMULA) else cell
