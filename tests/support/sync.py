"""Runs of the synchronisation between the two sandboxes."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from sqlite_utils import Database
from support.outsmart import gateway as outsmart_gateway

from webapp.cash.choices import Settings
from webapp.cash.client.gateway import CashGateway
from webapp.cash.model import Administration, Credentials
from webapp.cash.store.marks import MarkStore
from webapp.cash.store.noted import Noted, NotedStore
from webapp.cash.store.openings import OpeningStore
from webapp.cash.store.orders import OrderStore
from webapp.cash.store.sent import SentStore
from webapp.cash.sync.exports import export_orders
from webapp.cash.sync.parts import Parts
from webapp.cash.sync.previews import preview
from webapp.cash.sync.run import execute
from webapp.demo.books import Books
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox
from webapp.demo.outsmart_layouts import LAYOUTS as ROWS
from webapp.demo.records import LAYOUTS

NOON = 1_800_011_400  # 15 January 2027, 12:10 in Amsterdam
BOOKS = "2085/demo"
EVERYTHING = Settings(
    relation_code="54852",
    administration=BOOKS,
    import_relations=True,
    import_materials=True,
    import_hour_types=True,
    import_warehouses=True,
    import_employees=True,
)


@dataclass(frozen=True)
class Ask:
    account: str
    kind: str


class Bridge:
    """One account with both its sides; the time stands still until it is told to pass."""

    account = "1002"

    def __init__(self, cash: CashSandbox, outsmart: OutSmartSandbox, db: Database, scratch: Callable[[], Path]) -> None:
        self.cash, self.outsmart, self.scratch = cash, outsmart, scratch
        self.sent, self.marks, self._noted = SentStore(db), MarkStore(db), NotedStore(db)
        self.orders, self.openings = OrderStore(db, first_number=900_000, clock=lambda: self.now), OpeningStore(db)
        self.now = NOON
        self.slept: list[float] = []
        self.told: list[tuple[str, dict[str, object]]] = []
        self.progress: list[dict[str, object]] = []
        self._login = Credentials("54852", "api@example.nl", "welkom")
        self._gateway = CashGateway(cash.wsdl, "OUTSMART")
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        way = outsmart_gateway(self.outsmart.api, self.outsmart.software_token)
        session = self._stack.enter_context(way.session(self.account, self.outsmart.token(self.account)))
        self.parts = Parts(
            cash=lambda: self._gateway.session(self._login),
            administration=Administration("2085", "demo", "Installatiebedrijf Oosterbeek"),
            settings=EVERYTHING,
            outsmart=session,
            sent=self.sent,
            marks=self.marks,
            orders=self.orders,
            openings=self.openings,
            scratch=Path(),
            progress=self.progress.append,
            sees=lambda id: self.parts.administration if id == BOOKS else None,
            now=lambda: self.now,
            sleep=self.slept.append,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def use(self, **parts: Any) -> None:
        """From now on runs have these parts."""
        self.parts = replace(self.parts, **parts)

    def choose(self, **settings: bool) -> None:
        self.use(settings=replace(self.parts.settings, **settings))

    def run(self, kind: str = "changed", **parts: Any) -> dict[str, Any]:
        """A run, and the minutes after it; returns what became of each kind."""
        self.cash.forget_calls()
        self.outsmart.forget_calls()
        self.progress.clear()
        result = execute(Ask(self.account, kind), replace(self.parts, scratch=self.scratch(), **parts))
        self.now += 15 * 60
        self.result = result
        return result["kinds"]  # type: ignore[return-value]

    def export(self, *, opened: bool = True, **parts: Any) -> dict[str, Any]:
        """A run of the orders, and the minutes after it; returns how many came to which state."""
        self.cash.forget_calls()
        self.outsmart.forget_calls()
        parts = {"settings": replace(self.parts.settings, export_sales_orders=True), "tell": self._tell, **parts}
        used = replace(self.parts, **parts)
        where = self.account, used.settings.relation_code, used.administration.id
        if opened and not self.openings.of(*where):
            self.openings.put(*where, "open")
        try:
            result = export_orders(Ask(self.account, "orders"), used)
        finally:
            self.now += 15 * 60
        self.result = result
        return result["kinds"]["orders"]  # type: ignore[index, no-any-return]

    def _tell(self, kind: str, facts: Mapping[str, object]) -> None:
        self.told.append((kind, dict(facts)))

    def preview(self, scratch: Path | None = None) -> dict[str, Any]:
        self.cash.forget_calls()
        self.outsmart.forget_calls()
        return preview(Ask(self.account, "preview"), replace(self.parts, scratch=scratch or self.scratch()))

    def noted(self, reason: str) -> list[Noted]:
        """What a person finds of the rows that are left out, refused or gone."""
        return self._noted.rows(self.account, "", reason, 1000)

    @property
    def books(self) -> Books:
        """What Cash has."""
        return self.cash.books(BOOKS)

    def edit(self, record: str, *key: str, days_ago: int = 0, **fields: str) -> None:
        """Changes a record in Cash, or makes one; a field is named `f0103`, and "" empties it."""
        named = {name.removeprefix("f"): text for name, text in fields.items()}
        keys = dict(zip(LAYOUTS[record].key, key, strict=True))
        whole = {**self.books.records(record).get(key, {}), **keys, **named}
        self.books.put(record, {name: text for name, text in whole.items() if text}, days_ago)

    def written(self) -> int:
        """How many rows the last run posted."""
        kinds = ("relations", "addresses", "materials", "hourtypes", "warehouses", "employees")
        return sum(self.outsmart.written(kind, self.account).total() for kind in kinds)

    def rows(self, kind: str) -> dict[str, dict[str, str]]:
        """What OutSmart has, by key."""
        return {row[ROWS[kind].key]: row for row in self.outsmart.rows(kind, self.account)}
