"""Runs of the synchronisation: what was asked for, who works on it, and what came of it.

This table is the truth; whatever queue carries the ids of runs to a worker may lose them.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from ...accounts import touch
from ...db import now, select, write
from ..model import read_json

SILENCE = 60  # seconds without a beat, after which a run has lost its worker
KEEP_SECONDS = 3 * 24 * 60 * 60
BRINGS_ALONG = {("changed", "orders"), ("all", "orders")}  # orders go after each import anyway
OPEN = "state IN ('waiting', 'running')"


class NotOwned(Exception):
    """Whoever works on a run does not own it any more: it was cancelled, or another took it over."""


@dataclass(frozen=True)
class Run:
    """One run of an account. Times are seconds since 1970, 0 where it has not come to that."""

    id: str
    account: str
    kind: str  # changed, all, preview
    state: str  # waiting, running, done, failed, cancelled
    user: str  # who asked; empty for an automatic one
    asked: int
    due: int  # not before
    started: int
    ended: int
    owner: str  # whoever works on it, or has put it into the queue
    beat: int  # when the owner was last heard of
    progress: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""  # the reason word of a failed one
    key: str = ""  # of the request that asked for it: sent again, it asks for nothing new

    @property
    def is_open(self) -> bool:
        """Whether it is still to come to an end; of these an account has one at most."""
        return self.state in ("waiting", "running")

    @property
    def kinds(self) -> dict[str, dict[str, Any]]:
        """What became of each kind, as far as the result can be read."""
        found = self.result.get("kinds")
        pairs = found.items() if isinstance(found, dict) else ()
        return {kind: facts for kind, facts in pairs if isinstance(facts, dict)}


class RunStore:
    """Runs in the database. Whoever works on one names itself as its owner in every write, and hears when it is not."""

    def __init__(self, db: Database, silence: int = SILENCE) -> None:
        self._db, self._silence = db, silence

    def ask(self, account: str, kind: str, user: str, *, due: int = 0, key: str = "") -> tuple[Run, bool]:
        """Asks for a run, not before `due`; returns it, and whether that is new.

        It is not where `key` was used before or a run is open. An automatic one that nobody works on yet becomes
        what a person asks for, or brings that along, which is new.
        """
        with write(self._db):
            before = self._keyed(account, key) or self.open(account)
            if before is None:
                return self._add(account, kind, user, due, key), True
            if before.state == "waiting" and user and not before.user:
                wanted = before.kind if (before.kind, kind) in BRINGS_ALONG else kind
                return self._becomes(before, wanted, user, due, key), True
        return before, False

    def run(self, account: str, id: str) -> Run | None:
        """One run of the account."""
        return self._one("account = ? AND id = ?", account, id)

    def open(self, account: str) -> Run | None:
        """The run that waits or is under way."""
        return self._one(f"account = ? AND {OPEN}", account)

    def latest(self, account: str, kinds: Iterable[str], states: Iterable[str] = ("done", "failed")) -> Run | None:
        """The run of these kinds that ended last in one of these states."""
        kinds, states = [*kinds], [*states]
        return self._one(
            f"account = ? AND ended > 0 AND kind IN ({_marks(kinds)}) AND state IN ({_marks(states)}) "
            "ORDER BY ended DESC, started DESC LIMIT 1",
            account,
            *kinds,
            *states,
        )

    def claim(self, owner: str, now: int, most: int) -> list[Run]:
        """Claims what is due, for the queue: what people asked for first, then in due order.

        What was claimed and not started for so long that the queue must have lost it is claimed again.
        """
        free, since = "state = 'waiting' AND due <= ? AND (owner = '' OR beat < ?)", now - self._silence
        first = f"SELECT id FROM runs WHERE {free} ORDER BY \"user\" = '', due LIMIT ?"  # noqa: S608
        claimed = self._changed(
            f"owner = ?, beat = ? WHERE {free} AND id IN ({first})", [owner, now, now, since, now, since, most]
        )
        return sorted(claimed, key=lambda run: (not run.user, run.due))

    def start(self, id: str, owner: str) -> Run | None:
        """Makes the owner the one who works on a waiting run; None when somebody else does, or nobody needs to."""
        started = self._seen(
            "state = 'running', owner = ?, started = ?, beat = ? WHERE id = ? AND state = 'waiting'",
            [owner, now(), now(), id],
        )
        return started[0] if started else None

    def beat(self, owner: str, now: int, ids: Sequence[str]) -> set[str]:
        """Shows that the owner is at work on these; returns the ids of those that are still its own."""
        if not ids:
            return set()
        still = self._changed(
            f"beat = ? WHERE owner = ? AND state = 'running' AND id IN ({_marks(ids)})", [now, owner, *ids]
        )
        return {run.id for run in still}

    def owns(self, id: str, owner: str) -> bool:
        """Whether the run was neither cancelled nor taken over."""
        return self._one("id = ? AND owner = ? AND state = 'running'", id, owner) is not None

    @contextmanager
    def writing(self, id: str, owner: str) -> Iterator[None]:
        """A write transaction that is void when the run is not the owner's; raises NotOwned."""
        with write(self._db):
            if not self.owns(id, owner):
                raise NotOwned
            yield

    def is_under_way(self, id: str) -> bool:
        """Whether somebody works on it, whoever's it is."""
        return self._one("id = ? AND state = 'running'", id) is not None

    def progress(self, id: str, owner: str, progress: Mapping[str, Any]) -> bool:
        """Keeps how far a run is; False when it is not the owner's any more."""
        kept = self._changed(
            "progress = ? WHERE id = ? AND owner = ? AND state = 'running'", [json.dumps(progress), id, owner]
        )
        return bool(kept)

    def finish(
        self, id: str, owner: str, state: str, result: Mapping[str, Any] | None = None, reason: str = ""
    ) -> bool:
        """Ends a run as done or failed; False, and nothing is stored, when it is not the owner's any more."""
        return self._write(
            id, owner, "state = ?, ended = ?, result = ?, reason = ?", state, now(), json.dumps(result or {}), reason
        )

    def put_back(self, id: str, owner: str) -> bool:
        """Lets a run wait again, for a worker that stops; False when it is not the owner's any more."""
        return self._write(
            id, owner, "state = 'waiting', owner = '', beat = 0, started = 0, progress = '{}', due = ?", now()
        )

    def cancel(self, account: str, id: str) -> bool:
        """Ends a run that waits or is under way, whose worker stops at its next call; False when there is none."""
        return bool(
            self._seen(f"state = 'cancelled', ended = ? WHERE account = ? AND id = ? AND {OPEN}", [now(), account, id])
        )

    def take_over(self, now: int) -> list[Run]:
        """Fails the runs whose worker is silent, as "stopped", and asks for each anew; returns the new ones.

        A run is never resumed: it starts over.
        """
        with write(self._db):
            lost = self._seen(
                "state = 'failed', ended = ?, reason = 'stopped' WHERE state = 'running' AND beat < ?",
                [now, now - self._silence],
            )
            return [self._add(run.account, run.kind, run.user, now, "") for run in lost]

    def sweep(self) -> None:
        """Forgets runs that ended long ago, but not the last of each account, kind and state."""
        with write(self._db):
            self._db.execute(
                "DELETE FROM runs WHERE ended > 0 AND ended < ? AND EXISTS (SELECT 1 FROM runs AS later "
                "WHERE later.account = runs.account AND later.kind = runs.kind AND later.state = runs.state "
                "AND later.ended > runs.ended)",
                [now() - KEEP_SECONDS],
            )

    def _keyed(self, account: str, key: str) -> Run | None:
        return self._one('account = ? AND "key" = ? AND "key" <> \'\'', account, key)

    def _add(self, account: str, kind: str, user: str, due: int, key: str) -> Run:
        row = [secrets.token_hex(8), account, kind, "waiting", user, now(), due or now(), key]
        names = 'id, account, kind, state, "user", asked, due, "key"'
        with write(self._db):
            touch(self._db, account)
            return self._rows(f"INSERT INTO runs ({names}) VALUES ({_marks(row)}) RETURNING *", row)[0]  # noqa: S608

    def _becomes(self, run: Run, kind: str, user: str, due: int, key: str) -> Run:
        return self._seen(
            'kind = ?, "user" = ?, asked = ?, due = ?, "key" = ? WHERE id = ?',
            [kind, user, now(), due or now(), key, run.id],
        )[0]

    def _write(self, id: str, owner: str, what: str, *values: object) -> bool:
        return bool(self._seen(f"{what} WHERE id = ? AND owner = ? AND state = 'running'", [*values, id, owner]))

    def _seen(self, what: str, values: list[Any]) -> list[Run]:
        """Changes what the host sees of an account, and says so."""
        with write(self._db):
            changed = self._changed(what, values)
            for account in {run.account for run in changed}:
                touch(self._db, account)
        return changed

    def _changed(self, what: str, values: list[Any]) -> list[Run]:
        return self._rows(f"UPDATE runs SET {what} RETURNING *", values)  # noqa: S608 - no value is in it

    def _rows(self, sql: str, values: list[Any]) -> list[Run]:
        """All of them at once: what is not fetched to the end keeps the database locked."""
        cursor = self._db.execute(sql, values)
        names = [column[0] for column in cursor.description]
        return [run_of(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    def _one(self, where: str, *values: object) -> Run | None:
        rows = select(self._db, f"SELECT * FROM runs WHERE {where}", values)  # noqa: S608 - no value is in it
        return next(map(run_of, rows), None)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)


def run_of(row: dict[str, Any]) -> Run:
    """A row of the table."""
    objects = {name: read_json(row[name]) for name in ("progress", "result")}
    known = {name: value if isinstance(value, dict) else {} for name, value in objects.items()}
    return Run(**{**row, **known})
