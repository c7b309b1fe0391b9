"""Where logins are tried, and calls to Cash are taken, as often as a test likes."""

import random

from sqlite_utils import Database

from webapp.rates import reserve_call
from webapp.throttle import LoginGuard, LoginRejected, TooSoon

MINUTE, HOUR = 60, 60 * 60
RIGHT = "geheim"


class Wrong(Exception):
    pass


class Empty(Exception):
    """The login is right, but sees nothing."""


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.25

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


class Door:
    """Where logins are tried; counts what gets as far as Cash."""

    def __init__(self, db: Database) -> None:
        self.guard = LoginGuard(db, "a key of ours", Wrong, Empty)
        self.db, self.sent = db, 0

    def knock(
        self,
        password: str = RIGHT,
        *,
        account: str = "1001",
        code: str = "25583",
        email: str = "api@example.nl",
        address: str = "192.0.2.1",
        **more: bool,
    ) -> str:
        """What became of a login: "in", "wrong" (Cash said so), "known" (not sent again) or "held"."""
        try:
            with self.guard.attempt(account, (code, email, password), address, **more):
                self.sent += 1
                if password != RIGHT:
                    raise Wrong
        except LoginRejected as rejected:
            self.left, self.wait = rejected.left, rejected.wait
            return "wrong" if rejected.fresh else "known"
        except TooSoon as early:
            self.left, self.wait = 0, early.seconds
            return "held"
        return "in"

    def knock_wrong(self, times: int, **more: object) -> list[str]:
        return [self.knock(f"fout {random.random()}", **more) for _ in range(times)]  # type: ignore[arg-type]


def take(db: Database, times: int, account: str, most: int = 90) -> int:
    """How many of so many calls an account gets through now."""
    return [reserve_call(db, most, account) for _ in range(times)].count(None)
