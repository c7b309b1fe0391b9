"""When each account is synchronised by itself."""

from dataclasses import dataclass
from hashlib import blake2b

from sqlite_utils import Database

from ...accounts import touch
from ...db import select, write

PERIOD = 15 * 60  # seconds between two runs of an account
QUIET_RUNS = 8  # after so many without a change an account may wait twice as long, and after so many more again
MOST = 500  # at once

COMPLETE = (
    "EXISTS (SELECT 1 FROM settings WHERE settings.account = accounts.account) AND EXISTS "
    "(SELECT 1 FROM logins WHERE logins.account = accounts.account AND logins.sid = '' AND logins.refused_since = 0)"
)
NEW = (
    f"FROM accounts WHERE token <> ? AND {COMPLETE} AND NOT EXISTS "  # noqa: S608
    "(SELECT 1 FROM schedules WHERE schedules.account = accounts.account)"
)


@dataclass(frozen=True)
class Schedule:
    """When an account is due next, how many seconds lie between its runs now, and why a person must look first."""

    due: int
    period: int
    held: str = ""


class ScheduleStore:
    """One row for each account that has settings and a token; it is due once in every PERIOD, at a time of its own.

    `stretch` gives accounts in which nothing happens a longer period: for when there are more accounts than calls.
    """

    def __init__(self, db: Database, *, stretch: bool = False) -> None:
        self._db, self._stretch = db, stretch

    def of(self, account: str) -> Schedule | None:
        """The schedule of an account; None while it is not complete."""
        rows = select(self._db, "SELECT due, quiet, held FROM schedules WHERE account = ?", [account])
        return next((Schedule(row["due"], self._period(row["quiet"]), row["held"]) for row in rows), None)

    def discover(self, now: int) -> list[str]:
        """Puts down the accounts that have become complete, and returns them: their users have a PERIOD to look first.

        Whoever calls this asks for their previews in the same transaction.
        """
        found = self._db.execute(
            f"SELECT account {NEW} LIMIT ?",
            [b"", MOST],
        ).fetchall()
        for (account,) in found:
            self._db.execute(
                "INSERT INTO schedules (account, due) VALUES (?, ?) ON CONFLICT (account) DO NOTHING",
                [account, now + PERIOD],
            )
            touch(self._db, account)
        return [account for (account,) in found]

    def is_anything_due(self, now: int) -> bool:
        """Whether `discover` or `due` has anything to do; nobody waits for this."""
        found = self._db.execute(
            f"SELECT EXISTS (SELECT 1 FROM schedules WHERE due <= ?) OR EXISTS (SELECT 1 {NEW})",  # noqa: S608
            [now, b""],
        ).fetchone()
        return bool(found[0])

    def begin_anew(self, account: str) -> None:
        """As if the account had just become complete: it imports from another administration now."""
        self._db.execute("DELETE FROM schedules WHERE account = ?", [account])

    def due(self, now: int) -> list[tuple[str, str]]:
        """The accounts whose time has come and that are complete, first come first; each is due again a period later.

        With each comes why a person must look before it imports by itself. Whoever calls this asks for their runs in
        the same transaction.
        """
        rows = self._db.execute(
            f"SELECT schedules.account, quiet, held, token <> ? AND {COMPLETE} FROM schedules "  # noqa: S608
            "LEFT JOIN accounts ON accounts.account = schedules.account WHERE due <= ? ORDER BY due LIMIT ?",
            [b"", now, MOST],
        ).fetchall()
        for account, quiet, *_ in rows:
            self._set(account, now, quiet)
        return [(account, held) for account, _, held, is_complete in rows if is_complete]

    def ended(self, account: str, now: int, *, changed: bool) -> None:
        """A run of the account went well."""
        with write(self._db):
            rows = self._db.execute("SELECT quiet FROM schedules WHERE account = ?", [account]).fetchall()
            for (quiet,) in rows:
                self._set(account, now, 0 if changed else quiet + 1)

    def hold(self, account: str, why: str) -> None:
        """No more runs by themselves until a person has looked; `why` is a reason word, and "" lets them go on."""
        with write(self._db):
            self._db.execute("UPDATE schedules SET held = ? WHERE account = ?", [why, account])
            touch(self._db, account)

    def sweep(self) -> None:
        """Forgets those of accounts that are gone."""
        with write(self._db):
            self._db.execute(
                "DELETE FROM schedules WHERE NOT EXISTS "
                "(SELECT 1 FROM accounts WHERE accounts.account = schedules.account)"
            )

    def _set(self, account: str, now: int, quiet: int) -> None:
        due = next_due(account, now, self._period(quiet))
        self._db.execute("UPDATE schedules SET due = ?, quiet = ? WHERE account = ?", [due, quiet, account])

    def _period(self, quiet: int) -> int:
        return period_of(quiet, stretch=self._stretch)


def period_of(quiet: int, *, stretch: bool) -> int:
    """Seconds between two runs of an account after so many in a row without a change."""
    return PERIOD << min(quiet // QUIET_RUNS, 2) if stretch else PERIOD


def next_due(account: str, now: int, period: int) -> int:
    """The next time of an account, of which it has one in every PERIOD: so they do not all come at once."""
    own = int.from_bytes(blake2b(account.encode(), digest_size=8).digest()) % PERIOD
    earliest = now + period - PERIOD + 1
    return earliest + (own - earliest) % PERIOD
