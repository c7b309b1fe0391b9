"""Which accounts are synchronised by themselves now, and what comes of a run for the next ones."""

from flask import current_app

from ..db import get_db, write
from .store.orders import OrderStore
from .store.overview import IMPORTS, ORDERS
from .store.runs import Run, RunStore
from .store.schedules import ScheduleStore
from .store.settings import SettingsStore


def schedules() -> ScheduleStore:
    """Accounts in which nothing happens wait longer where all share one limit of calls."""
    return ScheduleStore(get_db(), stretch=current_app.config["CASH_CALLS_PER_MINUTE_TOTAL"] > 0)


def ask_due(now: int) -> None:
    """Asks for a run of every account whose time has come.

    An account that has become complete is looked at first: its preview may show that a person must look, too.
    """
    store, runs, orders = schedules(), RunStore(get_db()), OrderStore(get_db())
    if orders.is_any_to_be_looked_for(now):
        with write(get_db()):
            for account in orders.wake(now):
                runs.ask(account, ORDERS, "")
    if store.is_anything_due(now):
        with write(get_db()):
            for account in store.discover(now):
                runs.ask(account, "preview", "")
            for account, held in store.due(now):
                if held:
                    ask_for_exports(account, "")
                else:
                    runs.ask(account, "changed" if _is_known(account) else "preview", "")


def settle(run: Run, now: int) -> None:
    """What a run that went well means for those to come."""
    store = schedules()
    if run.kind in IMPORTS:
        store.hold(run.account, "")
        store.ended(run.account, now, changed=has_changes(run))
        ask_for_exports(run.account, run.user)
    elif run.kind == ORDERS:
        if run.result.get("more"):  # imports, and the runs of others, come in between
            RunStore(get_db()).ask(run.account, "changed", run.user)
    elif not is_imported(run.account):
        waits = run.result.get("waits") or [""]
        store.hold(run.account, str(waits[0]))


def ask_for_exports(account: str, user: str) -> None:
    """What comes after an import: the customers and articles of the orders are as new as can be."""
    settings = SettingsStore(get_db()).current(account).settings
    if settings.export_sales_orders or OrderStore(get_db()).has_work(account):
        RunStore(get_db()).ask(account, ORDERS, user)


def is_imported(account: str) -> bool:
    """Whether anything came to a good end yet of the administration that is imported from now."""
    return _is_last_of(account, IMPORTS)


def has_changes(run: Run) -> bool:
    """Whether it found anything that OutSmart did not have."""
    return any(
        each.get(what) for each in run.kinds.values() for what in ("new", "changed", "sent", "gone", "switched_off")
    )


def _is_known(account: str) -> bool:
    """Whether the administration that is imported from now was looked at, or imported from, before."""
    return is_imported(account) or _is_last_of(account, ("preview",))


def _is_last_of(account: str, kinds: tuple[str, ...]) -> bool:
    last = RunStore(get_db()).latest(account, kinds, ("done",))
    current = SettingsStore(get_db()).current(account).settings.administration
    return last is not None and last.result.get("administration") == current
