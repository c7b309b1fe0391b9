"""What is written for people is true: commands and snippets run, tables match the code, links lead somewhere."""

import json
import os
import re
import shlex
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import takewhile
from pathlib import Path

import pytest
import requests
from flask import Flask
from support.app import HOST, LONGEST_WAIT
from support.readme_blocks import README, ROOT, block
from support.visitor import Visitor

from webapp import create_app
from webapp.config import CHECKS, Defaults
from webapp.demo.run import free_port
from webapp.web import tokens

MOST_BYTES = 16 * 1024
WEBAPP = ROOT / "webapp"
BUILT = (WEBAPP / "README.md").read_text()
CASH = (WEBAPP / "cash" / "README.md").read_text()
ROOMS = ("", "api", "cash", "outsmart", "worker")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(WEBAPP / room / "README.md" for room in ROOMS)]
ASSUMED = "no. | assumed | the sign"
PICTURES = {"settings.png": 1100, "dark-360.png": 360}  # pixels wide
BIN = Path(sys.executable).parent
DEFAULTS = {name: default for name, default in vars(Defaults).items() if name.isupper()}


def table(text: str, head: str) -> list[list[str]]:
    """The cells of each row of the table with this head."""
    lines = text.partition(f"| {head} |")[2].splitlines()[2:]
    assert lines, head
    rows = takewhile(lambda line: line.startswith("|"), lines)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


# --- files ---
def test_the_readme_is_short() -> None:
    assert len(README.encode()) <= MOST_BYTES


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path) -> None:
    text = re.sub(r"\n```.*?\n```", "", page.read_text(), flags=re.DOTALL).partition("**A sibling integration")[0]
    places = (page.parent, ROOT, WEBAPP, WEBAPP / "cash", ROOT / "templates", ROOT / "static")
    for name in re.findall(r"`([\w./-]+(?:\.(?:py|html|js|css|md|toml)|/))`", text):
        assert any((place / name).exists() for place in places), name


def test_every_file_of_the_product_is_in_the_tree_and_no_other() -> None:
    inside, listed = {-2: WEBAPP}, set()
    for spaces, name in re.findall(r"^( *)([\w./]+)  ", block("", "create_app", BUILT), re.MULTILINE):
        inside[len(spaces)] = inside[len(spaces) - 2] / name
        listed.add(inside[len(spaces)])
    apart = (WEBAPP / "demo", WEBAPP / "translations")
    files = {path for path in WEBAPP.rglob("*.py") if not set(apart) & set(path.parents)}
    holds_code = re.compile(r"^(def|class) ", re.MULTILINE)
    telling = {path for path in files if path.name != "__init__.py" or holds_code.search(path.read_text())}
    assert {path for path in listed if path.suffix} == telling
    folders = {path.parent for path in files} - {WEBAPP}
    assert {path for path in listed if not path.suffix} == folders | set(apart)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_wide_as_a_frame_may_be(name: str) -> None:
    head = (ROOT / "tests" / "pictures" / name).read_bytes()[:24]
    assert struct.unpack(">I", head[16:20]) == (PICTURES[name],)


def test_the_world_is_served_what_the_page_needs_and_no_more() -> None:
    assert sorted(path.name for path in (ROOT / "static").iterdir()) == ["app.css", "app.js"]


# --- tables ---
def test_every_setting_is_in_the_table_with_its_default() -> None:
    settings = table(README, "variable | default | meaning")
    rows = {name.strip("`").removeprefix("FLASK_"): default for name, default, _ in settings}
    refused = {name for name, check in CHECKS.items() if check(DEFAULTS[name])}
    written = {name: "empty" if default in ("", ()) else f"`{default}`" for name, default in DEFAULTS.items()}
    assert rows == {name: "required" if name in refused else text for name, text in written.items()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_other_setting_is_named(page: Path) -> None:
    assert set(re.findall(r"FLASK_([A-Z_]+)", page.read_text())) <= set(DEFAULTS)


def test_the_claims_are_all_in_the_table() -> None:
    assert [name.strip("`") for name, _ in table(README, "claim | value")] == list(tokens.LAUNCH_CLAIMS)


def test_the_times_are_right() -> None:
    launch = re.search(r"for (\d+) seconds, with clocks up to (\d+) seconds apart", README)
    session = re.search(r"lives (\d+) minutes, is renewed by use, and ends after (\d+) hours", README)
    assert launch
    assert [int(each) for each in launch.groups()] == [tokens.LAUNCH_SECONDS, tokens.CLOCK_SKEW]
    assert session
    assert [int(each) for each in session.groups()] == [tokens.SESSION_SECONDS // 60, DEFAULTS["SESSION_HOURS"]]


def test_every_route_is_in_the_table_and_no_other(app: Flask) -> None:
    app = create_app({**app.config, "SECURITY_CONTACT": "mailto:security@app.example"})
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    routes = {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    rows = [re.findall(r"`(.*?)`", request) for request, _ in table(BUILT, "request | does")]
    assert routes == {(name, path) for row in rows for name in row for path in row if name.isupper() and path[0] == "/"}


def test_every_message_to_and_from_the_host_is_named() -> None:
    script = (ROOT / "static" / "app.js").read_text()
    sent = set(re.findall(r'\btell(?:\(|, .*, )"(\w+)"', script)) | {"saved"}  # the page itself names what it saved
    heard = set(re.findall(r'"cash:(\w+)"', script))
    assert set(re.findall(r"cash:(\w+)", README)) == sent | heard


def test_every_source_that_a_comment_names_is_explained() -> None:
    tags = {tag for tag, _ in table(CASH, "tag | source")}
    numbers = {int(each) for number, *_ in table(CASH, ASSUMED) for each in re.findall(r"\d+", number)}
    for path in WEBAPP.rglob("*.py"):
        text = path.read_text()
        assert {int(each) for each in re.findall(r"ASSUMPTION-(\d+)", text)} <= numbers, path
        for marks in re.findall(r"\(([A-Z][A-Z, ]*), [HML]\)", text):
            assert set(marks.split(", ")) <= tags, path


def test_every_reason_word_that_is_named_exists() -> None:
    sources = [
        path.read_text() for room in ("outbound", "cash/client", "cash/sync") for path in (WEBAPP / room).rglob("*.py")
    ]
    signs = " ".join(sign for *_, sign in table(CASH, ASSUMED))
    for word in set(re.findall(r"`(\w+)`", signs)) - {"Authenticate"}:
        number = re.fullmatch(r"(http|code)_\d+", word)
        wanted = rf"{number[1]}_(\d+|\{{)" if number else rf'"{word}"'
        assert any(re.search(wanted, text) for text in sources), word


# --- commands ---
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_exists(page: Path, app: Flask) -> None:
    text = page.read_text()
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)(?:\w+=\w+ )?make ([\w-]+)", text, re.MULTILINE)) <= targets
    for command, options in re.findall(r"flask --app webapp ([\w-]+)([^`\n]*)", text):
        help = app.test_cli_runner().invoke(args=[command, "--help"])
        assert help.exit_code == 0, command
        assert all(option in help.output for option in re.findall(r"--[\w-]+", options)), (command, options)


def keys() -> dict[str, str]:
    """What is required, made as the README says; and this very code, wherever the commands were installed from."""
    secret, vault = (
        subprocess.run(
            ["sh", "-c", line.replace(".venv/bin", str(BIN))], capture_output=True, text=True, check=True
        ).stdout.strip()
        for line in block("sh", "token_urlsafe").splitlines()
    )
    return {
        "FLASK_LAUNCH_KEYS": secret,
        "FLASK_SESSION_KEYS": secret[::-1],
        "FLASK_VAULT_KEYS": vault,
        "FLASK_FRAME_ANCESTORS": HOST,
        "PYTHONPATH": str(ROOT),
    }


def test_a_launch_signed_as_the_readme_says_is_accepted() -> None:
    key, claims = 'a-launch-key-ünd-"more"', ("1001", 'Jansen & "Zn." – Ünïcødé €/\\', "beheer", "nl", HOST)
    code = f"{block('python')}\nprint(launch_token{(key, *claims)!r})"
    line = [sys.executable, "-c", code]
    printed = (subprocess.run(line, capture_output=True, text=True, check=True, timeout=60).stdout for _ in range(2))
    first, second = (tokens.read_launch([key], token.strip()) for token in printed)
    assert tuple(first[name] for name in ("account", "company", "sub", "lang", "parent")) == claims
    assert first["role"] == "admin"
    assert first["jti"] != second["jti"]
    assert set(first) == set(tokens.LAUNCH_CLAIMS)


class Shell:
    """Runs commands of the README as an operator would, in a place of its own."""

    def __init__(self, place: Path) -> None:
        names = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")}
        self.environment = {**names, **keys(), "HOME": str(place), "FLASK_DATABASE": str(place / "app.db")}
        self._backup = str(place / "copy.db")

    def here(self, commands: str) -> str:
        return commands.replace(".venv/bin", str(BIN)).replace("cash-backup.db", self._backup)

    def run(self, commands: str) -> str:
        line = ["sh", "-ec", self.here(commands)]
        done = subprocess.run(line, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_deployed_as_the_readme_says_it_serves_and_logs_no_token(shell: Shell, tmp_path: Path) -> None:
    install, migrate, gunicorn = block("sh", "gunicorn").replace("\\\n", "").splitlines()
    assert install == "make install"
    shell.run(migrate)
    token = shell.run(f".venv/bin/flask --app webapp launch --account 1 --company Demo --user beheer --parent {HOST}")
    log = tmp_path / "log"
    with served(shell, gunicorn, log) as page:
        contradiction = {"X-Forwarded-Proto": "http", "X-Forwarded-Ssl": "on"}
        assert requests.get(f"{page}/healthz", headers=contradiction, timeout=LONGEST_WAIT).status_code == 400
        assert requests.get(f"{page}/launch", {"token": token}, timeout=LONGEST_WAIT).status_code == 200
        again = {"data": {"token": token}, "headers": {"Referer": f"{page}/launch?token={token}"}}
        assert requests.post(f"{page}/launch", **again, timeout=LONGEST_WAIT).status_code == 409
    text = log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    requested = [(line["method"], line["route"], line["status"]) for line in lines if line["message"] == "request"]
    assert requested == [("GET", "/launch", 200), ("POST", "/launch", 409)]
    assert token not in text


@contextmanager
def served(shell: Shell, command: str, log: Path) -> Iterator[str]:
    """The address at which a command serves, once it is ready."""
    port = free_port(0)
    page = f"http://127.0.0.1:{port}"
    line = shlex.split(shell.here(command).replace("127.0.0.1:8000", f"127.0.0.1:{port}"))
    with (
        log.open("wb") as stream,
        subprocess.Popen(line, env=shell.environment, cwd=ROOT, stdout=stream, stderr=stream) as server,
    ):
        try:
            wait_until_ready(page, server)
            yield page
        finally:
            server.send_signal(signal.SIGTERM)


def wait_until_ready(page: str, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < ends:
        assert server.poll() is None, "gunicorn did not start"
        try:
            if requests.get(f"{page}/readyz", timeout=LONGEST_WAIT).status_code == 200:
                return
        except requests.RequestException:
            time.sleep(0.05)
    pytest.fail("gunicorn was not ready in time")


def test_a_backup_is_restored_as_the_readme_says(shell: Shell) -> None:
    database = shell.environment["FLASK_DATABASE"]
    shell.run(".venv/bin/flask --app webapp migrate")
    write(database, "before the backup")
    shell.run(block("sh", "flask --app webapp backup"))
    write(database, "after the backup")
    shell.run(block("sh", "rm -f"))
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT words FROM written").fetchall() == [("before the backup",)]


def write(database: str, words: str) -> None:
    """A row, by a process that dies before it can tidy up: SQLite's own files stay behind."""
    code = (
        "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "db.execute('CREATE TABLE IF NOT EXISTS written (words TEXT)'); "
        "db.execute('INSERT INTO written VALUES (?)', sys.argv[2:]); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, database, words], check=True, timeout=60)


def test_the_old_version_serves_on_when_the_new_one_has_migrated(connected: Visitor, app: Flask) -> None:
    with closing(sqlite3.connect(app.config["DATABASE"])) as newer, newer:
        step = "'cash-settings', 'm999', 'now'"
        newer.execute(f"INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ({step})")
        newer.execute("ALTER TABLE settings ADD COLUMN of_the_new_version TEXT")
    assert connected.save(import_employees=True).status == 200
    assert Visitor(app).open().choices()["import_employees"] is True
    assert app.test_client().get("/readyz").status_code == 503


# --- the proxy ---
def test_the_proxy_lets_through_what_the_app_takes_and_waits_as_long(app: Flask) -> None:
    proxy = dict(re.findall(r"^ +(\w+) +(\d+)[ks];", block("nginx"), re.MULTILINE))
    assert int(proxy["client_max_body_size"]) * 1024 == app.config["MAX_CONTENT_LENGTH"]
    assert int(proxy["proxy_read_timeout"]) > 2 * DEFAULTS["CASH_DEADLINE"]
    assert int(proxy["client_header_timeout"]) == int(proxy["client_body_timeout"]) == 10
