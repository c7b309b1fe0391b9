"""The page as a function of what is stored and of what was typed."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flask import Response, current_app, request, session

from ...db import get_db, now, write
from ...throttle import LoginGuard, LoginRejected, TooSoon, spelling
from ...web.embed import session_seconds
from ...web.errors import support_code
from ...web.pages import render, render_kept
from ..client.errors import CashError, CashFault, CredentialsRejected, NoAdministration
from ..client.gateway import CashGateway
from ..model import NOT_CONNECTED, Credentials, Login, SavedSettings
from ..store.activity import Activity
from ..store.logins import LoginStore
from ..store.settings import SettingsStore
from . import problems
from .activity import log_lines
from .forms import LoginForm, SettingsForm, preselected

log = logging.getLogger(__name__)

REPEAT_SECONDS = 10


def cash() -> CashGateway:
    """The gateway of this app."""
    gateway: CashGateway = current_app.extensions["cash"]
    return gateway


def connections() -> LoginStore:
    """The stored logins."""
    return LoginStore(get_db(), current_app.extensions["vault"])


def now_in_force() -> tuple[Login, SavedSettings]:
    """The login this session works with (one that waits for Save comes first) and the settings."""
    account, sid = session["account"], session["sid"]
    connection = connections().waiting(account, sid) or connections().stored(account) or NOT_CONNECTED
    return connection, SettingsStore(get_db()).current(account)


def attempt(credentials: Credentials, *, trusted: bool = False) -> AbstractContextManager[None]:
    """Guards the login that is tried inside. Keyed by the oldest key: it outlives a rotation longest."""
    key, account = current_app.config["SESSION_KEYS"][-1], session["account"]
    stored = connections().stored(account)
    counted = spelling(credentials.relation_code, credentials.email)
    own = stored is not None and spelling(stored.relation_code, stored.email) == counted
    login = (credentials.relation_code, credentials.email, credentials.password)
    guard = LoginGuard(get_db(), key, CredentialsRejected, NoAdministration)
    return guard.attempt(account, login, request.remote_addr or "", own=own, trusted=trusted)


@contextmanager
def attempt_stored(credentials: Credentials, connection: Login) -> Iterator[None]:
    """The same for a login that is stored; it is marked when Cash no longer accepts it."""
    try:
        with attempt(credentials, trusted=not connection.refused_since):
            yield
    except LoginRejected as wrong:
        if not wrong.fresh:
            raise
        connections().mark_refused(session["account"], connection)
        raise CredentialsRejected("code_2") from wrong


def held(error: TooSoon | LoginRejected) -> problems.Problem:
    """Why a login cannot be tried, or was refused."""
    if isinstance(error, TooSoon):
        return problems.too_many(error.seconds)
    return problems.rejected(error.left, error.wait)


def note(kind: str, *, error: bool = False, **facts: Any) -> None:
    """Adds a line to the account's log."""
    Activity(get_db(), current_app.config["LOG_DAYS"]).add(
        session["account"], session["sub"], kind, error=error, **facts
    )


def note_once(kind: str, *, error: bool = False, **facts: Any) -> None:
    """The same for what may arrive twice, by a double click or a retry: it is one line then.

    The support code of the second one finds its lines in the operator's log all the same.
    """
    with write(get_db()):
        newest = next(iter(Activity(get_db()).latest(session["account"], most=1)), None)
        again = {**facts, "support": newest.facts["support"]} if newest and "support" in newest.facts else facts
        told = newest and (newest.kind, newest.user, newest.facts) == (kind, session["sub"], again)
        if not (newest and told and newest.at > now() - REPEAT_SECONDS):
            note(kind, error=error, **facts)


def note_failure(error: CashError) -> problems.Problem:
    """Notes in the account's log what went wrong at Cash; returns it in words."""
    if isinstance(error, CashFault):  # for the operator to mend; all else is in the log of calls
        log.error("%s, support code %s", error, support_code())
    note_once("cash_failed", error=True, failure=type(error).__name__, reason=error.reason, support=support_code())
    return problems.explain(error)


def panel(
    status: int = 200,
    *,
    login: LoginForm | None = None,
    settings: SettingsForm | None = None,
    typed: bool = True,
    **more: Any,
) -> Response:
    """The page, with the forms as they were typed where they are given; `typed` is false when all of it is stored."""
    context = page_context(login, settings, typed=typed)
    problem: problems.Problem | None = more.get("problem")
    status = problem.status if problem else status
    response = render("cash/page.html", "cash/_panel.html", status, **{**context, **more})
    if problem and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def page_as_stored() -> Response:
    """The page with nothing typed yet."""
    return render_kept(what_is_shown(), "cash/page.html", "cash/_panel.html", page_context)


def what_is_shown() -> tuple[object, ...]:
    """Everything that the page with nothing typed yet hangs on."""
    account, db = session["account"], get_db()
    who = [session[name] for name in ("account", "company", "parent", "lang")]
    stores = (
        connections().stamp(account, session["sid"]),
        SettingsStore(db).stamp(account),
        Activity(db).stamp(account),
    )
    this_minute = now() // 60  # it tells how long ago something happened
    return (*who, *stores, this_minute, session_seconds())


def page_context(
    login: LoginForm | None = None, settings: SettingsForm | None = None, *, typed: bool = True
) -> dict[str, Any]:
    """Everything the page shows."""
    connection, saved = now_in_force()
    if settings is None:
        settings = SettingsForm.offer(connection, saved, typed=typed and "version" in request.form)
        # An equal id in another Cash environment is another administration.
        elsewhere = request.form.get("environment", connection.relation_code) != connection.relation_code
        if settings.chosen is None or elsewhere:
            settings.administration.data = preselected(connection, saved.settings)
    return {
        "connection": connection,
        "stored": connections().stored(session["account"]),
        "saved": saved,
        "login": login or LoginForm(formdata=None, obj=connection),
        "settings": settings,
        "show_settings": bool(connection.administrations) or "version" in request.form,
        "lines": log_lines(session["account"], errors_only=request.form.get("shown") == "errors"),
    }
