"""What goes wrong, as problem details (RFC 9457): the only kind of error below the prefix of the API."""

import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException

from ..db import DatabaseError, forget_connection
from ..logs import support_code
from ..web.errors import Refusal

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
FAILED = "Something went wrong on our side."
Handler = Callable[[Any], Any]


class Problem(Exception):
    """The request cannot be done; the host reads `detail`, and whatever else is told in `more`."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(status, detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


def details(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """The body of a problem."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def answer(prefix: str, pages: Handler) -> Handler:
    """An errorhandler that answers with a problem below the prefix, and as `pages` does elsewhere."""

    def answer_either(error: Exception) -> Any:
        below = request.path == prefix or request.path.startswith(f"{prefix}/")
        return _problem(error) if below else pages(error)

    return answer_either


def _problem(error: Exception) -> Response:
    match error:
        case Problem():
            return respond(error.status, error.detail, error.headers, **error.more)
        case Refusal():
            error.log()
            return respond(int(error.code or 403), error.why or error.reason, support=support_code())
        case HTTPException(code=int(status)) if status < 500:
            kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
            return respond(status, error.description or "", kept)
    log.error("support code %s", support_code(), exc_info=error)
    if isinstance(error, DatabaseError):
        forget_connection()
        return respond(503, "Our storage does not answer; nothing was changed.", support=support_code())
    return respond(500, FAILED, support=support_code())


def respond(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """A problem as an answer."""
    body = json.dumps(details(status, detail, **more))
    return Response(body, status, headers=dict(headers or {}), content_type=MEDIA_TYPE)
