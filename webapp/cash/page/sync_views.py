"""The routes of the synchronisation: start it, look first, stop it, agree, see what came of it."""

from collections.abc import Callable
from itertools import chain, islice

from flask import Response, request
from werkzeug.exceptions import BadRequest

from ...web.languages import _
from ..actions import Integration, State, syncing
from ..actions.hosted import Incomplete
from ..model import Who
from ..store.runs import Run
from . import bp
from .rendering import current_state, integration, panel, sync_of, who
from .sync_results import KINDS, MOST, Details, gone, looked, refused, results, skipped

Asked = Callable[[Integration, Who, State], tuple[Run, bool]]


@bp.get("/sync")
def sync() -> Response:
    """How the synchronisation stands; asked for again and again while something is under way."""
    state = current_state()
    busy = sync_of(state).runs.open
    return panel(state, *(("sync",) if busy else ("sync", "log")))


@bp.post("/sync")
def start_sync() -> Response:
    """Starts an import of what changed, or of everything; without a kind it shows how it stands."""
    kind = request.form.get("kind", "")
    if not kind:
        return _show() if "details" in request.form else panel(current_state(), "sync")
    if kind not in ("changed", "all"):
        raise BadRequest
    return _ask(lambda cash, who, state: syncing.start(cash, who, state, kind))


@bp.post("/sync/preview")
def preview() -> Response:
    """Looks what an import would change."""
    return _ask(lambda cash, who, state: syncing.start(cash, who, state, "preview"))


@bp.post("/sync/agree")
def agree() -> Response:
    """That many rows are no longer in Cash is right."""
    return _ask(syncing.agree)


@bp.post("/sync/again")
def try_again() -> Response:
    """Sends once more what OutSmart refused."""
    return _ask(syncing.try_refused_again)


@bp.post("/sync/cancel")
def cancel() -> Response:
    """Stops what waits or is under way."""
    stopped = syncing.cancel(integration(), who())
    message = _("Stopped. What OutSmart has by now stays there.") if stopped else _("Nothing was under way.")
    return panel(current_state(), "sync", message=message)


def _ask(act: Asked) -> Response:
    try:
        _run, new = act(integration(), who(), current_state())
    except Incomplete:
        return panel(current_state(), "sync", status=409)  # which says what is missing
    message = _("It starts in a moment.") if new else _("One is under way already.")
    return panel(current_state(), "sync", message=message)


def _show() -> Response:
    state = current_state()
    cash, asker, runs = integration(), who(), sync_of(state).runs
    details = Details(
        results=results(runs.good),
        looked=looked(runs.looked),
        looked_at=runs.looked.ended if runs.looked else 0,
        skipped=skipped(chain.from_iterable(islice(syncing.skipped_rows(cash, asker, kind), MOST) for kind in KINDS)),
        refused=refused(syncing.refused_rows(cash, asker, MOST)),
        gone=gone(syncing.gone_rows(cash, asker, MOST)),
    )
    return panel(state, "sync", details=details)
