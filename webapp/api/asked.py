"""What a request asks: the fields of bodies and of addresses, each declared once, for the check and the document."""

import json
import re
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from flask import request

from ..cash.store.orders import Order, State
from .problems import Problem

ID = r"[^/\x00-\x1f\x7f-\x9f]{1,200}"  # of an account
CURSOR = r"[0-9]{1,18}"
ORDER_CURSOR = "([0-9]{1,12}-[A-Za-z0-9_.~%-]{1,600})?"  # when an order changed, and its work order
KEY = r"[!-~]([ -~]{0,198}[!-~])?"  # an Idempotency-Key: what a header carries unchanged
LISTED, MOST_LISTED = 100, 500  # accounts or orders in one answer
NO_CURSOR = "must be a cursor that an answer gave"
LONGEST_NAME = 100  # of a field that is not known


class Field(NamedTuple):
    """A text in a body; `wanted` says in words what `pattern` asks for."""

    about: str
    wanted: str = "must be a text of 1 to 200 characters"
    pattern: str = r"[\s\S]{1,200}"
    options: tuple[str, ...] = ()
    required: bool = False

    def fits(self, value: object) -> bool:
        """Whether a value may stand here."""
        if not isinstance(value, str):
            return False
        return value in self.options if self.options else re.fullmatch(self.pattern, value) is not None


Body = dict[str, Field]
TOKEN: Body = {
    "outsmart_token": Field(
        "The token of this customer at OutSmart for our software. It is stored encrypted and never shown again.",
        "must be 1 to 200 visible characters without a space",
        "[!-~]{1,200}",
        required=True,
    )
}
RUN: Body = {
    "kind": Field(
        "What to do: import what changed or everything, or export work orders. `changed` when left out.",
        "must be changed, all or orders",
        options=("changed", "all", "orders"),
    ),
    "user": Field("Who asks for it, as the users' log names them."),
}
SESSIONS: Body = {"user": Field("Whose sessions, as `sub` in the launch token; everybody's when left out.")}


def body(fields: Body) -> dict[str, str]:
    """The fields of the JSON object that was sent, {} for nothing. Raises Problem, which names each that is wrong."""
    sent = request.get_data()
    has_body = sent or request.content_length or "Transfer-Encoding" in request.headers  # a form was read before
    if not has_body and not any(each.required for each in fields.values()):
        return {}
    if request.mimetype != "application/json":
        raise Problem(415, "The body must be JSON: Content-Type: application/json.")
    found = _read(sent)
    if not isinstance(found, dict):
        raise Problem(422, "The body must be a JSON object.")
    wrong = {name[:LONGEST_NAME]: "is not known" for name in sorted(found.keys() - fields.keys())}
    for name, field in fields.items():
        if name in found and not field.fits(found[name]):
            wrong[name] = field.wanted
        elif name not in found and field.required:
            wrong[name] = "is missing"
    if wrong:
        raise invalid(wrong)
    return found


def _read(sent: bytes) -> Any:
    try:
        text = sent.decode()
        found = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()  # JSON can spell half a character, which nothing can store
    except (ValueError, RecursionError):
        raise Problem(400, "The body is no JSON in UTF-8.") from None
    return found


def invalid(wrong: dict[str, str]) -> Problem:
    """What was asked is wrong: by field, why."""
    told = "; ".join(f"{name} {why}" for name, why in wrong.items())
    return Problem(422, f"{told}.", errors=[{"field": name, "message": why} for name, why in wrong.items()])


def page() -> tuple[str, int]:
    """The cursor and the limit of the list of accounts. Raises Problem."""
    wrong, limit = _list("changed_after")
    after = request.args.get("changed_after", "0")
    if not re.fullmatch(CURSOR, after):
        wrong["changed_after"] = NO_CURSOR
    if wrong:
        raise invalid(wrong)
    return after, limit


def order_page() -> tuple[list[str], tuple[int, str], int]:
    """The states, the cursor and the limit of a list of orders. Raises Problem."""
    wrong, limit = _list("after", "state")
    states, after = request.args.getlist("state"), (0, "")
    if not set(states) <= set(State):
        wrong["state"] = f"must be one of {', '.join(State)}"
    try:
        after = order_place(request.args.get("after", ""))
    except ValueError:
        wrong["after"] = NO_CURSOR
    if wrong:
        raise invalid(wrong)
    return states, after, limit


def order_cursor(order: Order) -> str:
    """Where the orders behind this one begin."""
    return f"{order.changed}-{quote(order.work_order, safe='')}"


def order_place(cursor: str) -> tuple[int, str]:
    """What a cursor says; ValueError: it is none of ours."""
    if not cursor:
        return 0, ""
    if not re.fullmatch(ORDER_CURSOR, cursor):
        raise ValueError(cursor)
    changed, _, work_order = cursor.partition("-")
    return int(changed), unquote(work_order)


def _list(*names: str) -> tuple[dict[str, str], int]:
    """What is wrong with the question for a list, and its limit."""
    wrong = {name[:LONGEST_NAME]: "is not known" for name in sorted(request.args.keys() - {*names, "limit"})}
    limit = request.args.get("limit", str(LISTED))
    if not re.fullmatch("[0-9]{1,4}", limit) or not 1 <= int(limit) <= MOST_LISTED:
        wrong["limit"] = f"must be a number from 1 to {MOST_LISTED}"
        limit = "0"
    return wrong, int(limit)


def idempotency_key() -> str:
    """What makes a request safe to repeat; "" where none was sent. Raises Problem."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(KEY, key):
        raise invalid({"Idempotency-Key": "must be 1 to 200 visible characters"})
    return key or ""
