"""What came of the synchronisation, and what a preview shows, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import format_decimal

from ...web.languages import _, _l
from ..store.runs import Run

MOST = 20  # rows of each list
KINDS = {
    "relations": _l("Relations"),
    "addresses": _l("Delivery addresses"),
    "materials": _l("Materials"),
    "hourtypes": _l("Hour types"),
    "warehouses": _l("Warehouses"),
    "employees": _l("Employees"),
}


FIELDS = {
    **dict.fromkeys(("name", "adr_name", "wse_description"), _l("Name")),
    **dict.fromkeys(("street", "adr_line_1"), _l("Street")),
    "house_number": _l("House number"),
    **dict.fromkeys(("postal_code", "adr_zip"), _l("Postal code")),
    **dict.fromkeys(("city", "adr_city"), _l("City")),
    "contact": _l("Contact"),
    "phone_number": _l("Phone"),
    "mobile": _l("Mobile phone"),
    "email": _l("Email address"),
    "kvk_number": _l("Chamber of Commerce number"),
    "vat_number": _l("VAT number"),
    "vat_code": _l("VAT code"),
    "description": _l("Description"),
    **dict.fromkeys(("price", "sale_price"), _l("Price")),
    "unit": _l("Unit"),
    "adr_remark": _l("Remark"),
    "firstname": _l("First name"),
    "lastname": _l("Last name"),
}


class Row(NamedTuple):
    """One record that needs attention: which, and why."""

    kind: str
    name: str
    why: str


class Cut(NamedTuple):
    """The first rows of a list: of how many, and the reason by which all are found."""

    rows: list[Row]
    of: int
    reason: str

    @property
    def more(self) -> str:
        """How many there are, where these are not all."""
        return shown(self.of) if self.of > len(self.rows) else ""


NOTHING = Cut([], 0, "")


@dataclass(frozen=True)
class Details:
    """What became of each kind, what a preview shows, and the rows that need attention."""

    results: list[tuple[str, str]] = field(default_factory=list)
    looked: list[tuple[str, str, list[str]]] = field(default_factory=list)  # kind, counts, examples
    looked_at: int = 0
    skipped: Cut = NOTHING
    refused: Cut = NOTHING
    gone: Cut = NOTHING


def counts(facts: Mapping[str, Any]) -> dict[str, int]:
    """What a result says of one kind, in numbers."""
    skipped = facts.get("skipped")
    return {
        "new": number(facts, "new"),
        "changed": number(facts, "changed"),
        "refused": number(facts, "refused_rows", "still_refused"),
        "skipped": sum(n for n in (skipped.values() if isinstance(skipped, dict) else ()) if isinstance(n, int)),
        "gone": number(facts, "gone"),
    }


def number(facts: Mapping[str, Any], *names: str) -> int:
    """The sum of these numbers; what is none counts for nothing."""
    return sum(value for name in names if isinstance(value := facts.get(name), int))


def counted(counts: Mapping[str, int]) -> str:
    """Counts on one line; those that are none are left out."""
    words = {
        "new": _("%(num)s new"),
        "changed": _("%(num)s changed"),
        "same": _("%(num)s the same"),
        "refused": _("%(num)s refused by OutSmart"),
        "skipped": _("%(num)s left out"),
        "gone": _("%(num)s no longer in Cash"),
        "only_in_outsmart": _("%(num)s only in OutSmart"),
        "twice_in_outsmart": _("%(num)s twice in OutSmart"),
        "overwritten": _("%(num)s changed in OutSmart, which a full import writes over"),
    }
    return ", ".join(text % {"num": shown(counts[name])} for name, text in words.items() if counts.get(name))


def shown(number: object) -> str:
    """A number as the user writes it."""
    return str(format_decimal(number)) if isinstance(number, int) else "0"


def results(run: Run | None) -> list[tuple[str, str]]:
    """What became of each kind."""
    found = run.kinds.items() if run else ()
    return [(kind_named(kind), counted(counts(facts)) or _("nothing changed")) for kind, facts in found]


def looked(run: Run | None) -> list[tuple[str, str, list[str]]]:
    """What a preview shows of each kind: counts, and examples of what would change."""
    found = run.kinds.items() if run else ()
    return [
        (kind_named(kind), counted({**counts(facts), **_more(facts)}) or _("nothing"), [*_examples(facts)])
        for kind, facts in found
    ]


def _more(facts: Mapping[str, Any]) -> dict[str, int]:
    return {name: number(facts, name) for name in ("same", "only_in_outsmart", "twice_in_outsmart", "overwritten")}


def _examples(facts: Mapping[str, Any]) -> Iterable[str]:
    examples = facts.get("examples")
    for each in examples if isinstance(examples, list) else ():
        if isinstance(each, dict) and isinstance(fields := each.get("fields"), dict):
            changes = (f"{name}: {old} → {new}" for name, old, new in _fields(fields))
            yield f"{each.get('name') or each.get('key')} – {'; '.join(changes)}"


def _fields(fields: Mapping[str, Any]) -> Iterable[tuple[str, object, object]]:
    for name, change in fields.items():
        if isinstance(change, dict):
            yield str(FIELDS.get(name, name)), change.get("old") or "–", change.get("new") or "–"


def kind_named(word: str) -> str:
    return str(KINDS.get(word, word))
