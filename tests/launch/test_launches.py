"""A launch reads its token and nothing else; refused, it tells the operator why, and the user little."""

import logging
import re

import pytest
from flask import Flask
from support.app import HOST
from support.visitor import Visitor

from webapp import create_app
from webapp.web import tokens


def page(visitor: Visitor) -> str:
    """What is shown, without what differs from one launch to the next."""
    return re.sub(r'(value|data-session)="[^"]{20,}"', "", visitor.response.text)


@pytest.mark.parametrize("way", ["POST", "GET"])
def test_what_comes_beside_the_token_is_ignored(connected: Visitor, way: str) -> None:
    beside = {
        **connected.values("settings"),
        **connected.values("login"),
        **{"version": "0", "environment": "999", "shown": "errors", "show": "errors", "before": "1", "lang": "de"},
        **{"import_employees": "on", "export_hour_rounding": "15", "administration": "x", "relation_code": "1"},
    }
    app, plain = connected.app, Visitor(connected.app).open()
    visitor = Visitor(app)
    if way == "POST":
        visitor.post("/launch?shown=errors&version=0", {**beside, "token": visitor.launch_token()})
    else:
        visitor._take(
            app.test_client().get("/launch", query_string={**beside, "token": visitor.launch_token()}, buffered=True)
        )
    assert visitor.status == 200
    assert page(visitor) == page(plain)


def test_a_token_is_read_where_it_belongs_only(app: Flask) -> None:
    visitor = Visitor(app)
    token = visitor.launch_token()
    assert visitor.post(f"/launch?token={token}", {}).status == 403
    assert visitor.post("/launch", {"token": token}).status == 200


def test_the_session_beside_a_refused_launch_is_neither_used_nor_renewed(visitor: Visitor) -> None:
    session = visitor.session
    visitor.post("/launch", {"token": "x"}, X_Cash_Session=session)
    assert visitor.status == 403
    assert "X-Cash-Session" not in visitor.response.headers


@pytest.mark.parametrize("verb", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND"])
def test_no_other_verb_spends_a_token(app: Flask, verb: str) -> None:
    visitor, client = Visitor(app), app.test_client()
    token = visitor.launch_token()
    answer = client.open(f"/launch?token={token}", method=verb)
    assert answer.status_code == (200 if verb == "OPTIONS" else 405)
    assert "X-Cash-Session" not in answer.headers
    client.open("/launch", method=verb, data={"token": token})
    assert visitor.get(f"/launch?token={token}").status == 200


REFUSED = [
    ({"keys": ["a-key-nobody-gave-to-us"]}, "launch_invalid", "no key of ours signed it", False),
    ({"aud": "other"}, "launch_invalid", "claim aud: expected 'cash-settings', got 'other'", True),
    ({"company": ""}, "launch_invalid", "claim company: expected a text", True),
    ({"sub": 7}, "launch_invalid", "claim sub: expected a text", True),
    ({"jti": "short"}, "launch_invalid", "claim jti: expected at least 16", True),
    ({"parent": f"{HOST}/"}, "launch_invalid", f"claim parent: expected '{HOST}', got '{HOST}/'", True),
    ({"role": "mechanic"}, "not_admin", "claim role: expected 'admin', got 'mechanic'", True),
    ({"seconds_ago": 120}, "launch_expired", r"signed 1[12].*s ago and good for 60 s: .* behind ours", True),
    ({"seconds_ago": -300}, "launch_expired", r"signed in (29|30). s from now: .* ahead of ours", True),
]


@pytest.mark.parametrize(("claims", "reason", "why", "genuine"), REFUSED)
def test_a_refused_launch_tells_the_operator_why_and_whose_it_was(
    app: Flask,
    claims: dict[str, object],
    reason: str,
    why: str,
    genuine: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitor = Visitor(app)
    token = visitor.launch_token(**{"lang": "en", **claims})  # type: ignore[arg-type]
    caplog.clear()
    assert visitor.post("/launch", {"token": token}).status == 403
    (record,) = [each for each in caplog.records if each.name == "webapp.web.errors"]
    told = record.getMessage()
    assert f"refused: {reason}: " in told
    assert re.search(why, told)
    assert ("account '1001'" in told) == genuine
    assert getattr(record, "account", None) == ("1001" if genuine else None)
    assert record.levelno == (logging.INFO if reason == "not_admin" else logging.WARNING)
    assert visitor.seen.css_first("code").text() in told
    assert token not in told
    for word in ("claim", "clock", "signed", "expected", "mechanic"):
        assert word not in visitor.text, "the page stays vague"


def test_a_launch_that_was_used_before_is_told_too(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    token = Visitor(app).launch_token()
    for _ in range(2):
        Visitor(app).post("/launch", {"token": token})
    assert "launch_spent: claim jti: it was used before, account '1001', user 'beheer'" in caplog.text


def test_a_request_from_an_unknown_site_tells_which(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    visitor.post("/launch", {"token": visitor.launch_token()}, Origin="https://elders.example")
    assert f"expected 'http://localhost' or '{HOST}', got 'https://elders.example'" in caplog.text


# --- a session that is renewed ---
def renew(visitor: Visitor, session: str = "", **claims: object) -> Visitor:
    token = visitor.launch_token(**claims)  # type: ignore[arg-type]
    headers = {"X_Cash_Session": session or visitor.session, "X_Cash_Renew": "1", "Origin": "http://localhost"}
    visitor.session = ""  # the field that the visitor adds is ignored too
    return visitor.post("/launch", {"token": token}, **headers)


def old(visitor: Visitor, seconds: int) -> str:
    """The session as if it had begun so long ago."""
    keys = visitor.app.config["SESSION_KEYS"]
    claims = tokens.read_session(keys, visitor.session)
    return tokens.sign_session(keys, {**claims, "iat0": claims["iat0"] - seconds})


def test_a_session_lasts_two_hours_unless_the_host_vouches_again(connected: Visitor) -> None:
    keys, page = connected.app.config["SESSION_KEYS"], connected.page
    connected.session = nearly_over = old(connected, 2 * 3600 - 30)
    assert 0 < int(connected.get("/").response.headers["X-Cash-Session-Seconds"]) <= 30
    assert renew(connected, nearly_over).status == 204
    assert connected.response.headers["X-Cash-Session-Seconds"] == str(tokens.SESSION_SECONDS)
    before, after = (tokens.read_session(keys, each) for each in (nearly_over, connected.session))
    assert after["sid"] == before["sid"]
    assert after["iat0"] > before["iat0"]
    connected.page = page
    assert connected.save(import_employees=True).status == 200, "the form of before is still good"
    connected.session = old(connected, 2 * 3600 + 1)
    assert connected.get("/").status == 401


def test_a_login_that_waits_for_save_still_waits_in_a_renewed_session(visitor: Visitor) -> None:
    visitor.log_in()
    page = visitor.page
    renew(visitor)
    visitor.page = page
    assert visitor.save(administration=visitor.administrations()[0], import_relations=True).status == 200


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"account": "1002"}, 403),
        ({"sub": "iemand-anders"}, 403),
        ({"role": "mechanic"}, 403),
        ({"parent": "https://second.example"}, 403),
        ({"seconds_ago": 120}, 403),
        ({"keys": ["a-key-nobody-gave-to-us"]}, 403),
    ],
)
def test_a_session_is_not_renewed_by_a_launch_of_another(
    configuration: dict[str, object], app: Flask, claims: dict[str, object], status: int
) -> None:
    visitor = Visitor(create_app({**configuration, "FRAME_ANCESTORS": [HOST, "https://second.example"]})).open()
    session = visitor.session
    assert renew(visitor, **claims).status == status
    assert "X-Cash-Session" not in visitor.response.headers
    visitor.session = session
    assert visitor.get("/").status == 200, "the session itself goes on to its end"


def test_a_launch_renews_once(visitor: Visitor) -> None:
    session, jti = visitor.session, "j" * 32
    assert renew(visitor, jti=jti).status == 204
    assert renew(visitor, session, jti=jti).status == 409
    assert visitor.post("/launch", {"token": visitor.launch_token(jti=jti)}).status == 409


def test_a_session_that_is_over_or_revoked_or_none_is_not_renewed(visitor: Visitor) -> None:
    late = old(visitor, 9 * 3600)
    sessions = [late, "x", visitor.session]
    visitor.app.test_cli_runner().invoke(args=["revoke-sessions", "--account", "1001"])
    for session in sessions:
        assert renew(visitor, session).status == 401
        assert "X-Cash-Session" not in visitor.response.headers
    assert visitor.open().status == 200, "a new launch is a new session"


def test_a_renewed_session_can_be_revoked(visitor: Visitor) -> None:
    renew(visitor)
    answer = visitor.app.test_cli_runner().invoke(args=["revoke-sessions", "--account", "1001"])
    assert "1 sessions ended" in answer.output
    assert visitor.get("/").status == 401


def test_the_sessions_of_one_user_are_ended_alone(app: Flask) -> None:
    one, other, elsewhere = (
        Visitor(app).open(sub=sub, account=account)
        for sub, account in (("anna", "1001"), ("bert", "1001"), ("anna", "1002"))
    )
    answer = app.test_cli_runner().invoke(args=["revoke-sessions", "--account", "1001", "--user", "anna"])
    assert "1 sessions ended" in answer.output
    assert [each.get("/").status for each in (one, other, elsewhere)] == [401, 200, 200]


def test_a_revoked_session_is_renewed_nowhere(visitor: Visitor, app: Flask) -> None:
    app.test_cli_runner().invoke(args=["revoke-sessions", "--account", "1001"])
    session, form = visitor.session, visitor.values("login")
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<int:\w+>", "1", re.sub(r"<path:\w+>", "app.css", rule.rule))
        for verb in ("GET", "HEAD", "POST", "OPTIONS"):
            answer = app.test_client().open(
                path,
                method=verb,
                headers={"X-Cash-Session": session},
                data=None if verb == "GET" else form,
                buffered=True,
            )
            assert "X-Cash-Session" not in answer.headers, (verb, path)
    assert "X-Cash-Session" not in visitor.get("/nowhere").response.headers


@pytest.mark.parametrize("path", ["/static/app.css", "/manual", "/healthz", "/nowhere"])
def test_what_needs_no_session_hands_out_none(visitor: Visitor, path: str) -> None:
    assert "X-Cash-Session" not in visitor.get(path).response.headers
