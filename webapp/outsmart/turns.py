"""One call at a time for each account."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident
from weakref import WeakValueDictionary

from ..outbound.failures import CallFailed

BUSY_WAIT = 2  # seconds


class Turn:
    """Whose turn it is to call for one account."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holder = 0

    @contextmanager
    def taken(self, seconds: float) -> Iterator[None]:
        """Waits for the other calls of the account; raises CallFailed when they take longer than `seconds`."""
        if self._holder == get_ident():
            raise RuntimeError("the rows of the account's last call were neither all taken nor closed")
        if not self._lock.acquire(timeout=seconds):
            raise CallFailed("in_flight", "another call of the account takes too long", BUSY_WAIT)
        self._holder = get_ident()
        try:
            yield
        finally:
            self._holder = 0
            self._lock.release()


class Turns:
    """The turns of all accounts, of this process only: whatever runs in several must agree on who works for whom."""

    def __init__(self) -> None:
        self._of: WeakValueDictionary[str, Turn] = WeakValueDictionary()  # only those that somebody still holds
        self._lock = Lock()

    def of(self, account: str) -> Turn:
        """The turn of an account, the same for all who ask."""
        with self._lock:
            return self._of.setdefault(account, Turn())
