"""How often a login may fail: counted for all workers together."""

import hashlib
import hmac
import json
import math
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, IPv6Network, ip_address
from time import time
from typing import NamedTuple

from sqlite_utils import Database

from .db import write
from .outbound.text import sendable

MINUTE, HOUR = 60, 60 * 60
SAME_AGAIN_SECONDS = MINUTE


class TooSoon(Exception):
    """Too many logins failed: another one is allowed in so many seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"another login is allowed in {seconds} s")
        self.seconds = seconds


class LoginRejected(Exception):
    """The login is wrong: how many more may fail, the seconds until another is allowed, and whether it was sent."""

    def __init__(self, left: int, wait: int, fresh: bool) -> None:
        super().__init__(f"wrong login, {left} attempts left, another one is allowed in {wait} s")
        self.left, self.wait = left, wait
        self.fresh = fresh  # false when it is only remembered from less than SAME_AGAIN_SECONDS ago


class Failure(NamedTuple):
    """One failed login, or one that is under way. What is secret or personal is a keyed hash."""

    id: str
    account: str
    login: str
    address: str
    sent: str  # what Cash refused, to the character; empty while it is under way
    at: float  # seconds since 1970


class Limit(NamedTuple):
    """So many failures in so many seconds, of those that are alike in these respects."""

    most: int
    seconds: int
    alike: tuple[str, ...]

    def times(self, failures: Iterable[Failure], this: Failure) -> list[float]:
        """When those that count here happened."""
        return [
            each.at
            for each in failures
            if each.at > time() - self.seconds
            and all(getattr(each, name) == getattr(this, name) for name in self.alike)
        ]


LIMITS = (
    Limit(5, 15 * MINUTE, ("account",)),
    Limit(5, HOUR, ("account", "login")),
    Limit(20, 15 * MINUTE, ("address",)),
)
ANYWHERE = Limit(30, HOUR, ("login",))  # so high that one account cannot keep others from a login


class LoginGuard:
    """Lets no one guess logins, and no one keep others from theirs."""

    def __init__(self, db: Database, key: str, rejected: type[Exception], proven: type[Exception]) -> None:
        """`key` is our secret, for the hashes. `rejected` means that a login is wrong, `proven` that it is right
        although the call failed."""
        self._db, self._key = db, key.encode()
        self._rejected, self._proven = rejected, proven

    @contextmanager
    def attempt(
        self, account: str, login: tuple[str, str, str], address: str, *, own: bool = False, trusted: bool = False
    ) -> Iterator[None]:
        """Counts a login as failed, lets it be tried inside, and settles by what happens there, whatever it is.

        `login` is relation code, email and password; `address` the client's network address. `own`: the account
        has this very login stored, so what others do with it does not hold it. `trusted`: it is the stored
        login that Cash accepted last time; it is never held, and counts once Cash refuses it.
        Raises TooSoon or LoginRejected before anything is tried, and LoginRejected in place of `rejected`.
        """
        this, sent = self._failure(account, login, address)
        if not trusted:
            self._begin(this, sent, own)
        try:
            yield
        except self._rejected as error:
            raise self._refused(this, sent, own) from error
        except BaseException as error:
            if not trusted:
                self._forget(this) if isinstance(error, self._proven) else self._release(this)
            raise
        if not trusted:  # whoever uses a stored login has not shown that they know its password
            self._forget(this)

    def _begin(self, this: Failure, sent: str, own: bool) -> None:
        """Counts before Cash is asked, so that attempts side by side cannot slip through."""
        with write(self._db):
            failures = self._failures(this)
            left, wait = allowance(failures, this, own)
            if known(sent, failures):
                raise LoginRejected(left, wait, fresh=False)
            if wait:
                raise TooSoon(wait)
            self._put(this)

    def _refused(self, this: Failure, sent: str, own: bool) -> LoginRejected:
        """Sent twice side by side (a double click) it is one failure."""
        with write(self._db):
            if known(sent, self._failures(this)):
                self._release(this)
            else:
                self._put(this._replace(sent=sent, at=time()))
            left, wait = allowance(self._failures(this), this, own)
        return LoginRejected(left, wait, fresh=True)

    def _forget(self, this: Failure) -> None:
        """The login is right: its failures in this account were slips."""
        self._db.execute("DELETE FROM rate_events WHERE account = ? AND login = ?", [this.account, this.login])

    def _release(self, this: Failure) -> None:
        self._db.execute("DELETE FROM rate_events WHERE id = ?", [this.id])

    def _put(self, this: Failure) -> None:
        self._db.execute(
            "INSERT INTO rate_events (id, account, login, address, sent, at) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET sent = excluded.sent, at = excluded.at",
            this,
        )

    def _failures(self, this: Failure) -> list[Failure]:
        """All that any limit may count, newest first."""
        rows = self._db.execute(
            "SELECT id, account, login, address, sent, at FROM rate_events "
            "WHERE (account = ? OR login = ? OR address = ?) AND at > ? ORDER BY at DESC",
            [this.account, this.login, this.address, time() - HOUR],
        )
        return [Failure(*row) for row in rows.fetchall()]

    def _failure(self, account: str, login: tuple[str, str, str], address: str) -> tuple[Failure, str]:
        """What is counted, and the hash of what is sent: whoever puts the case of an address right sends another."""
        counted = self._hash("login", *spelling(*login[:2]))
        client = self._hash("address", network(address))
        sent = self._hash("sent", account, *map(sendable, login))
        return Failure(secrets.token_hex(8), account, counted, client, "", time()), sent

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()


def spelling(relation_code: str, email: str) -> tuple[str, str]:
    """The same for every spelling that Cash may take for one login: case, leading zeros, what cannot be sent.

    Only for counting and comparing. If Cash tells two of them apart, they merely share what may fail.
    """
    return sendable(relation_code).lstrip("0"), sendable(email).casefold()


def network(address: str) -> str:
    """Who counts as one client: no port, IPv4 however it is written, of IPv6 the /64 that one customer gets."""
    host = address.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        ip = ip_address(host)
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return str(ip)
    return str(ip.ipv4_mapped or IPv6Network((int(ip), 64), strict=False))


def known(sent: str, failures: Iterable[Failure]) -> bool:
    """Whether Cash refused exactly this less than SAME_AGAIN_SECONDS ago."""
    return any(each.sent == sent and each.at > time() - SAME_AGAIN_SECONDS for each in failures)


def allowance(failures: list[Failure], this: Failure, own: bool) -> tuple[int, int]:
    """How many more may fail, and the seconds until another is allowed: 0 when it is now."""
    left, wait = math.inf, 0
    for limit in (*LIMITS, *([] if own else [ANYWHERE])):
        times = limit.times(failures, this)
        left = min(left, max(0, limit.most - len(times)))
        if len(times) >= limit.most:
            wait = max(wait, 1, math.ceil(times[limit.most - 1] + limit.seconds - time()))
    return int(left), wait


def sweep(db: Database) -> None:
    """Forgets what no limit needs any more, and what a clock that ran ahead has left behind."""
    now = time()
    with write(db):
        db.execute("DELETE FROM rate_events WHERE at < ? OR at > ?", [now - HOUR, now + MINUTE])
        # An older version that still runs counts in this one.
        db.execute("DELETE FROM attempts WHERE at < ? OR at > ?", [now - HOUR, now + MINUTE])
