"""A Cash, an OutSmart, a worker and people in miniature, with faults at every call: the real steps between them.

`NIGHTLY=1` plays 100,000 histories of each Cash.
"""

import os
from dataclasses import dataclass, field, replace
from itertools import product
from random import Random

import pytest

from webapp.cash.store.order_books import BLIND, PROVEN, UNTRIED
from webapp.cash.store.orders import Order, State
from webapp.cash.sync.steps import AGAIN, LEAVE, LINES_NOT_TAKEN, THERE, Answer, next_step

HISTORIES = 100_000 if os.environ.get("NIGHTLY") else 400
FAULTS = 0.05
FIRST, LINES, CONTROL = 900_000, 3, 899_999


class Lost(Exception):
    """No answer came."""


class Killed(Exception):
    """The worker is gone."""


@dataclass
class Paper:
    """A sales order in Cash: whose, how many lines, and whether a person worked on it."""

    reference: str
    lines: int
    edited: bool = False


@dataclass
class WorkOrder:
    status: str = "1"
    closed: bool = False
    bad: bool = False  # Cash refuses it until a person mends it
    version: int = 1


@dataclass
class World:
    """One history: `faulty` until it calms down, then everything must come to its end."""

    random: Random
    existing: str
    blind: bool
    now: int = 1_000_000
    faulty: bool = True
    papers: dict[int, list[Paper]] = field(default_factory=dict)
    landing: list[tuple[int, int, str, int, bool]] = field(default_factory=list)
    pending: dict[str, int] = field(default_factory=dict)
    work: dict[str, WorkOrder] = field(default_factory=dict)
    rows: dict[str, Order] = field(default_factory=dict)
    reads: str = UNTRIED
    last: int = FIRST - 1
    asked: list[tuple[str, str]] = field(default_factory=list)
    halves: set[str] = field(default_factory=set)

    def chance(self, odds: float = FAULTS) -> bool:
        return self.faulty and self.random.random() < odds

    def land(self) -> None:
        for each in [each for each in self.landing if each[0] <= self.now]:
            self.landing.remove(each)
            self.store(*each[1:])

    def store(self, number: int, reference: str, lines: int, bad: bool) -> str:
        """What Cash makes of an import."""
        there = self.papers.setdefault(number, [])
        if bad and not there:
            return "refused"
        if there and self.existing == "refuse":
            return "refused"
        if there and self.existing == "change":
            there[0] = Paper(reference, max(lines, there[0].lines))
        else:
            there.append(Paper(reference, lines))
        if lines < LINES:
            self.halves.add(reference)
            return "half"
        return "accepted"

    def send(self, row: Order) -> Answer:
        number, bad = row.number or 0, self.work[row.work_order].bad
        lines = 0 if self.chance(0.03) else LINES
        if self.chance():
            kind = self.random.choice(["before", "after", "late", "not_sent"])
            if kind == "after":
                self.store(number, row.reference, lines, bad)
            elif kind == "late":
                self.landing.append((self.now + self.random.randint(1, 120), number, row.reference, lines, bad))
            return Answer("not_sent" if kind == "not_sent" else "lost")
        if self.chance(0.04):
            forever = self.chance(0.05)
            polls = 10**6 if forever else self.random.randint(0, 12)
            self.pending[row.reference] = polls
            if not forever:
                lands = self.now + 3 * polls
                self.landing.append((lands, number, row.reference, lines, bad))
            return Answer("pending", transaction="t")
        return self.outcome(self.store(number, row.reference, lines, bad))

    def outcome(self, said: str) -> Answer:
        if said == "half":
            return Answer("refused", outcome=LINES_NOT_TAKEN, reason="cash")
        return Answer(said, reason="cash" if said == "refused" else "")

    def poll(self, row: Order) -> Answer:
        if self.chance():
            raise Lost
        left = self.pending[row.reference] = self.pending[row.reference] - 1
        self.now += 3
        self.land()
        if left > 0:
            return Answer("pending", transaction="t")
        mine = [paper for paper in self.papers.get(row.number or 0, []) if paper.reference == row.reference]
        return self.outcome("refused" if not mine else "half" if mine[0].lines < LINES else "accepted")

    def look(self, row: Order) -> Answer:
        if self.chance():
            raise Lost
        there = [] if self.blind else self.papers.get(row.number or 0, [])
        mine = [paper for paper in there if paper.reference == row.reference]
        control = not self.blind and any(self.rows[id].seen for id in self.rows if id != row.work_order)
        control = control or (not self.blind and CONTROL in self.papers)
        if mine:
            self.reads = PROVEN
            return Answer("ours" if mine[0].lines >= LINES else "half", control=True)
        if row.state == State.VERIFYING and row.outcome == "accepted" and self.reads == UNTRIED and not there:
            answer = Answer("absent", reads=UNTRIED)
            self.reads = BLIND
            return answer
        wanted = self.wanted(row.work_order)
        return Answer("stranger" if there else "absent", control or bool(there), wanted, reads=self.reads)

    def wanted(self, id: str) -> bool:
        return self.work[id].status == "1" and not self.work[id].closed

    def commit(self, row: Order, after: Order) -> Order:
        if self.chance(0.02):
            raise Killed
        if after.number is None and after.state in (State.CLAIMED, State.LOOKING):
            self.last += 1
            after = replace(after, number=self.last)
        if after.state == State.ASKING and row.state != State.ASKING:
            self.asked.append((after.work_order, after.reason))
        self.rows[row.work_order] = replace(after, changed=self.now)
        if self.chance(0.02):
            raise Killed
        return self.rows[row.work_order]

    def drive(self, row: Order) -> None:
        """As the loop of the exports does it."""
        polls = 0
        while True:
            self.now += self.random.randint(0, 2)
            self.land()
            match row.state:
                case State.CLAIMED:
                    answer = Answer("go")
                case State.SENDING:
                    answer = self.send(row)
                case State.WAITING:
                    polls += 1
                    if polls > 5:
                        return
                    answer = self.poll(row)
                case State.IN_CASH:
                    if self.chance():
                        raise Lost
                    self.work[row.work_order].closed = True
                    answer = Answer("closed")
                case State.REFUSED:
                    if self.chance():
                        raise Lost
                    self.work[row.work_order].status = "99"
                    answer = Answer("marked")
                case State.UNKNOWN if row.next_look > self.now:
                    return
                case State.ASKING if not row.said:
                    return
                case State.LOOKING | State.VERIFYING | State.UNKNOWN | State.ASKING:
                    answer = self.look(row)
                case _:
                    return
            after = next_step(row, answer, self.now)
            if after == row:
                return
            before, row = row, self.commit(row, after)
            if (before.state, row.state) == (State.LOOKING, State.CLAIMED) or row.state == State.UNKNOWN:
                return

    def run(self) -> None:
        """One run of the worker: what is under way first, then what OutSmart lists."""
        try:
            for row in list(self.rows.values()):
                if row.state == State.SENDING:
                    row = self.commit(row, next_step(row, Answer("restarted"), self.now))
                if row.state in (State.CLAIMED, State.LOOKING) and not self.wanted(row.work_order):
                    row = self.commit(row, next_step(row, Answer("unlisted"), self.now))
                self.drive(row)
            for id in self.work:
                if self.wanted(id):
                    self.listed(id)
        except (Lost, Killed):
            pass

    def listed(self, id: str) -> None:
        row, digest = self.rows.get(id), str(self.work[id].version)
        if self.reads == UNTRIED and any(
            r.state in (State.UNKNOWN, State.ASKING, State.WAITING) for r in self.rows.values()
        ):
            return
        if row is None:
            row = self.commit(Order("a", id, "r", "b", number=None, reference=f"WB-{id}", digest=digest), Order(
                "a", id, "r", "b", number=None, reference=f"WB-{id}", digest=digest, lines=LINES))  # fmt: skip
        elif row.state in (State.FAILED, State.WITHDRAWN):
            row = self.commit(row, replace(next_step(row, Answer("listed"), self.now), digest=digest))
        elif row.state in (State.DONE, State.IN_CASH):
            word = "listed" if row.digest == digest else "listed_otherwise"
            if (row.state, word) != (State.IN_CASH, "listed"):
                row = self.commit(row, replace(next_step(row, Answer(word), self.now), digest=digest))
        self.drive(row)

    def people(self) -> None:
        """They mend, change their minds, work on orders in Cash, and answer what they are asked, truly."""
        for id, work in self.work.items():
            row = self.rows.get(id)
            if work.status == "99" and self.random.random() < 0.5:
                work.status, work.bad, work.version = "1", False, work.version + 1
            if row and row.state == State.ASKING and not row.said and self.random.random() < 0.6:
                self.rows[id] = replace(row, said=self.answer(row))
            if row and row.state == State.CHANGED and self.random.random() < 0.6:
                self.rows[id] = next_step(row, Answer(LEAVE), self.now)
            if self.chance(0.02):
                work.status = "0" if work.status == "1" and not work.closed else work.status
            elif work.status == "0" and self.random.random() < 0.3:
                work.status = "1"
            if work.closed and self.chance(0.02):
                work.closed, work.version = False, work.version + self.random.randint(0, 1)
        for papers in self.papers.values():
            for paper in papers:
                paper.edited = paper.edited or self.chance(0.05)

    def answer(self, row: Order) -> str:
        mine = [paper for papers in self.papers.values() for paper in papers if paper.reference == row.reference]
        for paper in mine:
            paper.lines = LINES
        return THERE if mine else AGAIN


def play(seed: int, existing: str, blind: bool) -> World:
    random = Random(seed)
    world = World(random, existing, blind)
    if random.random() < 0.7:  # orders were exported before: Cash shows them
        world.papers[CONTROL], world.reads = [Paper("before", LINES)], BLIND if blind else PROVEN
    strangers = random.randint(0, 3) if not blind and random.random() < 0.2 else 0
    for number in range(FIRST, FIRST + strangers):
        world.papers[number] = [Paper("stranger", 1)]
    for id in range(random.randint(1, 3)):
        world.work[str(id)] = WorkOrder(bad=random.random() < 0.1)
    for step in range(60):
        world.faulty = step < 8
        if step > 40 and all(row.state in (State.DONE, State.WITHDRAWN) for row in world.rows.values()):
            break
        world.run()
        world.people()
        world.now += random.choice([20, 60, 300, 900]) if step < 40 else 7_200
        world.land()
    return world


@pytest.mark.parametrize(("existing", "blind"), [*product(["change", "refuse", "second"], [False, True])])
def test_every_work_order_is_one_order_in_cash(existing: str, blind: bool) -> None:
    for seed in range(HISTORIES):
        world = play(seed, existing, blind)
        told = f"history {seed}: {world}"
        papers = [paper for there in world.papers.values() for paper in there]
        for id, work in world.work.items():
            mine = [paper for paper in papers if paper.reference == f"WB-{id}"]
            row = world.rows[id]
            assert len(mine) <= 1, f"double: {told}"
            assert row.state in (State.DONE, State.WITHDRAWN) or work.status == "0", f"lost: {told}"
            assert not work.closed or (mine and mine[0].lines == LINES), f"closed without an order: {told}"
        strangers = [paper for paper in papers if paper.reference == "stranger"]
        assert all(paper.lines == 1 for paper in strangers), f"touched a stranger: {told}"
        for id, reason in world.asked:
            half = f"WB-{id}" in world.halves and reason in ("half", "unknown", "accepted", "held")
            no_control = reason == "unknown" and CONTROL not in world.papers
            assert blind or half or no_control or reason == "held", f"asked without need: {reason} {told}"
