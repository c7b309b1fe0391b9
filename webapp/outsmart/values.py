"""How values are spelled."""

import re
from decimal import Decimal

_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,10})?")


def read_decimal(text: str) -> Decimal:
    """`4.55` and `4,55` are the same; ValueError for anything else, such as a separator of thousands."""
    if not _DECIMAL.fullmatch(text.strip()):
        raise ValueError("no decimal number")
    return Decimal(text.strip().replace(",", "."))


def write_decimal(number: Decimal) -> str:
    """With a dot and without an exponent, as OutSmart takes it."""
    return f"{number:f}"
