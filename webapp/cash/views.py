"""The routes of the page: build the form, ask the gateway or a store, render."""

import logging
from dataclasses import asdict
from typing import Any

from flask import Response, current_app, request, session

from .. import embed
from ..db import get_db, write
from ..errors import support_code
from ..languages import _
from ..pages import render
from ..throttle import LoginGuard
from ..vault import VaultError
from . import bp, words
from .connections import IN_FORCE, NOT_CONNECTED, Connection, ConnectionStore, Warehouse
from .forms import LoginForm, SettingsForm, preselected
from .gateway import (
    Administration,
    CashError,
    CashGateway,
    Credentials,
    CredentialsRejected,
    NoAdministration,
)
from .settings import Conflict, SavedSettings, SettingsStore
from .timeline import Timeline

log = logging.getLogger(__name__)


def cash() -> CashGateway:
    """The gateway of this app."""
    gateway: CashGateway = current_app.extensions["cash"]
    return gateway


def connections() -> ConnectionStore:
    """The stored logins."""
    return ConnectionStore(get_db(), current_app.extensions["vault"])


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
    return render("manual.html", "_manual.html", languages=True)


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
        return panel(422, login=form, problem=words.rejected(guard.left()))
    if wait := guard.begin():
        return panel(429, login=form, problem=words.too_many(wait))
    try:
        with cash().session(credentials) as conversation:
            administrations = conversation.administrations()
    except CredentialsRejected:
        guard.refused(credentials.password)
        note("login_refused", error=True, relation_code=credentials.relation_code, email=credentials.email)
        return panel(422, login=form, problem=words.rejected(guard.left()))
    except CashError as error:
        guard.succeeded() if isinstance(error, NoAdministration) else guard.take_back()
        return trouble(error, login=form)
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
        return panel(422, problem=words.log_in_first())
    form = SettingsForm.offer(connection, saved, typed=True)
    if form.chosen is None:
        form.administration.validate(form)
        return panel(422, settings=form)
    sid = session["sid"] if connection.waiting else IN_FORCE
    try:
        credentials = connections().credentials(session["account"], sid)
        warehouses = list_warehouses(credentials, form.chosen)
    except CashError as error:
        return trouble(error)
    except VaultError:
        return panel(422, problem=words.log_in_again())
    connections().remember_warehouses(session["account"], form.chosen.id, warehouses, sid)
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
        return panel(422, problem=words.log_in_first())
    form = SettingsForm.offer(connection, saved, typed=True)
    if not form.validate():
        return panel(422, settings=form)
    account, user = session["account"], session["sub"]
    try:
        with write(get_db()):
            before = SettingsStore(get_db()).current(account)
            after = SettingsStore(get_db()).save(account, form.settings(), form.seen_version, user)
            if connection.waiting:
                connections().promote(account, session["sid"])
                note("connected", relation_code=connection.relation_code, email=connection.email)
            if after.version != before.version:
                note("saved", before=asdict(before.settings), after=asdict(after.settings))
    except Conflict as conflict:
        form.version.data = str(conflict.current.version)
        lines = words.changes(form.settings(), conflict.current.settings)
        return panel(409, settings=form, conflict=conflict.current, lines=lines)
    unchanged = after.version == before.version and not connection.waiting
    connection, saved = now_in_force()
    return panel(
        settings=SettingsForm.offer(connection, saved),
        message=_("Nothing had changed.") if unchanged else _("Saved."),
        event="saved",
    )


def now_in_force() -> tuple[Connection, SavedSettings]:
    """The login this session works with (one that waits for Save comes first) and the settings."""
    account, sid = session["account"], session["sid"]
    connection = connections().waiting(account, sid) or connections().stored(account) or NOT_CONNECTED
    return connection, SettingsStore(get_db()).current(account)


def note(kind: str, *, error: bool = False, **facts: Any) -> None:
    """Adds a line to the account's log."""
    Timeline(get_db()).add(session["account"], session["sub"], kind, error=error, **facts)


def trouble(error: CashError, **context: Any) -> Response:
    """The page with what went wrong at Cash."""
    problem = words.explain(error)
    log.warning("cash %s account=%s support=%s", error, session["account"], support_code())
    note("cash_failed", error=True, title=problem.title, support=support_code())
    return panel(problem.status, problem=problem, **context)


def panel(
    status: int = 200, *, login: LoginForm | None = None, settings: SettingsForm | None = None, **context: Any
) -> Response:
    """The page as a function of what is stored and of what the user typed in either form."""
    connection, saved = now_in_force()
    if settings is None:
        settings = SettingsForm.offer(connection, saved, typed="version" in request.form)
        if settings.chosen is None:
            settings.administration.data = preselected(connection, saved.settings)
    response = render(
        "cash/page.html",
        "cash/_panel.html",
        status,
        connection=connection,
        stored=connections().stored(session["account"]),
        saved=saved,
        login=login or LoginForm(formdata=None, obj=connection),
        settings=settings,
        show_settings=bool(connection.administrations) or "version" in request.form,
        events=Timeline(get_db()).latest(session["account"]),
        **context,
    )
    if (problem := context.get("problem")) and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response
