"""A Cash, an OutSmart, a ledger and people in miniature, with faults at every call; the exports themselves are real."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from random import Random
from types import SimpleNamespace
from typing import Any

from webapp.cash.choices import Settings
from webapp.cash.client.errors import CashError, CashFault, CashUnreachable, ImportLost
from webapp.cash.model import Administration, ImportProblem, Transaction, TransactionStatus
from webapp.cash.store.openings import OPEN, Opening
from webapp.cash.store.order_books import BLIND, PROVEN, UNTRIED
from webapp.cash.store.orders import NOT_KNOWN, UNDER_WAY, Order, State
from webapp.cash.store.sent import Sent
from webapp.cash.sync.exports import export_orders
from webapp.cash.sync.parts import Parts
from webapp.cash.sync.steps import AGAIN, EXPORT, LEAVE, SECOND, THERE
from webapp.outsmart.errors import OutSmartError, OutSmartUnreachable
from webapp.outsmart.model import WorkOrder

LINES, FIRST, BEFORE, NEVER = 2, 900_000, 899_999, 10**9
FAULTY_RUNS, RUNS = 6, 80
RUN: Any = SimpleNamespace(account="1002", kind="orders")
SETTINGS = Settings(relation_code="1", export_sales_orders=True, export_new_materials=False)
Place = tuple[str, int]  # administration and number


class Books(Administration):
    """One whose id is its code."""

    @property
    def id(self) -> str:
        return self.code


OLD, NEW = Books("1", "old", "Old"), Books("1", "new", "New")


class Killed(Exception):
    """The worker is gone."""


@dataclass
class Paper:
    """A sales order in Cash."""

    reference: str
    lines: int


@dataclass
class Work:
    """A work order; `fault` is what is wrong with it: Cash refuses it, it has no lines, its article is unknown."""

    fault: str
    status: str = "1"
    closed: bool = False
    version: int = 1
    seconds: int = 0  # how often a person wanted another order of it


@dataclass
class World:
    """One history: what is under way is faulty until it calms down, and then everything must come to its end."""

    random: Random
    existing: str
    blind: bool
    faults: float  # which part of the calls fail
    now: int = 1_000_000
    faulty: bool = True
    here: Administration = OLD
    sees_old: bool = True
    papers: dict[Place, list[Paper]] = field(default_factory=dict)
    landing: list[tuple[int, Place, Paper, bool]] = field(default_factory=list)
    held: dict[str, tuple[float, Place, str]] = field(default_factory=dict)  # polls left
    work: dict[str, Work] = field(default_factory=dict)
    rows: dict[str, Order] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)  # how an administration reads
    asked: list[tuple[Order, str, bool]] = field(default_factory=list)  # how it reads; whether it shows another
    halves: set[str] = field(default_factory=set)
    strangers: int = 0
    down: bool = False  # OutSmart is

    def chance(self, odds: float = 0) -> bool:
        return self.faulty and self.random.random() < (odds or self.faults)

    def passes(self, seconds: float) -> None:
        """So much time, in which lands what is under way."""
        self.now += round(seconds)
        for each in [each for each in self.landing if each[0] <= self.now]:
            self.landing.remove(each)
            self.store(*each[1:])

    # --- Cash ---
    def close(self) -> None: ...
    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: object) -> None: ...

    def store(self, place: Place, paper: Paper, bad: bool) -> str:
        """What Cash makes of an import: "", or the record that it complains about."""
        there = self.papers.get(place, [])
        if bad or (there and self.existing == "refuse"):
            return "2400" if there else "2410"
        if there and self.existing == "change":
            there[0] = replace(paper, lines=max(paper.lines, there[0].lines))
        else:
            self.papers[place] = [*there, paper]
        if paper.lines < LINES:
            self.halves.add(paper.reference)
        return "" if paper.lines == LINES else "2410"

    def import_records(self, books: Administration, written: Any, *, ends: float) -> Transaction:
        header, *lines = (fields for _, fields in written)
        taken = self.random.randrange(LINES) if self.chance(0.06) else LINES
        place, paper = (books.id, int(header["2400"])), Paper(header["2406"], taken)
        bad = any(line["2260"] == "refused" for line in lines)
        if self.chance(0 if taken == LINES else 0.3):
            match self.random.choice(["not sent", "before", "after", "late"]):
                case "not sent":
                    raise CashUnreachable("reset")
                case "after":
                    self.store(place, paper, bad)
                case "late":
                    self.landing.append((self.now + self.random.randint(1, 120), place, paper, bad))
            raise ImportLost("reset")
        if self.chance(0.08):
            polls = self.random.choice([self.random.randint(0, 12), 10**6])
            lands = self.random.choice([3 * polls, 80_000]) if polls < 10**6 else self.random.choice([80_000, NEVER])
            self.landing.append((self.now + lands, place, paper, bad))
            self.held["t" + paper.reference] = self.now + lands, place, paper.reference
            return _said("t" + paper.reference, TransactionStatus.PENDING)
        return _outcome(self.store(place, paper, bad))

    def transaction(self, id: str) -> Transaction:
        lands, place, reference = self.held[id]
        if self.chance(0.1):
            if self.chance(0.5):
                raise CashUnreachable("reset")
            self.landing = [each for each in self.landing if each[2].reference != reference]  # it never will
            raise CashFault("code_902")
        if self.now < lands:
            return _said(id, TransactionStatus.PENDING)
        mine = [paper for paper in self.papers.get(place, []) if paper.reference == reference]
        return _outcome("" if mine and mine[0].lines == LINES else "2410")

    def export(self, books: Administration, record: str, key: str) -> Iterator[dict[str, str]]:
        self.passes(self.random.randint(0, 2))
        if self.chance():
            raise CashUnreachable("reset")
        found = [] if self.blind or record == "2260" else self.papers.get((books.id, int(key)), [])
        for paper in found:
            yield from [{"2406": paper.reference}] if record == "2400" else [{}] * paper.lines

    # --- OutSmart ---
    def each(self, path: str, asked: object, read: Callable[[Any], WorkOrder], **_: object) -> Iterator[WorkOrder]:
        if self.chance():
            raise OutSmartUnreachable("reset")
        yield from (read(_work_order(id, work)) for id, work in self.work.items() if self.wanted(work))

    def ask(self, endpoint: str, asked: dict[str, str], read: Callable[[Any], Any], **_: object) -> Any:
        work = self.work[asked["row_id"]]
        if self.down or self.chance(0.02):
            raise OutSmartUnreachable("reset")
        if asked.get("update_status") == "false":
            return read(SimpleNamespace(response=_work_order(asked["row_id"], work)))
        if endpoint == "GetWorkorder":
            work.closed = True
        else:
            work.status = asked["workstatus"]
        if self.chance(0.02):
            raise OutSmartUnreachable("reset")
        return None

    def wanted(self, work: Work) -> bool:
        return work.status == "1" and not work.closed

    # --- the ledger ---
    @property
    def books(self) -> "World":
        return self

    def under_way(self) -> bool:
        return any(row.state in UNDER_WAY for row in self.rows.values())

    @contextmanager
    def writing(self) -> Iterator[None]:
        yield

    def reads(self, _: str, administration: str) -> str:
        return self.known.get(administration, UNTRIED)

    def learn(self, _: str, administration: str, reads: str) -> None:
        self.known[administration] = reads

    def one(self, _: str, id: str) -> Order | None:
        return self.rows.get(id)

    def take(self, _: str) -> list[Order]:
        return [row for row in self.rows.values() if row.state in UNDER_WAY or row.said]

    def controls(self, order: Order) -> list[int]:
        same = (row for row in self.rows.values() if row.administration == order.administration and row.seen)
        return [row.number for row in same if row.number and row.work_order != order.work_order]

    def is_under_way(self, _: str, __: str, administration: str) -> bool:
        rows = (row for row in self.rows.values() if row.administration == administration)
        return any(row.state in (*NOT_KNOWN, State.ASKING) for row in rows)

    def change(self, before: Order, after: Order) -> Order:
        if after.state == State.ASKING:
            self.asked.append((after, self.known.get(after.administration, UNTRIED), bool(self.controls(after))))
        return self.claim(after)

    def claim(self, row: Order) -> Order:
        if self.chance(0.02):
            raise Killed
        if row.number is None and row.state in (State.CLAIMED, State.LOOKING):
            self.last[row.administration] = self.last.get(row.administration, BEFORE) + 1
            row = replace(row, number=self.last[row.administration])
        self.rows[row.work_order] = row = replace(row, changed=self.now)
        if self.chance(0.02):
            raise Killed
        return row

    # --- a run ---
    def run(self) -> None:
        known: Any = SimpleNamespace(known=lambda account, kind, keys: {key: self.sent(key) for key in keys})
        ledger: Any = self
        parts = Parts(
            cash=ledger.__enter__,
            administration=self.here,
            settings=replace(SETTINGS, administration=self.here.id),
            outsmart=ledger,
            sent=known,
            marks=SimpleNamespace(last=lambda account: None),  # type: ignore[arg-type]
            orders=ledger,
            openings=SimpleNamespace(of=lambda *where: Opening(OPEN, 0)),  # type: ignore[arg-type]
            scratch=None,  # type: ignore[arg-type]
            sees=lambda id: OLD if self.sees_old else None,
            now=lambda: self.now,
            sleep=self.passes,
        )
        self.down = self.chance(0.1)
        with suppress(Killed, CashError, OutSmartError):
            export_orders(RUN, parts)

    def sent(self, key: str) -> Sent:
        return Sent(key, key, self.here.id, "" if key == "unknown" else "hash")

    # --- people ---
    def people(self) -> None:
        """They mend, change their minds, finish half orders, say what they are asked, and once in a while err."""
        for id, work in self.work.items():
            row = self.rows.get(id)
            if work.status == "99" and self.random.random() < 0.5:
                work.status, work.fault, work.version = "1", self.pick("", work.fault), work.version + 1
            if row and not row.said and self.random.random() < 0.6 and (said := self.answer(row)):
                self.rows[id] = replace(row, said=said)
                work.seconds += said == SECOND
            if self.chance(0.02):
                work.status = "0" if work.status == "1" else work.status
            elif work.status == "0" and self.random.random() < 0.3:
                work.status = "1"
            if self.chance():
                work.closed = False
            if self.chance(0.1):
                work.version, work.fault = work.version + 1, self.pick("", "", "empty")
        self.somebody_else()
        if self.chance(0.03):
            self.here, self.sees_old = NEW, self.random.random() < 0.3

    def pick(self, *of: str) -> str:
        return self.random.choice(of)

    def answer(self, row: Order) -> str:
        match row.state:
            case State.CHANGED:
                return self.pick(LEAVE, SECOND)
            case State.LEFT:
                return EXPORT
            case State.ASKING:
                return self.look_into_cash(row)
        return ""

    def look_into_cash(self, row: Order) -> str:
        place, work = (row.administration, row.number or 0), self.work[row.work_order]
        mine = [paper for paper in self.papers.get(place, []) if paper.reference == row.reference]
        if mine and row.reason == "half" and self.random.random() < 0.5:
            if self.faulty or self.blind or self.random.random() < 0.6:  # else he forgets to, and Cash shows it
                self.papers[place].remove(mine[0])
            return AGAIN
        if row.reason == "unseen" and any(each[1] == place and each[0] < NEVER for each in self.landing):
            return ""  # until he looks it has landed
        for paper in mine:
            paper.lines = LINES
        errs = self.controls(row) and not self.blind and row.reason not in ("not_found", "unseen")
        if mine or (errs and self.random.random() < 0.1):
            return THERE
        work.fault = self.pick("", work.fault)
        return AGAIN

    def somebody_else(self) -> None:
        """Takes a number that is free, and not under way to be one of ours."""
        for row in self.rows.values():
            place = row.administration, row.number or 0
            under_way = [each for each in self.landing if each[1] == place] or self.papers.get(place)
            if row.state in (State.UNKNOWN, State.ASKING) and not (under_way or self.blind) and self.chance(0.1):
                self.papers[place] = [Paper("stranger", 1)]
                self.strangers += 1


def play(seed: int, existing: str, blind: bool, faults: float = 0.05) -> World:
    """A history to its end."""
    random = Random(f"{seed} {existing} {blind}")
    world = World(random, existing, blind, faults)
    if random.random() < 0.7:  # an order was exported before: Cash shows it
        world.rows["0"] = Order("1002", "0", "1", OLD.id, State.DONE, BEFORE, "WB-0", seen=not blind)
        world.papers[OLD.id, BEFORE], world.known[OLD.id] = [Paper("WB-0", LINES)], BLIND if blind else PROVEN
    world.strangers = random.choice([0, 0, 0, 0, 0, 0, 1, 3, 24]) * (not blind)
    for number in range(FIRST, FIRST + world.strangers):
        world.papers[OLD.id, number] = [Paper("stranger", 1)]
    for id in range(1, random.randint(1, 3) + 1):
        world.work[str(id)] = Work(random.choice(["", "", "", "", "", "", "", "refused", "empty", "unknown"]))
        if random.random() < 0.1:
            world.rows[str(id)] = Order("1002", str(id), "1", OLD.id, State.LEFT)
    for step in range(RUNS):
        world.faulty = step < FAULTY_RUNS
        world.run()
        world.people()
        world.passes(random.choice([5, 20, 60, 300, 900]) if step < 40 else 7_200)
        if step > FAULTY_RUNS and all(work.closed for work in world.work.values()) and not world.under_way():
            break
    return world


def _work_order(id: str, work: Work) -> dict[str, object]:
    lines = [
        {"MaterialCode": work.fault or "known", "MaterialNr": work.version},
        {"MaterialCode": "k", "MaterialNr": 1},
    ]
    return {
        "id": id,
        "OrderNr": f"WB-{id}",
        "status": "Afgehandeld" if work.closed else "Compleet",
        "WorkStatus": work.status,
        "CustomerDebtorNr": "1",
        "WorkDate": "05-03-2027",
        "Materials": [] if work.fault == "empty" else lines,
    }


def _outcome(refused: str) -> Transaction:
    return _said("", TransactionStatus.ERROR if refused else TransactionStatus.SUCCESS, refused)


def _said(id: str, status: TransactionStatus, refused: str = "") -> Transaction:
    problems = (ImportProblem("no", 1, f"{refused}|"),) if refused else ()
    return Transaction(id, status, None, None, OLD, "", "", problems)
