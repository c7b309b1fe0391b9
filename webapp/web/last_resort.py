"""What answers when everything else failed: the outermost call of the app, and the iteration of what it answers."""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from typing import Any

from flask import Flask, render_template
from werkzeug.wsgi import ClosingIterator

from .errors import FAILED
from .headers import security_headers
from .languages import in_every_language
from .pages import SHOWN_ABOVE

log = logging.getLogger(__name__)

Start = Callable[..., Any]
OTHERWISE = "last_resort"


class LastResort:
    """Answers with a page made at the start when the app raises, at whichever point; the log gets types and places."""

    def __init__(self, app: Flask) -> None:
        self._app, self._answer = app, app.wsgi_app
        with app.test_request_context():
            title, text = (dict(in_every_language(each)) for each in FAILED)
            self._page = render_template("last_resort.html", title=title, text=text).encode()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        try:
            chunks = self._first_chunk_seen(environ, start_response)
        except Exception as error:
            log.error("an answer failed", exc_info=error)
            chunks = self._sorry(environ, start_response)
        return chunks

    def _first_chunk_seen(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        """The app's answer; it has begun only when its first chunk is there and nothing can take its place any more."""
        begun: list[Any] = []

        def begin(*status_and_headers: Any) -> Any:
            begun.append(status_and_headers)

        with ExitStack() as stack:
            answer = self._answer(environ, begin)
            stack.callback(_close, answer)
            rest = iter(answer)
            first = next(rest, None)
            if "content-security-policy" not in {name.lower() for name, _value in begun[-1][1]}:
                raise RuntimeError("an answer without the security headers")
            stack.pop_all()
        start_response(*begun[-1])
        chunks = rest if first is None else chain([first], rest)
        return ClosingIterator(_until_it_fails(chunks), [partial(_close, answer)])

    def _sorry(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        asked, others = environ.get("PATH_INFO", ""), self._app.extensions.get(OTHERWISE, {})
        below = (answer for prefix, answer in others.items() if asked.startswith(prefix))
        kind, body = next(below, ("text/html; charset=utf-8", self._page))
        frames, secure = " ".join(self._app.config["FRAME_ANCESTORS"]), environ.get("wsgi.url_scheme") == "https"
        headers = {
            **security_headers(frames, secure=secure, subdomains=self._app.config["HSTS_SUBDOMAINS"]),
            **SHOWN_ABOVE,  # through htmx; elsewhere they mean nothing
            "Cache-Control": "no-store",
            "Vary": "HX-Request",
            "Content-Type": kind,
            "Content-Length": str(len(body)),
        }
        start_response("500 Internal Server Error", list(headers.items()))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _until_it_fails(chunks: Iterable[bytes]) -> Iterator[bytes]:
    try:
        yield from chunks
    except Exception as error:  # the client sees that it is shorter than was said
        log.error("an answer broke off", exc_info=error)


def _close(answer: Iterable[bytes]) -> None:
    try:
        getattr(answer, "close", lambda: None)()
    except Exception as error:
        log.error("an answer could not be closed", exc_info=error)


def answers_otherwise(app: Flask, prefix: str, kind: str, body: bytes) -> None:
    """Below a prefix, this body of this media type takes the place of the page."""
    app.extensions.setdefault(OTHERWISE, {})[prefix] = (kind, body)


def init_app(app: Flask) -> None:
    """Goes around everything else; call it last."""
    app.wsgi_app = LastResort(app)  # type: ignore[method-assign]
