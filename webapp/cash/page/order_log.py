"""Orders in the words of the log."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...web.languages import _, _l, _n
from ..model import Event
from .order_words import CHANGED, WHY, troubles

KINDS = ("order_refused", "order_asking", "order_changed", "made_in_cash", "order_said", "orders_agreed", "orders_left")
SAID = {
    "there": _l("Work order %(order)s: it is in Cash, said by a person"),
    "again": _l("Work order %(order)s: it is not in Cash, said by a person; it is sent again"),
    "leave": _l("Work order %(order)s: Cash is left as it is"),
    "second": _l("Work order %(order)s: a second order is made"),
    "export": _l("Work order %(order)s: it is exported after all"),
}
MADE = {"2220": _l("Relations"), "2260": _l("Articles")}


def order_in_words(event: Event) -> tuple[str, str]:
    """The line of an event of KINDS, and the full message behind it."""
    order = _text(event, "order")
    match event.kind:
        case "order_refused":
            return _("Work order %(order)s does not go to Cash", order=order), " ".join(_reasons(event))
        case "order_asking":
            why = str(WHY.get(_text(event, "reason"), WHY["unknown"]))
            return _("Work order %(order)s: look in Cash, please", order=order), f"{why} {_where(event)}".strip()
        case "order_changed":
            return _("Work order %(order)s was changed after it went to Cash", order=order), str(CHANGED)
        case "made_in_cash":
            made = [*_made(event.facts.get("made"))]
            told = _("Made in Cash: %(what)s", what=_counted(made))
            return told, ", ".join(f"{code} {name}" for _record, code, name in made)
        case "order_said":
            text = str(SAID.get(_text(event, "said"), _l("Work order %(order)s: a person has decided")))
            return text % {"order": order}, _where(event)
    return _begun(event.kind, event.facts.get("count")), ""


def _begun(kind: str, count: object) -> str:
    number = count if isinstance(count, int) else 0
    if kind == "orders_agreed":
        return _n("Exports begun: %(num)d work order waited", "Exports begun: %(num)d work orders waited", number)
    return _n(
        "Exports begun: %(num)d work order is left alone", "Exports begun: %(num)d work orders are left alone", number
    )


def _reasons(event: Event) -> Iterator[str]:
    for each in troubles(event.facts.get("problems")):
        yield f"{each.text} – {each.row}" if each.row else each.text


def _where(event: Event) -> str:
    number = event.facts.get("number")
    if not isinstance(number, int):
        return ""
    return _("Sales order %(number)s of %(customer)s.", number=number, customer=_text(event, "customer"))


def _made(found: Any) -> Iterator[tuple[str, str, str]]:
    for each in found if isinstance(found, list) else ():
        if isinstance(each, list) and len(each) == 3:
            yield str(each[0]), str(each[1]), str(each[2])


def _counted(made: list[tuple[str, str, str]]) -> str:
    counts = Counter(record for record, _code, _name in made)
    return ", ".join(f"{MADE.get(record, record)} ({count})" for record, count in counts.items()) or "–"


def _text(event: Event, name: str) -> str:
    fact = event.facts.get(name)
    return fact if fact and isinstance(fact, str) else "–"
