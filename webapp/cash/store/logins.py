"""The login of an account at Cash, and logins that wait for Save."""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from typing import Any

from sqlite_utils import Database

from ...accounts import touch
from ...db import now, select, write
from ...vault import Vault, VaultError
from ..model import Administration, Credentials, Login, Warehouse, WarehouseList, read, read_json

PENDING_SECONDS = 30 * 60
STORED = ""  # in place of a session id
REPLACE = (
    "INSERT INTO logins (account, sid, proof, relation_code, email, password, administrations, seen, warehouses, "
    'since, "user", refused_since, troubled, trouble, trouble_at) VALUES (:account, :sid, :proof, :relation_code, '
    ":email, :password, :administrations, :seen, :warehouses, :since, :user, 0, 0, :trouble, :trouble_at) "
    "ON CONFLICT (account, sid) DO UPDATE SET proof = excluded.proof, relation_code = excluded.relation_code, "
    "email = excluded.email, password = excluded.password, administrations = excluded.administrations, "
    'seen = excluded.seen, warehouses = excluded.warehouses, since = excluded.since, "user" = excluded."user", '
    "refused_since = 0, troubled = 0, trouble = excluded.trouble, trouble_at = excluded.trouble_at"
)


class LoginStore:
    """Logins in the database; the one place where a stored password is sealed and opened.

    Beside the stored login of an account there may be logins that wait for Save, one a session.
    """

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db, self._vault = db, vault

    def both(self, account: str, sid: str) -> tuple[Login | None, Login | None]:
        """The login that this session proved and did not save yet, for PENDING_SECONDS; and the stored one."""
        found = {
            row["sid"]: _login(row)
            for row in select(
                self._db, "SELECT * FROM logins WHERE account = ? AND sid IN (?, ?)", [account, sid, STORED]
            )
        }
        pending = found.get(sid)
        return pending if pending and pending.since > now() - PENDING_SECONDS else None, found.get(STORED)

    def replace(
        self,
        account: str,
        stored: Login,
        credentials: Credentials,
        administrations: Iterable[Administration],
        user: str,
    ) -> Login:
        """Puts another login of the same Cash environment in place of the stored one; its lists stay."""
        kept = {name: getattr(stored, name) for name in ("warehouse_lists", "trouble", "trouble_at")}
        login = replace(_proven(credentials, administrations, user), **kept)
        return self._write(account, STORED, login, credentials.password)

    def keep_pending(
        self, account: str, sid: str, credentials: Credentials, administrations: Iterable[Administration], user: str
    ) -> Login:
        """Keeps a proven login until Save, for this session only."""
        login = replace(_proven(credentials, administrations, user), pending=True)
        return self._write(account, sid, login, credentials.password)

    def promote(self, account: str, login: Login) -> Login | None:
        """Makes a pending login the stored one; None when it is gone. The caller tells the host."""
        with write(self._db):
            self._db.execute(
                "DELETE FROM logins WHERE account = ? AND sid = ? "
                "AND EXISTS (SELECT 1 FROM logins WHERE account = ? AND proof = ? AND sid <> ?)",
                [account, STORED, account, login.proof, STORED],
            )
            done = self._db.execute(
                "UPDATE logins SET sid = ? WHERE account = ? AND proof = ? AND sid <> ? RETURNING proof",
                [STORED, account, login.proof, STORED],
            ).fetchall()
        return replace(login, pending=False) if done else None

    def drop_pending(self, account: str, sid: str) -> None:
        """Forgets the pending login of this session."""
        with write(self._db):
            self._db.execute("DELETE FROM logins WHERE account = ? AND sid = ?", [account, sid])

    def sweep(self) -> None:
        """Forgets every login that waited for Save longer than PENDING_SECONDS, whoever's it was."""
        with write(self._db):
            self._db.execute("DELETE FROM logins WHERE sid <> '' AND since <= ?", [now() - PENDING_SECONDS])

    def forget(self, account: str) -> bool:
        """Deletes every login of the account; says whether there was one."""
        with write(self._db):
            gone = self._db.execute("DELETE FROM logins WHERE account = ? RETURNING sid", [account]).fetchall()
            self._tell(account, gone)
        return bool(gone)

    def is_stored(self, account: str, relation_code: str) -> bool:
        """Whether the account has a stored login of this Cash environment."""
        rows = self._db.execute(
            "SELECT 1 FROM logins WHERE account = ? AND sid = ? AND relation_code = ?", [account, STORED, relation_code]
        )
        return bool(rows.fetchall())

    def mark_refused(self, account: str, login: Login) -> None:
        """Remembers since when Cash no longer accepts this login."""
        with write(self._db):
            marked = self._db.execute(
                "UPDATE logins SET refused_since = ? WHERE account = ? AND proof = ? AND refused_since = 0 "
                "RETURNING sid",
                [now(), account, login.proof],
            )
            self._tell(account, marked.fetchall())

    def mark_troubled(self, account: str, login: Login, reason: str) -> None:
        """Remembers why Cash could not be worked with under this login."""
        with write(self._db):
            self._db.execute(
                "UPDATE logins SET troubled = 1, trouble = ?, trouble_at = ? WHERE account = ? AND proof = ?",
                [reason, now(), account, login.proof],
            )

    def saw(self, account: str, login: Login, administrations: Iterable[Administration]) -> None:
        """Keeps what this login sees now; so Cash accepts it."""
        text = json.dumps([asdict(each) for each in administrations])
        with write(self._db):
            seen = self._db.execute(
                "UPDATE logins SET administrations = ?, seen = ?, refused_since = 0, troubled = 0 "
                "WHERE account = ? AND proof = ? RETURNING sid",
                [text, now(), account, login.proof],
            )
            self._tell(account, seen.fetchall())

    def credentials(self, account: str, login: Login) -> Credentials:
        """The login with its password, to be handed to the gateway and dropped: the only way to a password.

        Raises VaultError when it is gone or no key opens it; the user then logs in again.
        """
        row = next(self._rows(account, login), None)
        if row is None:
            raise VaultError("this login is not stored")
        return Credentials(row["relation_code"], row["email"], self._vault.open(account, row["password"]))

    def remember_warehouses(self, account: str, login: Login, administration: str, listed: WarehouseList) -> None:
        """Keeps the warehouses of an administration with the login that listed them; so Cash accepts it."""
        with write(self._db):
            for row in self._rows(account, login):
                lists = {**_login(row).warehouse_lists, administration: listed}
                self._db.execute(
                    "UPDATE logins SET warehouses = ?, refused_since = 0, troubled = 0 WHERE account = ? AND proof = ?",
                    [_lists_as_json(lists), account, login.proof],
                )
                self._tell(account, [(row["sid"],)] if row["refused_since"] else [])

    def rotate(self, after: tuple[str, str], batch: int) -> tuple[tuple[str, str] | None, int, int]:
        """Re-encrypts up to `batch` passwords behind the key `after`, (account, sid).

        Returns the last key, or None when there were no more; how many changed; how many no key opens.
        """
        changed = unreadable = 0
        with write(self._db):
            rows = self._db.execute(
                "SELECT account, sid, password FROM logins WHERE account > ? OR (account = ? AND sid > ?) "
                "ORDER BY account, sid LIMIT ?",
                [after[0], *after, batch],
            ).fetchall()
            for account, sid, password in rows:
                try:
                    renewed = self._vault.rotate(password)
                except VaultError:
                    unreadable += 1
                    continue
                if renewed != password:
                    self._db.execute(
                        "UPDATE logins SET password = ? WHERE account = ? AND sid = ?", [renewed, account, sid]
                    )
                    changed += 1
        return (rows[-1][:2] if rows else None), changed, unreadable

    def _tell(self, account: str, sids: list[tuple[str]]) -> None:
        """The host sees what became of the stored login, and nothing of those that wait."""
        if (STORED,) in sids:
            touch(self._db, account)

    def _rows(self, account: str, login: Login) -> Iterator[dict[str, Any]]:
        return select(self._db, "SELECT * FROM logins WHERE account = ? AND proof = ?", [account, login.proof])

    def _write(self, account: str, sid: str, login: Login, password: str) -> Login:
        row = {
            "account": account,
            "sid": sid,
            "proof": login.proof,
            "relation_code": login.relation_code,
            "email": login.email,
            "password": self._vault.seal(account, password),
            "administrations": json.dumps([asdict(each) for each in login.administrations]),
            "seen": login.seen,
            "warehouses": _lists_as_json(login.warehouse_lists),
            "since": login.since,
            "user": login.user,
            "trouble": login.trouble,
            "trouble_at": login.trouble_at,
        }
        with write(self._db):
            self._db.execute(REPLACE, row)
            self._tell(account, [(sid,)])
        return login


def _proven(credentials: Credentials, administrations: Iterable[Administration], user: str) -> Login:
    seen = tuple(administrations)
    return Login(secrets.token_hex(8), credentials.relation_code, credentials.email, seen, now(), now(), user)


def _lists_as_json(lists: dict[str, WarehouseList]) -> str:
    return json.dumps({id: asdict(each) for id, each in lists.items()})


def _login(row: dict[str, Any]) -> Login:
    listed = read_json(row["administrations"])
    administrations = [read(Administration, each) for each in (listed if isinstance(listed, list) else [])]
    lists = read_json(row["warehouses"])
    return Login(
        proof=row["proof"],
        relation_code=row["relation_code"],
        email=row["email"],
        administrations=tuple(each for each in administrations if each),
        seen=row["seen"],
        since=row["since"],
        user=row["user"],
        pending=row["sid"] != STORED,
        refused_since=row["refused_since"],
        warehouse_lists={id: _list(each) for id, each in (lists if isinstance(lists, dict) else {}).items()},
        troubled=bool(row["troubled"]),
        trouble=row["trouble"],
        trouble_at=row["trouble_at"],
    )


def _list(stored: Any) -> WarehouseList:
    stored = stored if isinstance(stored, dict) else {}
    listed, seen = stored.get("warehouses"), stored.get("seen")
    warehouses = [read(Warehouse, each) for each in (listed if isinstance(listed, list) else [])]
    seen, cut = max(0, min(seen, now())) if isinstance(seen, int) else 0, stored.get("cut") is True
    return WarehouseList(seen, tuple(each for each in warehouses if each), cut)
