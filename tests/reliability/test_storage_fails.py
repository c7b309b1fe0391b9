"""Storage that fails under a running page: the user reads that nothing was changed, and goes on when it is back."""

import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
from flask import Flask
from support import database
from support.app import Serve, Served, configure
from support.cash import FaultyCash
from support.faults import Call
from support.server import http
from support.visitor import GOOD_LOGIN, Visitor

from webapp import create_app
from webapp.db import connect, migrate

KEPT = ("logins", "settings", "timeline")
# Who is root may do everything; this server is to find a file that it may not write.
BOUND_BY_MODES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"] if os.getuid() == 0 else []
ROOM = 1024  # KB
PAGE = 4096


def rows(path: str) -> database.Rows:
    return database.rows(path, *KEPT)


def connected_to(server: Served | Flask) -> Visitor:
    """An administrator who saved once, with the page in English."""
    visitor = Visitor(server).open(lang="en").log_in()  # type: ignore[arg-type]
    assert visitor.save(administration="1571/x001", import_relations=True).status == 200
    return visitor


def reads_that_nothing_was_changed(visitor: Visitor) -> None:
    """A 503 with a code for support, in words and not in those of a program."""
    assert visitor.status == 503, visitor.text
    assert "Nothing was changed" in visitor.text
    assert "Support code" in visitor.text
    for word in ("Traceback", "sqlite", "Error", "File &#34;"):
        assert word not in visitor.response.text
    if visitor.htmx:
        assert visitor.response.headers["HX-Retarget"] == "#alert", "what was typed stays"


def every_form_says_so(visitor: Visitor) -> None:
    """With and without htmx; the page in hand stays the one from before."""
    page = visitor.page
    for visitor.htmx in (True, False):
        for form, typed, action in (
            ("settings", {"import_employees": True}, ""),
            ("settings", {"list": "1"}, "/administration"),
            ("test-form", {}, ""),
            ("disconnect-form", {}, ""),
            ("login", GOOD_LOGIN, ""),
        ):
            visitor.page = page
            reads_that_nothing_was_changed(visitor.submit(form, typed, action=action))
    visitor.page = page


def the_same_form_succeeds(visitor: Visitor) -> None:
    """And no login is held for attempts that could not be settled."""
    page = visitor.page
    assert visitor.submit("login", GOOD_LOGIN).status == 200, visitor.text
    visitor.page = page
    visitor.save(import_employees=True)
    assert visitor.status == 200, visitor.text
    assert visitor.get("/").values("settings")["import_employees"] == "on"


@contextmanager
def mode(files: list[Path], bits: int) -> Iterator[None]:
    before = [file.stat().st_mode for file in files]
    for file in files:
        file.chmod(bits)
    yield
    for file, usual in zip(files, before, strict=True):
        file.chmod(usual)


@pytest.mark.parametrize("part", ["", "-wal", "-shm"])
def test_a_file_that_may_not_be_written(serve: Serve, part: str) -> None:
    server = serve(before=BOUND_BY_MODES)
    visitor, path = connected_to(server), Path(server.config["DATABASE"])
    with closing(connect(str(path)).conn) as other:  # keeps the files beside the database in place
        server.stop()
        other.execute("INSERT INTO rates (key, until) VALUES ('x', 1.0)")  # SQLite would mend an empty -wal by itself
        stored = rows(str(path))
        with mode([Path(f"{path}{part}")], 0o444):
            server.start()
            every_form_says_so(visitor)
            assert Visitor(server).open(lang="en").status == 503  # type: ignore[arg-type]
        assert rows(str(path)) == stored
        the_same_form_succeeds(visitor)


@pytest.mark.parametrize("bytes_allowed", [0, 5 * PAGE])
def test_files_that_may_not_grow(serve: Serve, bytes_allowed: int) -> None:
    server = serve()
    visitor, path = connected_to(server), server.config["DATABASE"]
    stored = rows(path)
    with may_not_grow(server, bytes_allowed):
        every_form_says_so(visitor)
    assert rows(path) == stored
    the_same_form_succeeds(visitor)


def test_a_log_of_changes_that_may_not_grow_any_more(serve: Serve) -> None:
    """Each Save adds to the -wal while somebody else reads, so one of them hits the limit half-way."""
    server = serve()
    visitor, path = connected_to(server), server.config["DATABASE"]
    with closing(connect(path).conn) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM settings").fetchone()
        with may_not_grow(server, Path(f"{path}-wal").stat().st_size + 20 * PAGE):
            page, stored = visitor.page, rows(path)
            while visitor.save(import_employees="import_employees" not in visitor.values("settings")).status == 200:
                page, stored = visitor.page, rows(path)
            reads_that_nothing_was_changed(visitor)
        visitor.page = page
        assert rows(path) == stored
        assert visitor.save(import_warehouses=True).status == 200


@contextmanager
def may_not_grow(server: Served, limit: int) -> Iterator[None]:
    """No file of the worker may grow beyond so many bytes."""
    (worker,) = server.workers()
    soft, hard = resource.prlimit(worker, resource.RLIMIT_FSIZE)
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (limit, hard))
    yield
    resource.prlimit(worker, resource.RLIMIT_FSIZE, (soft, hard))
    assert server.workers() == [worker], "it was not restarted"


# --- a disk of its own ---


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of our own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}k", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here; the limits on file sizes stand in for a full disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def app_on_disk(configuration: dict[str, object], disk: Path) -> Flask:
    configuration["DATABASE"] = str(disk / "app.db")
    migrate(str(disk / "app.db"))
    return create_app(configuration)


def fill(disk: Path) -> Path:
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(PAGE))
    return filler


def test_a_full_disk(app_on_disk: Flask, disk: Path) -> None:
    visitor, path = connected_to(app_on_disk), app_on_disk.config["DATABASE"]
    app_on_disk.extensions["connections"].close()  # the -wal has to grow again
    stored, filler = rows(path), fill(disk)
    every_form_says_so(visitor)
    filler.unlink()
    assert rows(path) == stored
    the_same_form_succeeds(visitor)


def test_a_disk_that_fills_up_during_a_save(app_on_disk: Flask, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever room is left, the Save is whole or not at all."""
    monkeypatch.setattr("webapp.cash.actions.saving.SAVES_PER_MINUTE", 1000)
    visitor, path = connected_to(app_on_disk), app_on_disk.config["DATABASE"]
    outcomes = []
    for free in range(24):
        page, stored, filler = visitor.page, rows(path), fill(disk)
        os.truncate(filler, filler.stat().st_size - free * PAGE)
        outcomes.append(visitor.save(export_hour_rounding=(5, 15)[free % 2]).status)
        filler.unlink()
        if outcomes[-1] == 200:
            assert len(rows(path)[1]) == len(stored[1]) + 1
        else:
            reads_that_nothing_was_changed(visitor)
            assert rows(path) == stored
            visitor.page = page
            assert visitor.save(export_hour_rounding=(5, 15)[free % 2]).status == 200
    assert set(outcomes) == {200, 503}


def test_a_disk_that_became_read_only(app_on_disk: Flask, disk: Path) -> None:
    visitor, path = connected_to(app_on_disk), app_on_disk.config["DATABASE"]
    stored = rows(path)
    app_on_disk.extensions["connections"].close()  # a disk with a file open for writing stays as it is
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    every_form_says_so(visitor)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert rows(path) == stored
    the_same_form_succeeds(visitor)


def test_somebody_who_holds_the_database_for_too_long(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "__defaults__", (0.05,))  # how long it waits for others
    visitor, path = connected_to(app), app.config["DATABASE"]
    stored = rows(path)
    with closing(connect(path).conn) as other:
        other.execute("BEGIN IMMEDIATE")
        every_form_says_so(visitor)
    assert rows(path) == stored
    the_same_form_succeeds(visitor)


@pytest.mark.parametrize(
    ("form", "action", "asks"),
    [
        ("login", "", "ListAdministrations"),
        ("test-form", "", "ListAdministrations"),
        ("settings", "/administration", "Export"),
    ],
)
def test_storage_that_fails_while_cash_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, action: str, asks: str
) -> None:
    """Cash said yes, and nothing of it can be kept."""
    monkeypatch.setattr(connect, "__defaults__", (0.05,))  # how long it waits for others
    path = str(tmp_path / "app.db")
    database.create(path)
    with FaultyCash(tmp_path) as cash, closing(connect(path).conn) as other:
        visitor = connected_to(create_app(configure(path, **cash.settings)))
        page, stored = visitor.page, rows(path)

        def answer_and_hold_the_database(call: Call) -> bytes:
            other.execute("BEGIN IMMEDIATE")
            return http(call.good)

        for visitor.htmx in (True, False):
            fields = {"login": GOOD_LOGIN, "settings": {"list": "1"}}.get(form, {})
            cash.suffer(answer_and_hold_the_database, asks, times=1)
            visitor.page = page
            reads_that_nothing_was_changed(visitor.submit(form, fields, action=action))
            other.rollback()
            assert rows(path) == stored
        visitor.page = page
        the_same_form_succeeds(visitor)
