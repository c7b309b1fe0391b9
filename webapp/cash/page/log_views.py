"""The routes of the log panel."""

from flask import Response, request, session
from werkzeug.exceptions import NotFound

from ...db import get_db
from ...web.languages import _
from ...web.pages import render
from ..model import SavedSettings
from ..store.activity import Activity
from ..store.settings import Conflict, SettingsStore
from . import bp, problems, words
from .activity import log_lines
from .forms import SettingsForm
from .panel import now_in_force, page_context, panel
from .views import LoginGone, store


# A form without htmx posts, because the session cannot stand in an address.
@bp.route("/log", methods=["GET", "POST"])
def log() -> Response:
    """A page of the log, newest first."""
    return show()


@bp.route("/log/<int:id>", methods=["GET", "POST"])
def log_entry(id: int) -> Response:
    """The log with the full message of one event."""
    if Activity(get_db()).event(session["account"], id) is None:
        raise NotFound
    return show(opened=id)


def show(opened: int = 0) -> Response:
    """The panel, or the whole page around it. What a button says goes before what the panel showed."""
    asked = request.values
    before = asked.get("before", 0 if "show" in asked else asked.get("at", 0, type=int), type=int)
    lines = log_lines(
        session["account"],
        errors_only=asked.get("show", asked.get("shown")) == "errors",
        before=before,
        opened=opened,
    )
    return render("cash/page.html", "cash/_log.html", **{**page_context(), "lines": lines})


@bp.post("/log/<int:id>/restore")
def restore(id: int) -> Response:
    """Makes the settings of an earlier save the ones in force; never the login of that time."""
    event = Activity(get_db()).event(session["account"], id)
    version = event.facts.get("version", 0) if event else 0
    earlier = SettingsStore(get_db()).version(session["account"], version)
    if earlier is None:
        raise NotFound
    connection, saved = now_in_force()
    if not connection.administrations:
        return panel(problem=problems.log_in_first())
    settings = earlier.settings
    administration = connection.administration(settings.administration)
    if settings.relation_code != connection.relation_code or administration is None:
        return panel(problem=problems.gone(settings.administration_name))
    consequences = words.consequences(saved.settings, settings)
    if consequences or (settings.export_sales_orders and administration.read_only):
        # What sets something in motion is put into the form, for the user to see and save.
        form = SettingsForm.offer(connection, SavedSettings(saved.version, settings))
        message = _("The earlier settings are in the form. Check them, then press Save.")
        return panel(settings=form, consequences=consequences, message=message)
    try:
        store(connection, settings, request.form.get("seen", 0, type=int), "restored")
    except Conflict:
        return panel(problem=problems.restore_conflict())
    except LoginGone:
        return panel(problem=problems.log_in_first())
    return panel(typed=False, message=_("The earlier settings are in force again."), event="saved")
