"""What can be done with the stored login: test it, lose it, leave it; and what support gets to see."""

import json
import sqlite3
import threading
from time import time

import pytest
from flask import Flask
from visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp import create_app
from webapp.cash import connection_views
from webapp.db import connect
from webapp.demo.cash import CashSandbox


def steps(visitor: Visitor, kind: str = "passed") -> list[str]:
    return [" ".join(each.text(separator=" ").split()) for each in visitor.seen.css(f".trial .{kind}")]


@pytest.fixture
def english(connected: Visitor, app: Flask) -> Visitor:
    return Visitor(app).open(lang="en")


# --- test connection ---


@pytest.mark.parametrize("htmx", [True, False])
def test_the_stored_login_is_tried_step_by_step_without_retyping(
    english: Visitor, cash: CashSandbox, htmx: bool
) -> None:
    cash.forget_calls()
    english.htmx = htmx
    english.submit("test-form")
    assert english.status == 200
    passed = steps(english)
    assert [step.rsplit(" ", 2)[0] for step in passed] == [
        "Cash found",
        "Connected to Cash",
        "Cash answers",
        "Logged in",
        "Administrations seen",
    ]
    assert all(step.endswith(" ms") for step in passed)
    assert "This login sees 4 administrations" in english.text
    assert cash.calls == ["Authenticate", "ListAdministrations"]


def test_it_stops_at_the_step_that_fails_and_says_what_that_means(english: Visitor, cash: CashSandbox) -> None:
    cash.answer(4, "Authenticate")
    english.submit("test-form")
    assert steps(english)[-1].startswith("Cash answers")
    assert steps(english, "failed") == ["Logged in"]
    assert english.says("trial-problem")
    cash.stop()
    try:
        english.submit("test-form")
    finally:
        cash.start()
    assert steps(english, "failed") == ["Connected to Cash"]
    assert "Cash cannot be reached" in english.says("trial-problem")
    cash.recover()
    english.submit("test-form")
    assert "works" in english.text


def test_each_step_is_sent_as_it_passes(app: Flask, connected: Visitor, cash: CashSandbox) -> None:
    cash.slow(0.3)
    fields = {**connected.values("test-form"), "session": connected.session}
    response = app.test_client(use_cookies=False).post("/connection/test", data=fields, headers={"HX-Request": "true"})
    seen = ""
    for chunk in response.iter_encoded():
        seen += chunk.decode()
        if "ms</span>" in seen:
            break
    assert "administrations" not in seen.lower().replace("connected", ""), "the rest is still under way"
    for chunk in response.iter_encoded():
        seen += chunk.decode()
    assert seen.count("ms</span>") == 5
    response.close()


def test_a_refused_login_is_said_on_top_until_the_user_logs_in_again(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    assert "Gegevens API gebruiker niet geldig" in english.says("trial-problem")
    english.get("/")
    first = english.says("refused")
    assert "no longer accepts" in first
    assert english.values("settings")["import_relations"] == "on", "the settings stay"
    english.submit("test-form")
    english.get("/")
    assert english.says("refused") == first, "since the first time it was found"
    english.log_in(password="nieuw")
    assert english.status == 200
    assert english.says("refused") == ""
    english.submit("test-form")
    assert "works" in english.text


def test_listing_warehouses_finds_a_refused_login_too(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("settings", action="/administration")
    assert english.status == 422
    assert english.get("/").says("refused")


def test_a_stored_login_that_cash_refuses_is_sent_only_a_few_times(
    english: Visitor, cash: CashSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    cash.forget_calls()
    clock = time()
    for press in range(30):
        monkeypatch.setattr("webapp.throttle.time", lambda press=press: clock + press * 25)
        english.submit("test-form") if press % 2 else english.submit("settings", action="/administration")
        assert english.status in (422, 429)
    assert cash.count("Authenticate") == 6
    assert english.status == 429


def test_a_stored_login_that_works_does_not_wait_for_wrong_ones(english: Visitor) -> None:
    for attempt in range(6):
        english.log_in(email="wie@example.nl", password=f"verkeerd {attempt}")
    assert english.status == 429
    english.submit("test-form")
    assert "works" in english.text
    assert english.submit("settings", action="/administration").status == 200


def test_a_page_without_javascript_shows_the_state_after_the_test(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    assert english.status == 422
    assert "no longer accepts" in english.says("refused")
    assert "Login refused" in english.says("top")
    assert english.page.css("#log .error")


def test_an_administration_that_went_out_of_sight_is_found(english: Visitor, cash: CashSandbox) -> None:
    cash.show_administrations("25583", "api@example.nl", ["1571/x002"])
    english.submit("test-form")
    assert "does not see the administration" in english.says("trial-problem")
    assert english.get("/").administrations() == ["1571/x002"]


def test_without_a_stored_login_there_is_nothing_to_test(visitor: Visitor) -> None:
    visitor.post("/connection/test", visitor.values("login"))
    assert visitor.says("trial-problem")
    visitor.htmx = True
    visitor.post("/connection/test", {**visitor.values("login"), "session": visitor.session})
    assert visitor.says("trial-problem")


def test_a_test_leaves_no_thread_behind(english: Visitor) -> None:
    english.submit("test-form")
    assert not [thread for thread in threading.enumerate() if "ask" in thread.name]


# --- disconnect ---


def test_disconnect_names_the_administration_and_says_what_it_does_not_do(english: Visitor) -> None:
    words = " ".join(english.page.css_first(".disconnect").text(separator=" ").split())
    assert "Demo" in words
    assert "API user in Cash remains" in words


def test_disconnect_forgets_the_login_and_keeps_the_settings(english: Visitor, app: Flask, cash: CashSandbox) -> None:
    english.submit("disconnect-form")
    assert english.status == 200
    with connect(app.config["DATABASE"]) as db:
        assert db.table("logins").count == 0
        assert db.table("settings").count == 1
    assert english.page.css_first("form#settings") is None
    assert english.page.css_first("form#test-form") is None
    english.log_in()
    assert english.values("settings")["import_relations"] == "on"
    assert english.values("settings")["administration"]
    english.save()
    assert english.status == 200
    assert english.page.css_first(".pill").attributes["class"] == "pill on"


def test_reconnecting_elsewhere_does_not_pretend_to_know_the_administration(english: Visitor) -> None:
    english.submit("disconnect-form")
    english.log_in(**{**ONE_ADMINISTRATION})
    assert english.values("settings")["administration"] == "2085/demo"
    english.log_in(email="veel@example.nl")
    assert english.values("settings")["administration"] == ""


def test_disconnecting_twice_is_one_event(english: Visitor, app: Flask) -> None:
    form = english.page
    english.submit("disconnect-form")
    english.page = form
    english.submit("disconnect-form")
    assert english.status == 200
    with connect(app.config["DATABASE"]) as db:
        assert db.table("timeline").count_where("kind = 'disconnected'") == 1


# --- asks before a save sets something in motion ---


def press_save(visitor: Visitor, **changes: object) -> Visitor:
    """Presses the page's own button, which sends its name along."""
    return visitor.submit("settings", {**changes, "ask": visitor.page.css_first("#save").attributes["value"]})


def test_switching_exports_on_is_asked_once(english: Visitor) -> None:
    press_save(english, export_sales_orders=True)
    assert english.status == 200
    assert "sent to" in english.says("consequences")
    assert english.values("settings")["export_sales_orders"] == "on"
    assert "export_sales_orders" not in english.__class__(english.app).open().values("settings")
    press_save(english)
    assert english.page.css_first(".done")
    assert english.__class__(english.app).open().values("settings")["export_sales_orders"] == "on"


def test_another_administration_is_asked_and_a_new_consequence_is_asked_anew(english: Visitor) -> None:
    press_save(english, administration="1571/x002")
    assert "Instead of" in english.says("consequences")
    press_save(english, export_sales_orders=True)
    assert english.says("consequences").count("Demo Service B.V.") >= 2
    press_save(english)
    assert english.page.css_first(".done")


def test_another_environment_is_asked(english: Visitor) -> None:
    english.log_in(**ONE_ADMINISTRATION)
    press_save(english)
    assert "Instead of Cash environment 25583" in english.says("consequences")
    press_save(english)
    assert english.page.css_first(".done")


def test_what_sets_nothing_in_motion_is_saved_at_once(english: Visitor) -> None:
    press_save(english, import_employees=True)
    assert "Employees: off → on" in english.page.css_first(".done").text()


# --- two editors ---


def test_who_changed_what_is_told_field_by_field(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_employees=True)
    Visitor(app).open(sub="bram").save(export_hour_rounding="30")
    late.save(export_hour_rounding="5")
    assert late.status == 409
    rows = [
        [" ".join(cell.text(separator=" ").split()) for cell in row.css("th, td")]
        for row in late.page.css("#conflict tr")
    ]
    assert [row[0] for row in rows[1:]] == ["Employees", "Hour rounding"]
    assert [row[3] for row in rows[1:]] == ["anna", "bram"]
    assert "off" in rows[1][1]
    assert "on" in rows[1][2]


@pytest.mark.parametrize(("take", "rounding", "employees"), [("yours", "5", False), ("theirs", "30", True)])
def test_all_of_one_side_can_be_taken(
    connected: Visitor, app: Flask, take: str, rounding: str, employees: bool
) -> None:
    late = Visitor(app).open()
    Visitor(app).open(sub="anna").save(import_employees=True, export_hour_rounding="30")
    late.save(export_hour_rounding="5", import_warehouses=True)
    late.submit("settings", {"take": take})
    assert late.status == 200
    values = late.values("settings")
    assert values["export_hour_rounding"] == rounding
    assert ("import_employees" in values) == employees
    assert ("import_warehouses" in values) == (take == "yours")


def conflicting(app: Flask, **changes: object) -> Visitor:
    """Someone whose Save met what anna saved meanwhile."""
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_materials=True, export_hour_rounding="30")
    assert late.save(**changes).status == 409
    return late


@pytest.mark.parametrize("detour", ["a login", "the warehouses", "a second tab"])
def test_a_conflict_is_not_forgotten_on_a_detour(connected: Visitor, app: Flask, detour: str) -> None:
    late = conflicting(app, import_employees=True)
    typed = {**late.values("settings"), **GOOD_LOGIN}
    for name in [name for name in typed if name == "answers" or name.startswith(("take_", "yours_"))]:
        if detour == "a second tab":
            del typed[name]
    if detour == "a login":
        late.post("/login", typed)
    elif detour == "the warehouses":
        late.submit("settings", action="/administration")
    assert late.status == 200 or detour == "a second tab"
    if detour == "a second tab":
        late.post("/settings", typed)
    else:
        late.save()
    assert late.status == 409, "it asks again"
    assert "Hour rounding" in late.says("conflict")
    late.save()
    values = Visitor(app).open().values("settings")
    assert values["import_materials"] == values["import_employees"] == "on"
    assert values["export_hour_rounding"] == "30"


def test_what_is_changed_after_the_question_goes_before_its_answer(connected: Visitor, app: Flask) -> None:
    late = conflicting(app, import_employees=True)
    assert late.save(export_hour_rounding="15", import_materials=False).status == 200
    values = Visitor(app).open().values("settings")
    assert values["export_hour_rounding"] == "15"
    assert values["import_materials"] == "on", "not touched: anna's"


def test_a_conflict_with_a_consequence_is_asked_about_once_each(connected: Visitor, app: Flask) -> None:
    late = Visitor(app).open(lang="en")
    Visitor(app).open(sub="anna").save(import_materials=True)
    press_save(late, export_sales_orders=True)
    assert late.status == 409
    press_save(late)
    assert late.page.css_first("#consequences")
    press_save(late)
    assert late.status == 200
    values = Visitor(app).open().values("settings")
    assert values["export_sales_orders"] == values["import_materials"] == "on"


# --- session and support ---


def test_a_session_can_be_extended(english: Visitor) -> None:
    english.post("/session/extend", english.values("login"))
    assert english.status == 204
    assert int(english.response.headers["X-Cash-Session-Seconds"]) == 15 * 60
    assert english.response.headers["X-Cash-Session"]


def test_diagnostics_help_support_and_give_nothing_away(english: Visitor, cash: CashSandbox) -> None:
    english.log_in(email="dienst@example.nl")
    code = english.page.css_first("#problem-text code").text()
    english.get("/diagnostics")
    facts = json.loads(english.response.text)
    assert facts["account"] == "1001"
    assert facts["connection"]["connected"] is True
    assert facts["connection"]["administrations"] == 4
    assert facts["versions"]["schema"].startswith("m0")
    assert facts["last_errors"][0] == {
        "at": facts["last_errors"][0]["at"],
        "kind": "cash_failed",
        "reason": "service",
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
    assert connected.status == 503
    assert connected.says("trial-problem")
    assert "boom" not in connected.text


def test_a_lost_vault_key_is_said_by_the_test(configuration: dict[str, object], connected: Visitor) -> None:
    other = Visitor(create_app({**configuration, "VAULT_KEYS": ["A" * 43 + "="]})).open(lang="en")
    other.submit("test-form")
    assert "Log in to Cash again" in other.says("trial-problem")


@pytest.mark.parametrize("htmx", [True, False])
def test_an_outcome_that_cannot_be_stored_is_said_by_the_test(
    english: Visitor, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(connection_views, "settle", full)
    english.htmx = htmx
    english.submit("test-form")
    assert english.status == (200 if htmx else 503)
    assert "Our storage does not answer" in english.says("trial-problem")


# --- what happens at the same time ---


def test_a_login_taken_away_meanwhile_is_not_called_saved(visitor: Visitor, app: Flask) -> None:
    colleague = Visitor(app).open()
    visitor.log_in()
    with connect(app.config["DATABASE"]) as db:
        db.execute("DELETE FROM logins")
    visitor.save(administration="1571/x001")
    assert visitor.status == 422
    with connect(app.config["DATABASE"]) as db:
        assert db.table("settings").count == 0
    assert colleague.get("/").page.css_first("form#settings") is None


def test_an_answer_of_cash_is_not_written_to_a_login_that_came_in_between(
    english: Visitor, app: Flask, cash: CashSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.cash import connection_views

    conclude = connection_views.conclude

    def after_another_login(*found: object) -> object:
        Visitor(app).open(sub="anna").log_in(**ONE_ADMINISTRATION).save()
        return conclude(*found)  # type: ignore[arg-type]

    monkeypatch.setattr(connection_views, "conclude", after_another_login)
    english.submit("test-form")
    monkeypatch.undo()
    assert Visitor(app).open().administrations() == ["2085/demo"]


def test_a_form_of_another_environment_is_not_saved_into_this_one(english: Visitor, app: Flask) -> None:
    form = english.page
    Visitor(app).open(sub="anna").log_in(**ONE_ADMINISTRATION).save()
    english.page = form
    english.save(import_employees=True)
    assert english.status == 422
    assert english.says("problem-text")


def test_a_login_known_to_be_refused_is_not_sent_again_for_a_minute(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    cash.forget_calls()
    english.submit("test-form")
    english.submit("settings", action="/administration")
    assert english.status == 422
    assert cash.calls == []


def test_one_account_cannot_use_up_the_calls_of_all(english: Visitor, app: Flask, cash: CashSandbox) -> None:
    app.config["CASH_CALLS_PER_MINUTE"] = 12
    with connect(app.config["DATABASE"]) as db:
        db.execute("DELETE FROM attempts")
    for _ in range(3):
        english.submit("test-form")
        assert "works" in english.text
    english.submit("test-form")
    assert "Cash is busy" in english.says("trial-problem")
    assert Visitor(app).open(account="1002").log_in().status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"take_version": "theirs"},
        {"take_csrf_token": "theirs"},
        {"version": "9" * 5000},
        {"take": "theirs", "take_administration": "theirs"},
        {"export_hour_rounding": "9" * 5000},
    ],
)
def test_no_field_makes_the_page_fail(english: Visitor, fields: dict[str, str]) -> None:
    english.submit("settings", fields)
    assert english.status in (200, 409, 422)


@pytest.mark.parametrize("path", ["/log?before=-1", f"/log?before={10**30}", "/log?before=x", "/log?at=x"])
def test_no_address_makes_the_log_fail(english: Visitor, path: str) -> None:
    fields = english.values("log-form")
    assert english.get(path).status == 200
    assert english.get(f"/log/{10**30}").status == 404
    assert english.post(f"/log/{10**30}/restore", fields).status == 404


def test_a_test_that_sees_no_administration_any_more_says_so(english: Visitor, cash: CashSandbox) -> None:
    cash.show_administrations("25583", "api@example.nl", [])
    english.submit("test-form")
    assert steps(english, "failed") == ["Administrations seen"]
    assert "sees no administration" in english.says("trial-problem")


def test_after_a_test_the_rest_of_the_page_follows(english: Visitor, cash: CashSandbox) -> None:
    english.htmx = True
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    assert "no longer accepts" in english.says("refused")
    assert "Login refused" in english.says("top")
    assert "Gegevens" in english.says("status") or "niet geldig" in english.says("status")
    assert english.seen.css("#log .error")
