"""Our own words for what Cash has, who asks for it, and what happened. Imports nothing of ours."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import IntEnum
from typing import Any, TypeVar
from urllib.parse import quote

Record = TypeVar("Record")
HALF = re.compile(r"\\u[dD][89a-fA-F]")  # two of them are one character


def read_json(text: str) -> Any:
    """What a stored text holds; None where it is no JSON. Half a character, which no page can show, becomes a ?."""
    try:
        stored = json.loads(text)
        if HALF.search(text):
            stored = json.loads(json.dumps(stored, ensure_ascii=False).encode(errors="replace"))
        return stored
    except (ValueError, RecursionError):
        return None


def read(kind: type[Record], stored: object) -> Record | None:
    """A flat dataclass from stored JSON, as far as this version knows it.

    Unknown keys are ignored; what is missing or of another type gets its default; None where there is no default.
    """
    stored = stored if isinstance(stored, Mapping) else {}
    known = {each.name: stored.get(each.name) for each in fields(kind)}  # type: ignore[arg-type]
    types = {each.name: each.type for each in fields(kind)}  # type: ignore[arg-type]
    try:
        return kind(**{name: value for name, value in known.items() if type(value) is types[name]})
    except TypeError:
        return None


@dataclass(frozen=True)
class Who:
    """Who asks: an account at OutSmart, one session of it, and the user's name for the log."""

    account: str
    sid: str
    user: str


@dataclass(frozen=True)
class Credentials:
    """What an API user of Cash logs in with."""

    relation_code: str
    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Administration:
    """One set of books; its code is unique only within its map (WP, H). Both are Cash's, character by character."""

    map: str
    code: str
    name: str
    read_only: bool = False

    @property
    def id(self) -> str:
        """Map and code as one text, in which every pair is another one and which a form sends back unchanged."""
        return f"{_quoted(self.map)}/{_quoted(self.code)}"

    @property
    def former_id(self) -> str:
        """The id as it was once written: white space cleaned, and ambiguous where a / is in map or code."""
        return f"{' '.join(self.map.split())}/{' '.join(self.code.split())}"


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


def find_administration(administrations: Iterable[Administration], id: str) -> Administration | None:
    """The administration with this id; where none has it, the only one whose former id it is."""
    formerly = []
    for each in administrations:
        if each.id == id:
            return each
        if each.former_id == id:
            formerly.append(each)
    return formerly[0] if len(formerly) == 1 else None


class TransactionStatus(IntEnum):
    """How far an import is (VDBF, WP, H)."""

    PENDING = 1
    SUCCESS = 2
    ERROR = 3


@dataclass(frozen=True)
class ImportProblem:
    """One thing Cash did not accept; `source` repeats the record in Cash's own notation, character by character."""

    message: str
    line: int | None
    source: str


@dataclass(frozen=True)
class Transaction:
    """What became of an import. Times are Cash's own local time, None where it gives none."""

    id: str
    status: TransactionStatus
    creation: datetime | None
    last_update: datetime | None
    administration: Administration
    initiator_relation: str
    initiator_user: str
    errors: tuple[ImportProblem, ...]


@dataclass(frozen=True)
class Warehouse:
    """A stock location in one administration; its code is Cash's, character by character."""

    code: str
    name: str


@dataclass(frozen=True)
class WarehouseList:
    """The warehouses of one administration and when Cash listed them (seconds since 1970)."""

    seen: int
    warehouses: tuple[Warehouse, ...]
    cut: bool = False  # Cash has more than we keep


@dataclass(frozen=True)
class Login:
    """A proven login, without its password, and what it showed us.

    `proof` is random and changes with every Submit that Cash accepts: what Cash answers later is written
    only to the login that asked, never to one that took its place meanwhile.
    """

    proof: str
    relation_code: str
    email: str
    administrations: tuple[Administration, ...]
    seen: int  # when the administrations were listed
    since: int
    user: str
    pending: bool = False  # proven, and kept for Save
    refused_since: int = 0  # since when Cash no longer accepts it; 0 when it does
    warehouse_lists: dict[str, WarehouseList] = field(default_factory=dict)  # by administration id
    troubled: bool = False  # whether Cash failed the last time it was asked
    trouble: str = ""  # the reason of the last failure, if there ever was one
    trouble_at: int = 0

    @property
    def worked_at(self) -> int:
        """When Cash last answered this login."""
        return max([self.seen, *(listed.seen for listed in self.warehouse_lists.values())])

    def administration(self, id: str) -> Administration | None:
        """The administration with this id, if this login sees it."""
        return find_administration(self.administrations, id)


NOT_CONNECTED = Login("", "", "", (), 0, 0, "")


@dataclass(frozen=True)
class Event:
    """One line of the log; `kind` says what happened, `facts` with what. Words are the template's."""

    id: int
    at: int  # seconds since 1970
    user: str
    kind: str
    error: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
