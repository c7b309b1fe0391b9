"""The table of the states of an order: what becomes of a row with each answer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from webapp.cash.store.order_books import BLIND, PROVEN, UNTRIED
from webapp.cash.store.orders import Order, State
from webapp.cash.sync.steps import (
    ACCEPTED,
    AGAIN,
    EXPORT,
    FORGOTTEN,
    HELD,
    LEAVE,
    LINES_NOT_TAKEN,
    NOT_TAKEN,
    SECOND,
    STEPS,
    THERE,
    Answer,
    next_step,
)

NOW, MINUTE, DAY = 1_800_000_000, 60, 24 * 3600
ROW = Order(  # every field has something, so that what is cleared is seen to be
    account="1002",
    work_order="50117",
    relation_code="54852",
    administration="2085/demo",
    number=900_007,
    reference="WB-1",
    digest="0a",
    order_nr="WB-1",
    customer="Bakker",
    amount="1.00",
    lines=3,
    attempt=2,
    outcome=NOT_TAKEN,
    transaction="t1",
    looks=1,
    absent_since=NOW - 100,
    resends=1,
    next_look=NOW - 1,
    said="something",
    reason="why",
    detail={"notes": ["cut"]},
    changed=NOW - 100,
    owner="worker",
)
Fields = Mapping[str, Any]


class Case(NamedTuple):
    """A row in a state, with some fields; an answer; and which fields are otherwise then."""

    state: State
    given: Fields
    answer: Answer
    then: Fields


AFRESH = {
    "outcome": "", "transaction": "", "looks": 0, "absent_since": 0, "next_look": 0, "said": "", "reason": "",
}  # fmt: skip
SEND = {**AFRESH, "state": State.SENDING}
CLAIM = {**AFRESH, "state": State.CLAIMED, "attempt": 3, "resends": 0, "detail": {}}
LOOK = {"state": State.LOOKING, "looks": 0, "absent_since": 0, "reason": ""}
LOSE = {"state": State.UNKNOWN, "looks": 0, "absent_since": 0, "next_look": NOW + MINUTE}
FOUND = {"state": State.IN_CASH, "seen": True, "next_look": 0, "said": "", "reason": ""}
BELIEVED = {"state": State.IN_CASH, "said": "", "reason": ""}
NEXT_NUMBER = {"state": State.LOOKING, "number": None, "said": ""}
REFUSE = {"state": State.REFUSED, "reason": "unsendable", "detail": {"problems": ["p"]}}
NOT_YET = Answer("not_yet", reason="unsendable", detail={"problems": ["p"]})
UNSENDABLE = Answer("unsendable", reason="unsendable", detail={"problems": ["p"]})
NO = Answer("refused", outcome=LINES_NOT_TAKEN, reason="cash", detail={"problems": ["p"]})
VERIFY_NO = {
    "state": State.VERIFYING, "outcome": LINES_NOT_TAKEN, "reason": "cash",
    "detail": {"notes": ["cut"], "problems": ["p"]},
}  # fmt: skip
YES = Answer("accepted", outcome="other", reason="other", detail={"more": 1})
VERIFY_YES = {"state": State.VERIFYING, "outcome": ACCEPTED, "reason": "", "detail": {"notes": ["cut"], "more": 1}}
LOOKED_OUT = {"looks": 2, "absent_since": NOW - 15 * MINUTE}  # the next look is the third, and late enough


def to(state: State) -> Fields:
    return {"state": state, "said": ""}


def ask(reason: str, **more: Any) -> Fields:
    return {"state": State.ASKING, "next_look": 0, "said": "", "reason": reason, **more}


def absent(*, control: bool = True, wanted: bool = True, reads: str = PROVEN) -> Answer:
    return Answer("absent", control, wanted, reads)


def stranger(*, wanted: bool = True) -> Answer:
    return Answer("stranger", control=True, wanted=wanted)


TABLE = [
    # --- a number, and whether it is free ---
    Case(State.CLAIMED, {}, Answer("go"), LOOK),
    Case(State.CLAIMED, {}, Answer("unlisted"), to(State.WITHDRAWN)),
    Case(State.CLAIMED, {}, Answer("unseen"), to(State.WITHDRAWN)),
    Case(State.CLAIMED, {}, UNSENDABLE, REFUSE),
    Case(State.CLAIMED, {"absent_since": 0}, NOT_YET, {"absent_since": NOW}),
    Case(State.CLAIMED, {"absent_since": NOW - DAY + 1}, NOT_YET, {}),
    Case(State.CLAIMED, {"absent_since": NOW - DAY}, NOT_YET, REFUSE),
    Case(State.LOOKING, {}, Answer("absent"), SEND),
    Case(State.LOOKING, {"looks": 0}, stranger(), {**NEXT_NUMBER, "looks": 1}),
    Case(State.LOOKING, {"looks": 18}, stranger(), {**NEXT_NUMBER, "looks": 19}),
    Case(
        State.LOOKING,
        {"looks": 19},
        stranger(),
        {"state": State.CLAIMED, "number": None, "looks": 0, "said": "", "reason": "numbers_taken"},
    ),
    Case(State.LOOKING, {}, Answer("ours"), FOUND),
    Case(State.LOOKING, {}, Answer("half"), ask("half")),
    Case(State.LOOKING, {}, Answer("unlisted"), to(State.WITHDRAWN)),
    Case(State.LOOKING, {}, Answer("unseen"), to(State.WITHDRAWN)),
    Case(State.LOOKING, {}, UNSENDABLE, REFUSE),
    # --- one import ---
    Case(State.SENDING, {}, YES, VERIFY_YES),
    Case(State.SENDING, {}, NO, VERIFY_NO),
    Case(State.SENDING, {}, Answer("pending", transaction="t2"), {"state": State.WAITING, "transaction": "t2"}),
    Case(State.SENDING, {}, Answer("pending"), LOSE),
    Case(State.SENDING, {}, Answer("lost"), LOSE),
    Case(State.SENDING, {}, Answer("restarted"), LOSE),
    Case(State.SENDING, {}, Answer("not_sent"), LOOK),
    Case(State.WAITING, {}, YES, VERIFY_YES),
    Case(State.WAITING, {}, NO, VERIFY_NO),
    Case(State.WAITING, {"changed": NOW - DAY + 1}, Answer("pending", transaction="t2"), {}),
    Case(State.WAITING, {"changed": NOW - DAY}, Answer("pending", transaction="t2"), {**LOSE, "outcome": HELD}),
    Case(State.WAITING, {}, Answer("lost"), {**LOSE, "outcome": "forgotten"}),
    # --- what Cash shows after its word ---
    Case(State.VERIFYING, {}, Answer("ours"), FOUND),
    Case(State.VERIFYING, {}, Answer("half"), ask("half")),
    Case(State.VERIFYING, {}, Answer("unseen"), ask("unseen")),
    Case(State.VERIFYING, {"outcome": ACCEPTED}, absent(), LOSE),
    Case(State.VERIFYING, {"outcome": ACCEPTED}, absent(reads=UNTRIED), {"state": State.IN_CASH}),
    Case(State.VERIFYING, {"outcome": ACCEPTED}, absent(reads=BLIND), {"state": State.IN_CASH}),
    Case(State.VERIFYING, {"outcome": ACCEPTED}, stranger(), ask("other_reference")),
    Case(State.VERIFYING, {}, absent(), {"state": State.REFUSED}),
    Case(State.VERIFYING, {}, absent(reads=BLIND), {"state": State.REFUSED}),
    Case(State.VERIFYING, {}, stranger(), {**NEXT_NUMBER, "looks": 2}),
    Case(State.VERIFYING, {"outcome": LINES_NOT_TAKEN}, absent(), {"state": State.REFUSED}),
    Case(State.VERIFYING, {"outcome": LINES_NOT_TAKEN}, absent(reads=UNTRIED), ask("half")),
    Case(State.VERIFYING, {"outcome": LINES_NOT_TAKEN}, absent(reads=BLIND), ask("half")),
    # --- the answer was lost ---
    Case(State.UNKNOWN, {}, Answer("ours"), FOUND),
    Case(State.UNKNOWN, {}, Answer("half"), ask("half")),
    Case(State.UNKNOWN, {"changed": NOW - 15 * MINUTE}, Answer("unseen"), ask("unseen")),
    Case(State.UNKNOWN, {"changed": NOW - 15 * MINUTE + 1}, Answer("unseen"), {}),
    Case(State.UNKNOWN, {**LOOKED_OUT, "outcome": FORGOTTEN}, absent(), ask("unknown", looks=3)),
    Case(
        State.UNKNOWN,
        {"looks": 0, "absent_since": 0},
        absent(),
        {"looks": 1, "absent_since": NOW, "next_look": NOW + 4 * MINUTE},
    ),
    Case(State.UNKNOWN, {"looks": 1}, absent(), {"looks": 2, "next_look": NOW + 15 * MINUTE}),
    Case(State.UNKNOWN, {"looks": 1}, stranger(), {"looks": 2, "next_look": NOW + 15 * MINUTE}),
    Case(
        State.UNKNOWN, {"looks": 1, "absent_since": NOW - DAY}, absent(), {"looks": 2, "next_look": NOW + 15 * MINUTE}
    ),
    Case(State.UNKNOWN, {"looks": 2, "absent_since": NOW - 899}, absent(), {"looks": 3, "next_look": 0}),
    Case(State.UNKNOWN, {"looks": 3, "absent_since": NOW - 899}, absent(), {"looks": 4, "next_look": 0}),
    Case(State.UNKNOWN, {"looks": 2, "absent_since": 0}, absent(), {"looks": 3, "absent_since": NOW, "next_look": 0}),
    Case(State.UNKNOWN, LOOKED_OUT, absent(), {**SEND, "resends": 2}),
    Case(State.UNKNOWN, {**LOOKED_OUT, "looks": 9}, absent(), {**SEND, "resends": 2}),
    Case(State.UNKNOWN, {**LOOKED_OUT, "resends": 2}, absent(), ask("unknown", looks=3)),
    Case(State.UNKNOWN, LOOKED_OUT, absent(control=False), ask("unknown", looks=3)),
    Case(State.UNKNOWN, {**LOOKED_OUT, "outcome": ACCEPTED}, absent(), ask("accepted", looks=3)),
    Case(State.UNKNOWN, {**LOOKED_OUT, "outcome": HELD}, absent(), ask("held", looks=3)),
    Case(State.UNKNOWN, {**LOOKED_OUT, "outcome": HELD}, absent(wanted=False), ask("held", looks=3)),
    Case(
        State.UNKNOWN,
        LOOKED_OUT,
        absent(wanted=False),
        {**to(State.WITHDRAWN), "looks": 3, "resends": 2, "next_look": 0},
    ),
    Case(State.UNKNOWN, LOOKED_OUT, stranger(), ask("other_reference", looks=3)),
    Case(State.UNKNOWN, LOOKED_OUT, stranger(wanted=False), ask("other_reference", looks=3)),
    # --- a person was asked, and has answered ---
    Case(State.ASKING, {"said": AGAIN}, Answer("ours"), FOUND),
    Case(State.ASKING, {"said": AGAIN}, Answer("half"), ask("half")),
    Case(State.ASKING, {"said": THERE}, Answer("half"), {**BELIEVED, "seen": True}),
    Case(State.ASKING, {"said": AGAIN}, absent(), {**SEND, "resends": 0}),
    Case(State.ASKING, {"said": AGAIN}, absent(control=False), {**SEND, "resends": 0}),
    Case(State.ASKING, {"said": AGAIN}, absent(wanted=False), {**to(State.WITHDRAWN), "resends": 0, "next_look": 0}),
    Case(
        State.ASKING,
        {"said": AGAIN},
        stranger(),
        {**NEXT_NUMBER, "resends": 0, "looks": 1, "absent_since": 0, "next_look": 0},
    ),
    Case(State.ASKING, {"said": THERE}, absent(), ask("not_found")),
    Case(State.ASKING, {"said": THERE}, stranger(), ask("not_found")),
    Case(State.ASKING, {"said": THERE, "reason": "not_found"}, absent(), BELIEVED),
    Case(State.ASKING, {"said": THERE}, absent(control=False), BELIEVED),
    Case(State.ASKING, {"said": AGAIN}, Answer("unseen"), {**to(State.WITHDRAWN), "reason": ""}),
    Case(State.ASKING, {"said": THERE}, Answer("unseen"), BELIEVED),
    # --- the end, and what comes after it ---
    Case(State.IN_CASH, {}, Answer("closed"), to(State.DONE)),
    Case(State.IN_CASH, {}, Answer("listed_otherwise"), to(State.CHANGED)),
    Case(State.REFUSED, {}, Answer("marked"), to(State.FAILED)),
    Case(State.FAILED, {}, Answer("listed"), CLAIM),
    Case(State.FAILED, {}, UNSENDABLE, REFUSE),
    Case(State.WITHDRAWN, {}, Answer("listed"), CLAIM),
    Case(State.WITHDRAWN, {}, UNSENDABLE, REFUSE),
    Case(State.LEFT, {"said": EXPORT}, Answer(EXPORT), CLAIM),
    Case(State.DONE, {}, Answer("listed"), to(State.IN_CASH)),
    Case(State.DONE, {}, Answer("listed_otherwise"), to(State.CHANGED)),
    Case(State.CHANGED, {"said": LEAVE}, Answer(LEAVE), to(State.IN_CASH)),
    *(
        Case(
            State.CHANGED,
            {"said": SECOND, "seen": True, "reference": first},
            Answer(SECOND),
            {**CLAIM, "number": None, "seen": False, "reference": second},
        )
        for first, second in (
            ("WB-1", "WB-1 /2"),
            ("WB-1 /2", "WB-1 /3"),
            ("WB-1 /10", "WB-1 /11"),
            ("WB /x", "WB /x /2"),
            (" /2", " /2 /2"),
            ("A" * 35, "A" * 32 + " /2"),
        )
    ),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case.state} {case.answer.word}")
def test_what_becomes_of_an_order(case: Case) -> None:
    row = replace(ROW, state=case.state, **case.given)
    assert next_step(row, case.answer, NOW) == replace(row, **case.then)


def test_the_table_has_every_step() -> None:
    assert {(case.state, case.answer.word) for case in TABLE} == {*STEPS}


def test_what_is_not_in_the_table_is_no_step() -> None:
    words = {word for _, word in STEPS}
    others = [(state, word) for state in State for word in words if (state, word) not in STEPS]
    for state, word in others:
        with pytest.raises(KeyError):
            next_step(replace(ROW, state=state), Answer(word), NOW)


def test_an_answer_of_which_nothing_is_known_promises_nothing() -> None:
    assert Answer("absent") == Answer("absent", False, True, UNTRIED, "", NOT_TAKEN, "", {})


def test_the_words_that_are_kept_and_said_stay_the_same() -> None:
    assert (ACCEPTED, HELD, NOT_TAKEN, LINES_NOT_TAKEN) == ("accepted", "held", "not_taken", "lines_not_taken")
    assert (THERE, AGAIN, LEAVE, SECOND, EXPORT) == ("there", "again", "leave", "second", "export")
