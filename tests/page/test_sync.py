"""The panel of the synchronisation: what it says, what its buttons do."""

from pathlib import Path

import pytest
from flask import Flask
from support.runs import FOUND, LOOKED, Worker
from support.visitor import Visitor

from webapp.cash.store.kept import KeptStore


@pytest.fixture
def worker(app: Flask) -> Worker:
    return Worker(app)


@pytest.fixture
def ready(connected: Visitor, app: Flask, worker: Worker) -> Visitor:
    """A connected account to which OutSmart has given access; in English."""
    worker.connect()
    return Visitor(app).open(lang="en")


def press(visitor: Visitor, id: str) -> Visitor:
    """Presses a button of the panel."""
    button = visitor.page.css_first(f"#sync #{id}")
    assert button, f"no {id} in {visitor.says('sync')}"
    named = {button.attributes["name"]: button.attributes.get("value")} if "name" in button.attributes else {}
    return visitor.submit("sync-form", named, action=(button.attributes.get("formaction") or "").partition("#")[0])


def test_before_the_first_save_there_is_nothing_to_synchronise(visitor: Visitor) -> None:
    visitor.log_in()
    assert visitor.says("sync") == ""


def test_without_access_to_outsmart_it_waits_for_that(connected: Visitor, app: Flask) -> None:
    visitor = Visitor(app).open(lang="en")
    assert "Waits until OutSmart gives access" in visitor.says("sync")
    assert visitor.page.css_first("#sync-start") is None
    assert visitor.post("/sync", {**visitor.values("sync-form"), "kind": "changed"}).status == 409


@pytest.mark.parametrize(
    ("button", "kind"), [("sync-start", "changed"), ("sync-all", "all"), ("sync-preview", "preview")]
)
@pytest.mark.parametrize("htmx", [True, False])
def test_a_button_asks_for_a_run(ready: Visitor, worker: Worker, button: str, kind: str, htmx: bool) -> None:
    ready.htmx = htmx
    press(ready, button)
    assert ready.status == 200
    run = worker.open()
    assert run
    assert (run.kind, run.user, run.state) == (kind, "beheer", "waiting")
    assert "Starts in a moment" in ready.says("sync")
    assert ready.page.css_first("#sync-start") is None


def test_asked_twice_it_is_one_run(ready: Visitor, worker: Worker) -> None:
    other = Visitor(ready.app).open(lang="en")
    press(ready, "sync-start")
    first = worker.open()
    press(other, "sync-all")
    assert "One is under way already." in other.text
    assert worker.open() == first


def test_the_progress_is_shown_by_kind(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.start(step="send", kind="relations", sent=1234)
    assert ready.get("/sync").status == 200
    assert "Importing since" in ready.says("sync")
    assert "Relations: 1,234 sent" in ready.says("sync")
    assert ready.page.css_first("#sync [hx-trigger='every 3s']"), "it looks again by itself"


def test_a_run_that_goes_by_a_preview_says_so(ready: Visitor, worker: Worker, tmp_path: Path) -> None:
    press(ready, "sync-preview")
    worker.end(result=LOOKED)
    assert "Reads all of Cash again" in ready.get("/").says("sync")
    (tmp_path / "cash.db").touch()
    looked = worker.runs(lambda runs: runs.latest("1001", ["preview"]))
    KeptStore(ready.app.config["DATABASE"]).put("1001", looked.id, tmp_path / "cash.db")
    assert "Imports what was looked at" in ready.get("/").says("sync")
    press(ready, "sync-all")
    worker.start(step="kept", at=1_800_000_000)
    assert "Uses what was read from Cash at" in ready.get("/sync").says("sync")


def test_what_runs_can_be_stopped(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.start()
    press(ready.get("/sync"), "sync-cancel")
    assert "Stopped." in ready.text
    assert worker.open() is None
    assert ready.post("/sync/cancel", ready.values("sync-form")).status == 200


def test_afterwards_it_says_what_came_of_it(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.end(result=FOUND)
    ready.get("/sync")
    said = ready.says("sync")
    assert "1,200 new, 3 changed, 1 refused by OutSmart, 2 left out, 30 no longer in Cash" in said
    assert not ready.page.css_first("#sync [hx-trigger]"), "it looks no more"
    worker.note("INSERT INTO skipped_rows VALUES ('1001', 'relations', '000102', 'Jansen', 'no_street')")
    worker.note(
        "INSERT INTO sent_rows (account, kind, key, spelled, administration, hash, refused, code, message, gone) "
        "VALUES ('1001', 'relations', '100', '100', '1571/x001', '', 'x', 1100, 'Email is invalid', 0)"
    )
    press(ready, "sync-details")
    said = ready.says("sync")
    for words in ("Jansen (000102)", "Has no street in Cash", "Email is invalid", "Materials nothing changed"):
        assert words in said
    press(ready, "sync-again")
    assert worker.open()


def test_that_many_are_gone_is_agreed_to_by_a_person(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.end(result=FOUND)
    assert "Waits for you." in ready.get("/").says("sync")
    press(press(ready, "sync-details"), "sync-agree")
    assert worker.open()


def test_a_preview_says_what_would_change(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-preview")
    worker.end(result=LOOKED)
    said = press(ready.get("/"), "sync-details").says("sync")
    assert "2 new, 1 changed, 4 twice in OutSmart" in said
    assert "Bakker – Postal code: 1234 → 1234 AB" in said


@pytest.mark.parametrize(
    ("side", "reason", "words"),
    [
        ("cash", "http_503", "Cash is down or under maintenance. We try again by ourselves."),
        ("outsmart", "http_503", "OutSmart cannot be reached. We try again by ourselves."),
        ("", "fault", "It is up to us to solve this."),
        ("cash", "of another version", "It is up to us to solve this."),
    ],
)
def test_a_failure_says_whose_it_is(ready: Visitor, worker: Worker, side: str, reason: str, words: str) -> None:
    press(ready, "sync-start")
    worker.end("failed", {"side": side}, reason)
    assert words in ready.get("/").says("sync")


def test_a_refused_login_stops_it_until_a_new_one_is_saved(ready: Visitor, worker: Worker) -> None:
    worker.note("UPDATE logins SET refused_since = 1")
    assert "Cash refuses the stored login" in ready.get("/").says("sync")
    assert ready.page.css_first("#sync-start") is None


def test_without_a_worker_it_says_so_after_a_minute(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.note("UPDATE runs SET due = due - 61, asked = asked - 61")
    assert "the synchronisation does not run now" in ready.get("/sync").says("sync")


def test_a_kind_that_does_not_exist_is_refused(ready: Visitor, worker: Worker) -> None:
    ready.post("/sync", {**ready.values("sync-form"), "kind": "backwards"})
    assert ready.status == 400
    assert worker.open() is None


def test_what_another_version_stored_of_a_run_takes_no_page_down(ready: Visitor, worker: Worker) -> None:
    press(ready, "sync-start")
    worker.end(result={"kinds": {"zzz": {"new": "many", "skipped": 7, "examples": [7, {"fields": {"a": 7}}]}}})
    worker.note("UPDATE runs SET progress = '[', reason = 'zzz'")
    assert ready.get("/").status == 200
    assert press(ready, "sync-details").status == 200
    worker.note("UPDATE runs SET result = 'null'")
    assert ready.get("/").status == 200
