"""The database file: its schema, its transactions, its commands, and when it is unfit."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlite_utils import Database
from support.visitor import Visitor

from webapp import create_app
from webapp.db import DatabaseUnfit, connect, forget_connection, get_db, migrate, write
from webapp.migrations import migrations
from webapp.vault import Vault

VALUES = {"TEXT": "x", "INTEGER": 1, "REAL": 1.0, "BLOB": b"x"}
STEPS = [step.name for step in migrations.pending(Database(memory=True))]


@pytest.mark.parametrize("steps", range(len(STEPS)))
def test_each_older_version_is_brought_up_to_date(tmp_path: Path, steps: int) -> None:
    """With a row in each table, which stays as it was."""
    path = str(tmp_path / "app.db")
    with connect(path) as db:
        migrations.apply(db, stop_before=STEPS[steps])
        tables = [table for table in db.tables if not table.name.startswith("_")]
        rows = {table.name: {each.name: VALUES[each.type] for each in table.columns} for table in tables}
        for name, row in rows.items():
            db.table(name).insert(row)
    assert migrate(path) == STEPS[steps:]
    assert migrate(path) == []
    with connect(path) as upgraded, connect(str(tmp_path / "new.db")) as new:
        migrations.apply(new)
        assert upgraded.schema == new.schema
        for name, row in rows.items():
            (kept,) = upgraded.table(name).rows
            assert row.items() <= kept.items()


def test_the_file_is_in_wal_and_synced_at_each_commit(app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert db.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert all(table.strict for table in db.tables if not table.name.startswith(("_", "sqlite_")))


def test_a_transaction_that_fails_leaves_nothing(app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:

        def write_and_fail() -> None:
            with write(db):
                db.execute("INSERT INTO attempts (key, at) VALUES ('x', 1.0)")
                with write(db):
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            write_and_fail()
        assert db.table("attempts").count == 0


def test_a_connection_is_lent_to_one_request_at_a_time(app: Flask) -> None:
    with app.app_context():
        first = get_db()
        with app.app_context():
            second = get_db()
    assert second is not first
    with app.app_context():
        assert get_db() is first
        forget_connection()
        assert get_db() is second


def test_what_a_request_left_half_done_is_undone(app: Flask) -> None:
    with app.app_context():
        get_db().execute("BEGIN IMMEDIATE")
        get_db().execute("INSERT INTO attempts (key, at) VALUES ('x', 1.0)")
    with app.app_context():
        assert not get_db().conn.in_transaction
        assert get_db().table("attempts").count == 0


def test_when_all_connections_are_closed_nothing_lies_beside_the_file(
    app: Flask, close_database: Callable[[], None]
) -> None:
    path = Path(app.config["DATABASE"])
    with app.app_context():
        get_db().execute("INSERT INTO attempts (key, at) VALUES ('x', 1.0)")
    assert list(path.parent.glob("app.db-*"))
    close_database()
    assert not list(path.parent.glob("app.db-*"))


def test_writers_side_by_side_wait_for_each_other(app: Flask) -> None:
    def add_one() -> None:
        with connect(app.config["DATABASE"]) as db:
            for _ in range(20):
                with write(db):
                    count = db.execute("SELECT count(*) FROM attempts").fetchone()[0]
                    db.execute("INSERT INTO attempts (key, at) VALUES (?, 1.0)", [str(count)])

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with connect(app.config["DATABASE"]) as db:
        keys = {row[0] for row in db.execute("SELECT key FROM attempts")}
    assert keys == {str(n) for n in range(160)}


def test_a_database_without_its_schema_is_not_ready_and_says_what_to_run(configuration: dict[str, object]) -> None:
    client = create_app(configuration).test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "flask --app webapp migrate" in answer.json["reason"]


def test_a_page_without_a_database_is_friendly(configuration: dict[str, object]) -> None:
    visitor = Visitor(create_app(configuration)).open(lang="en")
    assert visitor.status == 503
    assert "Nothing was changed" in visitor.text
    assert "Support code" in visitor.text


def test_a_newer_schema_is_refused_at_start(configuration: dict[str, object], app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        db.table("_sqlite_migrations").insert({"migration_set": "cash-settings", "name": "m999", "applied_at": "later"})
    with pytest.raises(DatabaseUnfit, match="newer version"):
        create_app(configuration)
    with pytest.raises(DatabaseUnfit, match="newer version"):
        migrate(app.config["DATABASE"])


def test_a_damaged_file_is_refused_at_start(configuration: dict[str, object]) -> None:
    Path(str(configuration["DATABASE"])).write_bytes(b"this is no database" * 100)
    with pytest.raises(DatabaseUnfit, match="restore a backup"):
        create_app(configuration)


def test_migrate_prepares_the_database(configuration: dict[str, object]) -> None:
    runner = create_app(configuration).test_cli_runner()
    assert "Migrated" in runner.invoke(args=["migrate"]).output
    assert "up to date" in runner.invoke(args=["migrate"]).output


def test_launch_prints_a_token_that_opens_the_page(app: Flask) -> None:
    command = ["launch", "--account", "1001", "--company", "Demo Installatie B.V.", "--user", "beheer"]
    result = app.test_cli_runner().invoke(args=[*command, "--lang", "nl", "--parent", app.config["FRAME_ANCESTORS"][0]])
    visitor = Visitor(app).post("/launch", {"token": result.output.strip()})
    assert visitor.status == 200
    assert "Demo Installatie B.V." in visitor.text


def test_a_backup_made_in_use_can_be_restored(
    connected: Visitor, app: Flask, configuration: dict[str, object], tmp_path: Path
) -> None:
    copy = tmp_path / "backup.db"
    result = app.test_cli_runner().invoke(args=["backup", str(copy)])
    assert result.exit_code == 0, result.output
    again = app.test_cli_runner().invoke(args=["backup", str(copy)])
    assert again.exit_code == 1
    assert "exists" in again.output
    connected.save(import_employees=True)
    restored = create_app({**configuration, "DATABASE": str(copy)})
    visitor = Visitor(restored).open()
    assert visitor.values("settings").get("import_relations") == "on"
    assert "import_employees" not in visitor.values("settings")
    visitor.list_warehouses()
    assert visitor.status == 200, "the password in the backup still opens"
    assert list(tmp_path.glob("*.part")) == []


def test_rotation_moves_every_password_to_the_newest_key(
    connected: Visitor, app: Flask, configuration: dict[str, object]
) -> None:
    Visitor(app).open(account="1002").log_in()
    old = app.config["VAULT_KEYS"][0]
    new = "A" * 43 + "="
    rotating = create_app({**configuration, "VAULT_KEYS": [new, old]})
    assert "2 passwords re-encrypted, 0" in rotating.test_cli_runner().invoke(args=["rotate-vault-keys"]).output
    assert "0 passwords re-encrypted, 0" in rotating.test_cli_runner().invoke(args=["rotate-vault-keys"]).output
    with connect(app.config["DATABASE"]) as db:
        for account, password in db.execute("SELECT account, password FROM logins").fetchall():
            assert Vault((new,)).open(account, password) == "geheim"


def test_rotation_reports_what_no_key_opens_and_goes_on(connected: Visitor, configuration: dict[str, object]) -> None:
    lost = create_app({**configuration, "VAULT_KEYS": ["A" * 43 + "="]})
    assert "0 passwords re-encrypted, 1" in lost.test_cli_runner().invoke(args=["rotate-vault-keys"]).output


def test_revoking_ends_the_sessions_of_an_account(visitor: Visitor, app: Flask) -> None:
    output = app.test_cli_runner().invoke(args=["revoke-sessions", "--account", "1001"]).output
    assert "1 sessions ended" in output
    assert visitor.get("/").status == 401


def test_a_login_copied_to_another_account_does_not_open(connected: Visitor, app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        row = next(db.query("SELECT * FROM logins"))
        db.table("logins").insert({**row, "account": "1002"})
    thief = Visitor(app).open(account="1002")
    thief.list_warehouses(**{"administration": "1571/x001"})
    assert thief.status == 422


def test_an_unknown_failure_is_a_friendly_page_with_a_code_that_finds_the_log_line(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def explode(*_: object) -> None:
        raise sqlite3.ProgrammingError("boom") if visitor.htmx else RuntimeError("boom")

    monkeypatch.setattr("webapp.cash.store.settings.SettingsStore.current", explode)
    for htmx, status in ((False, 500), (True, 503)):
        visitor.htmx = htmx
        visitor.get("/")
        assert visitor.status == status
        code = visitor.seen.css_first("code").text()
        assert any(code in record.getMessage() for record in caplog.records)
        assert "boom" not in visitor.text
