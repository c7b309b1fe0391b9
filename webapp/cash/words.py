"""The words of this page for what the rest of the code names in its own terms."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..languages import _, _l, _n
from .gateway import (
    Administration,
    CashBusy,
    CashError,
    CashUnreachable,
    CredentialsRejected,
    NoAdministration,
)
from .settings import WORK_STATUSES, Settings

INVALID_LOGIN = "Gegevens API gebruiker niet geldig"  # exactly this, in every language

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


class Problem(NamedTuple):
    """What went wrong, for the user: a title, what to do next, and the status of the response."""

    title: str
    text: str
    status: int
    retry_after: int | None = None
    dutch: bool = False  # the title is Dutch in every language


def administration_name(administration: Administration, all_of_them: tuple[Administration, ...]) -> str:
    """Name and code, with the map where the code alone is not unique."""
    twins = [each for each in all_of_them if each.code == administration.code]
    place = f"{administration.code}, {administration.map}" if len(twins) > 1 else administration.code
    name = f"{administration.name or administration.code} ({place})"
    return _("%(name)s, read-only", name=name) if administration.read_only else name


def rounding(minutes: int) -> str:
    """An hour rounding in words."""
    return _("%(minutes)s minutes, up", minutes=minutes) if minutes else _("None")


def wait(seconds: int) -> str:
    """A time to wait, rounded up to whole minutes from one minute on."""
    if seconds <= 60:
        return _n("%(num)d second", "%(num)d seconds", seconds)
    return _n("%(num)d minute", "%(num)d minutes", -(-seconds // 60))


def rejected(left: int) -> Problem:
    """Cash refused the login."""
    text = _("Check the relation code, email address and password, then try again.")
    attempts = _n("%(num)d attempt left.", "%(num)d attempts left.", left) if left else ""
    return Problem(INVALID_LOGIN, f"{text} {attempts}".strip(), 422, dutch=True)


def too_many(seconds: int) -> Problem:
    """Too many failed logins."""
    text = _("For safety you can try again in %(time)s. What is stored stays as it is.", time=wait(seconds))
    return Problem(_("Too many wrong logins"), text, 429, retry_after=seconds)


def explain(error: CashError) -> Problem:
    """A failed exchange with Cash, sorted by who can do something about it."""
    retry = error.retry_after
    later = (
        _("Nothing was changed. Try again in %(time)s.", time=wait(retry))
        if retry
        else _("Nothing was changed. Try again in a few minutes.")
    )
    match error:
        case CredentialsRejected():
            return rejected(0)
        case NoAdministration():
            return Problem(
                _("This login sees no administration"),
                _(
                    "The login is right, but the API user may not see any administration. "
                    "In Cash, give the department of this user access to the administration, then try again."
                ),
                422,
            )
        case CashBusy(reason="in_flight"):
            return Problem(_("Many people are asking Cash right now"), later, 503, retry or 5)
        case CashBusy():
            return Problem(_("Cash is busy"), later, 429, retry or 60)
        case CashUnreachable():
            return Problem(_unreachable(error.reason), later, 503, retry)
        case _:
            return Problem(
                _("The link with Cash needs our attention"),
                _("This is not caused by what you typed, and nothing was changed. Give the code below to support."),
                503,
            )


def _unreachable(reason: str) -> str:
    if reason in ("dns", "refused", "connect_timeout", "reset"):
        return _("Cash cannot be reached")
    if reason in ("read_timeout", "deadline"):
        return _("Cash takes too long to answer")
    if reason == "tls":
        return _("The secure connection to Cash failed")
    if reason == "http_503" or reason == "maintenance":
        return _("Cash is down or under maintenance")
    return _("Cash gave an answer we cannot use")


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
        return str(value) or _("None")
    return str(value)


def event(kind: str, facts: Mapping[str, Any]) -> str:
    """A line of the log."""
    login = f"{facts.get('email', '')} ({facts.get('relation_code', '')})"
    match kind:
        case "login_refused":
            return _("Cash refused the login %(login)s", login=login)
        case "login_proven":
            return _("Logged in as %(login)s; not saved yet", login=login)
        case "login_replaced":
            return _("New login stored: %(login)s", login=login)
        case "connected":
            return _("Connected as %(login)s", login=login)
        case "saved":
            lines = changes(Settings(**facts["before"]), Settings(**facts["after"]))
            return _("Settings saved. %(changes)s", changes=told(lines))
        case "cash_failed":
            return str(facts["title"])
    raise ValueError(f"no words for {kind!r}")


def log_in_first() -> Problem:
    """There is no login to work with: it was never proven, or it waited too long for Save."""
    return Problem(
        _("Log in to Cash first"),
        _("Your login waits 30 minutes for Save. Fill in the password again and press Submit."),
        422,
    )


def log_in_again() -> Problem:
    """The stored password cannot be opened any more."""
    return Problem(
        _("Log in to Cash again"),
        _("The stored login can no longer be used. Your settings are kept. Fill in the password and press Submit."),
        422,
    )
