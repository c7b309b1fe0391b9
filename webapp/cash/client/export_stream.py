"""The reply to an export, read record by record while it arrives.

The records are XML inside the text of the envelope's XML: one parser feeds another, and at no time is more
in memory than one chunk of the wire and the records in it.
"""

import re
from collections.abc import Iterable, Iterator

from ...outbound.failures import CallFailed
from ...outbound.text import clean
from .budget import MAX_DEPTH, Budget
from .plain_records import Names, PlainRecords
from .reader import Reader
from .repair import Repaired
from .reply import answer, refuse
from .xml import Node, Tree, split_name

NAMES = {"name", "naam"}  # the attribute of a field that says what Cash calls it (ASSUMPTION; asked for with X)
MAX_RECORD = 16 * 1024 * 1024  # characters; an article may carry its picture


class _Envelope(Tree):
    """The reply as a tree, but without the export itself, whose text is taken out as it comes."""

    def __init__(self, budget: Budget) -> None:
        super().__init__(budget)
        self.taken: list[str] = []
        self.result: Node | None = None
        self.response: Node | None = None  # once it is complete, until it is judged

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        node = self.open[-1]
        referred = self.result and self.result.attributes.get("href") == f"#{node.attributes.get('id', '')}"
        if referred or self._part() == "exportresult":
            self.result = node

    def data(self, text: str) -> None:
        if self.open and self.open[-1] is self.result:
            self.taken.append(text)
        else:
            super().data(text)

    def end(self, tag: str) -> None:
        node, part = self.open[-1], self._part()
        super().end(tag)
        if part == "response" and node.value("code"):  # else it may be a reference to what comes later
            self.response = node

    def _part(self) -> str:
        """The name of the open element if it is a part of the answer, which may be wrapped, and be a Map (PHP)."""
        name, above = self.open[-1].name.lower(), self.open[:-1]
        if name == "value" and above and above[-1].name.lower() == "item":
            name, above = above[-1].value("key").lower(), above[:-1]
        return name if len(above) in (3, 4) else ""  # Envelope, Body, ExportResponse and perhaps return


class _Records:
    """Turns <cash><R2229><F0101>…</F0101></R2229></cash> into dictionaries (WP, H)."""

    def __init__(self, budget: Budget) -> None:
        self.ready: list[dict[str, str]] = []
        self.budget = budget
        self._names: dict[str, str] = {}  # by tag
        self._record: dict[str, str] = {}
        self._element = ""
        self._texts: list[str] = []
        self._depth = self._size = 0

    def start_ns(self, prefix: str, namespace: str) -> None:
        self.budget.name(prefix)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._grow(len(tag))
        name = self._names.get(tag) or self._new_name(tag)
        for attribute in attributes:
            self.budget.name(attribute)
        if self._depth > MAX_DEPTH:
            raise CallFailed("too_large", "the export has too deep elements")
        if self._depth == 1 and name.lower() == "html":
            raise CallFailed("maintenance", "a web page came instead of an export")
        if self._depth == 1 and name.lower() != "cash":
            raise CallFailed("not_xml", f"the export is a <{clean(name, 60)}>")
        if self._depth == 2:
            self._record = {"record": _number(name)}
        elif self._depth == 3:
            self._element = name
            for attribute in attributes.keys() & NAMES:
                self._record[f"@{_field(name)}"] = attributes[attribute]

    def _new_name(self, tag: str) -> str:
        self.budget.name(tag)
        name = self._names[tag] = split_name(tag)[1]
        return name

    def data(self, text: str) -> None:
        if self._depth >= 3:
            self._grow(len(text))
            self._texts.append(text)
        elif text.strip():
            raise CallFailed("not_xml", "the export has text outside its fields")

    def end(self, tag: str) -> None:
        if self._depth == 3:
            self._record[_field(self._element)] = "".join(self._texts)
            self._texts.clear()
        elif self._depth == 2:
            self.ready.append(self._record)
            self._size = 0
        self._depth -= 1

    def close(self) -> None:
        """The parser wants it."""

    def open_field(self) -> str:
        """The element whose text comes next, "" between fields."""
        return self._element if self._depth >= 3 else ""

    def _grow(self, characters: int) -> None:
        self._size += characters
        if self._size > MAX_RECORD:
            raise CallFailed("too_large", "the export has a record that is too large")


def _field(name: str) -> str:
    return name[1:] if name[0] == "F" and name[1:2].isdecimal() else name


def _number(name: str) -> str:
    """`R2229` is record 2229 (WP, H); raises CallFailed for an element that is no record, such as a list of errors."""
    if not (record := re.fullmatch(r"R([0-9]{3,4})", name)):
        raise CallFailed("not_xml", f"the export has a <{clean(name, 60)}> instead of a record")
    return record[1]


def read_records(chunks: Iterable[bytes], budget: Budget | None = None) -> Iterator[dict[str, str]]:
    """The records in the reply; raises ResponseError and CallFailed like `answer`.

    Where Cash puts the response code behind the records, they are given first, and the code is judged last.
    """
    envelope, records = _Envelope(budget or Budget()), _Records(budget or Budget())
    outer, inner = Reader(envelope), _Inner(records)
    something = False
    for chunk in chunks:
        outer.feed(chunk)
        if envelope.response:
            refuse(envelope.response)
            envelope.response = None
        something = _pass_on(envelope, inner) or something
        yield from _ready(records)
    outer.close()
    if envelope.root is None:
        raise CallFailed("not_xml", "the reply has no element")
    result = answer(envelope.root).child("exportresult")
    if result and result.children:
        raise CallFailed("not_xml", "the export is not a text")
    if not something and result:  # a multiRef in front of its href
        envelope.taken.append(result.text)
        something = _pass_on(envelope, inner)
    if something:
        inner.close()
    yield from _ready(records)


class _Inner:
    """Reads the text of the export: what is plain in no time, and the rest with a parser."""

    def __init__(self, records: _Records) -> None:
        self._plain = PlainRecords(Names(_field, records.budget.name), records.ready)
        self._reader = Reader(records, Repaired(records.open_field))

    def feed(self, text: str) -> None:
        if left := self._plain.feed(text):
            self._reader.feed(left.encode())

    def close(self) -> None:
        if left := self._plain.close():
            self._reader.feed(left.encode())
        self._reader.close()


def _pass_on(envelope: _Envelope, inner: _Inner) -> bool:
    """Hands on the text taken so far; says whether there was any."""
    text = "".join(envelope.taken)
    envelope.taken.clear()
    if text:
        inner.feed(text)
    return bool(text.strip())


def _ready(records: _Records) -> Iterator[dict[str, str]]:
    yield from records.ready
    records.ready.clear()
