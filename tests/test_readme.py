"""The README tells the truth: its snippets and commands run, its tables match the code."""

import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from flask import Flask
from readme_blocks import README, ROOT, block
from visitor import HOST

from webapp.config import CHECKS, Defaults
from webapp.demo.run import free_port
from webapp.web import tokens

KEY = 'a-launch-key-ünd-"more"'
CLAIMS = ("1001", 'Jansen & "Zn." – Ünïcødé €/\\', "beheer", "nl", HOST)
BIN = Path(sys.executable).parent
DEFAULTS = {name: default for name, default in vars(Defaults).items() if name.isupper()}


def output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def python(call: str) -> str:
    return output(sys.executable, "-c", f"{block('python')}\nprint(launch_token({call}))")


def php(call: str) -> str:
    return output("php", "-r", f"{block('php')}\necho launch_token({call});")


def node(call: str) -> str:
    return output("node", "-e", f"{block('javascript')}\nconsole.log(launchToken({call}))")


@pytest.mark.parametrize("sign", [python, php, node])
def test_a_launch_signed_as_the_readme_says_is_accepted(sign: Callable[[str], str]) -> None:
    assert shutil.which("php"), "php-cli is needed to run this test"
    assert shutil.which("node"), "Node.js is needed to run this test"
    call = ", ".join(json.dumps(each, ensure_ascii=False) for each in (KEY, *CLAIMS))
    first, second = (tokens.read_launch([KEY], sign(call)) for _ in range(2))
    assert tuple(first[name] for name in ("account", "company", "sub", "lang", "parent")) == CLAIMS
    assert first["role"] == "admin"
    assert first["jti"] != second["jti"]
    assert set(first) == set(tokens.LAUNCH_CLAIMS)


def test_the_claims_are_all_in_the_table() -> None:
    section = README.split("### The launch token")[1].split("###")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(tokens.LAUNCH_CLAIMS)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `FLASK_(\w+)` \| (.*?) \|", README, re.MULTILINE))
    refused = {name for name, check in CHECKS.items() if check(DEFAULTS[name])}
    written = {name: "empty" if default in ("", ()) else f"`{default}`" for name, default in DEFAULTS.items()}
    assert rows == {name: "required" if name in refused else text for name, text in written.items()}


def test_no_other_setting_is_named() -> None:
    assert set(re.findall(r"FLASK_([A-Z_]+)", README)) <= set(DEFAULTS)


def test_every_route_in_the_table_exists(app: Flask) -> None:
    routes = {(method, rule.rule) for rule in app.url_map.iter_rules() for method in rule.methods or ()}
    rows = re.findall(r"^\| ((?:`[A-Z]+` )+)((?:`/\S*` )+)\|", README, re.MULTILINE)
    assert len(rows) > 10
    for methods, paths in rows:
        for path in re.findall(r"`(.*?)`", paths):
            assert {(method, path) for method in re.findall(r"`(.*?)`", methods)} <= routes


def test_every_file_in_the_tree_exists() -> None:
    place: dict[int, Path] = {-2: ROOT}
    lines = re.findall(r"^( *)([\w./]+)(?:  .*)?$", block("", "create_app: configuration"), re.MULTILINE)
    assert len(lines) > 40
    for spaces, name in lines:
        place[len(spaces)] = place[len(spaces) - 2] / name
        assert place[len(spaces)].exists(), name


class Shell:
    """Runs commands of the README as an operator would, with keys made as it says."""

    def __init__(self, place: Path) -> None:
        key, vault_key = map(self.python, block("sh", "token_urlsafe").strip().splitlines())
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("FLASK_")},
            "HOME": str(place),
            "FLASK_LAUNCH_KEYS": key,
            "FLASK_SESSION_KEYS": self.python(block("sh", "token_urlsafe").splitlines()[0]),
            "FLASK_VAULT_KEYS": vault_key,
            "FLASK_FRAME_ANCESTORS": HOST,
            "FLASK_DATABASE": str(place / "app.db"),
        }
        self.backup = str(place / "copy.db")

    def python(self, command: str) -> str:
        return output("sh", "-c", self.here(command))

    def here(self, commands: str) -> str:
        return commands.replace(".venv/bin", str(BIN))

    def run(self, commands: str) -> str:
        commands = self.here(commands).replace("cash-backup.db", self.backup)
        done = subprocess.run(
            ["sh", "-ec", commands], env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_deployed_as_the_readme_says_it_serves_and_logs_no_token(shell: Shell, tmp_path: Path) -> None:
    install, migrate, gunicorn = block("sh", "gunicorn").replace("\\\n", "").strip().splitlines()
    assert install == "make install"
    shell.run(migrate)
    port = free_port(0)
    page = f"http://127.0.0.1:{port}"
    command = shlex.split(shell.here(gunicorn).replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    token = shell.run(f".venv/bin/flask --app webapp launch --account 1 --company Demo --user beheer --parent {HOST}")
    log = tmp_path / "log"
    with (
        log.open("wb") as stream,
        subprocess.Popen(command, env=shell.environment, cwd=ROOT, stdout=stream, stderr=stream) as server,
    ):
        try:
            wait_until_ready(page, server)
            assert requests.get(f"{page}/launch", {"token": token}, timeout=10).status_code == 200
            again = {"data": {"token": token}, "headers": {"Referer": f"{page}/launch?token={token}"}}
            assert requests.post(f"{page}/launch", **again, timeout=10).status_code == 409
        finally:
            server.send_signal(signal.SIGTERM)
    text = log.read_text()
    assert re.search(r'"GET /launch" 200', text)
    assert re.search(r'"POST /launch" 409', text)
    assert token not in text


def wait_until_ready(page: str, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        assert server.poll() is None, "gunicorn did not start"
        try:
            if requests.get(f"{page}/readyz", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            time.sleep(0.05)
    pytest.fail("gunicorn was not ready in time")


def test_a_backup_is_restored_as_the_readme_says(shell: Shell) -> None:
    database = shell.environment["FLASK_DATABASE"]
    shell.run(".venv/bin/flask --app webapp migrate")
    write(database, "before the backup")
    shell.run(block("sh", "flask --app webapp backup"))
    write(database, "after the backup")
    shell.run(block("sh", "rm -f"))
    connection = sqlite3.connect(database)
    assert connection.execute("SELECT account FROM timeline").fetchall() == [("before the backup",)]
    connection.close()


def write(database: str, account: str) -> None:
    """A row of this account, by a process that dies before it can tidy up."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute(
        "INSERT INTO timeline (account, at, user, kind, error, facts) VALUES (?, 0, '', '', 0, '{}')", [account]
    )
    connection.close()
