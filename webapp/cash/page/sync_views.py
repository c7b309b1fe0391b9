"""The routes of the synchronisation: start it, look first, stop it, agree, see what came of it."""

from collections.abc import Callable
from itertools import chain

from flask import Response, request
from werkzeug.exceptions import BadRequest

from ...web.csv_file import attachment
from ...web.languages import _
from ..actions import Integration, State, syncing
from ..actions.hosted import Incomplete
from ..model import Who
from ..store.noted import GONE, LEFT_OUT, REFUSED
from ..store.runs import Run
from . import bp
from .rendering import current_state, integration, panel, sync_of, who
from .sync_results import KINDS, MOST, Details, looked, results
from .sync_rows import PAGE, as_file, asked, cut, listing

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


# A form without htmx posts, because the session cannot stand in an address.
@bp.route("/sync/rows", methods=["GET", "POST"])
def sync_rows() -> Response:
    """All rows that are left out, refused or gone, page by page."""
    cash, asker, sent = integration(), who(), request.values
    counts = syncing.noted_counts(cash, asker)
    at = asked(counts, sent.get("of", ""), sent.get("why", ""), sent.get("page", 1, type=int))
    rows = syncing.noted_rows(cash, asker, PAGE, at.kind, at.reason, at.start)
    return panel(current_state(), "sync", listing=listing(counts, at, rows))


@bp.post("/sync/rows.csv")
def sync_rows_file() -> Response:
    """The same as a file."""
    cash, asker, sent = integration(), who(), request.form
    at = asked(syncing.noted_counts(cash, asker), sent.get("of", ""), sent.get("why", ""), 1)
    return attachment("cash-outsmart.csv", as_file(syncing.all_noted(cash, asker, at.kind, at.reason)))


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
    counts = syncing.noted_counts(cash, asker)
    left_out = (syncing.noted_rows(cash, asker, MOST, kind, LEFT_OUT) for kind in KINDS)
    details = Details(
        results=results(runs.good),
        looked=looked(runs.looked),
        looked_at=runs.looked.ended if runs.looked else 0,
        skipped=cut(counts, LEFT_OUT, [*chain.from_iterable(left_out)]),
        refused=cut(counts, REFUSED, syncing.noted_rows(cash, asker, MOST, reason=REFUSED)),
        gone=cut(counts, GONE, syncing.noted_rows(cash, asker, MOST, reason=GONE)),
    )
    return panel(state, "sync", details=details)
