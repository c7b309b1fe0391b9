"""Storing what was chosen: merged with what others saved, confirmed where it sets something in motion."""

from dataclasses import asdict
from typing import Any

from ...accounts import touch
from ...db import write
from ...observe import count_save
from ...rates import reserve
from ..choices import SavedSettings, Settings
from ..model import Login, Who
from ..store.openings import OpeningStore
from ..store.schedules import ScheduleStore
from . import Integration, LoginGone, Outdated, State, TooManySaves, Unconfirmed
from .changes import Consequence, Merge, begins_exports_anew, consequences, fingerprint, merge

Events = dict[str, dict[str, Any]]  # what came of a Save, for the log: facts by kind

SAVES_PER_MINUTE = 20  # of one account
# Differs from all settings in every choice.
_UNKNOWN = Settings(**{name: None for name in asdict(Settings())})  # type: ignore[arg-type]


def merge_with_current(cash: Integration, who: Who, state: State, mine: Settings, base: int) -> Merge:
    """What was chosen over version `base`, and what others saved since, in one."""
    if base == state.saved.version:
        return Merge(mine)
    seen = cash.settings.version(who.account, base) if base else SavedSettings(0, Settings())
    # Without the version that was seen nobody knows who changed what: every difference is asked about.
    return merge(seen.settings if seen else _UNKNOWN, mine, state.saved.settings)


def save(
    cash: Integration, who: Who, state: State, merged: Merge, *, confirmed: str = "", base: int = 0, kind: str = "saved"
) -> State:
    """Stores settings, and the login if it is pending, in one transaction; returns what is stored now.

    `confirmed` is the fingerprint of what the user was told that this Save sets in motion; `base` the version
    that the user saw. Raises Unconfirmed, Outdated, LoginGone, TooManySaves.
    """
    told = _overrides(cash, who, state, merged, base) + consequences(state.saved.settings, merged.settings)
    if told and fingerprint(told) != confirmed:
        raise Unconfirmed(merged.settings, told)
    with write(cash.db):
        if seconds := reserve(cash.db, f"save:{who.account}", SAVES_PER_MINUTE, SAVES_PER_MINUTE):
            raise TooManySaves(seconds)
        events: Events = {}
        login = _keep_login(cash, who, state.login, events)
        saved = _keep(cash, who, state.saved, merged.settings, kind, events)
        if events:  # so that a repeated POST has one effect
            cash.activity.add_all(who.account, who.user, events)
            touch(cash.db, who.account)
    if merged.settings.differences(state.saved.settings):
        cash.kept.forget(who.account)
    count_save()
    return State(None, login, saved)


def _overrides(cash: Integration, who: Who, state: State, merged: Merge, base: int) -> list[Consequence]:
    current = state.saved
    users = cash.settings.changed_by(who.account, base, current.version) if merged.disputed else {}
    return [
        Consequence("override", name, current.settings, merged.settings, users.get(name, current.user))
        for name in merged.disputed
    ]


def _keep_login(cash: Integration, who: Who, login: Login, events: Events) -> Login:
    if not login.pending:
        if not cash.logins.is_stored(who.account, login.relation_code):
            raise LoginGone
        return login
    stored = cash.logins.promote(who.account, login)
    if stored is None:
        raise Outdated
    events["connected"] = {"relation_code": login.relation_code, "email": login.email}
    return stored


def _keep(
    cash: Integration, who: Who, before: SavedSettings, settings: Settings, kind: str, events: Events
) -> SavedSettings:
    if before.version and not settings.differences(before.settings):
        return before
    after = cash.settings.add(who.account, settings, before.version, who.user)
    if after is None:
        raise Outdated
    if before.version and settings.administration != before.settings.administration:
        ScheduleStore(cash.db).begin_anew(who.account)
    if begins_exports_anew(before.settings, settings):
        OpeningStore(cash.db).close(who.account, settings.cash_account, settings.administration)
    events[kind] = {"version": after.version, **_difference(before.settings, settings)}
    return after


def _difference(before: Settings, after: Settings) -> dict[str, Any]:
    """The values before and after of the changed choices only."""
    names = {*before.differences(after), "administration_name"}
    return {
        when: {name: value for name, value in asdict(settings).items() if name in names}
        for when, settings in (("before", before), ("after", after))
    }
