"""The past year of an account: lived through with the product's own actions, then dated back."""

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from flask import Flask, g

from ..cash.actions import Integration, State
from ..cash.actions.changes import Merge, consequences, fingerprint
from ..cash.actions.connect import list_warehouses, log_in, test_connection
from ..cash.actions.saving import save
from ..cash.model import Credentials, Who
from ..cash.page.rendering import integration
from ..db import now, owned_tables, write
from ..throttle import LoginRejected
from .cash import CashSandbox
from .scenarios import API, SCENARIOS, WRONG, YEAR

USERS = ("beheer", "M. de Vries")
DAYS_KEPT = 400  # of the log: the whole year can be seen
_DATED = (
    "UPDATE timeline SET at = ? WHERE account = ? AND at >= ?",
    "UPDATE settings SET at = ? WHERE account = ? AND at >= ?",
    "UPDATE logins SET since = ? WHERE account = ? AND since >= ?",
    "UPDATE logins SET seen = ? WHERE account = ? AND seen >= ?",
    "UPDATE logins SET trouble_at = ? WHERE account = ? AND trouble_at >= ?",
    "UPDATE logins SET refused_since = ? WHERE account = ? AND refused_since >= ?",
)
IMPORTED = ("runs", "schedules", "sent_rows", "skipped_rows", "sync_marks")
EXPORTED = ("orders", "order_books", "openings")
_FIRST, _SECOND = USERS
# How many days ago, at what time and by whom; what was done, a method below; what was chosen.
_DAYS: tuple[tuple[int, str, str, str, dict[str, Any]], ...] = (
    (365, "16:30", _FIRST, "connect", {"import_relations": True, "import_materials": True, "import_hour_types": True}),
    (364, "09:05", _FIRST, "save", {"import_warehouses": True}),
    (301, "11:20", _SECOND, "save", {"export_sales_orders": True, "export_hour_rounding": 5}),
    (212, "14:48", _SECOND, "save", {"export_hour_rounding": 15}),
    (158, "09:41", _SECOND, "test_in_vain", {}),
    (158, "11:02", _SECOND, "test", {}),
    (120, "10:15", _FIRST, "save", {"export_default_warehouse": "MAG1"}),
    (75, "08:57", _FIRST, "mistype", {}),
    (75, "09:01", _FIRST, "test", {}),
    (41, "15:36", _FIRST, "save", {"import_employees": True, "export_work_description": True}),
    (40, "08:12", _SECOND, "save", {"import_employees": False}),
    (13, "09:41", _SECOND, "test_in_vain", {}),
    (13, "09:58", _SECOND, "test", {}),
)


def begin(app: Flask, sandbox: CashSandbox) -> None:
    """Gives the account its year, unless something is stored for it."""
    with app.app_context():
        if _is_new(integration()):
            logging.disable()  # what went wrong did so long ago
            try:
                _live(sandbox)
            finally:
                logging.disable(logging.NOTSET)


def _is_new(cash: Integration) -> bool:
    state = cash.state(Who(YEAR.account, "", ""))
    return not (state.stored or state.saved.version or any(cash.activity.latest(YEAR.account, 1)))


def forget(app: Flask) -> None:
    """Deletes what is stored for the accounts of the demo, and all that is counted; their sessions end."""
    with app.app_context(), write((cash := integration()).db):
        for account in {each.account for each in SCENARIOS.values()}:
            for table in owned_tables():
                cash.db.table(table).delete_where("account = ?", [account])
        _forget_counts(cash)


def forget_runs(app: Flask) -> None:
    """As if nothing had ever been synchronised or exported."""
    with app.app_context(), write((cash := integration()).db):
        for table in (*IMPORTED, *EXPORTED):
            cash.db.table(table).delete_where()


def forgive(app: Flask) -> None:
    """Lets everyone ask and fail anew, also with a login that Cash refused just now."""
    with app.app_context():
        _forget_counts(integration())


def _forget_counts(cash: Integration) -> None:
    with write(cash.db):
        for table in ("rate_events", "rates"):
            cash.db.table(table).delete_where()


def _live(sandbox: CashSandbox) -> None:
    for days_ago, at, user, done, choices in _DAYS:
        g.pop("support_code", None)  # a request of its own
        began, cash = now(), integration()
        getattr(_Day(cash, sandbox, Who(YEAR.account, "year", user)), done)(**choices)
        _date(cash, began, days_ago, at)
        _forget_counts(cash)  # they are of a minute and an hour of today


def _date(cash: Integration, began: int, days_ago: int, at: str) -> None:
    day = datetime.now().date() - timedelta(days=days_ago)
    moment = int(datetime.combine(day, time.fromisoformat(at)).timestamp())
    with write(cash.db):
        for change in _DATED:
            cash.db.execute(change, [moment, YEAR.account, began])
        login = cash.state(Who(YEAR.account, "", "")).login
        for id, listed in login.warehouse_lists.items():
            if listed.seen >= began:
                cash.logins.remember_warehouses(YEAR.account, login, id, replace(listed, seen=moment))


class _Day:
    """What a user did on one day."""

    def __init__(self, cash: Integration, sandbox: CashSandbox, who: Who) -> None:
        self._cash, self._sandbox, self._who = cash, sandbox, who

    @property
    def _state(self) -> State:
        return self._cash.state(self._who)

    def connect(self, **choices: Any) -> None:
        self._log_in(API.password)
        login = self._state.login
        list_warehouses(self._cash, self._who, login, login.administrations[0], "")
        self.save(**choices)

    def save(self, **choices: Any) -> None:
        state = self._state
        chosen = state.login.administrations[0]
        choices |= {"relation_code": API.relation_code, "administration": chosen.id, "administration_name": chosen.name}
        settings = replace(state.saved.settings, **choices)
        told = consequences(state.saved.settings, settings)
        save(self._cash, self._who, state, Merge(settings), confirmed=fingerprint(told))

    def test(self) -> None:
        test_connection(self._cash, self._who, self._state, "")

    def test_in_vain(self) -> None:
        self._sandbox.go_down()
        self.test()
        self._sandbox.recover()

    def mistype(self) -> None:
        with suppress(LoginRejected):
            self._log_in(WRONG.password)

    def _log_in(self, password: str) -> None:
        log_in(self._cash, self._who, self._state, Credentials(API.relation_code, API.email, password), "")
