"""The page as a function of what is stored and of what was typed."""

from typing import Any

from flask import Response, current_app, request, session

from ...db import get_db
from ...logs import support_code
from ...throttle import LoginGuard
from ...web.pages import from_htmx, render
from ..actions import Integration, State, ordering, syncing
from ..client.errors import CredentialsRejected, NoAdministration
from ..model import Who
from ..store.activity import Activity
from ..store.kept import KeptStore
from ..store.logins import LoginStore
from ..store.settings import SettingsStore
from . import words
from .activity import log_lines
from .forms import LoginForm, SettingsForm, typed_settings
from .health import pill
from .problems import Problem
from .sync_panel import Panel, told
from .sync_results import Details

EVERYTHING = ("top", "connection", "choices", "sync", "log")


def integration() -> Integration:
    """What the actions work with, for this request."""
    db, config, keep_days = get_db(), current_app.config, current_app.config["LOG_DAYS"]
    return Integration(
        db,
        current_app.extensions["cash"],
        LoginStore(db, current_app.extensions["vault"]),
        SettingsStore(db, keep_days),
        Activity(db, keep_days),
        # Keyed by the oldest key: it outlives a rotation longest.
        LoginGuard(db, config["SESSION_KEYS"][-1], CredentialsRejected, NoAdministration),
        KeptStore(config["DATABASE"]),
        support_code(),
    )


def who() -> Who:
    """Who asks."""
    return Who(session["account"], session["sid"], session["sub"])


def address() -> str:
    """The network address of the client."""
    return request.remote_addr or ""


def current_state() -> State:
    """What is stored for the account that asks; read once in a request and handed on."""
    return integration().state(who())


def sync_of(state: State) -> syncing.Sync:
    """How the synchronisation stands."""
    stretch = current_app.config["CASH_CALLS_PER_MINUTE_TOTAL"] > 0
    return syncing.sync_of(integration(), who(), state, stretch=stretch)


def exports_of(state: State) -> ordering.Exports | None:
    """How the exports stand."""
    return ordering.exports_of(integration(), who(), state, sync_of(state))


def panel(
    state: State,
    *parts: str,
    status: int = 200,
    login: LoginForm | None = None,
    settings: SettingsForm | None = None,
    problem: Problem | None = None,
    shown: dict[str, Any] | None = None,
    details: Details | None = None,
    **more: Any,
) -> Response:
    """The parts of the page that an answer is about; the whole page for who asks without htmx.

    Forms are as they were typed where they are given, else as stored; `shown` is the page of the log.
    """
    cash = integration()
    account, settings = session["account"], settings or SettingsForm.offer(state)
    parts = parts or EVERYTHING
    is_whole = not from_htmx()
    has_sync = state.stored is not None and state.saved.version > 0 and ("sync" in parts or is_whole)
    context = {
        "connection": state.login,
        "stored": state.stored,
        "saved": state.saved,
        "pill": pill(state),
        "who": words.named(state.login),
        "repair": bool(state.stored and state.stored.refused_since and not state.pending),
        "login": login or LoginForm(formdata=None, **_known(cash, state)),
        "settings": settings,
        "show_settings": bool(state.login.administrations) or typed_settings(),
        "lines": log_lines(cash.activity, cash.settings, account, **(shown or shown_before())),
        "problem": problem,
        "sync": _told(state, details) if has_sync else None,
        "parts": parts,
        **more,
    }
    response = render("cash/page.html", "cash/_parts.html", problem.status if problem else status, **context)
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def _told(state: State, details: Details | None) -> Panel:
    sync = sync_of(state)
    return told(sync, ordering.exports_of(integration(), who(), state, sync), details)


def _known(cash: Integration, state: State) -> dict[str, str]:
    """Whose login it is; after a Disconnect whose it was."""
    login = state.login
    if login.proof or not state.saved.version:
        return {"relation_code": login.relation_code, "email": login.email}
    left = cash.activity.last(session["account"], "disconnected")
    email = str(left.facts.get("email", "")) if left else ""
    return {"relation_code": state.saved.settings.relation_code, "email": email}


def shown_before() -> dict[str, Any]:
    """The page of the log that the form shows."""
    return {"errors_only": request.form.get("shown") == "errors"}
