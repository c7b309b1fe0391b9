"""The routes of the page: log in, choose, save."""

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, request, session

from .. import embed
from ..db import get_db, write
from ..languages import _
from ..pages import render
from ..throttle import LoginGuard
from ..vault import VaultError
from . import bp, problems, words
from .connections import IN_FORCE, Connection, Warehouse
from .forms import LoginForm, SettingsForm
from .gateway import Administration, CashError, Credentials, CredentialsRejected, NoAdministration
from .panel import cash, connections, note, note_failure, now_in_force, panel
from .settings import Conflict, SavedSettings, Settings, SettingsStore


@bp.route("/launch", methods=["GET", "POST"])
@embed.from_host
def launch() -> Response:
    """The way in from OutSmart."""
    embed.refuse_top_level()
    embed.enter(request.values.get("token", ""))
    return panel()


@bp.get("/")
def page() -> Response:
    """The page of this session."""
    return panel()


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
    guard = LoginGuard(
        get_db(),
        current_app.config["SESSION_KEYS"][-1],
        session["account"],
        (credentials.relation_code, credentials.email),
        request.remote_addr or "",
    )
    if guard.is_same_again(credentials.password):
        return panel(login=form, problem=problems.rejected(guard.left()))
    if wait := guard.begin():
        return panel(login=form, problem=problems.too_many(wait))
    try:
        with cash().session(credentials) as conversation:
            administrations = conversation.administrations()
    except CredentialsRejected:
        guard.refused(credentials.password)
        note("login_refused", error=True, relation_code=credentials.relation_code, email=credentials.email)
        return panel(login=form, problem=problems.rejected(guard.left()))
    except CashError as error:
        guard.succeeded() if isinstance(error, NoAdministration) else guard.take_back()
        return panel(login=form, problem=note_failure(error))
    guard.succeeded()
    return panel(message=accept(credentials, administrations))


def accept(credentials: Credentials, administrations: list[Administration]) -> str:
    """Stores a proven login at once where it replaces the same one, else lets it wait for Save."""
    account, sid, user = session["account"], session["sid"], session["sub"]
    stored, saved = connections().stored(account), SettingsStore(get_db()).current(account).settings
    same_environment = stored is not None and stored.relation_code == credentials.relation_code
    sees_saved = saved.administration in [each.id for each in administrations]
    with write(get_db()):
        if same_environment and sees_saved:
            connections().replace(account, credentials, administrations, user)
            connections().drop_waiting(account, sid)
            note("login_replaced", relation_code=credentials.relation_code, email=credentials.email)
            return _("The new login is stored. Your settings stay as they are.")
        connections().wait(account, sid, credentials, administrations, user)
        note("login_proven", relation_code=credentials.relation_code, email=credentials.email)
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
    account, sid = session["account"], session["sid"] if connection.waiting else IN_FORCE
    try:
        warehouses = list_warehouses(connections().credentials(account, sid), form.chosen)
    except VaultError:
        return panel(problem=problems.log_in_again())
    except CashError as error:
        if isinstance(error, CredentialsRejected) and not connection.waiting:
            connections().mark_refused(account)
        return panel(problem=note_failure(error))
    connections().remember_warehouses(account, form.chosen.id, warehouses, sid)
    return panel(message=_("The warehouses are up to date."))


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
    if not connection.administrations:
        return panel(problem=problems.log_in_first())
    form = SettingsForm.offer(connection, saved, typed=True)
    form.take_theirs()
    if not form.validate():
        return panel(422, settings=form)
    settings = form.settings()
    # The page's own button asks about what a Save sets in motion; the second press repeats what was told.
    told = words.consequences(saved.settings, settings)
    if request.form.get("ask") and told and request.form["ask"] != " ".join(told):
        return panel(settings=form, consequences=told)
    try:
        before, after = store(connection, settings, form.seen_version)
    except Conflict as conflict:
        seen = SettingsStore(get_db()).version(session["account"], form.seen_version)
        users = SettingsStore(get_db()).changed_by(session["account"], form.seen_version)
        rows = words.conflict(settings, seen.settings if seen else None, conflict.current.settings, users)
        form.version.data = str(conflict.current.version)
        return panel(409, settings=form, conflict=conflict.current, rows=rows)
    connection, saved = now_in_force()
    changed = words.told(words.changes(before.settings, after.settings))
    message = _("Saved. %(changes)s", changes=changed).strip() if changed else _("Saved; nothing had changed.")
    return panel(settings=SettingsForm.offer(connection, saved), message=message, event="saved")


def store(connection: Connection, settings: Settings, version: int, kind: str = "saved") -> tuple[SavedSettings, ...]:
    """One transaction: the login that waited, the settings, and the log; raises Conflict. Returns before and after."""
    account, user = session["account"], session["sub"]
    with write(get_db()):
        before = SettingsStore(get_db()).current(account)
        after = SettingsStore(get_db()).save(account, settings, version, user)
        if connection.waiting:
            connections().promote(account, session["sid"])
            note("connected", relation_code=connection.relation_code, email=connection.email)
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
