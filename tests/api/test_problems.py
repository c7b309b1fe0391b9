"""Whatever goes wrong below the prefix is told as problem details; elsewhere it stays a page."""

import pytest
from flask import Flask
from support.host import PREFIX, TOKEN, Host
from support.visitor import lint

from webapp.accounts import AccountStore
from webapp.api import routes
from webapp.db import DatabaseError
from webapp.web import headers

PROBLEM = "application/problem+json"


@pytest.mark.parametrize("path", ["/nowhere", "/accounts/", "/accounts/1001/nowhere", "/accounts/a/b/c", ""])
def test_an_address_that_does_not_exist(host: Host, path: str) -> None:
    answer = host.get(path)
    assert (answer.status_code, answer.mimetype) == (404, PROBLEM)
    assert answer.json["status"] == 404
    lint(answer, None)


@pytest.mark.parametrize("path", ["/nowhere", "/api", "/api/v1x", "/api/v2/accounts"])
def test_elsewhere_it_is_a_page(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_verb_that_a_route_does_not_know(host: Host) -> None:
    answer = host.ask("PATCH", "/accounts/1001")
    assert (answer.status_code, answer.mimetype) == (405, PROBLEM)
    assert {"GET", "PUT", "DELETE"} <= set(answer.headers["Allow"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 415),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 50_000, 400),
        (b'{"outsmart_token": "\\ud800"}', 400),
        (b" " * 70_000, 413),
        (b"[]", 422),
        (b"null", 422),
        (b'"outsmart_token"', 422),
        (b'{"' + b"x" * 5000 + b'": 1}', 422),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_body_that_cannot_be_read(host: Host, body: bytes, status: int) -> None:
    kind = {"content_type": "application/json"} if body else {}
    answer = host.ask("PUT", "/accounts/1001", data=body, **kind)
    assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert len(answer.data) < 1000


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_sent_as_json(host: Host, kind: str) -> None:
    for path in ("/accounts/1001/runs", "/accounts/1001/sessions/end"):
        assert host.ask("POST", path, data=b'{"user": "x"}', content_type=kind).status_code == 415


def broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError("a text with a secret")


def test_a_fault_of_ours(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    host.put("1001")
    monkeypatch.setattr(routes, "facts", broken)
    answer = host.get("/accounts/1001")
    assert (answer.status_code, answer.mimetype) == (500, PROBLEM)
    assert answer.json["support"]
    assert "secret" not in answer.text


def test_storage_that_does_not_answer(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise DatabaseError("disk I/O error")

    monkeypatch.setattr(AccountStore, "exists", failing)
    answer = host.get("/accounts/1001")
    assert (answer.status_code, answer.mimetype) == (503, PROBLEM)


def test_a_fault_that_nothing_else_can_answer(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """The headers of every answer fail too."""
    monkeypatch.setattr(headers, "_cache_control", broken)
    answer = host.get("/accounts")
    assert (answer.status_code, answer.mimetype) == (500, PROBLEM)
    assert answer.json["title"] == "Internal Server Error"
    lint(answer, None)
    assert host.app.test_client().get("/").mimetype == "text/html"


def test_no_answer_may_be_kept(host: Host) -> None:
    host.put("1001")
    answer = host.app.test_client().get(f"{PREFIX}/accounts/1001", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
