"""The way into the page from a frame on another site: no cookie, a signed token with each request."""

from collections.abc import Mapping
from typing import Any

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import MethodNotAllowed

from ..access import View
from ..access import public as public
from ..db import get_db, now
from ..origins import origin
from . import tokens
from .errors import Refusal
from .launches import LaunchStore

SESSION_HEADER = "X-Cash-Session"
RENEW_HEADER = "X-Cash-Renew"
STAYS = ("account", "sub", "parent")  # claims that a renewed session has in common with what it was

csrf = CSRFProtect()


def from_host(view: View) -> View:
    """Marks a public view that the host page may post to from its own origin."""
    view.from_host = True  # type: ignore[attr-defined]
    csrf.exempt(view)  # it proves itself with its token
    return public(view)


class TokenSession(dict[str, Any], SessionMixin):
    """Flask's session, filled from a token. One that ended keeps only `parent` and `lang`."""


class TokenSessions(SessionInterface):
    """Reads the session from header or form field and hands back a renewed token; never a cookie."""

    def open_session(self, app: Flask, request: Request) -> TokenSession:
        token = request.headers.get(SESSION_HEADER) or _session_field(request)
        try:
            claims = tokens.read_session(app.config["SESSION_KEYS"], token, longest_seconds(app))
        except tokens.TokenInvalid:
            return TokenSession()
        except tokens.TokenExpired as expired:
            return TokenSession({name: expired.claims[name] for name in ("parent", "lang")})
        return TokenSession(claims, csrf_token=tokens.form_secret(claims["sid"]))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if g.get("session_is_live"):
            response.headers[SESSION_HEADER] = session_token()
            response.headers[f"{SESSION_HEADER}-Seconds"] = str(session_seconds())


def _session_field(request: Request) -> str:
    try:
        return request.form.get("session", "") if request.method == "POST" else ""
    except Exception:  # too long, or broken in whatever way the server knows; here nobody could answer it
        return ""


def enter() -> bool:
    """Starts the session of the launch token that was sent, or renews the one that sent it; says whether it renewed.

    A launch reads its token and nothing else: whatever came beside it is forgotten. Raises Refusal.
    """
    refuse_top_level()
    if request.method not in ("GET", "POST"):
        raise MethodNotAllowed(["GET", "POST"])  # HEAD would spend the token and show nothing
    token = (request.form if request.method == "POST" else request.args).get("token", "")
    before = dict(session) if request.method == "POST" and RENEW_HEADER in request.headers else None
    request.form = ImmutableMultiDict()
    session.clear()
    launch = _verified(token)
    claims = _start(launch) if before is None else _renew(launch, before)
    session.update(claims, csrf_token=tokens.form_secret(claims["sid"]))
    g.session_is_live = True
    request.args = ImmutableMultiDict()
    return before is not None


def _verified(token: str) -> dict[str, str]:
    keys, frames = current_app.config["LAUNCH_KEYS"], current_app.config["FRAME_ANCESTORS"]
    late = ""
    try:
        launch = tokens.read_launch(keys, token)
    except tokens.TokenExpired as expired:
        launch, late = expired.claims, expired.why
    except tokens.TokenInvalid as invalid:
        raise Refusal("launch_invalid", invalid.why, invalid.claims) from None
    if launch["parent"] not in frames:
        expected = " or ".join(map(repr, frames))
        raise Refusal("launch_invalid", f"claim parent: expected {expected}, got {launch['parent']!r}", launch)
    session.update(parent=launch["parent"], lang=launch["lang"])  # so that a refusal is seen in the frame
    if late:
        raise Refusal("launch_expired", late, launch)
    if launch["role"] != "admin":
        raise Refusal("not_admin", f"claim role: expected 'admin', got {launch['role']!r}", launch)
    return launch


def _start(launch: Mapping[str, str]) -> dict[str, Any]:
    claims = tokens.start_session(launch)
    if not LaunchStore(get_db()).use(claims["account"], launch["jti"], claims["sid"], claims["sub"]):
        raise Refusal("launch_spent", "claim jti: it was used before", launch)
    return claims


def _renew(launch: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The session goes on under its own id: what was typed, its forms and its pending login belong to it."""
    if "sid" not in before:
        raise Refusal("session_ended", "it cannot be renewed any more", launch)
    if other := [name for name in STAYS if launch[name] != before[name]]:
        raise Refusal("launch_invalid", f"claim {other[0]}: it is not that of the session to renew", launch)
    claims, store = tokens.start_session(launch, before["sid"]), LaunchStore(get_db())
    if not store.is_live(claims["account"], claims["sid"]):
        raise Refusal("session_ended", "it was revoked", launch)
    if not store.renew(claims["account"], launch["jti"], claims["sid"], claims["sub"]):
        raise Refusal("launch_spent", "claim jti: it was used before", launch)
    return claims


def session_token() -> str:
    """The renewed token of this session, for the page's forms and the response header."""
    if "session_token" not in g:
        g.session_token = tokens.sign_session(current_app.config["SESSION_KEYS"], session)
    token: str = g.session_token
    return token


def session_seconds() -> int:
    """How long the renewed token is good for, if it is not used again."""
    left: int = session["iat0"] + longest_seconds(current_app) - now()
    return max(0, min(tokens.SESSION_SECONDS, left))


def longest_seconds(app: Flask) -> int:
    """How long a session lasts at most, until the host vouches again."""
    return int(app.config["SESSION_HOURS"] * 60 * 60)


def guard() -> None:
    """Lets a request through only when it comes from where it should, with a live session of an admin."""
    view = current_app.view_functions.get(request.endpoint or "")
    _refuse_foreign_origin(getattr(view, "from_host", False))
    if view is None or request.endpoint == "static" or getattr(view, "public", False):
        return
    if "sid" not in session:
        raise Refusal("session_ended" if "parent" in session else "no_session")
    if session["parent"] not in current_app.config["FRAME_ANCESTORS"]:
        raise Refusal("no_session", "its host page is no longer in FLASK_FRAME_ANCESTORS")
    if session["role"] != "admin":
        raise Refusal("not_admin")
    refuse_top_level()
    if not LaunchStore(get_db()).is_live(session["account"], session["sid"]):
        del session["sid"]
        raise Refusal("session_ended", "it was revoked")
    g.session_is_live = True


def refuse_top_level() -> None:
    """Refuses a navigation of the whole tab: someone could open their own account in a victim's tab
    and harvest what is typed there. htmx sends `empty`, older browsers send nothing."""
    if request.headers.get("Sec-Fetch-Dest") == "document":
        raise Refusal("top_level", "Sec-Fetch-Dest is 'document': it was not asked for by a frame")


def _refuse_foreign_origin(from_host: bool) -> None:
    sent = request.headers.get("Origin")
    if request.method in ("GET", "HEAD", "OPTIONS") or sent in (None, "null"):
        return
    ours = _as_written(f"{request.scheme}://{request.host}")
    welcome = (ours, *(current_app.config["FRAME_ANCESTORS"] if from_host else ()))
    theirs = _as_written(sent)
    if not theirs or theirs not in welcome:
        raise Refusal("foreign_origin", f"Origin: expected {' or '.join(map(repr, welcome))}, got {sent[:200]!r}")


def _as_written(address: str) -> str:
    try:
        return origin(address)
    except ValueError:
        return ""


def init_app(app: Flask) -> None:
    """Puts the cookie-less session and the guard in place."""
    app.session_interface = TokenSessions()
    app.before_request(guard)
    # Nothing ambient authenticates a request, so it cannot be forged; the form token is a second layer.
    app.config.update(
        WTF_CSRF_SECRET_KEY=list(reversed(app.config["SESSION_KEYS"])),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # a Referer may be stripped
        WTF_I18N_ENABLED=False,  # every message of our forms is ours; its catalogues would be read for each page
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    csrf.init_app(app)
    app.jinja_env.globals.update(session_token=session_token, session_seconds=session_seconds)
