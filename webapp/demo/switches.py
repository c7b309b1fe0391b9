"""What the Cash sandbox does with sales orders when it is told to be difficult."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Literal, get_args

from .posting import LINE, ORDER, Existing, Incoming

Lost = Literal["before", "after", "late"]
Keys = Literal["work", "blind"]
LATEST = 120  # seconds after which an import that is late has landed


@dataclass
class Trouble:
    """What the next imports suffer that hold a record of the number `of`, or any when that is empty."""

    kind: str = ""
    amount: float = 0
    times: float = 0
    of: str = ORDER

    def strikes(self, incoming: Sequence[Incoming]) -> bool:
        """Whether this import suffers it; counts that."""
        if not self.times > 0 or self.of not in ("", *(each.record for each in incoming)):
            return False
        self.times -= 1
        return True


class Switches:
    """What is switched on. Whoever asks Trouble whether it strikes holds the lock of the operations."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing is switched on."""
        self.existing: Existing = "change"
        self.keys: Keys = "work"
        self.lost, self.pending, self.half = Trouble(), Trouble(), Trouble()

    def lose_answers(self, when: Lost, times: float, seconds: float, of: str) -> None:
        """ValueError for what it cannot do."""
        _check(when, Lost)
        if when == "late" and not 0 < seconds <= LATEST:
            raise ValueError(f"late is 1 to {LATEST} seconds")
        self.lost = Trouble(when, seconds, times, of)

    def existing_number(self, does: Existing) -> None:
        """ValueError for what it cannot do."""
        _check(does, Existing)
        self.existing = does

    def key_reads(self, do: Keys) -> None:
        """ValueError for what they cannot do."""
        _check(do, Keys)
        self.keys = do

    def wait(self, calls: int | None, times: float, of: str) -> None:
        """So many GetTransaction calls, or for ever."""
        self.pending = Trouble("", inf if calls is None else calls, times, of)

    def halve(self, lines: int, times: float) -> None:
        """Only so many lines of an order are taken."""
        self.half = Trouble("", lines, times, LINE)

    def hides(self, record: str) -> bool:
        """Whether reading such a record by its key finds nothing."""
        return self.keys == "blind" and record in (ORDER, LINE)


def _check(word: str, known: object) -> None:
    if word not in get_args(known):
        raise ValueError(f"{word!r} is none of {', '.join(get_args(known))}")
