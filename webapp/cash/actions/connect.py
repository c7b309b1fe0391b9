"""Asking Cash under a login: prove it, list what it sees, test it, forget it."""

import logging
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ...db import now, write
from ...throttle import LoginRejected, spelling
from ..client.errors import CashError, CashFault, CashUnreachable
from ..client.session import CashSession
from ..model import NOT_CONNECTED, Administration, Credentials, Login, WarehouseList, Who, find_administration
from . import AdministrationGone, Integration, State

log = logging.getLogger(__name__)

STEPS = ("resolved", "connected", "secure", "answered", "logged_in", "administrations")


@dataclass(frozen=True)
class ConnectionTest:
    """How far the stored login came, and why no further."""

    steps: tuple[tuple[str, int], ...] = ()  # name and milliseconds of each that was passed
    failed: str = ""  # the first one that was not
    administrations: int = 0  # seen
    error: Exception | None = None  # CashError, LoginRejected or AdministrationGone


def log_in(cash: Integration, who: Who, state: State, credentials: Credentials, address: str) -> State:
    """Proves a login with Cash; returns what is stored now.

    It replaces the stored one at once where the relation code is the same and it sees the saved administration;
    otherwise it is pending until Save. Raises TooSoon, LoginRejected, CashError; `address` is the client's.
    """
    stored = state.stored
    counted = spelling(credentials.relation_code, credentials.email)
    own = stored is not None and spelling(stored.relation_code, stored.email) == counted
    with (
        _noted(cash, who, credentials),
        _attempt(cash, who, credentials, address, own=own),
        _conversation(cash, who, credentials) as conversation,
    ):
        administrations = conversation.administrations()
    with write(cash.db):
        return _accept(cash, who, state, credentials, administrations)


def _accept(cash: Integration, who: Who, before: State, credentials: Credentials, seen: list[Administration]) -> State:
    about: dict[str, Any] = {"relation_code": credentials.relation_code, "email": credentials.email}
    state = cash.state(who) if _replaces(before, credentials, seen) else before  # Cash took its time
    if state.stored and _replaces(state, credentials, seen):
        login = cash.logins.replace(who.account, state.stored, credentials, seen, who.user)
        cash.logins.drop_pending(who.account, who.sid)
        cash.note(who, "login_replaced", **about)
        return replace(state, pending=None, stored=login)
    login = cash.logins.keep_pending(who.account, who.sid, credentials, seen, who.user)
    cash.note(who, "login_proven", **about)
    return replace(state, pending=login)


def _replaces(state: State, credentials: Credentials, seen: list[Administration]) -> bool:
    """Whether a login takes the place of the stored one with nothing to be chosen anew."""
    same = state.stored is not None and state.stored.relation_code == credentials.relation_code
    return same and find_administration(seen, state.saved.settings.administration) is not None


def list_warehouses(cash: Integration, who: Who, login: Login, administration: Administration, address: str) -> None:
    """Reads the warehouses of an administration and keeps them with the login.

    Raises VaultError, TooSoon, LoginRejected, CashError.
    """
    credentials = cash.logins.credentials(who.account, login)
    with _noted(cash, who, credentials), _proven_before(cash, who, login, credentials, address) as conversation:
        warehouses, cut = conversation.warehouses(administration)
    listed = WarehouseList(now(), warehouses, cut)
    cash.logins.remember_warehouses(who.account, login, administration.id, listed)


def test_connection(cash: Integration, who: Who, state: State, address: str) -> ConnectionTest:
    """Tries the stored login, step by step. Raises VaultError when it cannot be opened, and TooSoon."""
    login = state.stored or NOT_CONNECTED
    credentials, steps = cash.logins.credentials(who.account, login), _Steps()
    try:
        with (
            _noted(cash, who, credentials),
            _proven_before(cash, who, login, credentials, address, steps) as conversation,
        ):
            seen = conversation.administrations()
    except (CashError, LoginRejected) as error:
        return ConnectionTest(steps.passed(), steps.ahead(), error=error)
    gone = _conclude(cash, who, state, login, seen)
    return ConnectionTest(steps.passed(), administrations=len(seen), error=gone)


def _conclude(
    cash: Integration, who: Who, state: State, login: Login, seen: list[Administration]
) -> AdministrationGone | None:
    saved = state.saved.settings
    with write(cash.db):
        cash.logins.saw(who.account, login, seen)
        if find_administration(seen, saved.administration):
            cash.note(who, "tested")
            return None
        cash.note(who, "administration_gone", error=True, name=saved.administration_name)
    return AdministrationGone(saved.administration_name)


def disconnect(cash: Integration, who: Who, state: State) -> None:
    """Forgets the credentials and what was read with them; the settings stay for a later reconnect."""
    with write(cash.db):
        if cash.logins.forget(who.account):
            login, name = state.stored or state.login, state.saved.settings.administration_name
            cash.note(who, "disconnected", name=name, relation_code=login.relation_code, email=login.email)
    cash.kept.forget(who.account)


def back_to_stored(cash: Integration, who: Who) -> None:
    """Forgets the login that waits for Save in this session: the stored one is worked with again."""
    cash.logins.drop_pending(who.account, who.sid)


@contextmanager
def _noted(cash: Integration, who: Who, credentials: Credentials) -> Iterator[None]:
    """Writes into the account's log how asking Cash failed."""
    try:
        yield
    except LoginRejected as rejected:
        if rejected.fresh:
            about: dict[str, Any] = {"relation_code": credentials.relation_code, "email": credentials.email}
            cash.note(who, "login_refused", error=True, **about)
        raise
    except CashError as error:
        if isinstance(error, CashFault):  # for the operator to mend; all else is in the log of calls
            log.error("%s, support code %s", error, cash.support)
        cash.note(who, "cash_failed", error=True, reason=error.reason, support=cash.support)
        raise


@contextmanager
def _proven_before(
    cash: Integration, who: Who, login: Login, credentials: Credentials, address: str, steps: "_Steps | None" = None
) -> Iterator[CashSession]:
    """A conversation under a login that Cash accepted before; remembers when it does no longer."""
    try:
        with (
            _attempt(cash, who, credentials, address, own=True, trusted=not login.refused_since),
            _conversation(cash, who, credentials, steps) as conversation,
        ):
            yield conversation
    except LoginRejected:
        cash.logins.mark_refused(who.account, login)
        raise
    except (CashFault, CashUnreachable) as error:
        cash.logins.mark_troubled(who.account, login, error.reason)
        raise


def _attempt(
    cash: Integration, who: Who, credentials: Credentials, address: str, **how: bool
) -> AbstractContextManager[None]:
    login = (credentials.relation_code, credentials.email, credentials.password)
    return cash.guard.attempt(who.account, login, address, **how)


def _conversation(cash: Integration, who: Who, credentials: Credentials, steps: "_Steps | None" = None) -> CashSession:
    return cash.gateway.session(credentials, caller=who.account, on_step=steps)


class _Steps:
    """Hears of each step to Cash as it passes, some more than once."""

    def __init__(self) -> None:
        self._since, self._ms = time.monotonic(), dict[str, int]()

    def __call__(self, step: str) -> None:
        if step not in self._ms:
            here = time.monotonic()
            self._ms[step] = round((here - self._since) * 1000)
            self._since = here

    def passed(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, self._ms[name]) for name in STEPS if name in self._ms)

    def ahead(self) -> str:
        """The first step that was not passed. `secure` is none where Cash is asked without TLS."""
        skipped = {"secure"} if "answered" in self._ms else set()
        return next((name for name in STEPS if name not in self._ms and name not in skipped), "")
