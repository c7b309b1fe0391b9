"""The routes around the stored login: test it, forget it, tell support about it, keep the session."""

import json
import logging
import platform
import queue
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, jsonify, session

from ...db import get_db, versions, write
from ...throttle import LoginRejected, TooSoon
from ...vault import VaultError
from ...web.errors import support_code
from ...web.languages import _
from ...web.pages import stream
from ..client.errors import CashError
from ..model import NOT_CONNECTED, Administration, Credentials, Login
from ..store.activity import Activity
from ..store.settings import SettingsStore
from . import bp, problems
from .panel import (
    attempt_stored,
    cash,
    connections,
    held,
    note,
    note_failure,
    note_once,
    now_in_force,
    page_context,
    panel,
)
from .words import STEPS

log = logging.getLogger(__name__)

# Names of steps, then what Cash showed or how it failed.
Arrivals: TypeAlias = "queue.SimpleQueue[str | list[Administration] | CashError]"


class Step(NamedTuple):
    """A step of the way to Cash that was passed, and the milliseconds it took."""

    name: str
    ms: int


@dataclass
class Trial:
    """A test of the stored login while it goes on: iterate over `steps`, then read how it ended."""

    steps: Iterable[Step] = ()
    problem: problems.Problem | None = None
    failed: str = ""  # the step that was not passed
    count: int = 0  # administrations seen


@bp.post("/connection/test")
def test_connection() -> Response:
    """Tries the stored login; each step is sent as it passes."""
    trial = Trial()
    stored = connections().stored(session["account"]) or NOT_CONNECTED
    try:
        credentials = connections().credentials(session["account"], stored)
    except VaultError:
        trial.problem = problems.log_in_again()
    else:
        trial.steps = walk(trial, stored, credentials)

    def whole() -> Response:
        trial.steps = list(trial.steps)
        return panel(trial.problem.status if trial.problem else 200, trial=trial)

    return stream(whole, "cash/_tested.html", trial=trial, page_context=page_context)


def walk(trial: Trial, stored: Login, credentials: Credentials) -> Iterator[Step]:
    """The steps to Cash, one by one; writes the outcome into the trial and into the log."""
    found: list[Administration] | CashError
    try:
        with attempt_stored(credentials, stored):
            found = yield from take_steps(trial, credentials)
    except (TooSoon, LoginRejected) as error:
        trial.problem = held(error)
        return
    except CashError as error:
        found = error
    except Exception:
        not_stored(trial)
        return
    try:
        trial.problem = settle(trial, stored, found)
    except Exception:
        not_stored(trial)


def take_steps(trial: Trial, credentials: Credentials) -> Generator[Step, None, list[Administration]]:
    """Asks Cash in a thread; a step each time it gets further. Returns what the login sees, or raises CashError."""
    arrived: Arrivals = queue.SimpleQueue()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    about = {"account": session["account"], "support_code": support_code()}
    threading.Thread(target=ask, args=(app, about, credentials, arrived), daemon=True).start()
    secure = urlsplit(current_app.config["CASH_WSDL"]).scheme == "https"
    ahead = [name for name in STEPS if name != "secure" or secure]
    since = time.monotonic()
    while isinstance(found := arrived.get(), str):
        if found in ahead:
            here = time.monotonic()
            yield Step(found, round((here - since) * 1000))
            since = here
            ahead.remove(found)
    if isinstance(found, CashError):
        trial.failed = ahead[0]
        raise found
    return found


def not_stored(trial: Trial) -> None:
    """The answer has begun: only the page itself can still say it."""
    log.exception("the outcome of a connection test could not be stored, support code %s", support_code())
    trial.problem = problems.not_noted()


def settle(trial: Trial, stored: Login, found: list[Administration] | CashError) -> problems.Problem | None:
    """Keeps what the test found out; returns what is wrong, if anything."""
    if isinstance(found, CashError):
        return note_failure(found)
    trial.count = len(found)
    return conclude(stored, found)


def ask(app: Flask, about: dict[str, str], credentials: Credentials, arrived: Arrivals) -> None:
    """Puts the name of each step as it passes, then what Cash showed or how it failed.

    `about` is what the lines of the operator's log tell of a request: a thread has none of its own.
    """
    with app.app_context():
        g.account, g.support_code = about["account"], about["support_code"]
        try:
            with cash().session(credentials, on_step=arrived.put) as conversation:
                arrived.put(conversation.administrations())
        except CashError as error:
            arrived.put(error)
        except Exception as error:  # whatever it is, whoever waits must hear of it
            log.exception("the connection test broke")
            arrived.put(CashError("broken", type(error).__name__))


def conclude(stored: Login, administrations: list[Administration]) -> problems.Problem | None:
    """What a working login means for the saved administration."""
    account, (_connection, saved) = session["account"], now_in_force()
    with write(get_db()):
        connections().saw(account, stored, administrations)
        if saved.settings.administration in [each.id for each in administrations]:
            note_once("tested")
            return None
        note("administration_gone", error=True, name=saved.settings.administration_name)
    return problems.gone(saved.settings.administration_name)


@bp.post("/connection/disconnect")
def disconnect() -> Response:
    """Forgets the credentials; the settings stay for a later reconnect."""
    account, (_connection, saved) = session["account"], now_in_force()
    with write(get_db()):
        if connections().forget(account):
            note("disconnected", name=saved.settings.administration_name)
    return panel(message=_("Disconnected. The settings are kept; the API user in Cash still exists."))


@bp.post("/session/extend")
def extend_session() -> tuple[str, int]:
    """Nothing but a renewed token in the header."""
    return "", 204


@bp.get("/diagnostics")
def diagnostics() -> Response:
    """What support needs to know, as JSON."""
    return jsonify(redacted())


@bp.post("/diagnostics")
def show_diagnostics() -> Response:
    """The same, shown on the page: a form cannot carry the session in an address."""
    return panel(diagnostics=json.dumps(redacted(), indent=2))


def redacted() -> dict[str, Any]:
    """The state of this account without a secret, and without personal data but the account id. Times in seconds."""
    account = session["account"]
    stored, saved = connections().stored(account), SettingsStore(get_db()).current(account)
    return dict(
        account=account,
        versions={
            "page": version("cash-settings"),
            "python": platform.python_version(),
            **versions(get_db()),
        },
        connection={
            "connected": stored is not None,
            "since": stored.since if stored else None,
            "refused_since": (stored.refused_since or None) if stored else None,
            "administrations": len(stored.administrations) if stored else 0,
            "administrations_seen": stored.seen if stored else None,
        },
        settings={"version": saved.version, "saved": saved.at or None},
        cash={
            "server": urlsplit(current_app.config["CASH_WSDL"]).netloc,
            "recent_calls_of_this_process": [
                asdict(call) for asked, call in current_app.extensions["cash_calls"] if asked == account
            ],
        },
        last_errors=[
            {
                "at": event.at,
                "kind": event.kind,
                "reason": event.facts.get("reason"),
                "support": event.facts.get("support"),
            }
            for event in Activity(get_db()).latest(account, errors_only=True, most=10)
        ],
    )
