"""How many calls may be under way, and who hears of each."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from math import inf
from threading import BoundedSemaphore

from ...outbound.deadline import Deadline
from ...outbound.failures import CallFailed
from .errors import error_for_reason

IN_FLIGHT_WAIT = 2  # seconds

Before = Callable[[str, str], int | None]


@dataclass(frozen=True)
class CallRecord:
    """One call, for log and metrics: the operation, "ok" or why not, how long it took, and the account that asked."""

    operation: str
    outcome: str
    ms: float
    caller: str = ""


class Calls:
    """The calls of one gateway; its arguments are explained there."""

    def __init__(
        self,
        most: int,
        before_call: Callable[[str, str], int | None] | None,
        before_wsdl: Callable[[str, str], int | None] | None,
        observer: Callable[[CallRecord], None] | None,
    ) -> None:
        self._free = BoundedSemaphore(most)
        self._before_call = before_call or (lambda caller, relation_code: None)
        self._before_wsdl = before_wsdl or (lambda caller, relation_code: None)
        self._observer = observer or (lambda call: None)
        self._caller, self._relation_code, self._patience = "", "", 0.0

    def by(self, caller: str, relation_code: str, patience: float) -> "Calls":
        """The same, for the calls of this account under this relation code, with so many seconds for a place."""
        calls = copy(self)
        calls._caller, calls._relation_code, calls._patience = caller, relation_code, patience
        return calls

    @contextmanager
    def within(
        self,
        seconds: float,
        on_step: Callable[[str], None] = lambda step: None,
        *,
        ends: float = inf,
        each: float | None = None,
    ) -> Iterator[Deadline]:
        """A place among the calls in flight, for at most `seconds`; turns every failure into a CashError.

        `ends` is when the last byte may go out, by the monotonic clock; `each` the seconds for one call.
        """
        if not self._free.acquire(timeout=self._patience):
            raise error_for_reason("in_flight", "as many calls as may be are under way", IN_FLIGHT_WAIT)
        try:
            yield Deadline(min(seconds, ends - time.monotonic()), on_step, each)
        except CallFailed as failure:
            # The cause may hold what was sent.
            raise error_for_reason(failure.reason, failure.detail, failure.retry_after) from None
        finally:
            self._free.release()

    @contextmanager
    def observed(self, operation: str) -> Iterator[None]:
        """Tells the observer about one call, or reading of the WSDL; asks the limit per minute first."""
        started, outcome = time.monotonic(), "ok"
        before = self._before_wsdl if operation == "WSDL" else self._before_call
        try:
            if (wait := self._turn(before)) is not None:
                raise CallFailed("rate_limit", "our own limit per minute is reached", wait)
            yield
        except CallFailed as failure:
            outcome = failure.reason
            raise
        except BaseException:
            outcome = "stopped"
            raise
        finally:
            self._observer(CallRecord(operation, outcome, (time.monotonic() - started) * 1000, self._caller))

    def _turn(self, before: Before) -> int | None:
        """Whoever waits patiently for its turn holds no place meanwhile, which others need."""
        if not self._patience:
            return before(self._caller, self._relation_code)
        self._free.release()
        try:
            return before(self._caller, self._relation_code)
        finally:
            self._free.acquire()
