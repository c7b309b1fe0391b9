"""How often something may be done in a minute, such as asking Cash: counted for all workers together."""

import math
from time import time
from typing import NamedTuple

from sqlite_utils import Database

from .db import write

MINUTE, HOUR = 60, 60 * 60
EXACTNESS = 0.001  # seconds: sums of floats are not exact, but a whole burst is
EVERYONE = "cash"  # the key of all calls to Cash
ONE_LOGIN = 3  # calls to Cash: WSDL, Authenticate, ListAdministrations


class Rate(NamedTuple):
    """So many a minute, and so many at once (GCRA): a row holds until when what was taken lasts at this rate."""

    per_minute: float
    burst: float

    def wait(self, until: float) -> int:
        """Seconds until one more is allowed, none or fewer when it is now."""
        ahead = max(until - time(), 0)
        # Sums of floats are not exact: rounded first, a whole burst is.
        return math.ceil(round(ahead - (self.burst - 1) * MINUTE / self.per_minute, 3))

    def take(self, until: float) -> float:
        """The row after one more."""
        return max(until, time()) + MINUTE / self.per_minute


def reserve(db: Database, key: str, per_minute: float, burst: float) -> int | None:
    """Takes one of what `key` may have; None, or the seconds to wait, and then nothing was taken."""
    wait = take(db, key, per_minute, burst)
    return max(1, math.ceil(round(wait, 3))) if wait else None


def take(db: Database, key: str, per_minute: float, burst: float) -> float:
    """The same to the fraction of a second, 0 when it was taken: in one statement, so it waits for nobody.

    Whoever has the smaller burst of a key yields to those with a larger one. What may be taken at once must come back
    within an hour: a row that reaches further is swept away.
    """
    now, period = time(), MINUTE / per_minute
    most = (burst - 1) * period + EXACTNESS
    taken = db.execute(
        "INSERT INTO rates (key, until) VALUES (?, ?) ON CONFLICT (key) DO UPDATE "
        "SET until = CASE WHEN rates.until > ? THEN rates.until ELSE ? END + ? WHERE rates.until <= ? RETURNING until",
        [key, now + period, now, now, period, now + most],
    ).fetchall()
    return 0.0 if taken else max(EXACTNESS, _until(db, key)[key] - now - most)


def reserve_call(
    db: Database,
    per_minute: int,
    account: str,
    *,
    per_account: int = 20,
    relation_code: str = "",
    per_relation: int = 0,
) -> int | None:
    """The same for a call to Cash that a person waits for; 0 is no limit.

    `per_minute` is for all accounts together, `per_account` for this one. A fifth of what is for all is kept for
    accounts that asked for no more than one login in the last minute: those who keep asking cannot keep out those who
    just came. It is also counted under its relation code, of which runs have `per_relation`: they yield to persons,
    whom others who type the same code cannot hold.
    """
    own, lately, relation = f"cash:{account}", f"cash-lately:{account}", relation_key(relation_code)
    one_login = Rate(ONE_LOGIN, ONE_LOGIN)
    with write(db):
        until = _until(db, EVERYONE, own, lately, relation)
        kept = per_minute // 5 if one_login.wait(until[lately]) > 0 else 0
        rates = {own: Rate(per_account, per_account)}
        rates |= {EVERYONE: Rate(per_minute, per_minute - kept)} if per_minute else {}
        if (wait := max(rate.wait(until[key]) for key, rate in rates.items())) > 0:
            return wait
        counted = {lately: one_login} | ({relation: Rate(per_relation, 1)} if per_relation else {})
        taken = {key: rate.take(until[key]) for key, rate in rates.items()}
        _store(db, taken | {key: min(rate.take(until[key]), time() + MINUTE) for key, rate in counted.items()})
    return None


def relation_key(relation_code: str) -> str:
    """The key of all calls under one relation code of Cash."""
    return f"cash-relation:{relation_code}"


def _until(db: Database, *keys: str) -> dict[str, float]:
    marks = ", ".join("?" * len(keys))
    rows = db.execute(f"SELECT key, until FROM rates WHERE key IN ({marks})", keys)  # noqa: S608 - question marks
    return dict.fromkeys(keys, 0.0) | dict(rows.fetchall())


def _store(db: Database, until: dict[str, float]) -> None:
    marks = ", ".join(["(?, ?)"] * len(until))
    db.execute(
        f"INSERT INTO rates (key, until) VALUES {marks} "  # noqa: S608 - question marks
        "ON CONFLICT (key) DO UPDATE SET until = excluded.until",
        [value for row in until.items() for value in row],
    )


def sweep(db: Database) -> None:
    """Forgets what is used up, and what a clock that ran ahead has left behind."""
    with write(db):
        db.execute("DELETE FROM rates WHERE until < ? OR until > ?", [time(), time() + HOUR])
