"""The log in words: a line for each event, and its full message."""

from dataclasses import dataclass

from ...db import get_db
from ...web.languages import _
from ..client.errors import error_for_reason
from ..model import Event, Settings
from ..store.activity import PAGE, Activity
from ..store.settings import SettingsStore
from . import problems
from .words import changes, told


@dataclass(frozen=True)
class Line:
    """One event as the user reads it."""

    event: Event
    text: str
    more: str = ""  # the full message with the next step
    changes: tuple[tuple[str, str, str], ...] = ()  # of a save: label, before, after
    today: tuple[tuple[str, str, str], ...] = ()  # of a save: label, then, now


@dataclass(frozen=True)
class Lines:
    """A page of the log."""

    lines: tuple[Line, ...]
    errors_only: bool = False
    opened: int = 0  # the event whose full message is shown
    before: int = 0  # the event before which this page ends; 0 on the newest page
    older: int = 0  # the event before which the next page ends; 0 on the last page


def log_lines(account: str, *, errors_only: bool = False, before: int = 0, opened: int = 0) -> Lines:
    """A page of the account's log, newest first."""
    events = Activity(get_db()).latest(account, errors_only=errors_only, before=before)
    lines = tuple(_line(account, event, event.id == opened) for event in events[:PAGE])
    older = events[PAGE - 1].id if len(events) > PAGE else 0
    return Lines(lines, errors_only, opened, before, older)


def _line(account: str, event: Event, opened: bool) -> Line:
    facts = event.facts
    login = f"{facts.get('email', '')} ({facts.get('relation_code', '')})"
    match event.kind:
        case "login_refused":
            return Line(event, _("Cash refused the login %(login)s", login=login), problems.rejected().text)
        case "login_proven":
            return Line(event, _("Logged in as %(login)s; not saved yet", login=login))
        case "login_replaced":
            return Line(event, _("New login stored: %(login)s", login=login))
        case "connected":
            return Line(event, _("Connected as %(login)s", login=login))
        case "disconnected":
            return Line(event, _("Disconnected from %(name)s; the settings were kept", name=facts["name"]))
        case "tested":
            return Line(event, _("Connection tested: it works"))
        case "administration_gone":
            problem = problems.gone(facts["name"])
            return Line(event, problem.title, problem.text)
        case "saved" | "restored":
            return _saved(account, event, opened)
        case "cash_failed":
            problem = problems.explain(error_for_reason(facts["reason"]))
            support = _("Support code: %(code)s", code=facts["support"])
            return Line(event, problem.title, f"{problem.text} {support}")
    raise ValueError(f"no words for {event.kind!r}")


def _saved(account: str, event: Event, opened: bool) -> Line:
    lines = changes(Settings(**event.facts["before"]), Settings(**event.facts["after"]))
    words = _("Settings saved. %(changes)s") if event.kind == "saved" else _("Earlier settings restored. %(changes)s")
    text = words % {"changes": told(lines)}
    if not opened:
        return Line(event, text, changes=tuple(lines))
    store = SettingsStore(get_db())
    then, now = store.version(account, event.facts["version"]), store.current(account)
    return Line(event, text, changes=tuple(lines), today=tuple(changes(then.settings, now.settings)) if then else ())
