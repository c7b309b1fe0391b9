"""What is asked and answered, as JSON schemas made from what the code itself declares."""

from dataclasses import fields
from typing import Any

from ..cash.actions.standing import STATES
from ..cash.choices import Settings
from ..cash.store.orders import State
from . import asked, shown

Schema = dict[str, Any]

KINDS, RUN_STATES = ("changed", "all", "orders", "preview"), ("waiting", "running", "done", "failed", "cancelled")
TYPES = {bool: "boolean", int: "integer", str: "string"}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}
TIME: Schema = {"type": ["string", "null"], "format": "date-time"}


def record(properties: dict[str, Schema], about: str = "", *, optional: tuple[str, ...] = ()) -> Schema:
    """An object with exactly these properties."""
    required = [name for name in properties if name not in optional]
    told = {"description": about} if about else {}
    return {"type": "object", **told, "properties": properties, "required": required, "additionalProperties": False}


def nothing_or(schema: Schema) -> Schema:
    """The same, or null."""
    return {"oneOf": [{"type": "null"}, schema]}


def listed(schema: Schema) -> Schema:
    """A list of the same."""
    return {"type": "array", "items": schema}


def named(name: str) -> Schema:
    """One of the schemas below."""
    return {"$ref": f"#/components/schemas/{name}"}


def asked_schema(body: asked.Body) -> Schema:
    """What a body must be."""
    texts = {
        name: {
            "type": "string",
            "description": each.about,
            **({"enum": [*each.options]} if each.options else {"pattern": f"^{each.pattern}$"}),
        }
        for name, each in body.items()
    }
    return record(texts, optional=tuple(name for name, each in body.items() if not each.required))


RUN_FACTS: dict[str, Schema] = {
    "id": TEXT,
    "kind": {"enum": [*KINDS]},
    "state": {"enum": [*RUN_STATES]},
    "asked_at": TIME,
    "due_at": TIME,
    "started_at": TIME,
    "ended_at": TIME,
}
COUNTS: Schema = {
    "type": "object",
    "description": "How many rows, by kind.",
    "additionalProperties": record(dict.fromkeys(shown.COUNTED, NUMBER), optional=(*shown.COUNTED,)),
}
ORDERS: Schema = {
    "type": "object",
    "description": "How many orders, by state.",
    "additionalProperties": NUMBER,
}
LEFT_OPEN: dict[str, Schema] = {
    "work_order": {"type": "string", "description": "Its id at OutSmart."},
    "order_nr": {"type": "string", "description": "What people call it there."},
    "state": {"type": "string", "description": f"One of {', '.join(State)}."},
    "number": {"type": ["integer", "null"], "description": "Of the sales order; null until it has one."},
    "reference": {"type": "string", "description": "By which people find it in Cash."},
    "administration": TEXT,
}
CHOICES = record({each.name: {"type": TYPES[type(each.default)]} for each in fields(Settings)})
SAVED = record({"version": NUMBER, "saved_at": TIME, "saved_by": TEXT, "choices": CHOICES})
SCHEMAS: dict[str, Schema] = {
    "Token": asked_schema(asked.TOKEN),
    "Wish": asked_schema(asked.RUN),
    "Whose": asked_schema(asked.SESSIONS),
    "ShortRun": record(RUN_FACTS),
    "Run": record(
        {
            **RUN_FACTS,
            "user": {"type": ["string", "null"], "description": "Who asked; null for an automatic one."},
            "reason": {"type": ["string", "null"], "description": "Why it failed, in one word."},
            "progress": {"type": "object"},
            "counts": COUNTS,
            "result": {"type": "object", "description": "All that is known of it, also each refused row."},
        }
    ),
    "Account": record(
        {
            "id": TEXT,
            "changed": {"type": "string", "description": "The cursor of its last change."},
            "connected": {"type": "boolean", "description": "A login at Cash is stored."},
            "outsmart_token": {"type": "boolean", "description": "A token at OutSmart is stored, and can be read."},
            "administration": nothing_or(record({"id": TEXT, "name": TEXT})),
            "state": {"enum": [*STATES]},
            "problem": {"type": ["string", "null"], "description": "What is to be mended, in one word."},
            "settings": nothing_or(SAVED),
            "open_run": nothing_or(named("ShortRun")),
            "last_good_run": nothing_or(named("ShortRun")),
            "next_run_at": TIME,
            "interval_seconds": {"type": ["integer", "null"], "description": "Between runs that nobody asks for."},
            "counts": COUNTS,
            "orders": ORDERS,
        }
    ),
    "Order": record(
        {
            **LEFT_OPEN,
            "needs_a_person": {"type": "boolean", "description": "Somebody must open the page and say something."},
            "customer": TEXT,
            "amount": {"type": ["string", "null"], "description": "Of its materials, without VAT: 1234.50."},
            "reason": {"type": ["string", "null"], "description": "Why it is in this state, in one word."},
            "problems": listed({"type": "object", "description": "Why it was refused: a word, a line, a text."}),
            "notes": listed({"type": "string", "description": "What was cut or left out, in one word."}),
            "changed_at": TIME,
            "next_look_at": TIME,
        }
    ),
    "Orders": record({"orders": listed(named("Order")), "cursor": TEXT, "more": {"type": "boolean"}}),
    "Accounts": record({"accounts": listed(named("Account")), "cursor": TEXT, "more": {"type": "boolean"}}),
    "Receipt": record(
        {
            "account": TEXT,
            "rows": {"type": "object", "additionalProperties": NUMBER},
            "orders": {
                "type": "array",
                "description": "Those that are in Cash (in_cash, changed) or may be (any other state), and whose work "
                "order is not Afgehandeld: set it to that, or connecting the account again exports it once more.",
                "items": record(LEFT_OPEN),
            },
        }
    ),
    "Ended": record({"ended": NUMBER}),
    "Problem": record(
        {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "detail": TEXT,
            "errors": listed(record({"field": TEXT, "message": TEXT})),
            "missing": listed({"enum": ["settings", "login", "outsmart_token"]}),
            "support": {"type": "string", "description": "Finds the lines of this request in our log."},
        },
        optional=("errors", "missing", "support"),
    ),
}
