"""The words of this page for what the rest of the code names in its own terms."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import format_decimal

from ...web.languages import _, _l, _n
from ..actions.changes import Consequence
from ..actions.connect import ConnectionTest
from ..choices import CHOICES, Settings
from ..model import Administration, Login

RELATION_CODE = _l("Relation code")

STEPS = {
    "resolved": _l("Cash found"),
    "connected": _l("Connected to Cash"),
    "secure": _l("Secure connection"),
    "answered": _l("Cash answers"),
    "logged_in": _l("Logged in"),
    "administrations": _l("Administrations seen"),
}
TRIED = {
    "resolved": _l("finding Cash"),
    "connected": _l("connecting to Cash"),
    "secure": _l("securing the connection"),
    "answered": _l("getting an answer from Cash"),
    "logged_in": _l("logging in"),
    "administrations": _l("listing the administrations"),
}


def label(name: str) -> str:
    """The label of a choice."""
    return _(CHOICES[name].label) if name in CHOICES else str(RELATION_CODE)


def named(login: Login) -> str:
    """Whose login it is."""
    return f"{login.email} ({login.relation_code})"


def told_steps(tested: ConnectionTest) -> str:
    """What a test passed, and how long that took."""
    passed = " · ".join(str(STEPS[name]) for name, _ms in tested.steps)
    seconds = format_decimal(max(0.1, sum(ms for _name, ms in tested.steps) / 1000), "0.0")
    return f"{passed} ({seconds} s)"


def labels(names: Iterable[str]) -> str:
    """Labels on one line."""
    return ", ".join(label(name) for name in names)


def administration_names(administrations: Iterable[Administration]) -> dict[str, str]:
    """Name and code of each by its id, with the map where the code alone is not unique."""
    administrations = list(administrations)
    codes = Counter(each.code for each in administrations)
    names = {}
    for each in administrations:
        place = f"{each.code}, {each.map}" if codes[each.code] > 1 else each.code
        name = f"{each.name or each.code} ({place})"
        names[each.id] = _("%(name)s, read-only", name=name) if each.read_only else name
    return names


def changes(before: Settings, after: Settings) -> list[tuple[str, str, str]]:
    """What differs, in words: label, value before, value after."""
    return [(label(name), value(name, before), value(name, after)) for name in before.differences(after)]


def told(lines: Sequence[tuple[str, str, str]]) -> str:
    """Changes on one line, or how many they are."""
    if len(lines) > 3:
        return _n("%(num)d change", "%(num)d changes", len(lines)) + "."
    return ", ".join(f"{label}: {old} → {new}" if old else f"{label}: {new}" for label, old, new in lines)


def value(name: str, settings: Settings) -> str:
    """What is chosen, as the page shows it."""
    chosen: Any = getattr(settings, name)
    if name == "administration":
        return settings.administration_name
    if isinstance(chosen, bool):
        return _("on") if chosen else _("off")
    if name in CHOICES and (options := CHOICES[name].options) and chosen in options:
        return _(options[chosen])
    return str(chosen) or (_("No warehouse") if name == "export_default_warehouse" else "")


def consequence(each: Consequence) -> str:
    """What a Save sets in motion, in a sentence; a name may end with a full stop of its own."""
    return _consequence(each).replace("..", ".")


def act(told: Sequence[Consequence]) -> str:
    """What the button of the question says that it does."""
    kinds = {each.kind for each in told}
    if kinds == {"orders"}:
        return _("Save and send work orders")
    if kinds == {"override"}:
        return _("Save my choice")
    if kinds <= {"administration", "environment"}:
        return _("Save and switch over")
    return _("Save all of this")


def _consequence(each: Consequence) -> str:
    before, after = each.before, each.after
    match each.kind:
        case "environment":
            return _(
                "Instead of Cash environment %(old)s, OutSmart will work with %(new)s.",
                new=after.relation_code,
                old=before.relation_code,
            )
        case "administration":
            return _(
                "Instead of %(old)s, OutSmart will work with %(new)s from now on.",
                new=after.administration_name,
                old=before.administration_name,
            )
        case "override":
            return _(
                "%(user)s changed %(choice)s to %(theirs)s meanwhile. Saving makes it %(yours)s.",
                user=each.user,
                choice=label(each.choice),
                theirs=value(each.choice, before) or "–",
                yours=value(each.choice, after) or "–",
            )
    return _(
        "Every completed work order with status %(status)s is sent to %(name)s, old ones too. "
        "Set old work orders to Handled first.",
        status=value("export_work_status", after),
        name=after.administration_name,
    )
