"""The log lines and the numbers: what they hold, and what they never hold."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from support.visitor import GOOD_LOGIN, Visitor

from webapp import create_app
from webapp.cash.client.reasons import is_down, is_rejection
from webapp.config import ConfigurationError
from webapp.demo.cash import CashSandbox
from webapp.observe import CashCalls
from webapp.web import errors

TOKEN, NEWER_TOKEN = "a-token-for-prometheus", "its-successor-in-a-rotation"
REQUEST_FIELDS = {
    "time",
    "level",
    "logger",
    "message",
    "account",
    "client",
    "route",
    "method",
    "status",
    "ms",
    "support",
}
CASH_FIELDS = {"time", "level", "logger", "message", "account", "operation", "outcome", "ms", "support"}

Lines = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """The lines since the last look, all of which must be JSON; those with one of these messages."""

    def read(*messages: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        return [line for line in found if not messages or line["message"] in messages]

    return read


def shown_code(visitor: Visitor) -> str:
    """The support code on the page."""
    code = visitor.seen.css_first(".support code")
    assert code is not None
    return code.text()


# --- lines ---
def test_each_request_is_one_line(visitor: Visitor, lines: Lines) -> None:
    visitor.get("/")
    (line,) = lines()
    assert set(line) == REQUEST_FIELDS
    assert line["time"].endswith("+00:00")
    assert (line["level"], line["logger"], line["route"]) == ("INFO", "webapp.observe", "/")
    assert line["ms"] > 0
    visitor.log_in(password="")
    (line,) = lines()
    assert (line["route"], line["method"], line["status"]) == ("/login", "POST", 422)
    visitor.open()
    (line,) = lines()
    assert (line["route"], line["method"], line["status"], line["account"]) == ("/launch", "POST", 200, "1001")


def test_a_line_names_the_route_and_never_the_address(visitor: Visitor, app: Flask, lines: Lines) -> None:
    lines()
    visitor.get("/log/123456789?show=errors")
    visitor.get("/nowhere/geheim?token=geheim")
    app.test_client().open("/", method="GEHEIM")
    found = lines("request")
    assert [line["route"] for line in found] == ["/log/<int:id>", "unmatched", "unmatched"]
    assert [line["method"] for line in found] == ["GET", "GET", "other"]
    assert found[2]["account"] is None
    assert "geheim" not in json.dumps(found).lower()


def test_a_streamed_answer_is_told_when_it_is_complete(connected: Visitor, lines: Lines) -> None:
    lines()
    connected.post("/connection/test", {"csrf_token": connected.values("settings")["csrf_token"]})
    found = lines()
    assert [line["message"] for line in found] == ["cash", "cash", "request"]
    assert found[0]["account"] == "1001", "told for the account, though a thread of its own asks"
    assert found[0]["support"] == found[2]["support"]
    assert found[2]["status"] == 200
    assert found[2]["ms"] > found[0]["ms"] + found[1]["ms"]


def test_nobody_hears_of_the_probes(app: Flask, lines: Lines) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        app.test_client().get(path)
    assert lines() == []


def test_each_call_to_cash_is_one_line_with_the_code_of_its_request(visitor: Visitor, lines: Lines) -> None:
    lines()
    visitor.log_in()
    *calls, last = lines("cash", "request")
    assert [(call["operation"], call["outcome"]) for call in calls] == [
        ("WSDL", "ok"),
        ("Authenticate", "ok"),
        ("ListAdministrations", "ok"),
    ]
    assert all(set(call) == CASH_FIELDS and call["ms"] > 0 for call in calls)
    assert {(call["account"], call["support"]) for call in calls} == {("1001", last["support"])}


def test_the_code_on_an_error_page_finds_its_lines(visitor: Visitor, cash: CashSandbox, lines: Lines) -> None:
    visitor.get("/nowhere")
    assert [line["message"] for line in lines() if line.get("support") == shown_code(visitor)] == ["request"]
    visitor.get("/")
    cash.go_down()
    assert visitor.log_in().status == 503
    found = [line for line in lines() if line["support"] == shown_code(visitor)]
    assert {line["message"] for line in found} >= {"cash", "cash is down", "request"}


def test_an_unexpected_error_is_told_with_its_places_but_not_its_words(visitor: Visitor, lines: Lines) -> None:
    def breaks() -> None:
        typed = request.form["password"]
        try:
            int(typed)
        except ValueError as error:
            raise RuntimeError(f"cannot use {typed}") from error

    visitor.app.view_functions["cash.log_in"] = breaks
    lines()
    assert visitor.log_in(password="gans-geheim").status == 500
    found = lines()
    assert [(line["level"], line["support"]) for line in found] == [
        ("ERROR", shown_code(visitor)),
        ("INFO", shown_code(visitor)),
    ]
    trace = found[0]["traceback"]
    assert "in breaks" in trace
    assert trace.index("builtins.ValueError") < trace.index("builtins.RuntimeError")
    assert "gans-geheim" not in json.dumps(found)


def test_what_the_system_said_is_told_as_its_code(visitor: Visitor, lines: Lines) -> None:
    def breaks() -> None:
        raise FileNotFoundError(2, "geheim", "geheim")

    visitor.app.view_functions["cash.log_in"] = breaks
    lines()
    visitor.log_in()
    trace = lines()[0]["traceback"]
    assert trace.endswith("builtins.FileNotFoundError ENOENT")


def test_a_request_that_breaks_even_its_error_page_is_told(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, lines: Lines
) -> None:
    def breaks(*_args: object, **_more: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(errors, "render_alert", breaks)
    lines()
    assert visitor.get("/nowhere").status == 500
    (line,) = lines("request")
    assert line["status"] == 500


def test_a_context_without_a_request_is_no_request(app: Flask, lines: Lines) -> None:
    with app.test_request_context("/"):
        pass
    assert lines() == []


def test_no_secret_is_in_any_line(app: Flask, cash: CashSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    visitor = Visitor(app)
    launch, address = visitor.launch_token(), visitor.launch_token()
    secret = {launch, address, GOOD_LOGIN["password"], "wachtwoord-dat-fout-is"}

    def remember() -> None:
        secret.add(visitor.session)
        secret.update(str(field.attributes["value"]) for field in visitor.page.css("input[name=csrf_token]"))

    visitor.post("/launch", {"token": launch}, plain=True)
    remember()
    visitor.get(f"/launch?token={address}")
    remember()
    visitor.get(f"/launch?token={address}")
    assert visitor.status == 409
    visitor.get("/")
    assert visitor.log_in(password="wachtwoord-dat-fout-is").status == 422
    remember()
    assert visitor.log_in().status == 200
    remember()
    visitor.save(administration=visitor.administrations()[0], import_relations=True)
    assert visitor.status == 200
    remember()
    visitor.post("/connection/test", {"csrf_token": visitor.values("settings")["csrf_token"]})
    cash.go_down()
    visitor.get("/")
    assert visitor.log_in().status == 503
    remember()
    told = capsys.readouterr().err
    assert told.count('"message": "request"') == 10
    assert len(secret) >= 6
    assert [each for each in secret if each in told] == []


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(
    visitor: Visitor, cash: CashSandbox, lines: Lines
) -> None:
    outage = ("cash is down", "cash is up again")
    visitor.log_in()
    cash.reject()
    visitor.log_in(password="fout")
    assert lines(*outage) == []
    cash.recover()
    cash.go_down()
    for _ in range(3):
        assert visitor.log_in().status == 503
    (down,) = lines(*outage)
    assert (down["level"], down["message"], down["reason"]) == ("WARNING", "cash is down", "http_503")
    cash.recover()
    for _ in range(2):
        assert visitor.log_in().status == 200
    (up,) = lines(*outage)
    assert (up["level"], up["message"]) == ("INFO", "cash is up again")
    assert up["seconds_down"] >= 0


@pytest.mark.parametrize(
    "outcome", ["code_2", "code_3", "rate_limit", "http_429", "wsdl_part", "soap_fault", "stopped"]
)
def test_what_is_about_one_call_is_no_outage(app: Flask, lines: Lines, outcome: str) -> None:
    calls = CashCalls(is_down, is_rejection)
    calls.end("WSDL", outcome, 1.0)
    assert [line["message"] for line in lines()] == ["cash"]


def test_a_call_that_hung_since_before_cash_came_back_is_no_new_outage(app: Flask, lines: Lines) -> None:
    calls = CashCalls(is_down, is_rejection)
    for outcome, ms in [("refused", 0), ("ok", 0), ("read_timeout", 10_000), ("ok", 0)]:
        calls.end("WSDL", outcome, ms)
    assert [line["message"] for line in lines() if line["message"] != "cash"] == ["cash is down", "cash is up again"]


def test_text_is_for_a_terminal_and_says_little(
    configuration: dict[str, object], app: Flask, cash: CashSandbox, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor = Visitor(create_app({**configuration, "LOG_FORMAT": "text"})).open()
    visitor.log_in()
    assert capsys.readouterr().err == ""
    cash.go_down()
    visitor.log_in()
    assert " WARNING cash is down\n" in capsys.readouterr().err
    visitor.app.view_functions["cash.page"] = lambda: {}["geheim"]
    visitor.get("/")
    told = capsys.readouterr().err
    assert told.rstrip().endswith("builtins.KeyError")


# --- settings ---
@pytest.mark.parametrize(
    ("name", "value", "words"), [("LOG_FORMAT", "xml", "json or text"), ("METRICS_TOKENS", ["short"], "16 characters")]
)
def test_a_wrong_setting_is_named(configuration: dict[str, object], name: str, value: object, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        create_app({**configuration, name: value})
