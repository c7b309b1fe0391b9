"""Orders on their way to Cash, in words: how each stands, why, and what is to be done."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flask_babel import format_currency

from ...web.languages import _, _l, timed
from ..store.orders import Order, State

STATES = {
    **dict.fromkeys((State.CLAIMED, State.LOOKING), _l("Waits for the next run")),
    State.SENDING: _l("Is being sent"),
    State.WAITING: _l("Cash is working on it"),
    State.VERIFYING: _l("Is being checked in Cash"),
    State.UNKNOWN: _l("Not known yet whether it arrived"),
    State.ASKING: _l("Look in Cash, please"),
    **dict.fromkeys((State.IN_CASH, State.DONE), _l("In Cash")),
    **dict.fromkeys((State.REFUSED, State.FAILED), _l("Not in Cash")),
    State.CHANGED: _l("Changed after it went to Cash"),
    State.LEFT: _l("Left alone"),
    State.WITHDRAWN: _l("No longer to be exported"),
}
NEXT = {
    State.SENDING: _l("The next run looks whether it arrived."),
    State.WAITING: _l("Each run asks Cash again, for a day."),
    State.VERIFYING: _l("The next run looks whether it is whole."),
    State.UNKNOWN: _l("The next run looks in Cash. Nothing is sent twice."),
    State.IN_CASH: _l("The work order still has to be set to Handled in OutSmart; the next run does that."),
    State.REFUSED: _l("The next run gives the work order the status 99 - Error."),
    State.LEFT: _l("Nothing happens to it, here or in OutSmart."),
}
SAID = {
    "there": _l("You said that it is in Cash. The next run looks, then closes the work order."),
    "again": _l("You said that it is not in Cash. The next run looks once more, then sends it."),
    "leave": _l("Cash stays as it is. The next run closes the work order."),
    "second": _l("The next run makes a second order."),
    "export": _l("It goes to Cash with the next run."),
}
WHY = {
    "half": _l(
        "The order is there without all of its lines. Complete it in Cash and say that it is there; "
        "or delete it in Cash and send it again."
    ),
    "unknown": _l("The answer of Cash was lost, and Cash does not show us whether the order is there."),
    "accepted": _l("Cash said that it took the order, but does not show it."),
    "held": _l("Cash kept the order waiting for a day and never said what became of it."),
    "other_reference": _l("Cash said that it took the order, but under its number stands one with another reference."),
    "not_found": _l("You said that it is in Cash, but we do not find it there. If you do see it, say so once more."),
    "unseen": _l("The login does not see this administration any more, so we cannot look."),
}
CHANGED = _l("It was completed again in OutSmart with other contents. The order in Cash may be invoiced by now.")
PROBLEMS = {
    "no_debtor": _l("Its customer has no debtor number. Choose one in OutSmart that has."),
    "no_lines": _l("It has no materials and no hours. Add what is to be invoiced in OutSmart."),
    "no_quantity": _l("%(text)s has the quantity 0. Fill in the quantity in OutSmart."),
    "number_unreadable": _l("“%(text)s” is not a number. Correct the quantity or the price in OutSmart."),
    "no_article": _l("Material %(text)s has no article code. Choose it from the list in OutSmart."),
    "no_hour_type": _l("The hours have no hour type. Choose one in OutSmart."),
    "code_unreadable": _l("Cash does not take a character of the code %(text)s. Choose another code in OutSmart."),
    "time_unreadable": _l("The time %(text)s cannot be read. Correct the beginning and the end in OutSmart."),
    "no_time": _l("Hours %(text)s last 0 minutes. Fill in the beginning and the end in OutSmart."),
    "customer_unknown": _l("Customer %(text)s is not in Cash. Add it there, or switch on New relation."),
    "customer_incomplete": _l("Customer %(text)s is not in Cash, and has no name or city. Fill that in, in OutSmart."),
    "debtor_unusable": _l("Cash takes no debtor number %(text)s: 6 digits at most. Change it in OutSmart."),
    "customer_not_made": _l("Cash did not make the customer: %(text)s"),
    "article_unknown": _l("Article %(text)s is not in Cash. Add it there, or switch on New material."),
    "article_not_made": _l("Cash did not make the article: %(text)s"),
    "hour_type_unknown": _l("Hour type %(text)s is not in Cash. Add it there as an article of type K."),
}
NOTES = {
    "reference_cut": _l("The order number was too long for Cash and was cut."),
    "description_cut": _l("The work description was too long for Cash and was cut."),
    "description_changed": _l("Characters that Cash does not take were left out of the work description."),
}
FIELDS = {  # of the records of an order, a customer and an article
    "2400": _l("order number"),
    "2401": _l("date"),
    **dict.fromkeys(("2405", "2408"), _l("description")),
    "2406": _l("reference"),
    "2419": _l("delivery address"),
    **dict.fromkeys(("2220", "0101"), _l("customer")),
    "2426": _l("line"),
    "2260": _l("article"),
    "2410": _l("quantity"),
    "2267": _l("price"),
    "2209": _l("warehouse"),
    **dict.fromkeys(("0103", "2001"), _l("name")),
    "0105": _l("street"),
    "0107": _l("city"),
    "0120": _l("email address"),
}
BUTTONS = {
    State.ASKING: {"there": _l("It is in Cash"), "again": _l("It is not: send again")},
    State.CHANGED: {"leave": _l("Leave Cash as it is"), "second": _l("Make a second order")},
    State.LEFT: {"export": _l("Export after all")},
}


class Trouble(NamedTuple):
    """Why an order was refused, and what Cash says it is about."""

    text: str
    row: str = ""


def state(order: Order) -> str:
    """How it stands; a word of another version as it is."""
    return str(STATES.get(State(order.state)) if order.state in set(State) else order.state)


def next_step(order: Order, status: str) -> str:
    """What the program or a person does next; `status` is the work status of orders that are exported."""
    if order.said in SAID:
        return str(SAID[order.said])
    match order.state:
        case State.UNKNOWN if order.next_look:
            return timed(_("We look in Cash at %(time)s. Nothing is sent twice."), order.next_look)
        case State.CLAIMED if order.reason == "numbers_taken":
            return _("Many numbers in a row are taken in Cash. The next run tries others.")
        case State.FAILED:
            return _("When that is right, give the work order the status %(status)s: it goes again.", status=status)
        case State.WITHDRAWN:
            return _("It goes when it is complete and has the status %(status)s again.", status=status)
    return str(NEXT[State(order.state)]) if order.state in NEXT else ""


def why_we_ask(order: Order) -> str:
    """Why a person must look; "" where nobody has to."""
    if order.state == State.CHANGED:
        return str(CHANGED)
    return str(WHY.get(order.reason, WHY["unknown"])) if order.state == State.ASKING else ""


def in_euro(amount: str) -> str:
    """A decimal number with a dot as an amount; "" for none, and as it is for what is no number."""
    try:
        return str(format_currency(amount, "EUR")) if amount else ""
    except ArithmeticError:
        return amount


def troubles(problems: Any) -> list[Trouble]:
    """Every reason of a refusal: the line, what is wrong, what to fill in and where."""
    return [trouble for each in _mappings(problems) if (trouble := _trouble(each))]


def notes(order: Order) -> list[str]:
    """What was cut or left out."""
    found = order.detail.get("notes")
    words = dict.fromkeys(each for each in found if isinstance(each, str)) if isinstance(found, list) else {}
    return [str(NOTES[each]) for each in words if each in NOTES]


def _mappings(found: Any) -> Iterator[Mapping[str, Any]]:
    return (each for each in found if isinstance(each, dict)) if isinstance(found, list) else iter(())


def _trouble(problem: Mapping[str, Any]) -> Trouble:
    word, line, text = _text(problem, "word"), problem.get("line"), _text(problem, "text") or "–"
    if word == "cash":
        return _refusal_of_cash(text, _text(problem, "source"))
    told = str(PROBLEMS[word]) % {"text": text} if word in PROBLEMS else _("It was refused (%(word)s).", word=word)
    return Trouble(_("Line %(num)s: %(what)s", num=line, what=told) if line and isinstance(line, int) else told)


def _refusal_of_cash(message: str, source: str) -> Trouble:
    """What Cash says, the field that it names, and the row that it echoes: `2410|2400=900000|2426=1|2260=XYZ|…|`."""
    told = _("Cash says: %(message)s", message=message)
    named = re.search(r"\b([0-9]{4})=", message)
    if named and named[1] in FIELDS:
        told = f"{told} ({FIELDS[named[1]]})"
    return Trouble(told, ", ".join(_fields(source)))


def _fields(source: str) -> Iterable[str]:
    for field in source.split("|")[1:]:
        name, is_one, text = field.partition("=")
        if is_one and text and name.zfill(4) in FIELDS:
            yield f"{FIELDS[name.zfill(4)]} {text}"


def _text(facts: Mapping[str, Any], name: str) -> str:
    found = facts.get(name)
    return found if isinstance(found, str) else ""
