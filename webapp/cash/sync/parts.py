"""What a run works with, and how it can be stopped."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar

from ...outsmart.errors import OutSmartBusy, OutSmartUnreachable
from ...outsmart.session import OutSmartSession
from ..choices import Settings
from ..client.session import CashSession
from ..model import Administration
from ..store.marks import MarkStore
from ..store.openings import OpeningStore
from ..store.orders import OrderStore
from ..store.sent import SentStore

WAITS = (2, 8, 30)  # seconds before the same call to OutSmart is made again
LONGEST_WAIT = 60  # seconds, when OutSmart says how long

_T = TypeVar("_T")


class Stopped(Exception):
    """Somebody stopped the run, or it is another's now."""


class Asked(Protocol):
    """The run that is carried out: whose, and `changed`, `all` or `preview`."""

    @property
    def account(self) -> str: ...
    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class Parts:
    """Both sides, what we keep, and the run's own directory, which is empty and which whoever made it removes.

    `kept` is a file that a preview left in its directory (CASH_FILE), for a run that is to go by it; it stays as it is.

    `cash` begins a conversation, which the run closes. `alive` is asked before every call. `tell` puts an error into
    the users' log; `sees` is an administration that the login sees, by its id. `article_fields` are what the operator
    says, by type, unit and vat; `relation_active` whether relations may be switched off in OutSmart.
    """

    cash: Callable[[], CashSession]
    administration: Administration
    settings: Settings
    outsmart: OutSmartSession
    sent: SentStore
    marks: MarkStore
    orders: OrderStore
    openings: OpeningStore
    scratch: Path
    alive: Callable[[], bool] = lambda: True
    progress: Callable[[dict[str, object]], None] = lambda facts: None
    tell: Callable[[str, Mapping[str, object]], None] = lambda kind, facts: None
    sees: Callable[[str], Administration | None] = lambda id: None
    now: Callable[[], int] = lambda: int(time.time())
    sleep: Callable[[float], None] = time.sleep
    article_fields: Mapping[str, str] = field(default_factory=dict)
    relation_active: bool = False
    kept: Path | None = None

    def go_on(self) -> None:
        """Before every call; raises Stopped."""
        if not self.alive():
            raise Stopped

    def patiently(self, call: Callable[[], _T]) -> _T:
        """A call to OutSmart that may be made again, and is when it has no answer; raises OutSmartError, Stopped."""
        for wait in WAITS:
            self.go_on()
            try:
                return call()
            except (OutSmartUnreachable, OutSmartBusy) as error:
                self.sleep(max(wait, min(error.retry_after or 0, LONGEST_WAIT)))
        self.go_on()
        return call()
