"""The words of this page for what the rest of the code names in its own terms."""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

from ...web.languages import _, _l
from ..model import WORK_STATUSES, Administration, Settings

LABELS = {
    "relation_code": _l("Relation code"),
    "email": _l("Email address"),
    "password": _l("Password"),
    "administration": _l("Administration"),
    "import_relations": _l("Relations"),
    "import_materials": _l("Materials"),
    "import_hour_types": _l("Hour types"),
    "import_warehouses": _l("Warehouses"),
    "import_employees": _l("Employees"),
    "export_sales_orders": _l("Sales orders"),
    "export_work_status": _l("Work order status"),
    "export_new_relations": _l("New relation"),
    "export_new_materials": _l("New material"),
    "export_hour_rounding": _l("Hour rounding"),
    "export_default_warehouse": _l("Default warehouse"),
    "export_work_description": _l("Work description"),
}

HINTS = {
    "relation_code": _l("Your account number at Cash"),
    "email": _l("Of the API user in Cash"),
    "password": _l("Of the API user in Cash"),
    "administration": _l("The company in Cash that OutSmart works with"),
    "import_relations": _l("Customers that are not blocked and have a full address, with their delivery addresses"),
    "import_materials": _l("Articles of type A, M, E and S. Fetched together with Hour types"),
    "import_hour_types": _l("Articles of type K. Fetched together with Materials"),
    "import_warehouses": _l("Warehouse locations"),
    "import_employees": _l("Only in a manual synchronisation"),
    "export_sales_orders": _l("Sends completed work orders to Cash as sales orders"),
    "export_work_status": _l("Only work orders with this status are sent"),
    "export_new_relations": _l("Creates a missing customer in Cash"),
    "export_new_materials": _l("Creates a missing article in Cash"),
    "export_hour_rounding": _l("Always up, for each hour line"),
    "export_default_warehouse": _l("For material lines without a warehouse"),
    "export_work_description": _l("Puts the work description on the order as a line of text"),
}


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


def rounding(minutes: int) -> str:
    """An hour rounding in words."""
    return _("%(minutes)s minutes, up", minutes=minutes) if minutes else _("No rounding")


def changes(before: Settings, after: Settings) -> list[tuple[str, str, str]]:
    """What differs, in words: label, value before, value after."""
    return [(str(LABELS[name]), _choice(name, before), _choice(name, after)) for name in before.differences(after)]


def told(lines: list[tuple[str, str, str]]) -> str:
    """Changes on one line."""
    return ", ".join(f"{label}: {old} → {new}" if old else f"{label}: {new}" for label, old, new in lines)


def _choice(name: str, settings: Settings) -> str:
    value: Any = getattr(settings, name)
    if name == "administration":
        return settings.administration_name
    if name == "export_work_status":
        return WORK_STATUSES.get(str(value), str(value))
    if name == "export_hour_rounding":
        return rounding(value)
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if name == "export_default_warehouse":
        return str(value) or _("No warehouse")
    return str(value)


def consequences(before: Settings, after: Settings) -> dict[str, str]:
    """What a Save sets in motion that the user should see before it does, by the choice that causes it."""
    found = {}
    if before.relation_code and before.relation_code != after.relation_code:
        found["relation_code"] = _(
            "Instead of Cash environment %(old)s, OutSmart will work with %(new)s.",
            new=after.relation_code,
            old=before.relation_code,
        )
    if before.administration and before.administration != after.administration:
        found["administration"] = _(
            "Instead of %(old)s, OutSmart will work with %(new)s from now on. What was synchronised stays where it is.",
            new=after.administration_name,
            old=before.administration_name,
        )
    if after.export_sales_orders and not before.export_sales_orders:
        found["export_sales_orders"] = _(
            "Every completed work order with status %(status)s is sent to %(name)s, old ones too. "
            "Set old work orders to Handled first.",
            status=WORK_STATUSES[after.export_work_status],
            name=after.administration_name,
        )
    return found


def fingerprint(consequences: dict[str, str]) -> str:
    """Stands for exactly these consequences in the form that asks about them."""
    return sha256("\n".join(consequences.values()).encode()).hexdigest()[:16]


STEPS = {
    "resolved": _l("Cash found"),
    "connected": _l("Connected to Cash"),
    "secure": _l("Secure connection"),
    "answered": _l("Cash answers"),
    "logged_in": _l("Logged in"),
    "administrations": _l("Administrations seen"),
}


class ConflictRow(NamedTuple):
    """A choice that someone else saved otherwise meanwhile."""

    name: str
    label: str
    typed: str  # your value as a form sends it
    yours: str
    now: str
    user: str
    take_theirs: bool  # the better answer to begin with: you did not touch it


def conflict(yours: Settings, seen: Settings | None, current: Settings, users: dict[str, str]) -> list[ConflictRow]:
    """What differs between what you chose and what is in force; `seen` is what you began with."""
    return [
        ConflictRow(
            name,
            str(LABELS[name]),
            _as_sent(getattr(yours, name)),
            _choice(name, yours),
            _choice(name, current),
            users.get(name, ""),
            seen is not None and getattr(yours, name) == getattr(seen, name),
        )
        for name in yours.differences(current)
        if name != "relation_code"
    ]


def _as_sent(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else ""
    return str(value)
