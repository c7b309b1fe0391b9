"""What becomes of an order, whatever comes of a call about it. Pure.

Never two orders in Cash, never none, never one without lines. An import may have been carried out though its answer
was lost, and what it sent may still land minutes later. So an order that may exist is never sent again: it is looked
for, and counts as absent only when it was not there three times over a quarter of an hour while the same look found
an order that is known to be there. Where Cash cannot tell, a person is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..store.order_books import PROVEN, UNTRIED, referred
from ..store.orders import Order, State

MINUTE, DAY = 60, 24 * 3600  # seconds
PAUSES = (1 * MINUTE, 4 * MINUTE, 15 * MINUTE)  # before the first, second and third look; later ones come with a run
LOOKS, LOOKED_FOR = 3, 15 * MINUTE
RESENDS = 2
STRANGERS = 20  # numbers in a row that others have
LONGEST_WAIT = DAY

# What Cash said of an import. Of one that it held for a day, or no longer knows, nobody knows when it lands.
ACCEPTED, HELD, FORGOTTEN, NOT_TAKEN, LINES_NOT_TAKEN = "accepted", "held", "forgotten", "not_taken", "lines_not_taken"
THERE, AGAIN, LEAVE, SECOND, EXPORT = "there", "again", "leave", "second", "export"  # what a person may say


@dataclass(frozen=True)
class Answer:
    """What came of a call, or what else happened; each word is explained where it is used below."""

    word: str
    control: bool = False  # the same look found an order that is known to be there
    wanted: bool = True  # the work order is still to be exported, there
    reads: str = UNTRIED
    transaction: str = ""
    outcome: str = NOT_TAKEN
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


Step = Callable[[Order, Answer, int], Order]


def next_step(row: Order, answer: Answer, now: int) -> Order:
    """The row as it is next, to be committed before the call that its state announces. KeyError: no such step."""
    return STEPS[row.state, answer.word](row, answer, now)


def _afresh(row: Order) -> Order:
    """Without what was said and seen of an import before."""
    return replace(row, outcome="", transaction="", looks=0, absent_since=0, next_look=0, said="", reason="")


def _to(state: str) -> Step:
    return lambda row, answer, now: replace(row, state=state, said="")


def _look(row: Order, answer: Answer, now: int) -> Order:
    return replace(row, state=State.LOOKING, looks=0, absent_since=0, reason="")


def _send(row: Order, answer: Answer, now: int) -> Order:
    return replace(_afresh(row), state=State.SENDING)


def _take_another_number(row: Order, answer: Answer, now: int) -> Order:
    """A stranger has this one; after so many the rest waits for the next run."""
    if row.looks < STRANGERS - 1:
        return replace(row, state=State.LOOKING, number=None, looks=row.looks + 1, said="")
    return replace(row, state=State.CLAIMED, number=None, looks=0, said="", reason="numbers_taken")


def _found(row: Order, answer: Answer, now: int) -> Order:
    return replace(row, state=State.IN_CASH, seen=True, next_look=0, said="", reason="")


def _ask(reason: str) -> Step:
    return lambda row, answer, now: replace(row, state=State.ASKING, next_look=0, said="", reason=reason)


def _verify(row: Order, answer: Answer, now: int) -> Order:
    """Also a refusal is verified: of a header and its lines Cash may have kept the one and refused the others."""
    taken = answer.word == ACCEPTED
    outcome, reason = (ACCEPTED, "") if taken else (answer.outcome, answer.reason)
    return replace(row, state=State.VERIFYING, outcome=outcome, reason=reason, detail={**row.detail, **answer.detail})


def _wait(row: Order, answer: Answer, now: int) -> Order:
    if not answer.transaction:
        return _lose(row, answer, now)
    return replace(row, state=State.WAITING, transaction=answer.transaction)


def _wait_on(row: Order, answer: Answer, now: int) -> Order:
    return row if now - row.changed < LONGEST_WAIT else _lose(replace(row, outcome=HELD), answer, now)


def _lose(row: Order, answer: Answer, now: int) -> Order:
    """Whether it is in Cash is unknown."""
    return replace(row, state=State.UNKNOWN, looks=0, absent_since=0, next_look=now + PAUSES[0])


def _forget(row: Order, answer: Answer, now: int) -> Order:
    return _lose(replace(row, outcome=FORGOTTEN), answer, now)


def _cannot_look(row: Order, answer: Answer, now: int) -> Order:
    """A person is asked, once nothing can land any more."""
    return row if now - row.changed < LOOKED_FOR else _ask("unseen")(row, answer, now)


def _not_verified(row: Order, answer: Answer, now: int) -> Order:
    if row.outcome == ACCEPTED:  # Cash's word counts where looking shows nothing; else something is wrong
        return _lose(row, answer, now) if answer.reads == PROVEN else replace(row, state=State.IN_CASH)
    if row.outcome == LINES_NOT_TAKEN and answer.reads != PROVEN:
        return _ask("half")(row, answer, now)
    return replace(row, state=State.REFUSED)


def _number_was_taken(row: Order, answer: Answer, now: int) -> Order:
    """Somebody made an order with this number after it was free."""
    if row.outcome == ACCEPTED:
        return _ask("other_reference")(row, answer, now)
    return _take_another_number(row, answer, now)


def _absent(row: Order, answer: Answer, now: int) -> Order:
    looked = replace(row, looks=row.looks + 1, absent_since=row.absent_since or now)
    if looked.looks < LOOKS or now - looked.absent_since < LOOKED_FOR:
        pause = PAUSES[looked.looks] if looked.looks < LOOKS else 0
        return replace(looked, next_look=now + pause if pause else 0)
    if answer.word == "stranger":  # its number was free: it may well be ours, with a reference that Cash spells its way
        return _ask("other_reference")(looked, answer, now)
    if row.outcome in (ACCEPTED, HELD, FORGOTTEN) or row.resends >= RESENDS or not answer.control:
        return _ask(row.outcome if row.outcome in (ACCEPTED, HELD) else "unknown")(looked, answer, now)
    return _once_more(replace(looked, resends=row.resends + 1), answer, now)


def _once_more(row: Order, answer: Answer, now: int) -> Order:
    """It is not there, and what was sent can no longer land."""
    if not answer.wanted:
        return replace(row, state=State.WITHDRAWN, next_look=0, said="")
    if answer.word == "stranger":
        return _take_another_number(replace(row, looks=0, next_look=0, absent_since=0), answer, now)
    return _send(row, answer, now)


def _not_there(row: Order, answer: Answer, now: int) -> Order:
    """A person was asked, and has answered."""
    if row.said == AGAIN:
        return _once_more(replace(row, resends=0), answer, now)
    if answer.control and row.reason != "not_found":
        return _ask("not_found")(row, answer, now)
    return replace(row, state=State.IN_CASH, said="", reason="")


def _half_there(row: Order, answer: Answer, now: int) -> Order:
    if row.said == AGAIN:
        return _ask("half")(row, answer, now)
    return replace(row, state=State.IN_CASH, seen=True, said="", reason="")


def _claim(row: Order, answer: Answer, now: int) -> Order:
    """Begins anew, with the number it had, if any: it is looked for first."""
    return replace(_afresh(row), state=State.CLAIMED, attempt=row.attempt + 1, resends=0, detail={})


def _second(row: Order, answer: Answer, now: int) -> Order:
    base, _, count = row.reference.rpartition(" /")
    base, number = (base, int(count) + 1) if base and count.isdecimal() else (row.reference, 2)
    return replace(_claim(row, answer, now), number=None, reference=referred(base, f" /{number}"), seen=False)


def _as_told(row: Order, answer: Answer, now: int) -> Order:
    """Nobody but a person can look there any more."""
    return replace(row, state=State.WITHDRAWN if row.said == AGAIN else State.IN_CASH, said="", reason="")


def _not_yet(row: Order, answer: Answer, now: int) -> Order:
    """Cash holds a customer or an article that it needs; after a day that is a reason to refuse it."""
    since = row.absent_since or now
    return replace(row, absent_since=since) if now - since < DAY else _refuse(row, answer, now)


def _refuse(row: Order, answer: Answer, now: int) -> Order:
    return replace(row, state=State.REFUSED, reason=answer.reason, detail=answer.detail)


STEPS: dict[tuple[str, str], Step] = {
    (State.CLAIMED, "go"): _look,
    (State.CLAIMED, "not_yet"): _not_yet,
    (State.CLAIMED, "unlisted"): _to(State.WITHDRAWN),
    (State.CLAIMED, "unsendable"): _refuse,
    (State.CLAIMED, "unseen"): _to(State.WITHDRAWN),  # the login no longer sees the administration
    (State.LOOKING, "absent"): _send,
    (State.LOOKING, "stranger"): _take_another_number,
    (State.LOOKING, "ours"): _found,
    (State.LOOKING, "half"): _ask("half"),
    (State.LOOKING, "unlisted"): _to(State.WITHDRAWN),
    (State.LOOKING, "unsendable"): _refuse,
    (State.LOOKING, "unseen"): _to(State.WITHDRAWN),
    (State.SENDING, "accepted"): _verify,
    (State.SENDING, "refused"): _verify,
    (State.SENDING, "pending"): _wait,
    (State.SENDING, "lost"): _lose,  # whatever the failure: the request had left
    (State.SENDING, "restarted"): _lose,
    (State.SENDING, "not_sent"): _look,
    (State.WAITING, "accepted"): _verify,
    (State.WAITING, "refused"): _verify,
    (State.WAITING, "pending"): _wait_on,
    (State.WAITING, "lost"): _forget,  # Cash does not know the transaction
    (State.VERIFYING, "ours"): _found,
    (State.VERIFYING, "half"): _ask("half"),
    (State.VERIFYING, "absent"): _not_verified,
    (State.VERIFYING, "stranger"): _number_was_taken,
    (State.VERIFYING, "unseen"): _ask("unseen"),
    (State.UNKNOWN, "ours"): _found,
    (State.UNKNOWN, "half"): _ask("half"),
    (State.UNKNOWN, "absent"): _absent,
    (State.UNKNOWN, "stranger"): _absent,
    (State.UNKNOWN, "unseen"): _cannot_look,
    (State.ASKING, "ours"): _found,
    (State.ASKING, "half"): _half_there,
    (State.ASKING, "absent"): _not_there,
    (State.ASKING, "stranger"): _not_there,
    (State.ASKING, "unseen"): _as_told,
    (State.IN_CASH, "closed"): _to(State.DONE),
    (State.IN_CASH, "listed_otherwise"): _to(State.CHANGED),
    (State.REFUSED, "marked"): _to(State.FAILED),
    (State.FAILED, "listed"): _claim,
    (State.FAILED, "unsendable"): _refuse,
    (State.WITHDRAWN, "listed"): _claim,
    (State.WITHDRAWN, "unsendable"): _refuse,
    (State.LEFT, EXPORT): _claim,
    (State.DONE, "listed"): _to(State.IN_CASH),
    (State.DONE, "listed_otherwise"): _to(State.CHANGED),
    (State.CHANGED, LEAVE): _to(State.IN_CASH),
    (State.CHANGED, SECOND): _second,
}
