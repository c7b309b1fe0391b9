"""Whatever fails, each work order is one sales order: thousands of histories of the real exports in miniature.

`NIGHTLY=1` plays 100,000 histories of each Cash.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import pytest
from support.miniature import LINES, World, play

from webapp.cash.store.order_books import PROVEN
from webapp.cash.store.orders import Order, State
from webapp.cash.sync import driver, exports, steps
from webapp.cash.sync.steps import FORGOTTEN, RESENDS, STEPS, Answer

HISTORIES = 100_000 if os.environ.get("NIGHTLY") else 45
CASH = [*product(["change", "refuse", "second"], [False, True])]  # what a known number does, and whether it is found
Histories = tuple[dict[tuple[str, bool], list[str]], set[tuple[str, str]]]
NEVER = {  # what no history comes to
    (State.LOOKING, "ours"),  # an order lands after it was absent three times
    (State.LOOKING, "half"),
    (State.LOOKING, "unseen"),  # of another administration: a run gives it up before
    (State.VERIFYING, "stranger"),  # somebody takes the number between a look and the import
}


SELDOM = {  # what a few hundred may not come to, and some thousands do
    (State.ASKING, "half"),
    (State.ASKING, "stranger"),
    (State.CLAIMED, "not_yet"),
    (State.IN_CASH, "listed_otherwise"),
    (State.LOOKING, "unsendable"),
    (State.UNKNOWN, "half"),
    (State.VERIFYING, "unseen"),
}


def complaints(world: World) -> Iterator[str]:
    """What went wrong in a history."""
    papers = [paper for there in world.papers.values() for paper in there]
    for id, work in world.work.items():
        row = world.rows.get(id)
        if row is None or not work.closed or row.state != State.DONE:
            yield "lost"
            continue
        mine = Counter(paper.reference for paper in papers if paper.reference.split()[0] == f"WB-{id}")
        if len(mine) > 1 + work.seconds or any(number > 1 for number in mine.values()):
            yield "double"
        there = world.papers.get((row.administration, row.number or 0), [])
        if not any(paper.reference == row.reference and paper.lines == LINES for paper in there):
            yield "closed without an order"
    if [paper.lines for paper in papers if paper.reference == "stranger"] != [1] * world.strangers:
        yield "touched a stranger"
    for row, reads, control in world.asked:
        match row.reason:
            case "half":
                need = reads != PROVEN or row.reference in world.halves
            case "unknown":
                need = not control or row.resends == RESENDS or row.outcome == FORGOTTEN
            case _:
                need = row.reason in ("held", "unseen", "not_found", "other_reference")
        if not (need or world.blind):
            yield f"asked without need: {row.reason}"


@pytest.fixture(scope="module")
def histories() -> Histories:
    """What went wrong in those of each Cash, and which steps they came to."""
    wrong: dict[tuple[str, bool], list[str]] = {cash: [] for cash in CASH}
    reached = set()

    def noted(row: Order, answer: Answer, now: int) -> Order:
        reached.add((row.state, answer.word))
        return steps.next_step(row, answer, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(driver, "next_step", noted)
        patch.setattr(exports, "next_step", noted)
        for cash, seed in product(CASH, range(HISTORIES)):
            wrong[cash] += [f"history {seed}: {each}" for each in complaints(play(seed, *cash))]
    return wrong, reached


@pytest.mark.parametrize("cash", CASH)
def test_every_work_order_is_one_order_in_cash(histories: Histories, cash: tuple[str, bool]) -> None:
    assert histories[0][cash] == []


def test_the_histories_come_to_every_step(histories: Histories) -> None:
    assert NEVER <= {*STEPS} - histories[1] <= NEVER | SELDOM


def _sent_again_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(STEPS, (State.SENDING, "lost"), lambda row, answer, now: replace(row, state=State.LOOKING))


def _without_a_control(patch: pytest.MonkeyPatch) -> None:
    absent = STEPS[State.UNKNOWN, "absent"]
    always = lambda row, answer, now: absent(row, replace(answer, control=True), now)  # noqa: E731
    patch.setitem(STEPS, (State.UNKNOWN, "absent"), always)


def _without_a_quarter_of_an_hour(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(steps, "LOOKED_FOR", 0)
    patch.setattr(steps, "PAUSES", (0, 0, 0))


@pytest.mark.parametrize(
    ("spoil", "blind"),
    [(_sent_again_at_once, False), (_without_a_control, True), (_without_a_quarter_of_an_hour, False)],
)
def test_the_model_sees_what_a_spoilt_table_does(
    monkeypatch: pytest.MonkeyPatch, spoil: Callable[[pytest.MonkeyPatch], None], blind: bool
) -> None:
    spoil(monkeypatch)
    assert any("double" in complaints(play(seed, "second", blind, 0.2)) for seed in range(2_000))
