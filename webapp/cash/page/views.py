"""The routes of the page: log in, choose, save."""

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, request, session

from ...db import get_db, write
from ...throttle import LoginRejected, TooSoon, sweep
from ...vault import VaultError
from ...web import embed
from ...web.languages import _
from ...web.pages import render
from ..client.errors import CashError
from ..model import Administration, Credentials, Login, SavedSettings, Settings, Warehouse
from ..store.settings import Conflict, SettingsStore
from . import bp, problems, words
from .forms import LoginForm, SettingsForm
from .panel import (
    attempt,
    attempt_stored,
    cash,
    connections,
    held,
    note,
    note_failure,
    note_once,
    now_in_force,
    page_as_stored,
    panel,
)


@bp.route("/launch", methods=["GET", "POST"])
@embed.from_host
def launch() -> Response:
    """The way in from OutSmart."""
    embed.refuse_top_level()
    embed.enter(request.values.get("token", ""))
    connections().drop_expired()
    sweep(get_db())
    return page_as_stored()


@bp.get("/")
def page() -> Response:
    """The page of this session."""
    return page_as_stored()


@bp.get("/manual")
@embed.public
def manual() -> Response:
    """The Cash integration manual."""
    return render("manual.html", "_manual.html")


@bp.post("/login")
def login() -> Response:
    """Proves a login with Cash and keeps it."""
    form = LoginForm()
    if not form.validate():
        return panel(422, login=form)
    credentials = form.credentials()
    try:
        with attempt(credentials), cash().session(credentials) as conversation:
            administrations = conversation.administrations()
    except (TooSoon, LoginRejected) as error:
        if isinstance(error, LoginRejected) and error.fresh:
            note_once("login_refused", error=True, relation_code=credentials.relation_code, email=credentials.email)
        return panel(login=form, problem=held(error))
    except CashError as error:
        return panel(login=form, problem=note_failure(error))
    return panel(message=accept(credentials, administrations))


def accept(credentials: Credentials, administrations: list[Administration]) -> str:
    """Stores a proven login at once where it replaces the same one, else lets it wait for Save."""
    account, sid, user = session["account"], session["sid"], session["sub"]
    with write(get_db()):
        stored, saved = connections().stored(account), SettingsStore(get_db()).current(account).settings
        same_environment = stored is not None and stored.relation_code == credentials.relation_code
        if same_environment and saved.administration in [each.id for each in administrations]:
            connections().replace(account, credentials, administrations, user)
            connections().drop_waiting(account, sid)
            note_once("login_replaced", relation_code=credentials.relation_code, email=credentials.email)
            return _("The new login is stored. Your settings stay as they are.")
        connections().wait(account, sid, credentials, administrations, user)
        note_once("login_proven", relation_code=credentials.relation_code, email=credentials.email)
    return _("Logged in to Cash. Choose what to sync and press Save.")


@bp.post("/administration")
def administration() -> Response:
    """Loads what depends on the chosen administration; everything typed stays."""
    connection, saved = now_in_force()
    if not connection.administrations:
        return panel(problem=problems.log_in_first())
    form = SettingsForm.offer(connection, saved, typed=True)
    if form.chosen is None:
        form.administration.validate(form)
        return panel(422, settings=form)
    account = session["account"]
    try:
        credentials = connections().credentials(account, connection)
    except VaultError:
        return unlisted(problems.log_in_again())
    try:
        with attempt_stored(credentials, connection):
            warehouses = list_warehouses(credentials, form.chosen)
    except (TooSoon, LoginRejected) as error:
        return unlisted(held(error))
    except CashError as error:
        return unlisted(note_failure(error))
    connections().remember_warehouses(account, connection, form.chosen.id, warehouses)
    return panel(message=_("The warehouses are up to date."))


def unlisted(problem: problems.Problem) -> Response:
    """The form as it was typed; beside the warehouses it says why there are none."""
    return panel(problem=problem, unlisted=problem)


def list_warehouses(credentials: Credentials, administration: Administration) -> list[Warehouse]:
    """The warehouses of an administration that are not blocked: Cash record 2209 (WP, H)."""
    with cash().session(credentials) as conversation:
        records = conversation.export(administration, "2209", deadline=current_app.config["CASH_DEADLINE"])
        return [
            Warehouse(record["2209"], record.get("2001") or record["2209"])
            for record in records
            if record.get("2209") and record.get("2280", "N") in ("", "N")
        ]


@bp.post("/settings")
def save() -> Response:
    """Stores connection and settings together."""
    connection, saved = now_in_force()
    shown = request.form.get("environment", connection.relation_code)
    if not connection.administrations or shown != connection.relation_code:
        return panel(problem=problems.log_in_first())
    form = SettingsForm.offer(connection, saved, typed=True)
    form.take_theirs()
    settings = form.settings()
    if form.seen_version != saved.version and settings.differences(saved.settings):
        return conflict(form, saved)
    if not form.validate():
        return panel(422, settings=form)
    # The page's own button asks about what a Save sets in motion; the second press repeats what was told.
    consequences = words.consequences(saved.settings, settings)
    told = words.fingerprint(consequences)
    if consequences and request.form.get("ask", request.form.get("ask_too", told)) != told:
        return panel(settings=form, consequences=consequences)
    try:
        before, after = store(connection, settings, form.seen_version)
    except Conflict as lost:
        return conflict(form, lost.current)
    except LoginGone:
        return panel(problem=problems.log_in_first())
    changed = words.told(words.changes(before.settings, after.settings))
    message = _("Saved. %(changes)s", changes=changed).strip() if changed else _("Saved; nothing had changed.")
    if connection.waiting and not changed:
        message = _("Saved. The login is stored.")
    return panel(typed=False, message=message, event="saved")


def conflict(form: SettingsForm, current: SavedSettings) -> Response:
    """The form with what someone else saved meanwhile beside what was typed."""
    store = SettingsStore(get_db())
    seen = store.version(session["account"], form.seen_version)
    users = store.changed_by(session["account"], form.seen_version)
    rows = words.conflict(form.settings(), seen.settings if seen else None, current.settings, users)
    return panel(409, settings=form, conflict=current, rows=rows)


class LoginGone(Exception):
    """The login that the settings belong to was taken away meanwhile."""


def store(connection: Login, settings: Settings, version: int, kind: str = "saved") -> tuple[SavedSettings, ...]:
    """One transaction: the login that waited, the settings, and the log. Returns the settings before and after.

    Raises Conflict or LoginGone, and then nothing is stored.
    """
    account, user = session["account"], session["sub"]
    with write(get_db()):
        before = SettingsStore(get_db()).current(account)
        after = SettingsStore(get_db()).save(account, settings, version, user)
        if connection.waiting and connections().promote(account, connection):
            note("connected", relation_code=connection.relation_code, email=connection.email)
        stored = connections().stored(account)
        if stored is None or stored.relation_code != connection.relation_code:
            raise LoginGone
        if after.version != before.version:
            note(kind, version=after.version, **difference(before.settings, after.settings))
    return before, after


def difference(before: Settings, after: Settings) -> dict[str, Any]:
    """What changed, for the log: the values before and after of the changed choices only."""
    names = {*before.differences(after), "administration_name"}
    return {
        when: {name: value for name, value in asdict(settings).items() if name in names}
        for when, settings in (("before", before), ("after", after))
    }
