"""What can be done with the stored login: test it, lose it, leave it; and what support gets to see."""

import re
from collections.abc import Callable
from time import time
from typing import Any

import pytest
from flask import Flask
from support.visitor import ONE_ADMINISTRATION, Visitor

from webapp.cash.actions import connect as connect_actions
from webapp.db import connect
from webapp.demo.cash import CashSandbox


def passed(visitor: Visitor) -> list[str]:
    """The steps of a test that worked."""
    words = re.search(r"(Cash found.*?) \([0-9.]+ s\)", visitor.says("tested") or visitor.says("problem"))
    return words[1].split(" · ") if words else []


# --- test connection ---


@pytest.mark.parametrize("htmx", [True, False])
def test_the_stored_login_is_tried_step_by_step_without_retyping(
    english: Visitor, cash: CashSandbox, htmx: bool
) -> None:
    cash.forget_calls()
    english.htmx = htmx
    english.submit("test-form")
    assert english.status == 200
    assert passed(english) == [
        "Cash found",
        "Connected to Cash",
        "Cash answers",
        "Logged in",
        "Administrations seen",
    ]
    assert "The connection works: 4 administrations." in english.says("tested")
    assert cash.calls == ["Authenticate", "ListAdministrations"]


def test_it_stops_at_the_step_that_fails_and_says_what_that_means(english: Visitor, cash: CashSandbox) -> None:
    cash.answer(4, "Authenticate")
    english.submit("test-form")
    assert passed(english)[-1] == "Cash answers"
    assert "It failed at logging in." in english.says("problem")
    cash.stop()
    try:
        english.submit("test-form")
    finally:
        cash.start()
    assert "It failed at connecting to Cash." in english.says("problem")
    assert "Cash cannot be reached" in english.says("problem")
    cash.recover()
    english.submit("test-form")
    assert "works" in english.text


def test_a_refused_login_is_said_on_top_until_the_user_logs_in_again(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    first = english.says("refused")
    assert "Gegevens API gebruiker niet geldig" in first
    assert not english.says("problem"), "it is said once"
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
    english.list_warehouses()
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
        english.submit("test-form") if press % 2 else english.list_warehouses()
        assert english.status in (422, 429)
    assert cash.count("Authenticate") == 5
    assert english.status == 429


def test_a_stored_login_that_works_does_not_wait_for_wrong_ones(english: Visitor) -> None:
    for attempt in range(6):
        english.log_in(email="wie@example.nl", password=f"verkeerd {attempt}")
    assert english.status == 429
    english.submit("test-form")
    assert "works" in english.text
    assert english.list_warehouses().status == 200


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
    assert "does not see the administration" in english.says("problem")
    assert english.get("/").administrations() == ["1571/x002"]


def test_without_a_stored_login_there_is_nothing_to_test(visitor: Visitor) -> None:
    visitor.post("/connection/test", visitor.values("login"))
    assert visitor.says("problem")
    visitor.htmx = True
    visitor.post("/connection/test", {**visitor.values("login"), "session": visitor.session})
    assert visitor.says("problem")


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
    conclude = connect_actions._conclude

    def after_another_login(*found: Any) -> Any:
        Visitor(app).open(sub="anna").log_in(**ONE_ADMINISTRATION).save()
        return conclude(*found)

    monkeypatch.setattr(connect_actions, "_conclude", after_another_login)
    english.submit("test-form")
    monkeypatch.undo()
    assert Visitor(app).open().administrations() == ["2085/demo"]


def test_a_login_known_to_be_refused_is_not_sent_again_for_a_minute(english: Visitor, cash: CashSandbox) -> None:
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    cash.forget_calls()
    english.submit("test-form")
    english.list_warehouses()
    assert english.status == 422
    assert cash.calls == []


def test_one_account_cannot_use_up_the_calls_of_all(
    english: Visitor, app: Flask, cash: CashSandbox, later: Callable[[float], None]
) -> None:
    app.config["CASH_CALLS_PER_MINUTE"] = 12
    later(61)
    for _ in range(5):
        english.submit("test-form")
        assert "works" in english.text
    english.submit("test-form")
    assert "Cash is busy" in english.says("problem")
    assert Visitor(app).open(account="1002").log_in().status == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"confirmed": "9" * 5000},
        {"environment": "9" * 5000},
        {"version": "9" * 5000},
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
    assert "It failed at listing the administrations." in english.says("problem")
    assert "sees no administration" in english.says("problem")


def test_after_a_test_the_rest_of_the_page_follows(english: Visitor, cash: CashSandbox) -> None:
    english.htmx = True
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.submit("test-form")
    assert "no longer accepts" in english.says("refused")
    assert "Login refused" in english.says("top")
    assert "Gegevens" in english.says("status") or "niet geldig" in english.says("status")
    assert english.seen.css("#log .error")
