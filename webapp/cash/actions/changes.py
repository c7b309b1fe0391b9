"""What a Save would change: the three-way merge, and what it sets in motion. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

from ..choices import CHOICES, Settings

# One choice in three fields: an administration is known by its environment, its id and its name.
ADMINISTRATION = ("relation_code", "administration", "administration_name")


class Consequence(NamedTuple):
    """What the user should know before it is stored: what a choice sets in motion, or whose choice it overrides."""

    kind: str  # "environment", "administration", "orders" or "override"
    choice: str  # the name of the choice
    before: Settings
    after: Settings
    user: str = ""  # of an override: who saved it


@dataclass(frozen=True)
class Merge:
    """What a Save stores when someone else saved meanwhile: what only one side changed is taken."""

    settings: Settings
    taken: tuple[str, ...] = ()  # choices of others that were taken
    disputed: tuple[str, ...] = ()  # choices that both changed; `settings` has the user's own


def merge(base: Settings, mine: Settings, theirs: Settings) -> Merge:
    """Both changes of `base` in one; `mine` stays where both changed the same choice."""
    changed_here, changed_there = _chosen(base, mine), _chosen(base, theirs)
    apart = _chosen(mine, theirs)
    taken = [name for name in apart if name in changed_there and name not in changed_here]
    values = {name: getattr(theirs, name) for each in taken for name in _fields(each)}
    disputed = [name for name in apart if name in changed_here and name in changed_there]
    return Merge(replace(mine, **values), tuple(taken), tuple(disputed))


def consequences(before: Settings, after: Settings) -> list[Consequence]:
    """What storing `after` in place of `before` sets in motion."""
    found = []
    if before.relation_code and before.relation_code != after.relation_code:
        found.append(Consequence("environment", "administration", before, after))
    if before.administration and "administration" in _chosen(before, after):
        found.append(Consequence("administration", "administration", before, after))
    if _exports_others(before, after, "export_sales_orders", "export_work_status"):
        found.append(Consequence("orders", "export_sales_orders", before, after))
    return found


def begins_exports_anew(before: Settings, after: Settings) -> bool:
    """Whether other work orders than before go to Cash, or to another administration: perhaps very many old ones."""
    return _exports_others(before, after, "export_sales_orders", "export_work_status", "administration")


def _exports_others(before: Settings, after: Settings, *choices: str) -> bool:
    return after.export_sales_orders and not {*choices}.isdisjoint(_chosen(before, after))


def fingerprint(told: Sequence[Consequence]) -> str:
    """Stands for exactly these consequences in the form that asks about them; "" for none."""
    facts = [
        (each.kind, each.choice, each.user, _values(each.before, each.choice), _values(each.after, each.choice))
        for each in told
    ]
    # The orders go out with a status, to an administration.
    going = [(each.after.export_work_status, each.after.administration) for each in told if each.kind == "orders"]
    return sha256(repr((facts, going)).encode()).hexdigest()[:16] if told else ""


def _chosen(one: Settings, other: Settings) -> list[str]:
    """The choices in which two settings differ, in the order of the page."""
    different = set(one.differences(other))
    return [name for name in CHOICES if different & set(_fields(name))]


def _fields(choice: str) -> tuple[str, ...]:
    return ADMINISTRATION if choice == "administration" else (choice,)


def _values(settings: Settings, choice: str) -> list[object]:
    return [getattr(settings, name) for name in _fields(choice)]
