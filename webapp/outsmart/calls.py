"""Who hears of each call."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..outbound.failures import CallFailed


@dataclass(frozen=True)
class CallRecord:
    """One call, for log and metrics: `POST relations`, "ok" or why not, how long it took, and the account that asked.

    Refused rows are an answer: "ok" with their code.
    """

    operation: str
    outcome: str
    ms: float
    account: str


Observer = Callable[[CallRecord], None]


@contextmanager
def observed(observer: Observer, operation: str, account: str) -> Iterator[None]:
    """Tells the observer about one call when it is over."""
    started, outcome = time.monotonic(), "ok"
    try:
        yield
    except CallFailed as failure:
        outcome = failure.reason
        raise
    except BaseException:
        outcome = "stopped"
        raise
    finally:
        observer(CallRecord(operation, outcome, (time.monotonic() - started) * 1000, account))
