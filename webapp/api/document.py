"""The description of the API in OpenAPI 3.1."""

from functools import cache

from ..cash.store.orders import State
from . import asked
from .problems import MEDIA_TYPE
from .schemas import SCHEMAS, TEXT, Schema, named

PROBLEMS = {
    400: "The body is no JSON.",
    401: "The bearer token is missing or wrong.",
    404: "There is no such account or run.",
    409: "A run lacks what `missing` lists.",
    412: "The account is not as If-Match says, or not new as If-None-Match says.",
    413: "The body is too long.",
    415: "The body is not sent as JSON.",
    422: "What was asked is wrong; `errors` names each field.",
}
ETAG: Schema = {"ETag": {"required": True, "schema": TEXT}}
LOCATION: Schema = {"Location": {"required": True, "schema": TEXT}}


def answers(*problems: int, **good: tuple[str, str, Schema] | tuple[str, str]) -> Schema:
    """The answers of an operation: `_200=(what it means, schema, headers)`, and the problems by their status."""
    found: Schema = {status[1:]: _good(*each) for status, each in good.items()}
    found |= {str(status): _problem(PROBLEMS[status]) for status in sorted({401, *problems})}
    return {**found, "default": _problem("Anything else that goes wrong.")}


def _good(about: str, schema: str, headers: Schema | None = None) -> Schema:
    told: Schema = {"description": about, **({"headers": headers} if headers else {})}
    return {**told, "content": {"application/json": {"schema": named(schema)}}} if schema else told


def _problem(about: str) -> Schema:
    return {"description": about, "content": {MEDIA_TYPE: {"schema": named("Problem")}}}


def parameter(place: str, name: str, schema: Schema, about: str) -> Schema:
    """One parameter; those of the path are required."""
    return {"in": place, "name": name, "required": place == "path", "schema": schema, "description": about}


def operation(
    id: str, summary: str, responses: Schema, *parameters: Schema, body: str = "", must: bool = False
) -> Schema:
    """One operation; with `must` its body may not be left out."""
    found: Schema = {"operationId": id, "summary": summary, "responses": responses}
    if parameters:
        found["parameters"] = [*parameters]
    if body:
        content = {"application/json": {"schema": named(body)}}
        found["requestBody"] = {"required": must, "content": content}
    return found


ACCOUNT = parameter(
    "path", "account", {"type": "string", "pattern": f"^{asked.ID}$"}, "The id of the account at OutSmart."
)
RUN = parameter("path", "run", {"type": "string", "minLength": 1}, "The id of the run.")
IF_MATCH = parameter("header", "If-Match", TEXT, "Only if the account is still as this ETag says.")
IF_NONE_MATCH = parameter("header", "If-None-Match", TEXT, "Only if the account is not as this ETag says.")
KEY = parameter(
    "header", "Idempotency-Key", {"type": "string", "pattern": f"^{asked.KEY}$"}, "Sent again, it asks for nothing new."
)
AFTER = parameter(
    "query", "changed_after", {"type": "string", "pattern": f"^{asked.CURSOR}$"}, "The cursor of the last answer."
)
LIMIT = parameter(
    "query",
    "limit",
    {"type": "integer", "minimum": 1, "maximum": asked.MOST_LISTED, "default": asked.LISTED},
    "How many at most.",
)

STATE = parameter(
    "query", "state", {"type": "array", "items": {"enum": [*State]}}, "Only orders in one of these; repeat it for more."
)
BEHIND = parameter(
    "query", "after", {"type": "string", "pattern": f"^{asked.ORDER_CURSOR}$"}, "The cursor of the last answer."
)


def paths() -> Schema:
    """Every address below the prefix."""
    wrong_body = (400, 413, 415, 422)
    return {
        "/openapi.json": {"get": operation("describe", "This document", answers(_200=("OpenAPI 3.1.", "Document")))},
        "/accounts": {
            "get": operation(
                "listAccounts",
                "The accounts that changed after a cursor, the oldest change first",
                answers(422, _200=("Go on after `cursor`, at once while there are `more`.", "Accounts")),
                AFTER,
                LIMIT,
            )
        },
        "/accounts/{account}": {
            "parameters": [ACCOUNT],
            "put": operation(
                "putAccount",
                "Store the OutSmart token of an account",
                answers(
                    412,
                    *wrong_body,
                    _200=("It is stored.", "Account", ETAG | LOCATION),
                    _201=("It is stored, and the account is new.", "Account", ETAG | LOCATION),
                ),
                IF_MATCH,
                IF_NONE_MATCH,
                body="Token",
                must=True,
            ),
            "get": operation(
                "getAccount",
                "How an account is doing",
                answers(404, _200=("The account.", "Account", ETAG), _304=("It is as If-None-Match says.", "", ETAG)),
                IF_NONE_MATCH,
            ),
            "delete": operation(
                "deleteAccount",
                "End an account, and delete all that is kept of it",
                answers(
                    404,
                    412,
                    _200=("What was deleted, and which work orders were left open.", "Receipt"),
                ),
                IF_MATCH,
            ),
        },
        "/accounts/{account}/orders": {
            "parameters": [ACCOUNT],
            "get": operation(
                "listOrders",
                "The orders of an account, the one that changed last first",
                answers(404, 422, _200=("Go on after `cursor` while there are `more`.", "Orders")),
                *(STATE, BEHIND, LIMIT),
            ),
        },
        "/accounts/{account}/runs": {
            "parameters": [ACCOUNT],
            "post": operation(
                "askForRun",
                "Ask for a run as soon as possible",
                answers(
                    404,
                    409,
                    *wrong_body,
                    _200=("The run that is open, or that the same key asked for before.", "Run", LOCATION),
                    _202=("A new run.", "Run", LOCATION),
                ),
                KEY,
                body="Wish",
            ),
        },
        "/accounts/{account}/runs/{run}": {
            "parameters": [ACCOUNT, RUN],
            "get": operation("getRun", "What became of a run", answers(404, _200=("The run.", "Run"))),
        },
        "/accounts/{account}/sessions/end": {
            "parameters": [ACCOUNT],
            "post": operation(
                "endSessions",
                "End the open sessions of an account, or of one of its users",
                answers(404, *wrong_body, _200=("How many were open.", "Ended")),
                body="Whose",
            ),
        },
    }


@cache
def openapi(prefix: str) -> Schema:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cash settings: the API for the host", "version": "1"},
        "servers": [{"url": prefix}],
        "security": [{"bearer": []}],
        "paths": paths(),
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": {**SCHEMAS, "Document": {"type": "object", "required": ["openapi", "paths"]}},
        },
    }
