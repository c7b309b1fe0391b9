"""What helps when something goes wrong: a session that can be extended, diagnostics, and failures that are told."""

import json
import sqlite3

import pytest
from flask import Flask
from support.visitor import GOOD_LOGIN, Visitor

from webapp import create_app
from webapp.cash.actions import connect
from webapp.demo.cash import CashSandbox


def test_a_session_can_be_extended(english: Visitor) -> None:
    english.post("/session/extend", english.values("login"))
    assert english.status == 204
    assert int(english.response.headers["X-Cash-Session-Seconds"]) == 15 * 60
    assert english.response.headers["X-Cash-Session"]


def test_diagnostics_help_support_and_give_nothing_away(english: Visitor, cash: CashSandbox) -> None:
    english.log_in(email="dienst@example.nl")
    code = english.page.css_first("#problem code").text()
    english.get("/diagnostics")
    facts = json.loads(english.response.text)
    assert facts["account"] == "1001"
    assert facts["connection"]["connected"] is True
    assert facts["connection"]["administrations"] == 4
    assert facts["versions"]["schema"].startswith("m0")
    assert facts["last_errors"][0] == {
        "at": facts["last_errors"][0]["at"],
        "kind": "cash_failed",
        "reason": "code_7",
        "support": code,
    }
    assert {"Authenticate", "ListAdministrations"} <= {
        call["operation"] for call in facts["cash"]["recent_calls_of_this_process"]
    }
    for personal in ("api@example.nl", "25583", "beheer", "Demo", GOOD_LOGIN["password"]):
        assert personal not in english.response.text
    english.submit("log-form", action="/diagnostics")
    assert '"account": "1001"' in english.page.css_first("pre").text()


def test_diagnostics_of_a_new_account(visitor: Visitor) -> None:
    facts = json.loads(visitor.get("/diagnostics").response.text)
    assert facts["connection"]["connected"] is False
    assert facts["settings"] == {"version": 0, "saved": None}


def test_a_broken_test_is_told_too(connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(app.extensions["cash"], "session", explode)
    connected.submit("test-form")
    assert connected.status == 500
    assert connected.says("alert")
    assert "boom" not in connected.text


def test_a_lost_vault_key_is_said_by_the_test(configuration: dict[str, object], connected: Visitor) -> None:
    other = Visitor(create_app({**configuration, "VAULT_KEYS": ["A" * 43 + "="]})).open(lang="en")
    other.submit("test-form")
    assert "Log in to Cash again" in other.says("problem")


@pytest.mark.parametrize("htmx", [True, False])
def test_an_outcome_that_cannot_be_stored_is_said_by_the_test(
    english: Visitor, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(connect, "_conclude", full)
    english.htmx = htmx
    english.submit("test-form")
    assert english.status == 503
    assert "Our storage does not answer" in english.text
