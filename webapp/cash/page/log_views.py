"""The routes of the log panel."""

from flask import Response, request, session
from werkzeug.exceptions import NotFound

from ...web.languages import _
from ..actions import LoginGone, Outdated
from ..actions.changes import Merge
from ..actions.saving import save
from ..store.activity import LARGEST_ID
from . import bp, problems
from .forms import SettingsForm
from .rendering import current_state, integration, panel, who


# A form without htmx posts, because the session cannot stand in an address.
@bp.route("/log", methods=["GET", "POST"])
def log() -> Response:
    """A page of the log, newest first."""
    return show()


@bp.route("/log/<int:id>", methods=["GET", "POST"])
def log_entry(id: int) -> Response:
    """The log with the full message of one event."""
    if integration().activity.event(session["account"], id) is None:
        raise NotFound
    return show(opened=id)


def show(opened: int = 0) -> Response:
    """The panel, or the whole page around it. What a button says overrides what the panel showed."""
    asked = request.values
    before = asked.get("before", 0 if "show" in asked else asked.get("at", 0, type=int), type=int)
    errors_only = asked.get("show", asked.get("shown")) == "errors"
    shown = {"errors_only": errors_only, "before": min(max(before, 0), LARGEST_ID), "opened": opened}
    return panel(current_state(), "log", shown=shown)


@bp.post("/log/<int:id>/restore")
def restore(id: int) -> Response:
    """Makes the settings of an earlier save the current ones; never the login of that time."""
    cash, state = integration(), current_state()
    event = cash.activity.event(session["account"], id)
    version = event.facts.get("version") if event else None
    earlier = cash.settings.version(session["account"], version) if isinstance(version, int) else None
    if earlier is None:
        raise NotFound
    if not state.login.administrations:
        raise LoginGone
    settings = earlier.settings
    administration = state.login.administration(settings.administration)
    if settings.relation_code != state.login.relation_code or administration is None:
        return panel(state, "log", problem=problems.gone(settings.administration_name), problem_at="log")
    # Sent twice, the second one finds what it asks for.
    changed = settings.differences(state.saved.settings)
    if changed and request.form.get("seen", 0, type=int) != state.saved.version:
        return panel(state, "log", problem=problems.restore_conflict(), problem_at="log")
    if settings.export_sales_orders and administration.read_only:
        form = SettingsForm.offer(state, settings)
        form.export_sales_orders.validate(form, [SettingsForm.validate_export_sales_orders])
        return panel(state, "choices", status=422, settings=form)
    try:
        after = save(cash, who(), state, Merge(settings), kind="restored")
    except Outdated:
        return restore(id)  # with what is stored by now
    message = _("The earlier settings are current again.")
    return panel(after, message=message, message_at="log", event="saved")
