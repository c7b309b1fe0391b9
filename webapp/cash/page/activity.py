"""The log in words: a line for each event, equal ones in a row in one, and the full message."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby, islice

from ...web.languages import _, _n, day
from ..choices import Settings
from ..client.errors import error_for_reason
from ..model import Event, read
from ..store.activity import Activity
from ..store.settings import SettingsStore
from . import problems
from .order_log import KINDS, order_in_words
from .runs import run_in_words
from .words import changes

PAGE = 20  # lines
MOST_READ = 200  # events, of which many may be one line


@dataclass(frozen=True)
class Line:
    """One event, or equal events in a row, as the user reads it."""

    event: Event  # the newest
    text: str
    more: str = ""  # the full message with the next step
    changes: tuple[tuple[str, str, str], ...] = ()  # of a save: label, before, after
    count: int = 1
    opened: bool = False
    now: tuple[tuple[str, str, str], ...] = ()  # of an opened save: label, then, now


@dataclass(frozen=True)
class Lines:
    """A page of the log."""

    days: tuple[tuple[str, tuple[Line, ...]], ...]
    errors: int = 0  # in the whole log
    errors_only: bool = False
    before: int = 0  # the event before which this page ends; 0 on the newest page
    older: int = 0  # the event before which the next page ends; 0 on the last page


def log_lines(
    activity: Activity,
    settings: SettingsStore,
    account: str,
    *,
    errors_only: bool = False,
    before: int = 0,
    opened: int = 0,
) -> Lines:
    """A page of the account's log, newest first."""
    events, errors = activity.counted(account, MOST_READ, errors_only=errors_only, before=before)
    groups = list(islice(_equal_in_a_row(events), PAGE + 1))
    more = len(groups) > PAGE or sum(map(len, groups)) == MOST_READ
    lines = [_line(settings, account, group, opened) for group in groups[:PAGE]]
    older = groups[len(lines) - 1][-1].id if more else 0
    days = groupby(lines, lambda line: day(line.event.at))
    return Lines(tuple((name, tuple(each)) for name, each in days), errors, errors_only, before, older)


def _equal_in_a_row(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The code for support is another one each time."""

    def what(event: Event) -> tuple[object, ...]:
        return event.kind, event.user, {name: fact for name, fact in event.facts.items() if name != "support"}

    return (list(group) for _key, group in groupby(events, what))


def _line(settings: SettingsStore, account: str, group: list[Event], opened: int) -> Line:
    event = group[0]
    line = _save(event) if event.kind in ("saved", "restored") else Line(event, *_words(event))
    if opened not in [each.id for each in group]:
        return replace(line, count=len(group))
    return replace(line, count=len(group), opened=True, now=_now(settings, account, event) if line.changes else ())


def _words(event: Event) -> tuple[str, str]:
    """The line, and the full message behind it."""
    login, name = f"{_fact(event, 'email')} ({_fact(event, 'relation_code')})", _fact(event, "name")
    match event.kind:
        case "login_refused":
            return _("Cash refused the login %(login)s", login=login), problems.rejected().text
        case "login_proven":
            return _("Logged in as %(login)s; not saved yet", login=login), ""
        case "login_replaced":
            return _("New login stored: %(login)s", login=login), ""
        case "connected":
            return _("Connected as %(login)s", login=login), ""
        case "disconnected":
            return _("Disconnected from %(name)s; the settings were kept", name=name), ""
        case "tested":
            return _("Connection tested: it works"), ""
        case "administration_gone":
            problem = problems.gone(name)
            return problem.title, problem.text
        case "cash_failed":
            problem = problems.explain(error_for_reason(_fact(event, "reason")))
            support = _("Support code: %(code)s", code=_fact(event, "support"))
            return problem.title, f"{problem.text} {support}"
        case "synced" | "sync_recovered" | "sync_waits" | "sync_failed":
            return run_in_words(event)
    if event.kind in KINDS:
        return order_in_words(event)
    return _("Something else happened (%(kind)s)", kind=event.kind), ""


def _fact(event: Event, name: str) -> str:
    """A dash for what another version did not write, or wrote as something else than a text."""
    fact = event.facts.get(name)
    return fact if fact and isinstance(fact, str) else "–"


def _save(event: Event) -> Line:
    before, after = (read(Settings, event.facts.get(when)) or Settings() for when in ("before", "after"))
    lines = changes(before, after)
    what = _("Settings saved") if event.kind == "saved" else _("Earlier settings restored")
    if lines:
        what += ": " + (lines[0][0] if len(lines) == 1 else _n("%(num)d change", "%(num)d changes", len(lines)))
    return Line(event, what, changes=tuple(lines))


def _now(settings: SettingsStore, account: str, event: Event) -> tuple[tuple[str, str, str], ...]:
    """What of a save is otherwise today."""
    version = event.facts.get("version")
    then = settings.version(account, version) if isinstance(version, int) else None
    return tuple(changes(then.settings, settings.current(account).settings)) if then else ()
