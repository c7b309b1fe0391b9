"""What can be done with the Cash integration of an account. Knows neither requests nor pages: failures are raised."""

from dataclasses import dataclass, replace
from typing import Any

from sqlite_utils import Database

from ... import rates, throttle
from ...db import now, write
from ...throttle import LoginGuard, TooSoon
from ..choices import SavedSettings, Settings
from ..client.gateway import CashGateway
from ..model import NOT_CONNECTED, Login, Who
from ..store.activity import Activity
from ..store.kept import KeptStore
from ..store.logins import LoginStore
from ..store.runs import RunStore
from ..store.settings import SettingsStore
from ..store.workers import WorkerStore
from .changes import Consequence


@dataclass(frozen=True)
class State:
    """What is stored for an account, and the login that this session proved but did not save yet."""

    pending: Login | None
    stored: Login | None
    saved: SavedSettings

    @property
    def login(self) -> Login:
        """The login this session works with."""
        return self.pending or self.stored or NOT_CONNECTED


@dataclass(frozen=True)
class Integration:
    """What the actions work with, over one connection to the database."""

    db: Database
    gateway: CashGateway
    logins: LoginStore
    settings: SettingsStore
    activity: Activity
    guard: LoginGuard
    kept: KeptStore
    support: str = ""  # the code that finds the operator's lines about this request

    def state(self, who: Who) -> State:
        """What is stored now."""
        pending, stored = self.logins.both(who.account, who.sid)
        return State(pending, stored, _up_to_date(self.settings.current(who.account), stored or pending))

    def note(self, who: Who, kind: str, *, error: bool = False, **facts: Any) -> None:
        """Adds an event to the account's log."""
        self.activity.add(who.account, who.user, kind, error=error, **facts)

    def sweep(self, account: str) -> None:
        """Forgets what is too old to be of use: versions of this account's settings, anybody's logins and events."""
        with write(self.db):
            self.logins.sweep()
            self.activity.sweep()
            self.settings.sweep(account)
            throttle.sweep(self.db)
            rates.sweep(self.db)
            RunStore(self.db).sweep()
            WorkerStore(self.db).sweep(now())


def _up_to_date(saved: SavedSettings, login: Login | None) -> SavedSettings:
    """With the id that the administration has now: an earlier version wrote it otherwise."""
    found = login.administration(saved.settings.administration) if login else None
    if login is None or found is None or login.relation_code != saved.settings.relation_code:
        return saved
    return replace(saved, settings=replace(saved.settings, administration=found.id))


class AdministrationGone(Exception):
    """The login is right, but does not see the saved administration any more."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class LoginGone(Exception):
    """There is no login to work with: none was proven, it waited too long for Save, or someone disconnected."""


class Outdated(Exception):
    """Someone saved in this very moment, perhaps this same form; nothing was stored: to be read and tried again."""


class TooManySaves(TooSoon):
    """More Saves in a minute than anyone needs."""


class Unconfirmed(Exception):
    """A Save sets something in motion that the user was not told yet; nothing was stored."""

    def __init__(self, settings: Settings, told: list[Consequence]) -> None:
        super().__init__("not confirmed")
        self.settings, self.told = settings, told
