"""How the connection is, in a few words."""

from typing import NamedTuple

from ...web.languages import _
from ..actions import State
from ..client.errors import CashFault, error_for_reason
from ..model import Login
from . import problems


class Pill(NamedTuple):
    """What stands at the top of the page: how it looks, what it says, and when Cash last answered (0: not said)."""

    kind: str  # "on", "waiting", "off" or ""
    text: str
    worked: int = 0


def pill(state: State) -> Pill:
    """What is known now."""
    stored = state.stored
    if state.pending:
        return Pill("waiting", _("Not saved yet"))
    if stored is None:
        return Pill("", _("Not connected"))
    if stored.refused_since:
        return Pill("off", _("Login refused"))
    if stored.troubled:
        return Pill("waiting", _in_trouble(stored), stored.worked_at)
    if not stored.administration(state.saved.settings.administration):
        return Pill("waiting", _("Choose an administration"))
    return Pill("on", _("Connected"), stored.worked_at)


def _in_trouble(login: Login) -> str:
    if isinstance(error_for_reason(login.trouble), CashFault):
        return _("The link does not work now")
    return _("Cash does not answer now")


def trouble(reason: str) -> str:
    """The last trouble, by its reason word."""
    return problems.explain(error_for_reason(reason)).title
