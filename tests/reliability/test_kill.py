"""kill -9 at random moments during Saves: what was acknowledged is there, whole, and the page is back at once."""

import random
import signal
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from support.app import Serve, Served
from support.database import forget_rates
from support.visitor import Visitor

from webapp.cash.choices import CHOICES, TOGETHER
from webapp.cash.model import Administration, Credentials
from webapp.cash.store.activity import Activity
from webapp.cash.store.logins import LoginStore
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect
from webapp.vault import Vault
from webapp.web.tokens import read_session

ACCOUNT = "1001"
BOOKS = Administration("1571", "x001", "Demo B.V.")
# Sales orders ask first; hour types go together with materials.
SWITCHES = [
    name for name, choice in CHOICES.items() if choice.is_switch and name not in ("export_sales_orders", TOGETHER[1])
]
RESTARTS = 3
BACK_AT_ONCE = 10  # seconds, on however slow a machine; gunicorn waits thrice as long for a worker that says nothing


def choices(n: int) -> dict[str, str]:
    """The choices of the n-th Save: the number in binary, so that a mixture of two would show; it wraps around."""
    on = {name: "on" for bit, name in enumerate(SWITCHES) if n >> bit & 1}
    return on | ({TOGETHER[1]: "on"} if TOGETHER[0] in on else {})


class State(NamedTuple):
    """What is stored, each part by the number of the Save that it came from; the choices by what is left of it."""

    saved: int
    login: int
    password: int
    versions: int
    events: dict[str, int]


class Editor:
    """Saves again and again; before each Save a new login waits for it, so that a Save writes three tables."""

    def __init__(self, server: Served) -> None:
        self.server, self.visitor = server, Visitor(server).open()
        self.vault = Vault(tuple(server.config["VAULT_KEYS"]))
        self.n = self.known = self.version = 0  # the Save sent last; the one in force and its version
        self.let_a_login_wait()
        typed = self.visitor.get("/").values("settings")
        self.fixed = {name: typed[name] for name in ("session", "csrf_token", "export_work_status")}
        self.fixed |= {"administration": BOOKS.id, "export_hour_rounding": "0"}

    def let_a_login_wait(self) -> None:
        """As a Submit leaves it."""
        sid = read_session(self.server.config["SESSION_KEYS"], self.visitor.session)["sid"]
        login = Credentials("25583", f"api{self.n + 1}@example.nl", f"geheim{self.n + 1}")
        with connect(self.server.config["DATABASE"]) as db:
            LoginStore(db, self.vault).keep_pending(ACCOUNT, sid, login, [BOOKS], "beheer")

    def send(self) -> HTTPConnection:
        """Sends the next Save and does not wait for the answer."""
        self.let_a_login_wait()
        forget_rates(self.server.config["DATABASE"])
        self.n += 1
        fields = {**self.fixed, "version": self.version, **choices(self.n)}
        connection = HTTPConnection(*self.server.address, timeout=30)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/settings", urlencode(fields), form)
        return connection

    def receive(self, connection: HTTPConnection) -> bool:
        """Whether the Save was acknowledged: a whole answer that says so."""
        try:
            answer = connection.getresponse()
            whole = b"</html>" in answer.read()
        except (HTTPException, ConnectionError):
            return False
        finally:
            connection.close()
        assert (answer.status, whole) == (200, True)
        self.known = self.n
        return True

    def stored(self) -> State:
        """What the file holds."""
        with connect(self.server.config["DATABASE"]) as db:
            store = LoginStore(db, self.vault)
            (_, login), saved = store.both(ACCOUNT, ""), SettingsStore(db).current(ACCOUNT)
            assert login
            events = [event.kind for event in Activity(db).latest(ACCOUNT, most=1_000_000)]
            settings = saved.settings
            return State(
                sum(1 << bit for bit, name in enumerate(SWITCHES) if getattr(settings, name)),
                int(login.email.removeprefix("api").removesuffix("@example.nl")),
                int(store.credentials(ACCOUNT, login).password.removeprefix("geheim")),
                saved.version,
                {kind: events.count(kind) for kind in ("saved", "connected")},
            )


def check(editor: Editor) -> None:
    """The last Save is there with all it stores, or not at all; an acknowledged one is there."""
    state = editor.stored()
    n, versions = state.login, state.versions
    assert n in (editor.known, editor.n), "an acknowledged Save is lost"
    assert versions == editor.version + (n == editor.n)
    assert state == State(n % 2 ** len(SWITCHES), n, n, versions, {"saved": versions, "connected": versions}), "torn"
    editor.known, editor.version = n, versions


@pytest.fixture
def editor(serve: Serve) -> Editor:
    return Editor(serve())


def typical(editor: Editor) -> float:
    """The seconds that a Save takes."""
    times = []
    for _ in range(9):
        began = time.monotonic()
        assert editor.receive(editor.send())
        times.append(time.monotonic() - began)
        check(editor)
    return median(times)


def test_a_worker_killed_during_saves_loses_none_tears_none_and_is_back_at_once(
    editor: Editor, nightly: bool, tmp_path: Path
) -> None:
    kills, chance, seconds = 2000 if nightly else 100, random.Random(7), typical(editor)
    cut_off, back = 0, []
    for _ in range(kills):
        connection = editor.send()
        time.sleep(chance.uniform(0, 1.2 * seconds))
        editor.server.kill_worker()
        killed = time.monotonic()
        cut_off += not editor.receive(connection)
        editor.server.answers()
        back.append(time.monotonic() - killed)
        check(editor)
    with connect(editor.server.config["DATABASE"]) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    assert cut_off > kills / 5, "the kills came too late to prove anything"
    assert median(back) < BACK_AT_ONCE
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_a_server_killed_with_all_its_workers_starts_as_fast_as_one_that_was_stopped(editor: Editor) -> None:
    chance, seconds = random.Random(8), typical(editor)
    after: dict[signal.Signals, list[float]] = {signal.SIGTERM: [], signal.SIGKILL: []}
    for how in [signal.SIGTERM, signal.SIGKILL] * RESTARTS:
        connection = editor.send()
        if how == signal.SIGKILL:
            time.sleep(chance.uniform(0, seconds))
        else:
            assert editor.receive(connection)
        editor.server.stop(how)
        after[how].append(editor.server.start())
        if how == signal.SIGKILL:
            editor.receive(connection)
        check(editor)
    assert min(after[signal.SIGKILL]) < min(after[signal.SIGTERM]) + BACK_AT_ONCE
