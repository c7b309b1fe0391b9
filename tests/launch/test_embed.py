"""The way into the page: launches, sessions, origins, headers."""

import sqlite3
import time

import pytest
from flask import Flask
from support.app import HOST
from support.visitor import Visitor, signed_as_of

from webapp import create_app
from webapp.db import connect, get_db
from webapp.web import tokens
from webapp.web.launches import LaunchStore


def test_a_launch_shows_the_page_of_its_company(app: Flask) -> None:
    visitor = Visitor(app).open(company="Bakker & Zn.")
    assert visitor.status == 200
    assert "Bakker & Zn." in visitor.text
    assert f"frame-ancestors {HOST}" in visitor.response.headers["Content-Security-Policy"]


def test_a_launch_by_address_works_too(app: Flask) -> None:
    visitor = Visitor(app)
    assert visitor.get(f"/launch?token={visitor.launch_token()}").status == 200
    assert visitor.get("/").status == 200


def test_a_launch_is_good_once(app: Flask) -> None:
    visitor = Visitor(app)
    token = visitor.launch_token(lang="en")
    assert visitor.post("/launch", {"token": token}).status == 200
    again = Visitor(app).post("/launch", {"token": token})
    assert again.status == 409
    assert "This link was used before" in again.text
    assert again.page.css_first("[data-event=expired]")
    assert f"frame-ancestors {HOST}" in again.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("claims", "status", "words"),
    [
        ({"seconds_ago": 120}, 403, "This link has expired"),
        ({"role": "mechanic"}, 403, "Only administrators"),
        ({"parent": "https://evil.example"}, 403, "This link is not valid"),
        ({"aud": "other"}, 403, "This link is not valid"),
        ({"keys": ["a-key-nobody-gave-to-us"]}, 403, "This link is not valid"),
    ],
)
def test_a_launch_that_is_not_right_gets_a_friendly_page(
    app: Flask, claims: dict[str, object], status: int, words: str
) -> None:
    visitor = Visitor(app)
    visitor.post("/launch?lang=en", {"token": visitor.launch_token(**{"lang": "en", **claims})})  # type: ignore[arg-type]
    assert visitor.status == status
    assert words in visitor.text
    assert "X-Cash-Session" not in visitor.response.headers


def test_a_refused_launch_does_not_use_up_the_token_of_a_right_one(app: Flask) -> None:
    visitor = Visitor(app)
    token = visitor.launch_token()
    assert visitor.post("/launch", {"token": token}, Sec_Fetch_Dest="document").status == 403
    assert visitor.post("/launch", {"token": token}, Sec_Fetch_Dest="iframe").status == 200


def test_launch_keys_rotate(configuration: dict[str, object], app: Flask) -> None:
    rotated = create_app({**configuration, "LAUNCH_KEYS": ["the-newer-launch-key", *configuration["LAUNCH_KEYS"]]})  # type: ignore[misc]
    old_host = Visitor(app).launch_token()
    assert Visitor(rotated).post("/launch", {"token": old_host}).status == 200
    assert Visitor(rotated).open().status == 200


def test_an_open_form_survives_rotated_session_keys(configuration: dict[str, object], visitor: Visitor) -> None:
    keys = ["the-newer-session-key", *configuration["SESSION_KEYS"]]  # type: ignore[misc]
    visitor.app = create_app({**configuration, "SESSION_KEYS": keys})
    visitor._client = visitor.app.test_client(use_cookies=False)
    assert visitor.log_in().status == 200
    visitor.app = create_app({**configuration, "SESSION_KEYS": keys[:1]})
    visitor._client = visitor.app.test_client(use_cookies=False)
    assert visitor.get("/").status == 200


def test_no_session_no_page(app: Flask) -> None:
    stranger = Visitor(app).get("/?lang=en")
    assert stranger.status == 401
    assert "Open this page again from OutSmart" in stranger.text
    assert "frame-ancestors 'none'" in stranger.response.headers["Content-Security-Policy"]
    assert stranger.response.headers["X-Frame-Options"] == "DENY"


def test_a_reloaded_frame_says_what_to_do_where_the_user_looks(app: Flask) -> None:
    reloaded = Visitor(app).get("/?lang=en", Sec_Fetch_Dest="iframe")
    assert reloaded.status == 401
    assert f"frame-ancestors {HOST}" in reloaded.response.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in reloaded.response.headers


def test_a_session_is_renewed_by_use_and_travels_as_header_or_field(app: Flask, visitor: Visitor) -> None:
    first = visitor.session
    with signed_as_of(time.time() + 2):
        visitor.get("/")
    assert visitor.session != first
    token, visitor.session = visitor.session, ""
    fields = {**visitor.values("login"), "session": token}
    assert visitor.post("/login", fields).status == 422


def test_a_session_of_somebody_who_is_no_administrator_is_refused(app: Flask, visitor: Visitor) -> None:
    claims = tokens.read_session(app.config["SESSION_KEYS"], visitor.session)
    visitor.session = tokens.sign_session(app.config["SESSION_KEYS"], {**claims, "role": "user", "lang": "en"})
    assert visitor.get("/").status == 403
    assert "Only administrators" in visitor.text


def test_an_expired_session_keeps_what_was_typed_and_tells_the_host(app: Flask, visitor: Visitor) -> None:
    claims = tokens.read_session(app.config["SESSION_KEYS"], visitor.session)
    with signed_as_of(time.time() - 16 * 60):
        visitor.session = tokens.sign_session(app.config["SESSION_KEYS"], {**claims, "lang": "en"})
    visitor.htmx = True
    page = visitor.page
    visitor.post("/login", {**visitor.values("login"), "session": visitor.session, "email": "a@b.nl"})
    assert visitor.status == 401
    assert visitor.response.headers["HX-Retarget"] == "#alert"
    assert visitor.page is page
    assert "Your session has ended" in visitor.text
    assert visitor.seen.css_first("[data-event=expired]")
    visitor.htmx = False
    visitor.post("/login", {"email": "a@b.nl"})
    assert f"frame-ancestors {HOST}" in visitor.response.headers["Content-Security-Policy"]


def test_a_revoked_session_is_over(app: Flask, visitor: Visitor) -> None:
    other = Visitor(app).open(account="1002")
    with connect(app.config["DATABASE"]) as db:
        assert LaunchStore(db).revoke("1001") == 1
    assert visitor.get("/").status == 401
    assert other.get("/").status == 200


def test_a_session_of_a_host_that_is_no_longer_allowed_is_over(
    configuration: dict[str, object], visitor: Visitor
) -> None:
    visitor.app = create_app({**configuration, "FRAME_ANCESTORS": ["https://other.example"]})
    visitor._client = visitor.app.test_client(use_cookies=False)
    assert visitor.get("/").status == 401


@pytest.mark.parametrize("path", ["/launch", "/login", "/settings", "/administration"])
def test_a_foreign_origin_is_refused(visitor: Visitor, path: str) -> None:
    assert visitor.post(path, visitor.values("login"), Origin="https://evil.example").status == 403


@pytest.mark.parametrize("origin", ["null", "http://localhost"])
def test_our_own_and_a_hidden_origin_are_fine(visitor: Visitor, origin: str) -> None:
    assert visitor.post("/login", visitor.values("login"), Origin=origin).status == 422


def test_the_host_may_post_the_launch_from_its_own_origin_and_nothing_else(visitor: Visitor) -> None:
    assert visitor.post("/launch", {"token": visitor.launch_token()}, Origin=HOST).status == 200
    assert visitor.post("/login", visitor.values("login"), Origin=HOST).status == 403


def test_the_page_cannot_be_opened_in_a_whole_tab(visitor: Visitor) -> None:
    fields = visitor.values("login")
    assert visitor.get("/", Sec_Fetch_Dest="document").status == 403
    assert visitor.post("/login", fields, Sec_Fetch_Dest="document").status == 403
    assert visitor.get("/manual", Sec_Fetch_Dest="document").status == 200


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    fields = visitor.values("login")
    del fields["csrf_token"]
    assert visitor.post("/login", fields).status == 400
    stranger = Visitor(visitor.app).open()
    assert visitor.post("/login", {**fields, "csrf_token": stranger.values("login")["csrf_token"]}).status == 400


def test_the_policy_lets_in_one_script_of_one_version(visitor: Visitor) -> None:
    policy = visitor.response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self' https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js;" in policy
    assert "unsafe" not in policy
    script = visitor.page.css_first("script[src*=htmx]").attributes
    assert script["integrity"].startswith("sha384-")
    assert script["crossorigin"] == "anonymous"


def test_transport_security_is_asked_for_when_secure(visitor: Visitor) -> None:
    assert "Strict-Transport-Security" not in visitor.response.headers
    secure = visitor.app.test_client().get("/healthz", base_url="https://cash.example")
    assert "Strict-Transport-Security" in secure.headers


def test_behind_a_proxy_the_forwarded_address_counts(configuration: dict[str, object], app: Flask) -> None:
    behind = create_app({**configuration, "PROXY_HOPS": 1})
    visitor = Visitor(behind)
    forwarded = {"X_Forwarded_Proto": "https", "X_Forwarded_Host": "cash.example", "Origin": "https://cash.example"}
    assert visitor.post("/launch", {"token": visitor.launch_token()}, **forwarded).status == 200
    assert "Strict-Transport-Security" in visitor.response.headers


def test_static_files_are_kept_by_the_browser_under_an_address_of_their_content(visitor: Visitor) -> None:
    for element, attribute in (("link", "href"), ("script", "src")):
        address = visitor.page.css_first(f"{element}[{attribute}*='/static/']").attributes[attribute]
        assert "?v=" in address
        visitor.get(address)
        assert visitor.status == 200
        assert "immutable" in visitor.response.headers["Cache-Control"]


@pytest.mark.parametrize(("path", "status"), [("/nothing-here", 404), ("/static/none.css", 404), ("/settings", 405)])
def test_every_answer_carries_the_headers(visitor: Visitor, path: str, status: int) -> None:
    assert visitor.get(path).status == status  # the visitor lints each answer


def test_too_much_is_refused(visitor: Visitor) -> None:
    fields = {**visitor.values("login"), "email": "x" * 70_000}
    assert visitor.post("/login", fields).status == 413
    session, visitor.session = visitor.session, ""
    assert visitor.post("/login", {**fields, "session": session}).status in (401, 413)


def test_the_first_view_is_light(visitor: Visitor) -> None:
    visitor.log_in()
    files = [each.attributes.get("href") or each.attributes.get("src") for each in visitor.page.css("link, script")]
    ours = [file for file in files if file.startswith("/static/")]
    assert len(files) == 3, "with the page itself four requests"
    client, headers = visitor.app.test_client(), {"X-Cash-Session": visitor.session}
    compressed = {**headers, "Accept-Encoding": "gzip"}
    answers = [client.get(path, headers=compressed, buffered=True) for path in ("/", *ours)]
    assert [answer.headers["Content-Encoding"] for answer in answers] == ["gzip"] * 3
    assert sum(len(answer.data) for answer in answers) < 14_000, "htmx from the CDN takes 16 KB more"
    assert "Content-Encoding" not in client.get("/", headers=headers).headers


def test_a_session_that_was_ended_is_not_renewed(visitor: Visitor, app: Flask) -> None:
    with app.app_context():
        LaunchStore(get_db()).revoke("1001")
    assert visitor.get("/").status == 401
    assert "X-Cash-Session" not in visitor.response.headers


def told(visitor: Visitor) -> dict[str, str]:
    """What an error page says was filled in."""
    return {row.css_first("dt").text(): row.css_first("dd").text() for row in visitor.seen.css(".pairs div")}


def test_without_javascript_what_was_chosen_is_told_when_the_session_has_ended(
    connected: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.web.tokens.SESSION_SECONDS", -1)
    connected.save(export_hour_rounding="15", export_default_warehouse="<b>", import_employees=True)
    assert connected.status == 401
    assert told(connected).items() >= {"Afronding uren": "15", "Medewerkers": "aan", "Standaardmagazijn": "<b>"}.items()


def test_without_javascript_what_was_chosen_is_told_when_the_storage_fails(
    connected: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise sqlite3.OperationalError

    monkeypatch.setattr("webapp.cash.store.settings.SettingsStore.add", fail)
    connected.save(export_hour_rounding="15")
    assert connected.status == 503
    assert told(connected)["Afronding uren"] == "15"


def test_nothing_is_told_to_someone_whose_session_was_taken_away(connected: Visitor, app: Flask) -> None:
    with app.app_context():
        LaunchStore(get_db()).revoke("1001")
    connected.save(export_hour_rounding="15")
    assert connected.status == 401
    assert told(connected) == {}
