"""Rendering: who asks through htmx gets a fragment, everyone else the whole page."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
from flask import Flask, Request, Response, current_app, make_response, render_template, request, session, url_for
from flask_compress import Compress
from jinja2.utils import htmlsafe_json_dumps

HTMX_CONFIG = {
    "allowEval": False,
    "allowScriptTags": False,
    "includeIndicatorStyles": False,
    "selfRequestsOnly": True,
    "historyCacheSize": 0,
    "timeout": 20000,
    "responseHandling": [
        {"code": "204", "swap": False},
        {"code": "...", "swap": True},
    ],
}

# Where htmx puts an alert: it covers nothing that was typed. Without the last one, a form that picks a part of the
# answer would find nothing in it.
SHOWN_ABOVE = {"HX-Retarget": "#alert", "HX-Reswap": "innerHTML", "HX-Reselect": "#alert-text"}


def render(page: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """The fragment with the status line for htmx, the whole page for everyone else.

    `message`, when given, is announced in the status line.
    """
    return _respond(_html(page, fragment, context), status)


def _html(page: str, fragment: str, context: dict[str, Any]) -> str:
    if _from_htmx():
        return render_template(fragment, **context) + render_template("_status.html", **context)
    return render_template(page, **context)


def render_alert(status: int, title: Any, text: Any, *, event: str = "", keep: bool = False) -> Response:
    """An alert above the page for htmx, which leaves alone what was typed; a page of its own otherwise.

    `keep`: that page tells what was chosen in the form it takes the place of. Only for who may see the form.
    """
    context = {"title": title, "text": text, "event": event}
    if not _from_htmx():
        return _respond(render_template("error.html", typed=_typed() if keep else (), **context), status)
    response = _respond(render_template("_alert.html", **context), status)
    response.headers.update(SHOWN_ABOVE)
    return response


def _typed() -> list[tuple[Any, str]]:
    sent, labels = request.form, current_app.extensions["labels"]
    return [(label, sent[name]) for name, label in labels.items() if sent.get(name)]


def _from_htmx() -> bool:
    return request.headers.get("HX-Request") == "true"


def _respond(html: str, status: int) -> Response:
    response = make_response(html, status)
    response.vary.add("HX-Request")
    return response


def fingerprint(filename: str) -> str:
    """Changes with the content of a static file."""
    path = Path(str(current_app.static_folder), filename)
    return _fingerprint(path, path.stat().st_mtime)


def address(endpoint: str, **values: Any) -> str:
    """`url_for` for templates, which ask for the same dozen addresses on each page."""
    if endpoint == "static":  # changes with the content of the file
        return url_for(endpoint, **values)
    return _address(request.script_root, endpoint, **values)


@lru_cache(maxsize=500)
def _address(_root: str, endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values)


@lru_cache
def _fingerprint(path: Path, modified: float) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


_packed = lru_cache(brotli.compress)


def is_current(asked: Request) -> bool:
    """Whether a static file was asked for by the address that names its present content."""
    return asked.args.get("v") == fingerprint((asked.view_args or {})["filename"])


def init_app(app: Flask) -> None:
    """Gives each static file an address that changes with its content, and compresses what is sent.

    Compression beside secrets is safe here: without a session in a cookie, nobody can make a browser
    ask for someone's page again and again to measure it (BREACH).
    """
    app.config.update(COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_LEVEL=5, COMPRESS_BR_LEVEL=6)
    Compress(app)

    @app.after_request
    def hold(response: Response) -> Response:
        """A static file is small: held as a whole, and compressed once, as far as that goes."""
        if request.endpoint == "static" and response.status_code == 200:
            response.direct_passthrough = False
            response.make_sequence()
            if request.accept_encodings["br"]:
                response.set_data(_packed(response.get_data()))
                response.content_encoding = "br"
                response.vary.add("Accept-Encoding")
        return response

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # less to send
    app.extensions["labels"] = {}  # each integration adds those of its choices
    app.jinja_env.globals.update(HTMX_CONFIG=htmlsafe_json_dumps(HTMX_CONFIG), url_for=address)
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = None

    @app.url_defaults
    def name_content(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["v"] = fingerprint(values["filename"])

    @app.context_processor
    def who() -> dict[str, Any]:
        return {"parent": session.get("parent", ""), "company": session.get("company", "")}
