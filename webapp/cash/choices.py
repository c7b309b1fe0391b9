"""Every choice of the settings, declared once: its default, its words, its options and where it stands.

Form, page, manual, log and tests loop over these declarations. Texts are English and looked up when shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


def N_(text: str) -> str:
    """Marks a text for the translators."""
    return text


@dataclass(frozen=True)
class Choice:
    """What everyone needs to know of one choice: a switch where its default is a bool, else a list to choose from."""

    name: str
    default: bool | int | str
    place: str  # "administration", "imports", "exports" (switches the orders on), "orders"
    label: str
    hint: str
    manual: str
    options: Mapping[int | str, str] | None = None  # value: label; None where Cash says what there is

    @property
    def is_switch(self) -> bool:
        """On or off."""
        return isinstance(self.default, bool)


def choice(
    default: bool | int | str,
    place: str,
    label: str,
    hint: str,
    manual: str,
    options: Mapping[Any, str] | None = None,
) -> Any:
    """A field of Settings that the user chooses; see Choice."""
    about = {"default": default, "place": place, "label": label, "hint": hint, "manual": manual, "options": options}
    return field(default=default, metadata=about)


@dataclass(frozen=True)
class Settings:
    """The choices of one account, with the defaults of a new one, in the order of the page."""

    relation_code: str = ""  # the Cash environment of the administration
    administration_name: str = ""
    administration: str = choice(
        "",
        "administration",
        N_("Administration"),
        N_("The company in Cash that OutSmart works with"),
        N_("The one administration in Cash that OutSmart works with."),
    )
    import_relations: bool = choice(
        False,
        "imports",
        N_("Relations"),
        N_("Customers with a full address, not blocked"),
        N_(
            "Relations that are marked as customer in Cash, are not blocked and have a name, address, postal code "
            "and city. Their delivery addresses come along."
        ),
    )
    import_materials: bool = choice(
        False,
        "imports",
        N_("Materials"),
        N_("Articles of type A, M, E and S"),
        N_(
            "Articles of type A, M, E and S. Materials and Hour types are one operation: switching on either "
            "fetches both."
        ),
    )
    import_hour_types: bool = choice(
        False,
        "imports",
        N_("Hour types"),
        N_("Articles of type K; goes together with Materials"),
        N_("Articles of type K, fetched together with Materials."),
    )
    import_warehouses: bool = choice(
        False,
        "imports",
        N_("Warehouses"),
        N_("For the stock and the default warehouse"),
        N_("The warehouse locations of the administration."),
    )
    import_employees: bool = choice(
        False,
        "imports",
        N_("Employees"),
        N_("Only in a manual synchronisation"),
        N_("Only in a manual synchronisation. Each active employee in OutSmart uses a licence."),
    )
    export_sales_orders: bool = choice(
        False,
        "exports",
        N_("Sales orders"),
        N_("Sends completed work orders to Cash as sales orders"),
        N_(
            "The export: completed work orders as sales orders in Cash. Set old work orders to Handled before you "
            "switch it on, or they take part too."
        ),
    )
    export_work_status: str = choice(
        "1",
        "orders",
        N_("Work order status"),
        N_("Only this status"),
        N_("Only work orders with this status are sent. The usual one is 1 - Naar Cash."),
        {"0": "0 - Niet naar Cash", "1": "1 - Naar Cash", "99": "99 - Error"},
    )
    export_hour_rounding: int = choice(
        0,
        "orders",
        N_("Hour rounding"),
        N_("Always up"),
        N_("Rounds each hour line up to 5, 15 or 30 minutes."),
        {0: N_("No rounding"), 5: N_("5 minutes"), 15: N_("15 minutes"), 30: N_("30 minutes")},
    )
    export_default_warehouse: str = choice(
        "",
        "orders",
        N_("Default warehouse"),
        N_("For lines without a warehouse."),
        N_("The warehouse in Cash for material lines that name none."),
    )
    export_new_relations: bool = choice(
        True,
        "orders",
        N_("New relation"),
        N_("Creates a missing customer in Cash"),
        N_("A customer that is not in Cash yet is created there. When it is off, such a work order is not sent."),
    )
    export_new_materials: bool = choice(
        True,
        "orders",
        N_("New material"),
        N_("Creates a missing article in Cash"),
        N_("An article that is not in Cash yet is created there. When it is off, such a work order is not sent."),
    )
    export_work_description: bool = choice(
        False,
        "orders",
        N_("Work description"),
        N_("As a line of text on the order"),
        N_("Puts the description of the work on the sales order as a line of text."),
    )

    @property
    def cash_account(self) -> str:
        """The relation code as all its spellings have it: Cash may take it with leading zeros and without."""
        return self.relation_code.lstrip("0") or self.relation_code

    @property
    def chooses_anything(self) -> bool:
        """Whether anything is imported or exported at all."""
        return any(getattr(self, each.name) for each in CHOICES.values() if each.place in ("imports", "exports"))

    def differences(self, other: "Settings") -> list[str]:
        """The names of what differs; the name of an administration may change without being another choice."""
        names = (each.name for each in fields(self) if each.name != "administration_name")
        return [name for name in names if getattr(self, name) != getattr(other, name)]


# One operation at Cash: switching one on or off switches both.
TOGETHER = ("import_materials", "import_hour_types")

CHOICES: dict[str, Choice] = {
    each.name: Choice(each.name, **each.metadata) for each in fields(Settings) if each.metadata
}


@dataclass(frozen=True)
class SavedSettings:
    """Settings as stored; version 0 means that nothing was saved yet."""

    version: int
    settings: Settings
    at: int = 0  # seconds since 1970
    user: str = ""
