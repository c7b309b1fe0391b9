"""What an import changes in the books: each record is checked, and added or changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .records import LAYOUTS, REFERENCES, stored

Key = tuple[str, ...]
Existing = Literal["change", "refuse", "second"]
ORDER, LINE = "2400", "2410"
NOT_IMPORTED = {"2300"}  # stock follows from orders


@dataclass
class Record:
    """The fields of one record by number (`0101`, `Zjpg`), and the day it was last changed."""

    fields: dict[str, str]
    changed: date


Tables = dict[str, dict[Key, Record]]  # by number of record
"""Two orders may have one number: the key of the second is that number and "2", and so it is with its lines."""


@dataclass(frozen=True)
class Incoming:
    """One record of an import, as it came: its number, its fields, the how manieth it is."""

    record: str
    fields: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class Refusal:
    """Why a record of an import is refused."""

    message: str
    incoming: Incoming


class BadRecord(ValueError):
    """What Cash says of a record that it does not take."""


class Posting:
    """One import on its way into the tables, which changes them record by record.

    `existing` is what an order does whose number is there.
    """

    def __init__(self, tables: Tables, existing: Existing) -> None:
        self._tables, self._existing = tables, existing
        self._copies: dict[str, Key] = {}  # numbers that this import gave to another order

    def post(self, incoming: Incoming) -> Refusal | None:
        """Existing keys are changed, new ones added (M); what is not mentioned stays as it is (ASSUMPTION-14)."""
        try:
            self._put(incoming.record, self._read(incoming))
        except BadRecord as error:
            return Refusal(str(error), incoming)
        return None

    def _read(self, incoming: Incoming) -> dict[str, str]:
        """The fields as they are kept. Raises BadRecord."""
        if incoming.record not in LAYOUTS or incoming.record in NOT_IMPORTED:
            raise BadRecord(f"Onbekend record {incoming.record}")
        fields = {}
        for field, text in incoming.fields.items():
            if field not in LAYOUTS[incoming.record].fields:
                raise BadRecord(f"Onbekend veld {field}")
            try:
                fields[field] = stored(incoming.record, field, text)
            except ValueError:
                raise _wrong(field, text) from None
            if not self._exists(incoming.record, field, fields[field]):
                raise _wrong(field, text)
        return fields

    def _put(self, record: str, fields: dict[str, str]) -> None:
        key = self._key(record, fields)
        before = self._tables[record].get(key)
        whole = (before.fields if before else {}) | fields
        for field in (*LAYOUTS[record].key, *LAYOUTS[record].required):
            if not whole.get(field) and (before is None or field in fields):
                raise BadRecord(f"Verplicht veld {field} ontbreekt")
        if record == ORDER and whole.get("2419") and (whole["2220"], whole["2419"]) not in self._tables["2229"]:
            raise _wrong("2419", whole["2419"])
        self._tables[record][key] = Record({field: text for field, text in whole.items() if text}, date.today())

    def _key(self, record: str, fields: dict[str, str]) -> Key:
        key = tuple(fields.get(field, "") for field in LAYOUTS[record].key)
        if record not in (ORDER, LINE):
            return key
        if record == ORDER and self._existing != "change" and (there := self._orders(key[0])):
            if self._existing == "refuse":
                raise _wrong("2400", key[0])
            self._copies[key[0]] = (str(max(int(each[1]) if each[1:] else 1 for each in there) + 1),)
        return key + self._copies.get(key[0], ())

    def _orders(self, number: str) -> list[Key]:
        return [key for key in self._tables[ORDER] if key[0] == number]

    def _exists(self, record: str, field: str, value: str) -> bool:
        """Whether there is what a value points to."""
        table = REFERENCES.get(record, {}).get(field)
        if not table or not value:
            return True
        return bool(self._orders(value)) if table == ORDER else (value,) in self._tables[table]


def _wrong(field: str, text: str) -> BadRecord:
    return BadRecord(f"Ongeldige waarde {field}={text}")
