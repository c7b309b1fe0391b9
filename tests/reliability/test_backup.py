"""A backup made while people save, a restore that was tried, and a backup that was killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from flask import Flask
from support.app import ROOT, Serve, Served, command, environment
from support.database import forget_rates
from support.visitor import Visitor

from webapp import create_app
from webapp.cash.store.activity import Activity
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect

EDITORS = 2


class Editor(threading.Thread):
    """Saves until told to stop; knows which version was acknowledged last, and the choice saved with each."""

    def __init__(self, server: Served, account: str) -> None:
        super().__init__()
        self.account, self.acknowledged, self.database = account, 0, server.config["DATABASE"]
        self.enough = threading.Event()
        self.visitor = Visitor(server).open(account=account).log_in()
        self.save(0)

    def save(self, minutes: int) -> None:
        forget_rates(self.database)
        self.visitor.save(administration="1571/x001", export_hour_rounding=minutes)
        assert self.visitor.status == 200
        self.acknowledged += 1

    def run(self) -> None:
        while not self.enough.is_set():
            self.save((0, 5, 15, 30)[self.acknowledged % 4])


def in_force(path: Path, account: str) -> int:
    """The version in force; the log and the choices agree with it."""
    with connect(str(path)) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        saved = SettingsStore(db).current(account)
        events = [each.kind for each in Activity(db).latest(account, most=100_000)]
        assert events.count("saved") == saved.version
        assert saved.settings.export_hour_rounding == (0, 5, 15, 30)[(saved.version - 1) % 4]
        return saved.version


def test_a_backup_made_while_people_save_is_one_moment_of_each_account(serve: Serve, tmp_path: Path) -> None:
    server = serve(workers=2)
    editors = [Editor(server, f"30{number}") for number in range(EDITORS)]
    for each in editors:
        each.start()
    try:
        for number in range(2):
            earliest = [each.acknowledged for each in editors]
            copy = tmp_path / f"backup{number}.db"
            answer = command("backup", str(copy), configuration=server.config)
            latest = [each.acknowledged + 1 for each in editors]  # one may be stored and not acknowledged yet
            assert answer.returncode == 0, answer.stderr
            for editor, low, high in zip(editors, earliest, latest, strict=True):
                assert low <= in_force(copy, editor.account) <= high
    finally:
        for each in editors:
            each.enough.set()
            each.join()
    assert all(each.acknowledged > 4 for each in editors), "they went on saving"
    assert "locked" not in server.log.read_text()


def test_a_restore_brings_back_the_settings_and_the_login_of_the_backup(serve: Serve, tmp_path: Path) -> None:
    """With the commands of the README, after a crash that left its -wal behind."""
    server = serve()
    visitor = Visitor(server).open().log_in()
    visitor.save(administration="1571/x001", import_relations=True)
    assert command("backup", str(tmp_path / "backup.db"), configuration=server.config).returncode == 0
    database = Path(server.config["DATABASE"])
    with connect(str(database)) as other:  # reads still, so the -wal stays when the server is killed
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM settings").fetchone()
        visitor.save(import_relations=False, import_employees=True)
        server.stop(signal.SIGKILL)
        left = {Path(f"{database}{part}"): Path(f"{database}{part}").read_bytes() for part in ("-wal", "-shm")}
    for file, content in left.items():
        assert file.write_bytes(content)

    line = 'rm -f "$FLASK_DATABASE" "$FLASK_DATABASE-wal" "$FLASK_DATABASE-shm"; cp backup.db "$FLASK_DATABASE"'
    assert line.split("; ")[0] in (ROOT / "README.md").read_text(), "these are the words of the README"
    subprocess.run(line, shell=True, cwd=tmp_path, env=environment(server.config), check=True)
    server.start()

    again = Visitor(server).open()
    restored = again.values("settings")
    assert restored["import_relations"] == "on"
    assert "import_employees" not in restored
    again.submit("test-form")
    assert again.page.css_first("#tested .done"), "the stored login works"
    assert again.save(import_warehouses=True).status == 200
    assert visitor.save(import_hour_types=True).status in (200, 409, 401)


def test_a_backup_killed_half_way_leaves_no_backup_and_can_be_made_again(
    connected: Visitor, app: Flask, configuration: dict[str, object], tmp_path: Path
) -> None:
    fatten(app.config["DATABASE"])
    file, part = tmp_path / "backup.db", tmp_path / "backup.db.part"
    line = [sys.executable, "-m", "flask", "--app", "webapp", "backup", str(file)]
    process = subprocess.Popen(line, cwd=ROOT, env=environment(configuration))
    until = time.monotonic() + 30
    while not (part.exists() and part.stat().st_size) and time.monotonic() < until:
        time.sleep(0.0005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert part.exists(), "it was killed half-way"
    assert not file.exists()
    answer = command("backup", str(file), configuration=configuration)
    assert answer.returncode == 0, answer.stderr
    assert not part.exists()
    restored = Visitor(create_app({**configuration, "DATABASE": str(file)})).open()
    assert restored.values("settings")["import_relations"] == "on"


def fatten(path: str) -> None:
    """Makes the file large enough to be caught in the act."""
    with connect(path) as db:
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
            "INSERT INTO rates (key, until) SELECT hex(randomblob(500)), 1.0 FROM n"
        )


def test_a_backup_for_which_there_is_no_room_or_no_place_leaves_none_and_can_be_made_again(
    connected: Visitor, configuration: dict[str, object], tmp_path: Path
) -> None:
    assert command("backup", str(tmp_path / "nowhere" / "backup.db"), configuration=configuration).returncode != 0
    file = tmp_path / "backup.db"
    little_room = ["sh", "-c", 'ulimit -f 80 && exec "$@"', "sh"]  # 40 KB a file
    assert command("backup", str(file), configuration=configuration, before=little_room).returncode != 0
    assert not file.exists()
    assert command("backup", str(file), configuration=configuration).returncode == 0


def test_a_backup_of_a_database_that_is_not_there_is_refused(configuration: dict[str, object], tmp_path: Path) -> None:
    mistyped = {**configuration, "DATABASE": str(tmp_path / "ap.db")}
    answer = command("backup", str(tmp_path / "backup.db"), configuration=mistyped)
    assert answer.returncode != 0, answer.stdout
