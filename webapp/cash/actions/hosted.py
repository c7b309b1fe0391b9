"""What the host of an account can do: look at it, ask for a run."""

from collections.abc import Sequence

from sqlite_utils import Database

from ...accounts import AccountStore
from ...db import write
from ...vault import Vault, VaultError
from ..choices import Settings
from ..store.logins import STORED, LoginStore
from ..store.openings import MANY, OpeningStore
from ..store.orders import NOT_KNOWN, Order, OrderStore, State
from ..store.overview import IMPORTS, ORDERS
from ..store.runs import Run, RunStore
from ..store.schedules import Schedule
from ..store.settings import SettingsStore
from .standing import Facts, missing, waiting

MOST = 1_000_000  # orders of one account
LEFT_OPEN = (*NOT_KNOWN, State.ASKING, State.IN_CASH, State.CHANGED)


class Incomplete(Exception):
    """A run cannot begin; `missing` says what it lacks."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class KeyUsed(Exception):
    """This key was sent before, with a request for something else."""


def facts_of(db: Database, vault: Vault, account: str, schedule: Schedule | None = None) -> Facts:
    """All that is stored about the account and of use to its host; `schedule` is when it is due by itself."""
    accounts, runs, saved = AccountStore(db, vault), RunStore(db), SettingsStore(db).current(account)
    since, changed = accounts.times(account)
    return Facts(
        saved=saved,
        login=LoginStore(db, vault).both(account, STORED)[1],
        outsmart=_token(accounts, account),
        token_since=since,
        changed=changed,
        open=runs.open(account),
        ended=runs.latest(account, IMPORTS),
        good=runs.latest(account, IMPORTS, ("done",)),
        exported=runs.latest(account, (ORDERS,)),
        schedule=schedule,
        orders=OrderStore(db).counts(account),
        orders_wait=_orders_wait(db, account, saved.settings),
    )


def ask_for_run(db: Database, vault: Vault, account: str, kind: str, user: str, key: str = "") -> tuple[Run, bool]:
    """Asks for a run as soon as possible; returns it, or the one that is open already, and whether it is new.

    `key` makes it safe to ask again. Raises Incomplete, KeyUsed.
    """
    with write(db):
        if lacks := missing(facts_of(db, vault, account)):
            raise Incomplete(lacks)
        run, new = RunStore(db).ask(account, kind, user, key=key)
    if key and run.key == key and run.kind != kind:
        raise KeyUsed
    return run, new


def orders_of(
    db: Database, account: str, states: Sequence[str] = (), after: tuple[int, str] = (0, ""), most: int = 100
) -> list[Order]:
    """A page of the orders of an account, as OrderStore pages them."""
    return OrderStore(db).page(account, states, after, most)


def orders_left_open(db: Database, account: str) -> list[Order]:
    """All orders that are in Cash, or may be, while their work order is not closed."""
    return orders_of(db, account, LEFT_OPEN, most=MOST)


def _orders_wait(db: Database, account: str, settings: Settings) -> bool:
    """Whether a person must say something: of an order, or which are exported when very many wait at first."""
    if OrderStore(db).needed(account):
        return True
    where = settings.cash_account, settings.administration
    return settings.export_sales_orders and waiting(OpeningStore(db).of(account, *where)) > MANY


def _token(accounts: AccountStore, account: str) -> str:
    try:
        accounts.token(account)
    except KeyError:
        return "missing"
    except VaultError:
        return "unreadable"
    return "stored"
