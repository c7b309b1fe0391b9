"""The integration in our own words: what Cash has, what an account chose, what happened. Imports nothing of ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import IntEnum
from typing import Any
from urllib.parse import quote


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
    waiting: bool = False  # proven, and kept for Save
    refused_since: int = 0  # since when Cash no longer accepts it; 0 when it does
    warehouse_lists: dict[str, WarehouseList] = field(default_factory=dict)  # by administration id

    def administration(self, id: str) -> Administration | None:
        """The administration with this id, if this login sees it."""
        return find_administration(self.administrations, id)


NOT_CONNECTED = Login("", "", "", (), 0, 0, "")


WORK_STATUSES = {"0": "0 - Niet naar Cash", "1": "1 - Naar Cash", "99": "99 - Error"}
HOUR_ROUNDINGS = (0, 5, 15, 30)  # minutes, always up


@dataclass(frozen=True)
class Settings:
    """The choices of one account, with the defaults of a new one."""

    relation_code: str = ""  # the Cash environment in which the administration is
    administration: str = ""  # the id of it
    administration_name: str = ""
    import_relations: bool = False
    import_materials: bool = False
    import_hour_types: bool = False
    import_warehouses: bool = False
    import_employees: bool = False
    export_sales_orders: bool = False
    export_work_status: str = "1"
    export_new_relations: bool = True
    export_new_materials: bool = True
    export_hour_rounding: int = 0
    export_default_warehouse: str = ""  # the code of a warehouse of the administration
    export_work_description: bool = False

    def differences(self, other: "Settings") -> list[str]:
        """The names of the choices in which two settings differ."""
        names = (each.name for each in fields(self) if each.name != "administration_name")
        return [name for name in names if getattr(self, name) != getattr(other, name)]


@dataclass(frozen=True)
class SavedSettings:
    """Settings as stored; version 0 means that nothing was saved yet."""

    version: int
    settings: Settings
    at: int = 0  # seconds since 1970
    user: str = ""


@dataclass(frozen=True)
class Event:
    """One line of the log; `kind` says what happened, `facts` with what. Words are the template's."""

    id: int
    at: int  # seconds since 1970
    user: str
    kind: str
    error: bool
    facts: Mapping[str, Any] = field(default_factory=dict)
