"""Asking for a run, and what becomes of it."""

import pytest
from flask import Flask
from support.host import PREFIX, Host
from support.visitor import Visitor

from webapp.cash.store.runs import Run, RunStore
from webapp.db import connect
from webapp.demo.cash import CashSandbox

RESULT = {
    "since": 1,
    "kinds": {
        "relations": {
            "new": 3,
            "changed": 1,
            "same": 40,
            "sent": 4,
            "skipped": {"blocked": 1, "no_city": 2},
        },
        "materials": {"new": 0, "refused": [{"key": "A1", "code": 1200, "message": "…"}], "refused_rows": 1},
    },
}


@pytest.fixture
def ready(host: Host, connected: Visitor) -> Host:
    """An account that has all a run needs."""
    host.put("1001")
    return host


def work(app: Flask, state: str = "done", reason: str = "") -> Run:
    """What a worker does with the run that waits."""
    with connect(app.config["DATABASE"]) as db:
        runs = RunStore(db)
        waiting = runs.open("1001")
        assert waiting
        run = runs.start(waiting.id, "me")
        assert run
        assert runs.finish(run.id, "me", state, RESULT if state == "done" else {}, reason)
        return run


def test_a_run_is_asked_for_and_followed(ready: Host, app: Flask) -> None:
    asked = ready.post("/accounts/1001/runs", {"kind": "all", "user": "annet"})
    assert asked.status_code == 202
    address = asked.headers["Location"].removeprefix(PREFIX)
    assert {name: asked.json[name] for name in ("kind", "state", "user")} == {
        "kind": "all",
        "state": "waiting",
        "user": "annet",
    }
    assert ready.account()["open_run"]["id"] == asked.json["id"]
    assert ready.account()["next_run_at"] == asked.json["due_at"]
    work(app)
    done = ready.get(address).json
    assert done["state"] == "done"
    assert done["counts"]["relations"] == {"new": 3, "changed": 1, "same": 40, "sent": 4, "skipped": 3}
    assert done["counts"]["materials"] == {"new": 0, "refused": 1}
    account = ready.account()
    assert (account["state"], account["open_run"]) == ("ok", None)
    assert account["last_good_run"]["id"] == done["id"]
    assert account["counts"] == done["counts"]


def test_while_one_runs_that_one_is_the_answer(ready: Host) -> None:
    first = ready.post("/accounts/1001/runs")
    again = ready.post("/accounts/1001/runs", {"kind": "all"})
    assert (first.status_code, again.status_code) == (202, 200)
    assert again.json["id"] == first.json["id"]
    assert again.headers["Location"] == first.headers["Location"]


def test_the_same_key_asks_only_once(ready: Host, app: Flask) -> None:
    first = ready.post("/accounts/1001/runs", Idempotency_Key="k1")
    work(app)
    again = ready.post("/accounts/1001/runs", Idempotency_Key="k1")
    assert (again.status_code, again.json["id"], again.json["state"]) == (200, first.json["id"], "done")
    assert ready.post("/accounts/1001/runs", {"kind": "all"}, Idempotency_Key="k1").status_code == 422
    other = ready.post("/accounts/1001/runs", Idempotency_Key="k2")
    assert (other.status_code, other.json["id"] == first.json["id"]) == (202, False)


def test_a_key_of_another_account_is_another_key(ready: Host, app: Flask) -> None:
    first = ready.post("/accounts/1001/runs", Idempotency_Key="k1")
    visitor = Visitor(app).open(account="2002")
    visitor.log_in()
    visitor.save(administration="1571/x001", import_relations=True)
    ready.put("2002")
    other = ready.post("/accounts/2002/runs", Idempotency_Key="k1")
    assert (other.status_code, other.json["id"] == first.json["id"]) == (202, False)
    assert ready.get(f"/accounts/2002/runs/{first.json['id']}").status_code == 404


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "\xe9", "\t"])
def test_a_key_that_can_be_none_is_refused(ready: Host, key: str) -> None:
    answer = ready.post("/accounts/1001/runs", Idempotency_Key=key)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"kind": "preview"}, "kind"), ({"kind": 1}, "kind"), ({"user": ""}, "user"), ({"user": "x" * 201}, "user")],
)
def test_a_wish_that_is_wrong_is_named(ready: Host, body: dict[str, object], field: str) -> None:
    answer = ready.post("/accounts/1001/runs", body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_a_run_needs_settings_a_login_and_a_token(host: Host, visitor: Visitor, cash: CashSandbox) -> None:
    def missing() -> list[str]:
        answer = host.post("/accounts/1001/runs")
        assert answer.status_code == 409, answer.text
        found: list[str] = answer.json["missing"]
        assert all(each in answer.json["detail"] for each in found)
        return found

    host.put("1001")
    assert missing() == ["settings", "login"]
    visitor.log_in()
    assert missing() == ["settings", "login"], "a login that waits for Save is not stored"
    visitor.save(administration="1571/x001", import_relations=True)
    assert host.post("/accounts/1001/runs").status_code == 202
    cash.reject()
    visitor.submit("test-form")
    assert missing() == ["login"], "Cash does not accept it"
    visitor.get("/").submit("disconnect-form")
    assert missing() == ["login"]
    assert host.post("/accounts/2002/runs").status_code == 404


def test_without_a_token_there_is_no_run(host: Host, connected: Visitor) -> None:
    answer = host.post("/accounts/1001/runs")
    assert (answer.status_code, answer.json["missing"]) == (409, ["outsmart_token"])


def test_each_change_of_a_run_is_heard_of(ready: Host, app: Flask) -> None:
    def hears() -> bool:
        nonlocal cursor
        found = ready.get(f"/accounts?changed_after={cursor}").json
        cursor = found["cursor"]
        return bool(found["accounts"])

    cursor = ready.get("/accounts").json["cursor"]
    ready.post("/accounts/1001/runs")
    assert hears()
    with connect(app.config["DATABASE"]) as db:
        runs = RunStore(db)
        run = runs.open("1001")
        assert run
        runs.start(run.id, "me")
        assert hears()
        assert ready.how() == ("running", None)
        runs.progress(run.id, "me", {"relations": 10})
        assert not hears(), "who wants to follow it asks for the run"
        assert ready.get(f"/accounts/1001/runs/{run.id}").json["progress"] == {"relations": 10}
        runs.finish(run.id, "me", "failed", {}, "http_503")
    assert hears()
    assert ready.how() == ("problem", "http_503")


def test_the_end_of_an_account_is_the_end_of_its_run(ready: Host, app: Flask) -> None:
    ready.post("/accounts/1001/runs")
    with connect(app.config["DATABASE"]) as db:
        runs = RunStore(db)
        run = runs.open("1001")
        assert run
        runs.start(run.id, "me")
        assert ready.delete("1001").json["rows"]["runs"] == 1
        assert not runs.owns(run.id, "me"), "its worker stops"
        assert not runs.finish(run.id, "me", "done", RESULT)
    assert ready.get(f"/accounts/1001/runs/{run.id}").status_code == 404
