"""The endpoints of the OutSmart sandbox, and the order in which a request is checked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from secrets import compare_digest

from .outsmart_answers import Answer, refused
from .outsmart_layouts import LAYOUTS
from .outsmart_orders import Orders, closes
from .outsmart_rows import Tables

WORK_ORDERS = ("GetWorkorders", "GetWorkorder", "UpdateWorkorder")
NO_ENDPOINT, UNKNOWN_ENDPOINT, NO_TOKEN, NO_SOFTWARE_TOKEN, BAD_TOKEN, BAD_SOFTWARE_TOKEN = range(1000, 1006)
NO_BODY, BAD_BODY = 1008, 1009
TEXTS = {
    NO_ENDPOINT: "No endpoint",
    UNKNOWN_ENDPOINT: "Unknown endpoint",
    NO_TOKEN: "Parameter token is missing",
    NO_SOFTWARE_TOKEN: "Parameter software_token is missing",
    BAD_TOKEN: "Customer token is not authorised",
    BAD_SOFTWARE_TOKEN: "Software token is wrong or does not match the customer token",
    1006: "HTTPS is required",
    NO_BODY: "Unable to fetch body",
    BAD_BODY: "Unable to parse body",
}


class Refused(Exception):
    """The request ends with this code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Request:
    """One request: `endpoint` is what stands behind the base address, without slashes around it."""

    method: str
    endpoint: str
    query: Mapping[str, str]
    body: bytes = b""

    @property
    def closes(self) -> bool:
        """Whether it fetches one work order, and closes it."""
        return self.endpoint == "GetWorkorder" and closes(self.query)


@dataclass
class Account:
    """One customer of OutSmart."""

    token: str
    tables: Tables
    orders: Orders


def account_of(request: Request, accounts: Mapping[str, Account], software_token: str) -> Account:
    """Whose request it is. Raises Refused."""
    if not request.endpoint:
        raise Refused(NO_ENDPOINT)
    if (request.method == "POST" and request.endpoint in WORK_ORDERS) or request.endpoint not in (
        *LAYOUTS,
        *WORK_ORDERS,
    ):
        raise Refused(UNKNOWN_ENDPOINT)
    token, software = request.query.get("token", ""), request.query.get("software_token", "")
    if not token:
        raise Refused(NO_TOKEN)
    if not software:
        raise Refused(NO_SOFTWARE_TOKEN)
    found = [each for each in accounts.values() if compare_digest(each.token.encode(), token.encode())]
    if not found:
        raise Refused(BAD_TOKEN)
    if not compare_digest(software.encode(), software_token.encode()):
        raise Refused(BAD_SOFTWARE_TOKEN)
    return found[0]


def answer(request: Request, account: Account, comma: bool) -> Answer:
    """What the account has, or what the request makes of it. Raises Refused."""
    if request.endpoint in LAYOUTS:
        if request.method == "GET":
            return account.tables.get(request.endpoint, comma)
        return account.tables.post(request.endpoint, _rows(request.body))
    if request.endpoint == "GetWorkorders":
        return account.orders.listed(request.query)
    if request.endpoint == "GetWorkorder":
        return account.orders.one(request.query)
    return account.orders.updated(request.query, {row["number"] for row in account.tables.rows("employees")})


def refusal(refused_: Refused) -> Answer:
    """The answer to a request that ends."""
    return refused(refused_.code, TEXTS[refused_.code])


def _rows(body: bytes) -> list[object]:
    """A body is an array, or an object that stands for one row."""
    if not body.strip():
        raise Refused(NO_BODY)
    try:
        rows = json.loads(body)
    except ValueError:
        raise Refused(BAD_BODY) from None
    if not isinstance(rows, list | dict):
        raise Refused(BAD_BODY)
    return rows if isinstance(rows, list) else [rows]
