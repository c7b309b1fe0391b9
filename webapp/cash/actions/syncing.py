"""What users do with the synchronisation: start it, look first, stop it, agree to it; and see how it is doing."""

from collections.abc import Iterator
from dataclasses import dataclass

from ...db import now, write
from ..model import Who
from ..store.kept import VALID_SECONDS
from ..store.marks import MarkStore
from ..store.noted import Noted, NotedStore
from ..store.overview import Overview, overview_of
from ..store.runs import SILENCE, Run, RunStore
from ..store.sent import SentStore
from . import Integration, State
from .hosted import Incomplete
from .standing import Facts, Standing, missing, next_run, standing_of

MANY_GONE = "many_gone"


@dataclass(frozen=True)
class Sync:
    """How the synchronisation of an account stands. Times are seconds since 1970, 0 for never."""

    standing: Standing  # of the imports: how the exports stand is told apart
    missing: list[str]  # of settings, login and outsmart_token, what a run needs and has not
    runs: Overview
    next_run: int
    interval: int  # seconds between two runs by themselves; 0 where there are none
    is_unattended: bool  # a run has waited for a minute, and no worker lives
    preview: Run | None  # the last one, while a start goes by it
    goes_by: int  # when it ended, where an import of everything also uses what it read of Cash; else 0


def sync_of(cash: Integration, who: Who, state: State, *, stretch: bool = False) -> Sync:
    """Two statements more than `state`; `stretch` as for ScheduleStore."""
    runs = overview_of(cash.db, who.account, stretch=stretch)
    facts = Facts(
        saved=state.saved,
        login=state.stored,
        outsmart="stored" if runs.has_token else "missing",
        token_since=runs.token_since,
        open=runs.open,
        ended=runs.ended,
        good=runs.good,
        schedule=runs.schedule,
    )
    preview = _valid(runs, state)
    is_kept = preview is not None and cash.kept.find(who.account, preview.id) is not None
    return Sync(
        standing_of(facts),
        missing(facts),
        runs,
        next_run(facts),
        runs.schedule.period if runs.schedule else 0,
        _is_unattended(runs),
        preview,
        preview.ended if preview and is_kept else 0,
    )


def _is_unattended(runs: Overview) -> bool:
    waits = runs.open is not None and runs.open.state == "waiting"
    return waits and runs.open is not None and max(runs.open.due, runs.last_beat) < now() - SILENCE


def _valid(runs: Overview, state: State) -> Run | None:
    looked = runs.looked
    if looked is None or looked.ended < now() - VALID_SECONDS:
        return None
    return looked if looked.result.get("administration") == state.saved.settings.administration else None


def start(cash: Integration, who: Who, state: State, kind: str) -> tuple[Run, bool]:
    """Asks for a run of kind `changed`, `all` or `preview`; returns it, or the one that is open, and whether it is new.

    Whoever starts an import within an hour of a preview agrees to what that has shown. Raises Incomplete.
    """
    with write(cash.db):
        sync = sync_of(cash, who, state)
        if sync.missing:
            raise Incomplete(sync.missing)
        if sync.preview and kind != "preview" and not sync.runs.open:
            _agree(cash, who, sync.preview)
        return RunStore(cash.db).ask(who.account, kind, who.user)


def cancel(cash: Integration, who: Who) -> bool:
    """Ends the run that waits or is under way, at its next call; False when there is none."""
    runs = RunStore(cash.db)
    with write(cash.db):
        run = runs.open(who.account)
        return run is not None and runs.cancel(who.account, run.id)


def agree(cash: Integration, who: Who, state: State) -> tuple[Run, bool]:
    """That very many rows are no longer in Cash is right; asks for a run that acts on it. Raises Incomplete."""
    with write(cash.db):
        good = sync_of(cash, who, state).runs.good
        asked = start(cash, who, state, "changed")
        if good:
            _agree(cash, who, good)
    return asked


def try_refused_again(cash: Integration, who: Who, state: State) -> tuple[Run, bool]:
    """The next run sends once more what OutSmart refused; asks for it. Raises Incomplete."""
    with write(cash.db):
        asked = start(cash, who, state, "changed")
        SentStore(cash.db).forget_refused(who.account)
    return asked


def noted_counts(cash: Integration, who: Who) -> dict[tuple[str, str], int]:
    """How many rows of each kind are left out, refused or gone, by reason word."""
    return NotedStore(cash.db).counts(who.account)


def noted_rows(cash: Integration, who: Who, most: int, kind: str = "", reason: str = "", start: int = 0) -> list[Noted]:
    """At most so many of them; which, is as for NotedStore."""
    return NotedStore(cash.db).rows(who.account, kind, reason, most, start)


def all_noted(cash: Integration, who: Who, kind: str, reason: str) -> Iterator[list[Noted]]:
    """All of them, some thousands at a time."""
    return NotedStore(cash.db).chunks(who.account, kind, reason)


def _agree(cash: Integration, who: Who, run: Run) -> None:
    """To all that this run left alone, or would have, because very many rows were gone."""
    if run.kind == "preview" and MANY_GONE not in (run.result.get("waits") or ()):
        return
    waiting = {
        kind: facts.get("gone") for kind, facts in run.kinds.items() if facts.get("waits", MANY_GONE) == MANY_GONE
    }
    if gone := {kind: count for kind, count in waiting.items() if isinstance(count, int) and count}:
        MarkStore(cash.db).agree(who.account, gone)
