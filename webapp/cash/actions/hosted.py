"""What the host of an account can do: look at it, ask for a run."""

from sqlite_utils import Database

from ...accounts import AccountStore
from ...db import write
from ...vault import Vault, VaultError
from ..store.logins import STORED, LoginStore
from ..store.overview import IMPORTS
from ..store.runs import Run, RunStore
from ..store.schedules import Schedule
from ..store.settings import SettingsStore
from .standing import Facts, missing


class Incomplete(Exception):
    """A run cannot begin; `missing` says what it lacks."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class KeyUsed(Exception):
    """This key was sent before, with a request for something else."""


def facts_of(db: Database, vault: Vault, account: str, schedule: Schedule | None = None) -> Facts:
    """All that is stored about the account and of use to its host; `schedule` is when it is due by itself."""
    accounts, runs = AccountStore(db, vault), RunStore(db)
    since, changed = accounts.times(account)
    return Facts(
        saved=SettingsStore(db).current(account),
        login=LoginStore(db, vault).both(account, STORED)[1],
        outsmart=_token(accounts, account),
        token_since=since,
        changed=changed,
        open=runs.open(account),
        ended=runs.latest(account, IMPORTS),
        good=runs.latest(account, IMPORTS, ("done",)),
        schedule=schedule,
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


def _token(accounts: AccountStore, account: str) -> str:
    try:
        accounts.token(account)
    except KeyError:
        return "missing"
    except VaultError:
        return "unreadable"
    return "stored"
