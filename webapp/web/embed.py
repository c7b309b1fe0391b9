"""The way into the page from a frame on another site: no cookie, a signed token with each request."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from flask_wtf import CSRFProtect
from werkzeug.exceptions import RequestEntityTooLarge

from ..db import get_db, now
from . import tokens
from .errors import Refusal
from .launches import LaunchStore

HTMX = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js"
HTMX_HASH = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"
SESSION_HEADER = "X-Cash-Session"
FIXED_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

csrf = CSRFProtect()
View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Marks a view that answers without a session; every other one is refused without."""
    view.public = True  # type: ignore[attr-defined]
    return view


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
        token = request.headers.get(SESSION_HEADER)
        if not token and request.method == "POST":
            try:
                token = request.form.get("session")
            except RequestEntityTooLarge:
                token = None  # the view's own access to the form answers 413
        try:
            claims = tokens.read_session(app.config["SESSION_KEYS"], token or "")
        except tokens.TokenInvalid:
            return TokenSession()
        except tokens.TokenExpired as expired:
            return TokenSession({name: expired.claims[name] for name in ("parent", "lang")})
        return TokenSession(claims, csrf_token=tokens.form_secret(claims["sid"]))

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if "sid" in session:
            response.headers[SESSION_HEADER] = session_token()
            response.headers[f"{SESSION_HEADER}-Seconds"] = str(session_seconds())


def enter(token: str) -> None:
    """Starts the session of a launch token; raises Refusal."""
    keys, frames = current_app.config["LAUNCH_KEYS"], current_app.config["FRAME_ANCESTORS"]
    try:
        launch, late = tokens.read_launch(keys, token), False
    except tokens.TokenExpired as expired:
        launch, late = expired.claims, True
    except tokens.TokenInvalid:
        raise Refusal("launch_invalid") from None
    if launch["parent"] not in frames:
        raise Refusal("launch_invalid")
    session.clear()
    session.update(parent=launch["parent"], lang=launch["lang"])  # so that a refusal is seen in the frame
    if late:
        raise Refusal("launch_expired")
    if launch["role"] != "admin":
        raise Refusal("not_admin")
    claims = tokens.start_session(launch)
    if not LaunchStore(get_db()).use(claims["account"], launch["jti"], claims["sid"], claims["sub"]):
        raise Refusal("launch_spent")
    session.update(claims, csrf_token=tokens.form_secret(claims["sid"]))


def session_token() -> str:
    """The renewed token of this session, for the page's forms and the response header."""
    if "session_token" not in g:
        g.session_token = tokens.sign_session(current_app.config["SESSION_KEYS"], session)
    token: str = g.session_token
    return token


def session_seconds() -> int:
    """How long the renewed token is good for, if it is not used again."""
    oldest: int = session["iat0"] + tokens.LONGEST_SESSION_SECONDS - now()
    return max(0, min(tokens.SESSION_SECONDS, oldest))


def guard() -> None:
    """Lets a request through only when it comes from where it should, with a live session of an admin."""
    view = current_app.view_functions.get(request.endpoint or "")
    _refuse_foreign_origin(getattr(view, "from_host", False))
    if view is None or request.endpoint == "static" or getattr(view, "public", False):
        return
    if "sid" not in session:
        raise Refusal("session_ended" if "parent" in session else "no_session")
    if session["parent"] not in current_app.config["FRAME_ANCESTORS"]:
        raise Refusal("no_session")
    if session["role"] != "admin":
        raise Refusal("not_admin")
    refuse_top_level()
    if not LaunchStore(get_db()).is_live(session["account"], session["sid"]):
        del session["sid"]  # so that it is not renewed
        raise Refusal("session_ended")


def refuse_top_level() -> None:
    """Refuses a navigation of the whole tab: someone could open their own account in a victim's tab
    and harvest what is typed there. htmx sends `empty`, older browsers send nothing."""
    if request.headers.get("Sec-Fetch-Dest") == "document":
        raise Refusal("top_level")


def _refuse_foreign_origin(from_host: bool) -> None:
    origin = request.headers.get("Origin")
    if request.method not in ("GET", "HEAD", "OPTIONS") and origin not in (None, "null"):
        hosts = current_app.config["FRAME_ANCESTORS"] if from_host else ()
        if origin not in (request.host_url.rstrip("/"), *hosts):
            raise Refusal("foreign_origin")


def protect(response: Response) -> Response:
    """The security headers, on every response."""
    response.headers.update(FIXED_HEADERS)
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {HTMX}; style-src 'self'; img-src 'self'; connect-src 'self'; "
        f"form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors {_frame_ancestors()}"
    )
    if _frame_ancestors() == "'none'":
        response.headers["X-Frame-Options"] = "DENY"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=63072000"
    if request.endpoint == "static" and response.status_code in (200, 304):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def _frame_ancestors() -> str:
    frames: tuple[str, ...] = current_app.config["FRAME_ANCESTORS"]
    if session.get("parent") in frames:
        return str(session["parent"])
    # A reloaded frame asks for "/" with nothing in hand. Without this the browser would show its own
    # error there; the page that tells the user to reopen has nothing on it to be tricked into clicking.
    if "sid" not in session and request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"):
        return " ".join(frames)
    return "'none'"


def init_app(app: Flask) -> None:
    """Puts the cookie-less session, the guard and the headers in place."""
    app.session_interface = TokenSessions()
    app.before_request(guard)
    app.after_request(protect)
    # Nothing ambient authenticates a request, so it cannot be forged; the form token is a second layer.
    app.config.update(
        WTF_CSRF_SECRET_KEY=list(reversed(app.config["SESSION_KEYS"])),
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # a Referer may be stripped
        WTF_I18N_ENABLED=False,  # every message of our forms is ours; its catalogues would be read for each page
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    csrf.init_app(app)
    app.jinja_env.globals.update(
        session_token=session_token, session_seconds=session_seconds, HTMX=HTMX, HTMX_HASH=HTMX_HASH
    )
