"""The workers that live, and when they were last heard of: runs wait when there are none."""

from sqlite_utils import Database

from ...db import write

FORGET_SECONDS = 24 * 60 * 60


class WorkerStore:
    """Beats of workers in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def beat(self, worker: str, now: int) -> None:
        """This one lives."""
        with write(self._db):
            self._db.execute(
                "INSERT INTO workers (id, beat) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET beat = excluded.beat",
                [worker, now],
            )

    def last_beat(self) -> int:
        """When any of them was last heard of, in seconds since 1970; 0 when none ever was."""
        last: int = self._db.execute("SELECT coalesce(max(beat), 0) FROM workers").fetchone()[0]
        return last

    def sweep(self, now: int) -> None:
        """Forgets workers that died long ago, but not the last one."""
        with write(self._db):
            self._db.execute(
                "DELETE FROM workers WHERE beat < ? AND beat < (SELECT max(beat) FROM workers)", [now - FORGET_SECONDS]
            )
