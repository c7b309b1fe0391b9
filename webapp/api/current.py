"""The stores of the current request or command, and all they know of an account."""

from flask import current_app

from ..accounts import AccountStore
from ..cash.actions.hosted import facts_of
from ..cash.actions.standing import Facts
from ..cash.store.schedules import ScheduleStore
from ..db import get_db
from ..vault import Vault


def vault() -> Vault:
    """What opens the tokens."""
    found: Vault = current_app.extensions["vault"]
    return found


def accounts() -> AccountStore:
    """The accounts."""
    return AccountStore(get_db(), vault())


def facts(account: str) -> Facts:
    """What is stored about an account."""
    schedules = ScheduleStore(get_db(), stretch=current_app.config["CASH_CALLS_PER_MINUTE_TOTAL"] > 0)
    return facts_of(get_db(), vault(), account, schedules.of(account))
