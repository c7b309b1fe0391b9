"""The routes of the API."""

import json
import logging
import re
from hashlib import blake2b
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.datastructures import ETags

from ..access import knows_one_of, public
from ..cash.actions.hosted import Incomplete, KeyUsed, ask_for_run, orders_of
from ..cash.store.runs import RunStore
from ..db import get_db, write
from ..web.launches import LaunchStore
from . import asked, shown
from .current import accounts, facts, vault
from .document import openapi
from .ending import end
from .problems import Problem

PREFIX = "/api/v1"
HOST = "OutSmart"  # who asks for a run when nobody is named

bp = Blueprint("api", __name__, url_prefix=PREFIX)
log = logging.getLogger(__name__)


@bp.before_request
def authenticate() -> None:
    """Lets only the host in."""
    if not knows_one_of(current_app.config["API_TOKENS"]):
        raise Problem(401, "Authorization: Bearer with a token of FLASK_API_TOKENS.", {"WWW-Authenticate": "Bearer"})


@bp.get("/openapi.json")
@public
def description() -> Response:
    """What there is to ask, and how it is answered."""
    return _json(openapi(PREFIX))


@bp.get("/accounts")
@public
def list_accounts() -> Response:
    """The accounts that changed after a cursor, the oldest change first; ask again while there are more."""
    after, limit = asked.page()
    names, cursor = accounts().changed(after, limit)
    return _json({"accounts": [_shown(name) for name in names], "cursor": cursor, "more": len(names) == limit})


@bp.put("/accounts/<account>")
@public
def put_account(account: str) -> Response:
    """Stores the OutSmart token of an account, which is created where it is not known."""
    if not re.fullmatch(asked.ID, account):
        raise asked.invalid({"id": "must be 1 to 200 characters, without a slash or a control character"})
    token = asked.body(asked.TOKEN)["outsmart_token"]
    with write(get_db()):
        _check_unchanged(account)
        created = accounts().put(account, token)
    log.info("account put", extra={"account": account})
    response = _json(_shown(account), 201 if created else 200)
    response.set_etag(_tag(response.get_data()))
    response.headers["Location"] = url_for("api.get_account", account=account)
    return response


@bp.get("/accounts/<account>")
@public
def get_account(account: str) -> Response:
    """How an account is doing."""
    _require(account)
    response = _json(_shown(account))
    tag = _tag(response.get_data())
    if _names(request.if_none_match, tag, weak=True):
        response = Response(status=304)
    response.set_etag(tag)
    return response


@bp.delete("/accounts/<account>")
@public
def delete_account(account: str) -> Response:
    """Ends an account and deletes all that is kept of it; how many rows of each table, and orders left open."""
    with write(get_db()):
        if accounts().exists(account):
            _check_unchanged(account)
        rows, orders = end(account)
    if not rows:
        raise _unknown()
    log.info("account deleted", extra={"account": account})
    return _json({"account": account, "rows": rows, "orders": [shown.left_open(each) for each in orders]})


@bp.get("/accounts/<account>/orders")
@public
def list_orders(account: str) -> Response:
    """The orders of an account, the one that changed last first; ask again while there are more."""
    states, after, limit = asked.order_page()
    _require(account)
    found = orders_of(get_db(), account, states, after, limit)
    cursor = asked.order_cursor(found[-1]) if found else request.args.get("after", "")
    return _json({"orders": [shown.order(each) for each in found], "cursor": cursor, "more": len(found) == limit})


@bp.post("/accounts/<account>/runs")
@public
def ask_for_a_run(account: str) -> Response:
    """Asks for a run as soon as possible: 202 when it is new, 200 when one is open or the key was sent before."""
    wish, key = asked.body(asked.RUN), asked.idempotency_key()
    _require(account)
    kind, user = wish.get("kind", "changed"), wish.get("user", HOST)
    try:
        run, new = ask_for_run(get_db(), vault(), account, kind, user, key)
    except Incomplete as error:
        told = f"A run needs what is missing: {error}."
        raise Problem(409, told, missing=error.missing) from None
    except KeyUsed:
        raise asked.invalid({"Idempotency-Key": "was sent before, with another kind of run"}) from None
    response = _json(shown.run(run), 202 if new else 200)
    response.headers["Location"] = url_for("api.get_run", account=account, run=run.id)
    return response


@bp.get("/accounts/<account>/runs/<run>")
@public
def get_run(account: str, run: str) -> Response:
    """What became of a run."""
    found = RunStore(get_db()).run(account, run)
    if found is None:
        raise Problem(404, "This account has no such run.")
    return _json(shown.run(found))


@bp.post("/accounts/<account>/sessions/end")
@public
def end_sessions(account: str) -> Response:
    """Ends the open sessions of an account at once, or only those of one of its users."""
    whose = asked.body(asked.SESSIONS)
    ended = LaunchStore(get_db()).revoke(account, whose.get("user", ""))
    if not ended:
        _require(account)
    log.info("sessions ended", extra={"account": account})
    return _json({"ended": ended})


def _shown(account: str) -> dict[str, Any]:
    return shown.account(account, facts(account))


def _require(account: str) -> None:
    if not accounts().exists(account):
        raise _unknown()


def _unknown() -> Problem:
    return Problem(404, "There is no such account.")


def _check_unchanged(account: str) -> None:
    """Raises Problem when the request is about another state of the account, or about none."""
    known = accounts().exists(account)
    tag = _tag(_json(_shown(account)).get_data()) if known else ""
    if "If-Match" in request.headers and not _names(request.if_match, tag):
        raise Problem(412, "The account is not as If-Match says; get it again.")
    if "If-None-Match" in request.headers and _names(request.if_none_match, tag, weak=True):
        raise Problem(412, "The account is there already.")


def _names(tags: ETags, tag: str, *, weak: bool = False) -> bool:
    """Whether this tag is among them; what was compressed on the way got a suffix."""
    if not tag:
        return False
    sent = filter(None, tags.as_set(include_weak=weak))  # Werkzeug reads an empty one as None
    return tags.star_tag or tag in {each.partition(":")[0] for each in sent}


def _tag(body: bytes) -> str:
    return blake2b(body, digest_size=16).hexdigest()


def _json(found: Any, status: int = 200) -> Response:
    return Response(json.dumps(found), status, content_type="application/json")
