"""What was sent to OutSmart, runs, and when they are due."""

from sqlite_utils import Database

from .steps import migrations


@migrations()
def m021_sent_rows(db: Database) -> None:
    """What OutSmart confirmed or refused of each row, why rows were skipped, and how far the runs of an account got."""
    db.table("sent_rows").create(
        {
            "account": str,
            "kind": str,  # of OutSmart, or the number of a record of Cash
            "key": str,  # the same for all spellings
            "spelled": str,  # as OutSmart has it
            "administration": str,
            "hash": str,  # of the row that OutSmart confirmed; "" when it has none of ours
            "refused": str,  # hash of the row that it refused last; "" when it did not
            "code": int,
            "message": str,
            "gone": int,  # 1 when it is no longer in Cash
        },
        pk=("account", "kind", "key"),
        not_null={"spelled", "administration", "hash", "refused", "code", "message", "gone"},
        strict=True,
    )
    db.execute("CREATE INDEX sent_rows_of_note ON sent_rows (account, kind, key) WHERE refused <> '' OR gone = 1")
    db.table("skipped_rows").create(
        {"account": str, "kind": str, "key": str, "label": str, "reason": str},
        pk=("account", "kind", "key"),
        not_null={"label", "reason"},
        strict=True,
    )
    db.table("sync_marks").create(
        {"account": str, "marks": str, "agreed": str}, pk="account", not_null={"marks", "agreed"}, strict=True
    )


@migrations()
def m031_runs(db: Database) -> None:
    """Runs of the synchronisation; of an account one at most waits or is under way."""
    db.table("runs").create(
        {
            "id": str,
            "account": str,
            "kind": str,
            "state": str,
            "user": str,
            "asked": int,
            "due": int,
            "started": int,
            "ended": int,
            "owner": str,
            "beat": int,
            "progress": str,  # JSON
            "result": str,  # JSON
            "reason": str,
            "key": str,
        },
        pk="id",
        not_null={"account", "kind", "state", "user", "asked", "due"},
        defaults=dict.fromkeys(("started", "ended", "beat"), 0)
        | dict.fromkeys(("owner", "reason", "key"), "")
        | dict.fromkeys(("progress", "result"), "{}"),
        strict=True,
    )
    db.execute("CREATE UNIQUE INDEX runs_open ON runs (account) WHERE state IN ('waiting', 'running')")
    db.execute('CREATE UNIQUE INDEX runs_key ON runs (account, "key") WHERE "key" <> \'\'')
    db.execute("CREATE INDEX runs_due ON runs (due) WHERE state = 'waiting'")
    db.execute("CREATE INDEX runs_beat ON runs (beat) WHERE state = 'running'")
    db.table("runs").create_index(["account", "ended"])
    db.table("runs").create_index(["ended"])


@migrations()
def m032_schedules(db: Database) -> None:
    """When each account is synchronised by itself: it is put down once it is complete."""
    db.table("schedules").create(
        {"account": str, "due": int, "quiet": int, "held": str},
        pk="account",
        not_null={"due", "quiet", "held"},
        defaults={"quiet": 0, "held": ""},  # runs in a row without a change; why a person must look first
        strict=True,
    )
    db.table("schedules").create_index(["due"])


@migrations()
def m033_workers(db: Database) -> None:
    """The workers of the synchronisation, and when each was last heard of."""
    db.table("workers").create({"id": str, "beat": int}, pk="id", not_null={"beat"}, strict=True)
