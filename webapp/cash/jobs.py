"""A run from its start to what is stored of it: the page, the host API, the worker and `flask sync` all end here."""

import logging
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from flask import Flask, current_app, g

from .. import rates
from ..db import DatabaseError, get_db, now, write
from ..outbound.failures import Remedy
from ..outsmart.errors import OutSmartError
from ..vault import VaultError
from . import pace
from .client.errors import CashError
from .client.reasons import meaning_of
from .conversations import NotReady, conversations_of
from .due import ask_for_exports, has_changes, is_imported, schedules, settle
from .store.kept import VALID_SECONDS, KeptStore
from .store.marks import MarkStore
from .store.openings import OpeningStore
from .store.orders import OrderStore
from .store.overview import IMPORTS, ORDERS
from .store.runs import NotOwned, Run, RunStore
from .store.sent import SentStore
from .store.settings import SettingsStore
from .store.workers import WorkerStore
from .sync.exports import export_orders
from .sync.opening import survey
from .sync.parts import Parts, Stopped
from .sync.previews import preview
from .sync.run import execute
from .sync.stage import CASH_FILE
from .telling import tell, tell_of

log = logging.getLogger(__name__)

Stopping = Callable[[], bool]
Facts = Mapping[str, object]


def perform(app: Flask, run: Run, stopping: Stopping = lambda: False) -> None:
    """Carries out a run that its owner has started, and stores what came of it, unless it is another's by then.

    Once `stopping` says so, it ends at its next call and waits again.
    """
    with app.app_context():
        g.account, g.support_code = run.account, run.id[:8].upper()
        try:
            result = _carry_out(run, stopping)
        except (Stopped, NotOwned):
            RunStore(get_db()).put_back(run.id, run.owner)  # where it is still this worker's
            log.info("run stopped", extra={"run": run.id, "kind": run.kind})
        except Exception as error:
            _finish(run, "failed", {"side": _side(error)}, _reason(error))
        else:
            is_stored = _finish(run, "done", result)
            if result.get("by_preview") if is_stored else run.kind == "preview":
                _readings().forget(run.account)


def _finish(run: Run, state: str, result: Facts, reason: str = "") -> bool:
    """In one transaction with what it means for the next run; False when the run is another's."""
    runs, extra = RunStore(get_db()), {"run": run.id, "kind": run.kind, "state": state, "reason": reason}
    with write(get_db()):
        before = runs.latest(run.account, IMPORTS if run.kind != ORDERS else (ORDERS,))
        kept = runs.finish(run.id, run.owner, state, result, reason)
        if kept and (ended := runs.run(run.account, run.id)):
            tell(ended, before)
            if state == "done":
                settle(ended, now())
            elif run.kind in IMPORTS and meaning_of(reason).remedy is Remedy.OPERATOR:
                ask_for_exports(run.account, run.user)  # Cash can be asked, though not for this
    log.info("run", extra=extra | {"seconds": now() - run.started})
    return kept


def _side(error: Exception) -> str:
    return "outsmart" if isinstance(error, OutSmartError) else "cash" if isinstance(error, CashError) else ""


def _reason(error: Exception) -> str:
    """The word for why a run failed; what nobody expected goes to the log."""
    match error:
        case CashError() | OutSmartError():
            return error.reason
        case NotReady():
            return str(error)
        case VaultError():
            return "vault"
    log.exception("a run failed")
    return "storage" if isinstance(error, DatabaseError | OSError) else "fault"


def _carry_out(run: Run, stopping: Stopping) -> Facts:
    """The result. Raises NotReady, VaultError, CashError, OutSmartError, Stopped."""
    runs, store = RunStore(get_db()), SettingsStore(get_db())
    saved = store.current(run.account)
    settings = saved.settings

    def alive() -> bool:
        return not stopping() and runs.owns(run.id, run.owner) and not is_outdated()

    def is_outdated() -> bool:
        """Whether somebody has saved other choices since: nothing goes to Cash by the old ones."""
        return run.kind == ORDERS and store.current(run.account).version != saved.version

    def progress(facts: dict[str, object]) -> None:
        if not runs.progress(run.id, run.owner, facts):
            raise Stopped

    def pause(seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not alive():
                raise Stopped
            time.sleep(min(left, pace.LONGEST_PAUSE))

    writing = partial(runs.writing, run.id, run.owner)
    pace.be_patient(bool(run.user), pause)
    with conversations_of(run.account, settings) as conversations, _scratch(run.id) as scratch:
        kept = _kept_for(run, scratch)
        parts = Parts(
            **conversations,
            settings=settings,
            sent=SentStore(get_db(), writing),
            marks=MarkStore(get_db(), writing),
            scratch=scratch,
            alive=alive,
            progress=progress,
            now=now,
            sleep=pause,
            orders=OrderStore(get_db(), run.owner, writing, current_app.config["CASH_ORDER_START"], lambda: now()),
            openings=OpeningStore(get_db(), writing),
            tell=partial(tell_of, run),
            article_fields=article_fields(current_app.config["CASH_ARTICLE_FIELDS"]),
            relation_active=current_app.config["OUTSMART_RELATION_ACTIVE"],
            kept=kept,
        )
        result = _work(run, parts)
        if run.kind == "preview":
            _readings().put(run.account, run.id, scratch / CASH_FILE)
        elif run.kind in IMPORTS and not has_changes(replace(run, result=result)):
            _readings().put_back(run.account, scratch)
    return {**result, "administration": settings.administration}


def _work(run: Run, parts: Parts) -> dict[str, object]:
    match run.kind:
        case "preview":
            return preview(run, parts) | {"orders": survey(run, parts)}
        case "orders":
            return export_orders(run, parts)
    return execute(run, parts)


def _kept_for(run: Run, scratch: Path) -> Path | None:
    """What a preview has read, for a run that reads everything.

    Another import sets it aside: where that finds changes, or does not come to its end, it is of no use any more.
    """
    if run.kind not in IMPORTS:
        return None
    if run.kind == "changed" and is_imported(run.account):
        _readings().set_aside(run.account, scratch)
        return None
    looked = RunStore(get_db()).latest(run.account, ("preview",), ("done",))
    is_valid = looked is not None and looked.ended >= now() - VALID_SECONDS
    return _readings().find(run.account, looked.id) if looked and is_valid else None


def _readings() -> KeptStore:
    return KeptStore(current_app.config["DATABASE"])


@contextmanager
def _scratch(id: str) -> Iterator[Path]:
    """A directory beside the database: what a run reads may be large, and /tmp may be memory."""
    folder = scratch_folder() / id
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def scratch_folder() -> Path:
    """Where each run under way has a directory with its id as its name."""
    return Path(current_app.config["DATABASE"]).with_name("runs")


def sweep() -> None:
    """Forgets what nobody needs any more, also what runs have left behind whose worker was killed."""
    runs = RunStore(get_db())
    runs.sweep()
    schedules().sweep()
    WorkerStore(get_db()).sweep(now())
    rates.sweep(get_db())
    _readings().sweep()
    for folder in scratch_folder().glob("*"):
        if not runs.is_under_way(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def article_fields(setting: Sequence[str]) -> dict[str, str]:
    """What the operator says of articles, such as `type=12`, by its name."""
    return dict(each.split("=", 1) for each in setting)
