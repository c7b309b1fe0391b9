"""The routes of the log panel."""

from flask import Response, request, session
from werkzeug.exceptions import NotFound

from ..db import get_db
from ..languages import _
from ..pages import render
from . import bp, problems
from .forms import SettingsForm
from .log import log_lines
from .panel import now_in_force, page_context, panel
from .settings import Conflict, Settings, SettingsStore
from .timeline import Timeline
from .views import store


# A form without htmx posts, because the session cannot stand in an address.
@bp.route("/log", methods=["GET", "POST"])
def log() -> Response:
    """A page of the log, newest first."""
    return show()


@bp.route("/log/<int:id>", methods=["GET", "POST"])
def log_entry(id: int) -> Response:
    """The log with the full message of one event."""
    if Timeline(get_db()).event(session["account"], id) is None:
        raise NotFound
    return show(opened=id)


def show(opened: int = 0) -> Response:
    """The panel, or the whole page around it."""
    lines = log_lines(
        session["account"],
        errors_only=request.values.get("show", request.values.get("shown")) == "errors",
        before=request.values.get("before", 0, type=int),
        opened=opened,
    )
    return render("cash/page.html", "cash/_log.html", **{**page_context(), "lines": lines})


@bp.post("/log/<int:id>/restore")
def restore(id: int) -> Response:
    """Makes the settings of an earlier save the ones in force; never the login of that time."""
    event = Timeline(get_db()).event(session["account"], id)
    version = event.facts.get("version", 0) if event else 0
    earlier = SettingsStore(get_db()).version(session["account"], version)
    if earlier is None:
        raise NotFound
    connection, saved = now_in_force()
    settings: Settings = earlier.settings
    if settings.relation_code != connection.relation_code or not connection.administration(settings.administration):
        return panel(problem=problems.gone(settings.administration_name))
    try:
        store(connection, settings, request.form.get("version", 0, type=int), "restored")
    except Conflict:
        return panel(409, message=_("Someone saved other settings meanwhile; nothing was restored."))
    connection, saved = now_in_force()
    form = SettingsForm.offer(connection, saved)
    return panel(settings=form, message=_("The earlier settings are in force again."), event="saved")
