"""How the exports of an account began: what waited then, and whether somebody agreed to it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlite_utils import Database

from ...accounts import touch
from ...db import now, select, write
from ..model import read_json
from .sent import Writing

SURVEYED, AGREED, OPEN = "surveyed", "agreed", "open"
MANY = 20  # work orders that wait: more begin only when a person agrees
TIME_TO_LOOK = 15 * 60  # seconds before fewer begin by themselves


@dataclass(frozen=True)
class Opening:
    """`surveyed`: nothing was written yet; `agreed`: the next run begins; `open`: it has begun."""

    state: str
    at: int  # since when, in seconds since 1970
    survey: Mapping[str, Any] = field(default_factory=dict)


class OpeningStore:
    """One row for each account and administration that it has exported to, or is about to."""

    def __init__(self, db: Database, writing: Writing | None = None) -> None:
        self._db, self._writing = db, writing or partial(write, db)

    def of(self, account: str, relation_code: str, administration: str) -> Opening | None:
        """None before the first look at what waits."""
        rows = select(
            self._db,
            "SELECT state, at, survey FROM openings WHERE account = ? AND relation_code = ? AND administration = ?",
            [account, relation_code, administration],
        )
        return next((_opening(row) for row in rows), None)

    def put(
        self, account: str, relation_code: str, administration: str, state: str, survey: Mapping[str, Any] | None = None
    ) -> None:
        """The next state, or the same with another survey; a survey stays where none is given."""
        with self._writing():
            self._db.execute(
                "INSERT INTO openings (account, relation_code, administration, state, at, survey) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, relation_code, administration) DO UPDATE SET "
                "at = CASE WHEN openings.state = excluded.state THEN openings.at ELSE excluded.at END, "
                "state = excluded.state, "
                "survey = CASE WHEN excluded.survey = '' THEN openings.survey ELSE excluded.survey END",
                [account, relation_code, administration, state, now(), json.dumps(survey) if survey else ""],
            )
            touch(self._db, account)

    def close(self, account: str, relation_code: str, administration: str) -> None:
        """The exports begin anew: the next run looks what waits before anything is sent. The caller tells the host."""
        with self._writing():
            self._db.execute(
                "DELETE FROM openings WHERE account = ? AND relation_code = ? AND administration = ?",
                [account, relation_code, administration],
            )


def _opening(row: Mapping[str, Any]) -> Opening:
    survey = read_json(row["survey"])
    return Opening(row["state"], row["at"], survey if isinstance(survey, dict) else {})
