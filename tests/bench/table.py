"""The rows of the report, and how they are printed."""

from dataclasses import dataclass

HEADINGS = ("row", "measured", "counterpart", "ratio", "bar", "ok")


@dataclass(frozen=True)
class Row:
    """One line: what was measured, what it is held against, and whether it is good enough."""

    name: str
    measured: str
    counterpart: str
    ratio: str
    bar: str
    ok: bool


def aligned(rows: list[Row]) -> str:
    """The rows as a table."""
    lines = [HEADINGS, *((r.name, r.measured, r.counterpart, r.ratio, r.bar, "yes" if r.ok else "NO") for r in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
