"""Who may ask."""

import pytest
from flask import Flask
from support.host import NEWER_TOKEN, PREFIX, TOKEN, Host
from support.visitor import Visitor
from werkzeug.routing import Rule

from webapp import create_app

VERBS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS")


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(PREFIX)]


def address(rule: Rule) -> str:
    built = rule.build({"account": "1001", "run": "0"})
    assert built, rule
    return built[1]


@pytest.mark.parametrize(
    "sent",
    ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", TOKEN, "Bearer \xe9"],
)
def test_without_a_right_token_no_route_answers(app: Flask, sent: str) -> None:
    client = app.test_client()
    assert rules(app)
    for rule in rules(app):
        for verb in rule.methods or ():
            answer = client.open(address(rule), method=verb, headers={"Authorization": sent})
            assert answer.status_code == 401, (verb, rule)
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert answer.mimetype == "application/problem+json"


def test_while_no_token_is_configured_nobody_may_ask(configuration: dict[str, object], app: Flask) -> None:
    closed = create_app({**configuration, "API_TOKENS": []})
    for sent in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert closed.test_client().get(f"{PREFIX}/accounts", headers={"Authorization": sent}).status_code == 401


def test_a_token_is_rotated_without_a_gap(app: Flask) -> None:
    for token in (TOKEN, NEWER_TOKEN):
        assert Host(app, token).get("/accounts").status_code == 200
    assert Host(app).ask("GET", "/accounts", headers={"Authorization": f"bearer {TOKEN}"}).status_code == 200


def test_a_session_of_the_page_is_no_token(connected: Visitor) -> None:
    session = connected.session
    assert connected.get(f"{PREFIX}/accounts/1001").status == 401
    assert connected.get(f"{PREFIX}/accounts", Authorization=f"Bearer {session}").status == 401


def test_a_token_is_no_session_of_the_page(app: Flask) -> None:
    answer = app.test_client().get("/", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 401


def test_no_browser_on_another_site_may_ask(host: Host) -> None:
    answer = host.post("/accounts/1001/sessions/end", Origin="https://evil.example")
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"
