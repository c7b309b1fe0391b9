"""The routes of the page: log in, choose, save."""

from collections.abc import Iterator

from flask import Response, current_app, request
from jinja2.environment import TemplateModule

from ...web import embed
from ...web.languages import _, language
from ...web.pages import render
from ..actions import LoginGone, Outdated, State, connect
from ..actions.changes import Merge
from ..actions.saving import merge_with_current, save
from . import bp, words
from .forms import LoginForm, SettingsForm, preselected, typed_settings
from .rendering import address, current_state, integration, panel, who

manuals: dict[str, TemplateModule] = {}  # by language: the text depends on nothing else


@bp.route("/launch", methods=["GET", "POST"])
@embed.from_host
def launch() -> Response | tuple[str, int]:
    """The way in from OutSmart."""
    if embed.enter():
        return "", 204  # the session goes on: its token is in the header
    integration().sweep(who().account)
    return panel(current_state())


@bp.get("/")
def page() -> Response:
    """The page of this session."""
    return panel(current_state())


@bp.get("/manual")
@embed.public
def manual() -> Response:
    """The Cash integration manual."""
    if language() not in manuals:
        manuals[language()] = current_app.jinja_env.get_template("_manual.html").make_module()
    return render("manual.html", "_manual_text.html", text=manuals[language()])


@bp.post("/login")
def log_in() -> Response:
    """Proves a login with Cash and keeps it."""
    form, state = LoginForm(), current_state()
    if not form.validate():
        return panel(state, "connection", status=422, login=form, settings=typed(state))
    state = connect.log_in(integration(), who(), state, form.credentials(), address())
    message = (
        _("Choose the administration and what to import and export. Then press Save.")
        if state.pending
        else _("The new login is stored. Your settings stay as they are.")
    )
    return panel(
        state, settings=typed(state), message=message, message_at="connection", chosen_first=state.pending is not None
    )


@bp.post("/login/back")
def back_to_stored() -> Response:
    """Works with the stored login again, in place of one that waits for Save."""
    connect.back_to_stored(integration(), who())
    return panel(current_state())


@bp.post("/administration")
def administration() -> Response:
    """Loads what depends on the chosen administration; everything typed stays."""
    state = current_state()
    if not state.login.administrations:
        raise LoginGone
    form = SettingsForm.offer(state, typed=True)
    if form.chosen is None:
        form.administration.validate(form)
        return panel(state, "choices", status=422, settings=form)
    # Only orders need a warehouse. Choosing lists them once; the button lists them again.
    if form.cannot_export:
        form.export_sales_orders.data = False
    if "list" not in request.form and (form.warehouse_list or not form.export_sales_orders.data):
        return panel(state, "warehouse", "note", "switch", settings=form)
    connect.list_warehouses(integration(), who(), state.login, form.chosen, address())
    state = current_state()
    message = _("The warehouses are up to date.")
    parts = ("warehouse", "note", "switch", "top")
    return panel(state, *parts, settings=typed(state), message=message, message_at="warehouse")


@bp.post("/settings")
def save_settings() -> Response:
    """Stores connection and settings together."""
    state = current_state()
    shown = request.form.get("environment", state.login.relation_code)
    if not state.login.administrations or shown != state.login.relation_code:
        raise LoginGone
    form = SettingsForm.offer(state, typed=True)
    if "back" in request.form:  # from a question: nothing is saved, everything typed stays
        form.confirmed.data = ""
        return panel(state, "choices", settings=form)
    merged = merge_with_current(integration(), who(), state, form.settings(), form.seen_version)
    form.show(merged.settings)
    if not form.validate():
        return panel(state, "choices", status=422, settings=form)
    try:
        after = save(integration(), who(), state, merged, confirmed=form.confirmed.data or "", base=form.seen_version)
    except Outdated:
        return save_settings()  # with what is stored by now
    return panel(after, message=what_was_saved(state, after, merged), message_at="choices", event="saved")


def what_was_saved(before: State, after: State, merged: Merge) -> str:
    """What a Save changed, and what someone else changed meanwhile."""
    changed = words.told(words.changes(before.saved.settings, after.saved.settings))
    if changed:
        message = _("Saved. %(changes)s", changes=changed).strip()
    elif before.pending:
        message = _("Saved. The login is stored.")
    else:
        message = _("Saved; nothing had changed.")
    return " ".join([message, *_besides(before, after, merged)]).replace("..", ".")


def _besides(before: State, after: State, merged: Merge) -> Iterator[str]:
    if merged.taken:
        yield _(
            "%(user)s changed %(choices)s meanwhile; that stays.",
            user=before.saved.user,
            choices=words.labels(merged.taken),
        )
    if not after.saved.settings.chooses_anything:
        yield _("Nothing is switched on: nothing is imported or exported.")


def typed(state: State) -> SettingsForm | None:
    """The settings form as it was typed, where this request sends it, with an administration that this login sees."""
    if not typed_settings():
        return None
    form = SettingsForm.offer(state, typed=True)
    if form.chosen is None and state.login.administrations:
        form.choose(preselected(state.login, state.saved.settings))
    return form
