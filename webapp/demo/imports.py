"""Import texts and transactions: `<CASH>…</CASH>` in, what became of it out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from math import inf
from zoneinfo import ZoneInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from .books import Books
from .envelopes import Value
from .posting import Existing, Incoming, Refusal

PENDING, SUCCESS, ERROR = 1, 2, 3
WAITING_REFERENCE = re.compile("WACHT([0-9]{1,3})?")
NEVER = "0000-00-00 00:00:00"


class BadImport(ValueError):
    """The import text is not `<CASH>` XML."""


@dataclass
class Transaction:
    """An import and its outcome (2.8): status 1 pending, 2 success, 3 error, then `err` says why."""

    administration: str
    relation_code: str
    user: str
    incoming: list[Incoming]
    id: str = ""
    waits: float = 0
    """How many more GetTransaction calls find it pending."""
    due: float = 0
    """The moment (monotonic) at which it lands, when it is late."""
    lines: float = inf
    """How many of its lines of orders are good."""
    status: int = PENDING
    creation: str = field(default_factory=lambda: _now())
    last_update: str = NEVER
    err: str = ""

    def settle(self, books: Books, existing: Existing, late: bool) -> None:
        """Imports the records into the books, as they take an order whose number is there."""
        refusals = books.post(self.incoming, existing, self.lines)
        self.status = ERROR if refusals else SUCCESS
        self.err = _errors(refusals) if refusals else ""
        self.last_update = _now() if late else NEVER

    def is_over(self) -> bool:
        """Whether this GetTransaction call finds the end of the waiting."""
        self.waits -= 1
        return self.waits < 0

    def written(self) -> dict[str, Value]:
        """As it goes over the wire (2.1)."""
        map_, code = self.administration.split("/")
        return {
            "id": self.id,
            "status": self.status,
            "creation": self.creation,
            "lastUpdate": self.last_update,
            "administration": {"admCode": code, "admMap": map_},
            "initiator": {"relation": self.relation_code, "user": self.user},
            "err": self.err,
        }


def read_import(text: str) -> list[Incoming]:
    """The records of an import text, the root in either case. Raises BadImport.

    Record and field elements may lack their letter, as in `<2229>` (WP, M): not well-formed, yet in use.
    """
    lettered = re.sub(r"<(/?)([0-9]{3,4})>", r"<\1R\2>", text.strip())
    try:
        root = fromstring(lettered, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise BadImport("the import text is not XML") from error
    if root.tag.upper() != "CASH":
        raise BadImport("the import text is not <CASH>")
    return [
        Incoming(_number(record.tag), {_number(field.tag): field.text or "" for field in record}, line)
        for line, record in enumerate(root, start=1)
    ]


def calls_to_wait(incoming: Sequence[Incoming]) -> int:
    """How many GetTransaction calls find this import pending: 0 but for a sales order whose reference (2406)
    starts with `WACHT`, which waits 2 calls, or as many as stand behind it (`WACHT5`)."""
    for record in incoming:
        match = WAITING_REFERENCE.match(record.fields.get("2406", "")) if record.record == "2400" else None
        if match:
            return int(match[1] or 2)
    return 0


def _errors(refusals: Sequence[Refusal]) -> str:
    """The `err` text; `source` echoes the record in Cash's own notation (WP, H)."""
    errors = "".join(
        f"<error><message>{escape(refusal.message, quote=False)}</message><line>{refusal.incoming.line}</line>"
        f"<source>{escape(_source(refusal.incoming), quote=False)}</source></error>"
        for refusal in refusals
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<cash><errors>{errors}</errors></cash>'


def _source(incoming: Incoming) -> str:
    fields = "".join(f"{field}={text}|" for field, text in incoming.fields.items())
    return f"{incoming.record}|{fields}"


def _number(tag: str) -> str:
    """`R0101` → `0101`, `F2001` → `2001`, `R440` → `0440`; `Z4245` keeps its letter, as it is kept."""
    return tag[1:].zfill(4) if tag[:1] in "RFrf" and tag[1:].isdigit() else tag


def _now() -> str:
    """The server's local time (ASSUMPTION-15)."""
    return datetime.now(ZoneInfo("Europe/Amsterdam")).strftime("%Y-%m-%d %H:%M:%S")
