"""When two keys are the same one, and whether a row is the one that OutSmart has."""

import re
from collections.abc import Mapping
from hashlib import blake2b
from itertools import chain

from ...outsmart.model import ADDRESSES, RELATIONS, Row
from ...outsmart.values import read_decimal
from .imports import VERSION

PRICES = {"price", "sale_price"}
EMPTY = {"", "<Leeg>"}
_CODE = re.compile(r"(.*)-([^-]*)", re.DOTALL)


def fold(kind: str, key: str) -> str:
    """What all spellings of a key have in common: numbers of relations are compared as numbers, codes as texts."""
    key = key.strip()
    if kind == RELATIONS.path:
        return _number(key)
    if kind == ADDRESSES.path and (parts := _CODE.fullmatch(key)):
        return f"{_number(parts[1])}-{_number(parts[2])}"
    return key


def _number(text: str) -> str:
    return text.lstrip("0") or "0" if text.isascii() and text.isdecimal() else text


def row_hash(row: Mapping[str, str]) -> str:
    """Of exactly the row that would be sent, and of the version of the mapping."""
    written = "\0".join((str(VERSION), *chain.from_iterable(sorted(row.items()))))  # XML holds no \0
    return blake2b(written.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def differences(row: Row, known: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The fields of a row that OutSmart has otherwise: what it has, and what it would get."""
    return {
        field: (known.get(field, ""), text)
        for field, text in row.items()
        if not _same(field, text, known.get(field, ""))
    }


def _same(field: str, one: str, other: str) -> bool:
    if field in PRICES:
        try:
            return read_decimal(one) == read_decimal(other)
        except ValueError:
            return False
    return one == other or {one, other} <= EMPTY


def spelled_both_ways(numbers: Mapping[str, str]) -> bool:
    """Whether some numbers have leading zeros and others lost them; `numbers` are as spelled, by what they are."""
    longest = max((len(text) for text in numbers.values() if text.startswith("0")), default=0)
    return any(not text.startswith("0") and len(text) < longest for text in numbers.values() if text.isdecimal())
