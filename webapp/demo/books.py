"""The books of one administration: the demo records, the export commands, and what an import changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from html import escape
from math import inf
from typing import NamedTuple

from . import seed
from .logins import Administration
from .posting import LINE, ORDER, Existing, Incoming, Key, Posting, Record, Refusal, Tables
from .records import LAYOUTS, NAMES, OPEN_ITEMS, OPEN_TOTAL, OVERDUE_TOTAL, PURCHASE_PRICE, stored

# What each property letter does, per record; any record also takes X. G, T and W take an argument each.
_Letters = dict[str, dict[str, tuple[str, ...]]]
_ADDS: _Letters = {
    "0101": {"P": (OPEN_ITEMS,), "D": (OPEN_TOTAL,), "V": (OVERDUE_TOTAL,), "B": ("1829", "1831")},
    "2260": {"V": ("2273", "2293")},
}
_OMITS: _Letters = {"2260": {"I": (PURCHASE_PRICE,), "Z": ("Zjpg", "Z4245"), "A": ()}}
_SELECTS = {"0101": "WT", "2260": "WG"}
_COMMAND = re.compile(r"([0-9]{3,4})([A-Z]*)((?:\|[^|]*)*)")
_EARLIEST_VOUCHER = 1


class BadCommand(ValueError):
    """Cash does not know this export command."""


class SalesOrder(NamedTuple):
    """An order as it stands in the books; its lines are their fields by number, in the order of 2426."""

    number: str
    reference: str
    customer: str
    lines: list[dict[str, str]]


class Books:
    """One administration with its records. The sandbox holds a lock around imports; to look into them needs none."""

    def __init__(self, administration: Administration) -> None:
        """Fills the books with the demo records; days are counted back from today."""
        self._tables: Tables = {record: {} for record in LAYOUTS}
        today = date.today()

        def add(record: str, fields: dict[str, str], days_ago: int) -> None:
            key = tuple(fields[field] for field in LAYOUTS[record].key)
            self._tables[record][key] = Record(fields, today - timedelta(days=days_ago))

        seed.seed(administration, add)

    def records(self, record: str) -> dict[Key, dict[str, str]]:
        """The records of a number by key."""
        return {key: dict(each.fields) for key, each in [*self._tables[record].items()]}

    def sales_orders(self) -> list[SalesOrder]:
        """Every order by number; a number that two have comes twice."""
        tables = self._tables
        lines = sorted(tables[LINE].items(), key=_in_order)
        return [
            SalesOrder(
                order.fields["2400"],
                order.fields.get("2406", ""),
                order.fields["2220"],
                [dict(line.fields) for at, line in lines if (at[0], *at[2:]) == key],
            )
            for key, order in sorted(tables[ORDER].items(), key=_in_order)
        ]

    def put(self, record: str, fields: dict[str, str], days_ago: int = 0) -> None:
        """Somebody changes a record so many days ago, or makes one."""
        key = tuple(fields[field] for field in LAYOUTS[record].key)
        self._tables[record][key] = Record(fields, date.today() - timedelta(days=days_ago))

    def remove(self, record: str, *key: str) -> None:
        """Somebody deletes a record, and no export tells of it. KeyError for an unknown one."""
        del self._tables[record][key]

    def remove_order(self, number: str) -> None:
        """Somebody deletes every order with this number, and its lines."""
        for record in (ORDER, LINE):
            self._tables[record] = {key: row for key, row in self._tables[record].items() if key[0] != number}

    def export(self, command: str, hides: Callable[[str], bool] = lambda record: False) -> str:
        """Answers `<record><properties>[|argument…]` with `<cash>…</cash>` (WP, H). Raises BadCommand.

        `W|N` gives what changed in the last N days, `G|group` an article group, `T|word` the relations whose
        name holds the word; what is left of the arguments is the key (`2260|ABC`, `2229|000100`). Without
        P, D, V or B a relation, and without V an article, lacks the fields these letters add. Records that `hides`
        says so of are not found by their key.
        ASSUMPTION: with X every field has an attribute `name`, its name in Dutch.
        """
        match = _COMMAND.fullmatch(command.strip())
        if match is None:
            raise BadCommand(command)
        record, letters = match[1].zfill(4), match[2]
        arguments = match[3].split("|")[1:]
        if record == "2050":
            return _wrap(self._next_relation(letters))
        if record == "8504":
            return _wrap(_next_voucher(letters, arguments))
        if record not in LAYOUTS:
            raise BadCommand(command)
        fields = _fields_asked(record, letters)
        rows = self._select(record, letters, arguments, hides(record))
        return _wrap("".join(_row(record, row, fields, named="X" in letters) for row in rows))

    def post(self, incoming: Sequence[Incoming], existing: Existing = "change", lines: float = inf) -> list[Refusal]:
        """Imports all records, or none and says why; `existing` is what an order does whose number is there.

        Of the lines of orders only the first `lines` are good: the others are refused, and all else is imported.
        """
        bad = [each for each in incoming if each.record == LINE][int(min(lines, len(incoming))) :]
        tables = {record: dict(rows) for record, rows in self._tables.items()}
        posting = Posting(tables, existing)
        refusals = [refusal for each in incoming if each not in bad and (refusal := posting.post(each))]
        if not refusals:
            self._tables = tables  # at once, so that whoever looks sees an import whole or not at all
        return refusals or [Refusal(f"Ongeldige waarde 2260={each.fields.get('2260', '')}", each) for each in bad]

    def _select(self, record: str, letters: str, arguments: list[str], hidden: bool) -> Iterator[Record]:
        rows = [row for _, row in sorted(self._tables[record].items(), key=_in_order)]
        for letter in letters:
            if letter not in _SELECTS.get(record, ""):
                continue
            argument = arguments.pop(0) if arguments else ""
            if letter == "W":
                if not re.fullmatch("[0-9]{1,4}", argument):
                    raise BadCommand(f"{record}W|{argument}")
                since = date.today() - timedelta(days=int(argument))
                rows = [row for row in rows if row.changed >= since]
            elif letter == "G":
                rows = [row for row in rows if row.fields.get("2208") == argument]
            else:
                word = argument.casefold()
                rows = [row for row in rows if word in row.fields.get("0103", "").casefold()]
        key = LAYOUTS[record].key
        if len(arguments) > len(key):
            raise BadCommand(f"{record}|{'|'.join(arguments)}")
        wanted = {field: _as_stored(record, field, text) for field, text in zip(key, arguments, strict=False) if text}
        if wanted and hidden:
            return iter(())
        return (row for row in rows if all(row.fields[field] == text for field, text in wanted.items()))

    def _next_relation(self, letters: str) -> str:
        """2050N: the next free relation number; 2050R: the same, and a relation of that number is written."""
        if letters not in ("", "N", "R"):
            raise BadCommand(f"2050{letters}")
        number = f"{max((int(key[0]) for key in self._tables['0101']), default=99) + 1:06d}"
        if letters == "R":
            self._tables["0101"][(number,)] = Record({"0101": number}, date.today())
        return f"<R2050><Z0101>{number}</Z0101></R2050>"


def _fields_asked(record: str, letters: str) -> list[str]:
    adds, omits = _ADDS.get(record, {}), _OMITS.get(record, {})
    unknown = set(letters) - {"X", *adds, *omits, *_SELECTS.get(record, "")}
    if unknown or len(set(letters)) < len(letters):
        raise BadCommand(f"{record}{letters}")
    hidden = {field for letter, fields in adds.items() if letter not in letters for field in fields}
    hidden |= {field for letter in letters for field in omits.get(letter, ())}
    return [field for field in LAYOUTS[record].fields if field not in hidden]


def _row(record: str, row: Record, fields: list[str], *, named: bool) -> str:
    """One record as XML; empty fields are left out (M)."""
    content = ""
    for field in fields:
        if text := row.fields.get(field):
            tag = f"F{field}" if field.isdigit() else field
            name = f' name="{escape(NAMES.get(field, field))}"' if named else ""
            content += f"<{tag}{name}>{escape(text, quote=False).replace(chr(13), '&#13;')}</{tag}>"
    return f"<R{record}>{content}</R{record}>"


def _next_voucher(letters: str, arguments: list[str]) -> str:
    """8504|YY|journal: the next voucher number; no vouchers are kept, so always the year's first (ASSUMPTION)."""
    if letters or len(arguments) != 2 or not re.fullmatch("[0-9]{2}", arguments[0]) or not arguments[1]:
        raise BadCommand("8504")
    return f"<R8504><Z0303>{arguments[0]}{_EARLIEST_VOUCHER:04d}</Z0303></R8504>"


def _wrap(rows: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><cash>{rows}</cash>'


def _as_stored(record: str, field: str, text: str) -> str:
    """A key argument in the form it is kept in; what cannot be a key matches nothing."""
    try:
        return stored(record, field, text)
    except ValueError:
        return "\0"


def _in_order(item: tuple[Key, Record]) -> list[str]:
    return [part.zfill(10) for part in item[0]]
