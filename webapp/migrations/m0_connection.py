"""Who may enter, logins, settings, what happened, and how often."""

from sqlite_utils import Database

from .steps import migrations


@migrations()
def m001_launches(db: Database) -> None:
    """One row a launch: its token is used once and starts one session."""
    db.table("launches").create(
        {"jti": str, "sid": str, "account": str, "user": str, "at": int, "revoked": int},
        pk="jti",
        not_null={"jti", "sid", "account", "user", "at", "revoked"},
        strict=True,
    )
    db.table("launches").create_index(["sid"], unique=True)
    db.table("launches").create_index(["at"])


@migrations()
def m002_logins(db: Database) -> None:
    """Logins at Cash: the stored one of an account (no sid), and those that wait for Save in a session."""
    db.table("logins").create(
        {
            "account": str,
            "sid": str,
            "proof": str,  # random: which proof of a login this is
            "relation_code": str,
            "email": str,
            "password": bytes,  # ciphertext
            "administrations": str,  # JSON: [{"map", "code", "name", "read_only"}]
            "seen": int,  # when they were listed
            "warehouses": str,  # JSON: {"map/code": {"seen": int, "warehouses": [{"code", "name"}]}}
            "since": int,
            "user": str,
        },
        pk=("account", "sid"),
        not_null={
            "proof",
            "relation_code",
            "email",
            "password",
            "administrations",
            "seen",
            "warehouses",
            "since",
            "user",
        },
        strict=True,
    )
    # Only those that wait are ever looked up by age; without this each login would scan all accounts.
    db.execute("CREATE INDEX logins_waiting ON logins (since) WHERE sid <> ''")


@migrations()
def m003_settings(db: Database) -> None:
    """Each Save adds a row; the highest version is the current one."""
    db.table("settings").create(
        {"account": str, "version": int, "choices": str, "at": int, "user": str},
        pk=("account", "version"),
        not_null={"account", "version", "choices", "at", "user"},
        strict=True,
    )


@migrations()
def m004_timeline(db: Database) -> None:
    """What happened, for the log panel."""
    db.table("timeline").create(
        {"id": int, "account": str, "at": int, "user": str, "kind": str, "error": int, "facts": str},
        pk="id",
        not_null={"account", "at", "user", "kind", "error", "facts"},
        strict=True,
    )
    db.table("timeline").create_index(["account", "id"])
    db.table("timeline").create_index(["at"])


@migrations()
def m005_attempts(db: Database) -> None:
    """Counters that all workers share: failed logins and calls to Cash, by key."""
    db.table("attempts").create({"id": int, "key": str, "at": float}, pk="id", not_null={"key", "at"}, strict=True)
    db.table("attempts").create_index(["key", "at"])
    db.table("attempts").create_index(["at"])


@migrations()
def m006_refused_logins(db: Database) -> None:
    """Since when Cash no longer accepts a stored login; 0 when it does."""
    db.table("logins").add_column("refused_since", int, not_null_default=0)


@migrations()
def m007_errors_of_the_timeline(db: Database) -> None:
    """The log can show errors only."""
    db.table("timeline").create_index(["account", "error", "id"])


@migrations()
def m008_rate_events(db: Database) -> None:
    """One row a failed login, in place of one for each counter. Workers of the older version may still use attempts:
    the table stays, is emptied as its rows grow old, and a later version drops it."""
    db.table("rate_events").create(
        {"id": str, "account": str, "login": str, "address": str, "sent": str, "at": float},
        pk="id",
        not_null={"account", "login", "address", "sent", "at"},
        strict=True,
    )
    for counted in ("account", "login", "address"):
        db.table("rate_events").create_index([counted, "at"])
    db.table("rate_events").create_index(["at"])


@migrations()
def m009_rates(db: Database) -> None:
    """One row for all that one key takes: until when it lasts at the rate it may have."""
    db.table("rates").create({"key": str, "until": float}, pk="key", not_null={"until"}, strict=True)


@migrations()
def m010_health(db: Database) -> None:
    """Whether Cash answered a stored login last time, and what its last trouble was (a reason word)."""
    db.table("logins").add_column("troubled", int, not_null_default=0)
    db.table("logins").add_column("trouble", str, not_null_default="")
    db.table("logins").add_column("trouble_at", int, not_null_default=0)


@migrations()
def m011_accounts(db: Database) -> None:
    """One row an account that the host can ask about: its token at OutSmart, and how lately something changed in it."""
    db.table("accounts").create(
        {
            "account": str,
            "token": bytes,  # ciphertext; empty while the host has given none
            "since": int,  # when it was stored
            "changed": int,  # the higher, the later
        },
        pk="account",
        not_null={"token", "since", "changed"},
        strict=True,
    )
    db.table("accounts").create_index(["changed"], unique=True)
    used = "SELECT account FROM settings UNION SELECT account FROM logins WHERE sid = '' ORDER BY account"
    for number, (account,) in enumerate(db.execute(used).fetchall(), 1):
        db.execute("INSERT INTO accounts VALUES (?, ?, 0, ?)", [account, b"", number])
