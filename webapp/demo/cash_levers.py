"""The switches of the Cash sandbox on its page.

A form says `switch`, such as `lost after`, and `times`, `seconds` or `calls` where they count. `times` that is empty
means every order until it is turned off, `calls` that is empty means for ever.
"""

from math import inf
from typing import cast

from .markup import button, form, number
from .posting import ORDER, Existing
from .switches import LATEST, Keys, Lost, Switches, Trouble

LOST = {"before": "before Cash stores it", "after": "after Cash stored it", "late": "and Cash stores it later"}
EXISTING = {"change": "changes that order", "refuse": "is refused", "second": "makes a second order"}
KEYS = {"work": "finds it", "blind": "finds nothing, although it is there"}


def pull(switches: Switches, said: dict[str, str]) -> None:
    """Does what a form says. KeyError and ValueError for what there is not."""
    times = float(said.get("times", "1") or inf)
    match said["switch"].split():
        case ["lost", when]:
            switches.lose_answers(cast(Lost, when), times, float(said.get("seconds", "30")), ORDER)
        case ["pending"]:
            switches.wait(int(said["calls"]) if said.get("calls") else None, times, ORDER)
        case ["half"]:
            switches.halve(0, times)
        case ["existing", does]:
            switches.existing_number(cast(Existing, does))
        case ["keys", do]:
            switches.key_reads(cast(Keys, do))
        case _:
            raise KeyError(said["switch"])


def levers(switches: Switches, under_way: int, action: str) -> str:
    """What is switched on, and the buttons."""
    on = "".join(f"<li><b>{text}</b>" for text in _on(switches, under_way)) or "<li>Every order works."
    forms = (
        f"The answer of the next {number('times', 'Orders', 1)} orders is lost: {_buttons('lost', LOST)}"
        f"after {number('seconds', 'Seconds', 30, LATEST)} seconds",
        f"The next {number('times', 'Orders', 1)} orders stay pending for {number('calls', 'Questions', 2)} questions: "
        + _buttons("pending", {"": "Let them wait"}),
        f"Of the next {number('times', 'Orders', 1)} orders Cash stores the header and refuses the lines: "
        + _buttons("half", {"": "Halve them"}),
        f"An order with a number that is there: {_buttons('existing', EXISTING, switches.existing)}",
        f"Whoever reads an order by its number: {_buttons('keys', KEYS, switches.keys)}",
        _buttons("land", {"": "Store what is under way now"}) + _buttons("recover", {"": "Every order works again"}),
    )
    empty = "<p>An empty number means every order, or for ever."
    return (
        f"<h2>What becomes of the next orders</h2><ul>{on}</ul>{''.join(form(action, each) for each in forms)}{empty}"
    )


def _on(switches: Switches, under_way: int) -> list[str]:
    lost, pending, half = switches.lost, switches.pending, switches.half
    later = f" ({lost.amount:g} seconds)" if lost.kind == "late" else ""
    how_long = "for ever" if pending.amount == inf else f"for {pending.amount:g} questions"
    return [
        *([f"{_next(lost)}: the answer is lost {LOST[lost.kind]}{later}."] if lost.times > 0 else []),
        *([f"{_next(pending)}: pending {how_long}."] if pending.times > 0 else []),
        *([f"{_next(half)}: the header is stored, the lines are refused."] if half.times > 0 else []),
        *([f"Under way: {under_way}."] if under_way else []),
    ]


def _next(trouble: Trouble) -> str:
    if trouble.times == inf:
        return "Every order"
    return "The next order" if trouble.times == 1 else f"The next {trouble.times:g} orders"


def _buttons(switch: str, words: dict[str, str], now: str | None = None) -> str:
    """One for each word but the one that is on."""
    return "".join(
        f"<b>{text}</b> " if word == now else button(text, "switch", f"{switch} {word}".strip())
        for word, text in words.items()
    )
