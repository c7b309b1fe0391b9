"""What one account has in the OutSmart sandbox, and what a POST changes."""

import threading
from collections import Counter, defaultdict
from itertools import count
from typing import Any

from .outsmart_answers import Answer, refused
from .outsmart_layouts import DEFAULTS, LAYOUTS, Layout, missing, plain, refusal, stored, written

Row = dict[str, str]


class Tables:
    """The rows of one account by kind (`relations`, `workstatusses`, …). Safe to share between threads."""

    def __init__(self, rows: dict[str, list[Row]]) -> None:
        self._lock = threading.Lock()
        self._ids = count(1001)
        self._rows: dict[str, list[Row]] = {kind: [] for kind in LAYOUTS}
        self._by_key: dict[str, dict[str, list[Row]]] = {kind: defaultdict(list) for kind in LAYOUTS}
        self._written: dict[str, Counter[str]] = {kind: Counter() for kind in LAYOUTS}
        self._bad: dict[str, dict[str, int]] = {kind: {} for kind in LAYOUTS}
        for kind, each in rows.items():
            for row in each:
                self._insert(kind, row)

    def rows(self, kind: str) -> list[Row]:
        """The rows, in the order they were made, each with its id."""
        with self._lock:
            return [dict(row) for row in self._rows[kind]]

    def all(self) -> dict[str, list[Row]]:
        """The same of every kind."""
        return {kind: self.rows(kind) for kind in LAYOUTS}

    def written(self, kind: str) -> Counter[str]:
        """How often each key was written by a POST."""
        with self._lock:
            return Counter(self._written[kind])

    def forget_writes(self) -> None:
        """Starts counting anew."""
        with self._lock:
            for counter in self._written.values():
                counter.clear()

    def change(self, kind: str, key: str, fields: Row) -> None:
        """What a person changes in OutSmart, in every row with this key. KeyError when there is none."""
        with self._lock:
            for row in self._found(kind, key):
                row.update(fields)

    def add(self, kind: str, fields: Row) -> None:
        """What a person makes in OutSmart; nobody stops them from using a key twice."""
        with self._lock:
            self._insert(kind, fields)

    def remove(self, kind: str, key: str) -> None:
        """What a person deletes in OutSmart. KeyError when there is none."""
        with self._lock:
            self._found(kind, key)
            del self._by_key[kind][key]
            self._rows[kind] = [row for row in self._rows[kind] if row[LAYOUTS[kind].key] != key]

    def refuse(self, kind: str, keys: tuple[str, ...], code: int | None) -> None:
        """Rows with these keys are bad from now on."""
        with self._lock:
            self._bad[kind].update(dict.fromkeys(keys, code or LAYOUTS[kind].failed))

    def refuse_none(self) -> None:
        """No row is bad because of its key any more."""
        with self._lock:
            for bad in self._bad.values():
                bad.clear()

    def get(self, kind: str, comma: bool) -> Answer:
        """All rows of a kind."""
        return Answer(
            response=[{field: written(field, text, comma) for field, text in row.items()} for row in self.rows(kind)]
        )

    def post(self, kind: str, body: list[Any]) -> Answer:
        """Writes all rows or, when one is bad, none."""
        layout = LAYOUTS[kind]
        if not all(isinstance(row, dict) for row in body):
            return refused(layout.failed, "Insert or update failed")
        rows = [{field: plain(value) for field, value in row.items() if field in layout.fields} for row in body]
        with self._lock:
            if refusal := self._refusal(kind, layout, rows):
                return refusal
            for row in rows:
                self._write(kind, row)
        return Answer(response=len(rows))

    def _refusal(self, kind: str, layout: Layout, rows: list[Row]) -> Answer | None:
        if messages := [message for row in rows for message in missing(layout, row)]:
            return refused(layout.missing, *messages)
        for row in rows:
            if code := self._bad[kind].get(row[layout.key]):
                return refused(code, "Insert or update failed")
            if found := refusal(kind, row):
                return refused(*found)
        return None

    def _write(self, kind: str, row: Row) -> None:
        """Changes every row with this key; fields that are not named stay. Without one it is a new row."""
        row = {field: stored(field, text) for field, text in row.items()}
        key = row[LAYOUTS[kind].key]
        self._written[kind][key] += 1
        if key not in self._by_key[kind]:
            self._insert(kind, row)
        for known in self._by_key[kind][key]:
            known.update(row)

    def _insert(self, kind: str, fields: Row) -> None:
        layout = LAYOUTS[kind]
        empty = dict.fromkeys(layout.fields, "")
        row = {"id": str(next(self._ids))} | empty | DEFAULTS.get(kind, {}) | fields
        self._rows[kind].append(row)
        self._by_key[kind][row[layout.key]].append(row)

    def _found(self, kind: str, key: str) -> list[Row]:
        if key not in self._by_key[kind]:
            raise KeyError(key)
        return self._by_key[kind][key]
