"""A start that cannot go well is refused in words, and no user ever sees the stack of a program."""

import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from support.app import GUNICORN, PAGE, ROOT, command, environment
from support.visitor import Visitor

from webapp import create_app
from webapp.db import DatabaseUnfit, connect

Spoil = Callable[[Path], object]


def cut_in_half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    path.write_bytes(b"\0" * 4096 + path.read_bytes()[4096:])


def put_a_folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_it_newer(path: Path) -> None:
    with connect(str(path)) as db:
        db.table("_sqlite_migrations").insert({"migration_set": "cash-settings", "name": "m999", "applied_at": "later"})


UNFIT: dict[str, tuple[Spoil, str]] = {
    "cut in half": (cut_in_half, "restore a backup"),
    "overwritten": (overwrite, "restore a backup"),
    "a folder": (put_a_folder_in_its_place, "restore a backup"),
    "newer than the code": (make_it_newer, "install that version, or restore a backup made before it"),
}
MISCONFIGURED: dict[str, tuple[dict[str, str], list[str]]] = {
    "no keys at all": ({"LAUNCH_KEYS": "", "SESSION_KEYS": "", "VAULT_KEYS": ""}, ["LAUNCH", "SESSION", "VAULT"]),
    "no vault key": ({"VAULT_KEYS": ""}, ["VAULT"]),
    "a vault key with a typing error": ({"VAULT_KEYS": "kort"}, ["VAULT"]),
    "a list that breaks off": ({"SESSION_KEYS": '["abc'}, ["SESSION"]),
    "no host": ({"FRAME_ANCESTORS": ""}, ["FRAME_ANCESTORS"]),
}
COMMANDS = (["migrate"], ["rotate-vault-keys"], ["backup", "/nowhere/backup.db"], ["run", "--port", "0"])


@pytest.fixture
def stored(connected: Visitor, app: Flask, close_database: Callable[[], None]) -> Path:
    """What was saved before the server stopped."""
    close_database()
    return Path(app.config["DATABASE"])


def gunicorn(configuration: dict[str, object]) -> subprocess.CompletedProcess[str]:
    """The server as an operator starts it; ends by itself when it cannot start."""
    line = [*GUNICORN, "--logger-class", "webapp.server_log.ServerLog", "--bind", "127.0.0.1:0", PAGE]
    return subprocess.run(line, cwd=ROOT, env=environment(configuration), capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("damage", UNFIT)
def test_an_unfit_database_is_refused_by_the_server(damage: str, stored: Path, app: Flask) -> None:
    spoil, words = UNFIT[damage]
    spoil(stored)
    started = gunicorn(configured(app))
    assert started.returncode != 0
    assert words in started.stderr


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line[0])
def test_an_unfit_database_is_refused_by_every_command(line: list[str], stored: Path, app: Flask) -> None:
    cut_in_half(stored)
    before = stored.read_bytes()
    refuses_in_words(command(*line, configuration=configured(app)), "restore a backup")
    assert stored.read_bytes() == before, "what is left is left alone"


@pytest.mark.parametrize("mistake", MISCONFIGURED)
def test_a_wrong_configuration_is_refused_with_all_that_is_wrong(mistake: str, app: Flask) -> None:
    wrong, names = MISCONFIGURED[mistake]
    answer = command("routes", configuration={**configured(app), **wrong})
    refuses_in_words(answer, *[f"FLASK_{name}" for name in names])
    for key in (*app.config["LAUNCH_KEYS"], *app.config["SESSION_KEYS"], *app.config["VAULT_KEYS"]):
        assert key not in answer.stdout + answer.stderr


def test_a_server_without_keys_says_so(app: Flask) -> None:
    started = gunicorn({**configured(app), "VAULT_KEYS": "", "LAUNCH_KEYS": ""})
    assert started.returncode != 0
    assert "FLASK_VAULT_KEYS: is missing" in started.stderr
    assert "FLASK_LAUNCH_KEYS: is missing" in started.stderr


def configured(app: Flask) -> dict[str, object]:
    names = ("DATABASE", "LAUNCH_KEYS", "SESSION_KEYS", "VAULT_KEYS", "FRAME_ANCESTORS", "CASH_WSDL")
    return {name: app.config[name] for name in names}


def refuses_in_words(answer: subprocess.CompletedProcess[str], *words: str) -> None:
    assert answer.returncode != 0, answer.stdout
    assert "Traceback" not in answer.stderr
    assert all(word in answer.stderr for word in words), answer.stderr


def test_damage_inside_the_file_is_refused_or_told_in_words(
    connected: Visitor, stored: Path, configuration: dict[str, object], tmp_path: Path
) -> None:
    """Each page of the file in turn holds noise."""
    connected.htmx, noise = True, random.Random(9)
    outcomes = set()
    for page in range(stored.stat().st_size // 4096):
        damaged = Path(shutil.copy(stored, tmp_path / "damaged.db"))
        with damaged.open("r+b") as file:
            file.seek(page * 4096)
            file.write(noise.randbytes(4096))
        try:
            spoiled = create_app({**configuration, "DATABASE": str(damaged)})
        except DatabaseUnfit:
            outcomes.add("refused")
        else:
            outcomes |= {str(each) for each in try_everything(spoiled, connected)}
            spoiled.extensions["connections"].close()
        for file in tmp_path.glob("damaged.db*"):
            file.unlink()
    assert outcomes <= {"refused", "200", "503", "404", "409", "422"}
    assert {"refused", "200", "503"} <= outcomes


def try_everything(app: Flask, visitor: Visitor) -> list[int]:
    """Reads and writes with the session and the page that the visitor has."""
    statuses = []
    client, page = app.test_client(use_cookies=False), visitor.page
    tokens = {name: visitor.values("settings")[name] for name in ("session", "csrf_token")}
    for method, path, fields in (
        ("GET", "/", {}),
        ("GET", "/log", {}),
        ("GET", "/diagnostics", {}),
        ("GET", "/readyz", {}),
        ("POST", "/settings", {**visitor.values("settings"), "import_employees": "on"}),
        ("POST", "/log/3/restore", {**tokens, "seen": "1"}),
        ("POST", "/launch", {"token": visitor.launch_token()}),
        ("POST", "/connection/disconnect", tokens),
    ):
        answer = client.open(path, method=method, data=fields, headers={"X-Cash-Session": visitor.session})
        assert "Traceback" not in answer.text
        assert answer.status_code != 503 or path == "/readyz" or "Er is niets gewijzigd" in answer.text, answer.text
        statuses.append(answer.status_code)
    visitor.page = page
    return statuses
