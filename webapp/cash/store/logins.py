"""The login of an account at Cash, and logins that wait for Save."""

import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from sqlite_utils import Database

from ...db import now, select, write
from ...vault import Vault, VaultError
from ..model import NOT_CONNECTED, Administration, Credentials, Login, Warehouse, WarehouseList

WAITING_SECONDS = 30 * 60
IN_FORCE = ""  # in place of a session id


class LoginStore:
    """Logins in the database; the one place where a stored password is sealed and opened.

    Beside the login in force of an account there may be logins that wait for Save, one a session.
    """

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db, self._vault = db, vault

    def stored(self, account: str) -> Login | None:
        """The login in force."""
        return self._read(account)

    def waiting(self, account: str, sid: str) -> Login | None:
        """The login that this session proved and did not save yet, for WAITING_SECONDS."""
        login = self._read(account, sid)
        return login if login and login.since > now() - WAITING_SECONDS else None

    def stamp(self, account: str, sid: str) -> list[tuple[object, ...]]:
        """Changes whenever one of these two logins does."""
        return self._db.execute(
            "SELECT sid, proof, administrations, seen, warehouses, refused_since FROM logins "
            "WHERE account = ? AND (sid = '' OR (sid = ? AND since > ?))",
            [account, sid, now() - WAITING_SECONDS],
        ).fetchall()

    def replace(
        self, account: str, credentials: Credentials, administrations: Iterable[Administration], user: str
    ) -> None:
        """Replaces the login in force by another of the same Cash environment; its lists stay."""
        with write(self._db):
            before = self.stored(account) or NOT_CONNECTED
            lists = {id: asdict(each) for id, each in before.warehouse_lists.items()}
            self._write(account, IN_FORCE, credentials, administrations, user, json.dumps(lists))

    def wait(
        self, account: str, sid: str, credentials: Credentials, administrations: Iterable[Administration], user: str
    ) -> None:
        """Keeps a proven login until Save, for this session only."""
        with write(self._db):
            self._write(account, sid, credentials, administrations, user)

    def promote(self, account: str, connection: Login) -> bool:
        """Makes a waiting login the one in force; False when it does not wait any more."""
        with write(self._db):
            return bool(
                self._db.execute(
                    "UPDATE OR REPLACE logins SET sid = '' WHERE account = ? AND proof = ? AND sid <> ''",
                    [account, connection.proof],
                ).rowcount
            )

    def drop_waiting(self, account: str, sid: str) -> None:
        """Forgets the waiting login of this session."""
        with write(self._db):
            self._db.execute("DELETE FROM logins WHERE account = ? AND sid = ?", [account, sid])

    def drop_expired(self) -> None:
        """Forgets every login that waited for Save longer than WAITING_SECONDS, whoever's it was."""
        with write(self._db):
            self._db.execute("DELETE FROM logins WHERE sid <> '' AND since <= ?", [now() - WAITING_SECONDS])

    def forget(self, account: str) -> bool:
        """Deletes every login of the account; says whether there was one."""
        with write(self._db):
            return bool(self._db.execute("DELETE FROM logins WHERE account = ?", [account]).rowcount)

    def mark_refused(self, account: str, connection: Login) -> None:
        """Remembers since when Cash no longer accepts this login."""
        with write(self._db):
            self._db.execute(
                "UPDATE logins SET refused_since = ? WHERE account = ? AND proof = ? AND refused_since = 0",
                [now(), account, connection.proof],
            )

    def saw(self, account: str, connection: Login, administrations: Iterable[Administration]) -> None:
        """Keeps what this login sees now; so Cash accepts it."""
        text = json.dumps([asdict(each) for each in administrations])
        with write(self._db):
            self._db.execute(
                "UPDATE logins SET administrations = ?, seen = ?, refused_since = 0 WHERE account = ? AND proof = ?",
                [text, now(), account, connection.proof],
            )

    def credentials(self, account: str, connection: Login) -> Credentials:
        """The login with its password, to be handed to the gateway and dropped: the only way to a password.

        Raises VaultError when it is gone or no key opens it; the user then logs in again.
        """
        row = next(self._rows(account, connection), None)
        if row is None:
            raise VaultError("this login is not stored")
        return Credentials(row["relation_code"], row["email"], self._vault.open(account, row["password"]))

    def remember_warehouses(
        self, account: str, connection: Login, administration: str, warehouses: Iterable[Warehouse]
    ) -> None:
        """Keeps the warehouses of an administration with the login that listed them; so Cash accepts it."""
        with write(self._db):
            for row in self._rows(account, connection):
                listed = asdict(WarehouseList(now(), tuple(warehouses)))
                lists = {**json.loads(row["warehouses"]), administration: listed}
                self._db.execute(
                    "UPDATE logins SET warehouses = ?, refused_since = 0 WHERE account = ? AND proof = ?",
                    [json.dumps(lists), account, connection.proof],
                )

    def rotate(self, after: int, batch: int) -> tuple[int, int, int]:
        """Re-encrypts up to `batch` passwords behind rowid `after`: (last rowid or 0, changed, unreadable)."""
        changed = unreadable = 0
        with write(self._db):
            rows = self._db.execute(
                "SELECT rowid, password FROM logins WHERE rowid > ? ORDER BY rowid LIMIT ?", [after, batch]
            ).fetchall()
            for rowid, password in rows:
                try:
                    renewed = self._vault.rotate(password)
                except VaultError:
                    unreadable += 1
                    continue
                if renewed != password:
                    self._db.execute("UPDATE logins SET password = ? WHERE rowid = ?", [renewed, rowid])
                    changed += 1
        return (rows[-1][0] if rows else 0), changed, unreadable

    def _rows(self, account: str, connection: Login) -> Iterator[dict[str, Any]]:
        return select(self._db, "SELECT * FROM logins WHERE account = ? AND proof = ?", [account, connection.proof])

    def _read(self, account: str, sid: str = IN_FORCE) -> Login | None:
        row = next(select(self._db, "SELECT * FROM logins WHERE account = ? AND sid = ?", [account, sid]), None)
        if row is None:
            return None
        return Login(
            proof=row["proof"],
            relation_code=row["relation_code"],
            email=row["email"],
            administrations=tuple(Administration(**each) for each in json.loads(row["administrations"])),
            seen=row["seen"],
            since=row["since"],
            user=row["user"],
            waiting=sid != IN_FORCE,
            refused_since=row["refused_since"],
            warehouse_lists={
                id: WarehouseList(each["seen"], tuple(Warehouse(**one) for one in each["warehouses"]))
                for id, each in json.loads(row["warehouses"]).items()
            },
        )

    def _write(
        self,
        account: str,
        sid: str,
        credentials: Credentials,
        administrations: Iterable[Administration],
        user: str,
        warehouses: str = "{}",
    ) -> None:
        self.drop_expired()
        self._db.table("logins").insert(
            {
                "account": account,
                "sid": sid,
                "proof": secrets.token_hex(8),
                "relation_code": credentials.relation_code,
                "email": credentials.email,
                "password": self._vault.seal(account, credentials.password),
                "administrations": json.dumps([asdict(each) for each in administrations]),
                "seen": now(),
                "warehouses": warehouses,
                "since": now(),
                "user": user,
            },
            replace=True,
        )
