"""The log panel: what happened, in full, and back to earlier settings."""

from typing import Any

import pytest
from flask import Flask
from support.ledger import Ledger
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp.cash.page import log_views
from webapp.cash.store import activity
from webapp.cash.store.activity import Activity
from webapp.db import connect
from webapp.demo.cash import CashSandbox


def lines(visitor: Visitor) -> list[str]:
    return [" ".join(each.text(separator=" ").split()) for each in visitor.seen.css(".events > li:not(.day)")]


@pytest.fixture
def english(app: Flask) -> Visitor:
    """Connected and saved once, in English."""
    visitor = Visitor(app).open(lang="en")
    visitor.log_in()
    visitor.save(administration="1571/x001", import_relations=True, export_hour_rounding="5")
    assert visitor.status == 200
    return visitor


def test_what_happened_is_told_newest_first_with_when_and_who(english: Visitor) -> None:
    english.get("/log")
    assert english.status == 200
    saved, connected, proven = lines(english)
    assert "Settings saved: 4 changes" in saved
    assert "Connected as api@example.nl (25583)" in connected
    assert "Logged in as" in proven
    assert all("beheer" in line for line in (saved, connected, proven))
    assert [each.text() for each in english.seen.css(".events .day")] == ["Today"]
    assert all("datetime" in each.attributes for each in english.seen.css(".events time"))


def test_errors_only(english: Visitor, cash: CashSandbox) -> None:
    cash.go_down()
    english.log_in()
    english.get("/log?show=errors")
    (line,) = lines(english)
    assert "Cash is down or under maintenance" in line
    english.submit("log-form", {"show": "all"}, action="/log")
    assert len(lines(english)) == 4


def test_a_click_shows_the_full_message_with_the_next_step_and_the_support_code(
    english: Visitor, cash: CashSandbox
) -> None:
    cash.go_down()
    english.log_in()
    code = english.page.css_first("#problem code").text()
    button = english.page.css_first(".event")
    english.submit("log-form", action=str(button.attributes["formaction"]))
    assert english.page.css_first(".event").attributes["aria-expanded"] == "true"
    more = english.page.css_first(".more").text()
    assert "Try again in" in more
    assert code in more
    english.submit("log-form", action=str(english.page.css_first(".event").attributes["formaction"]))
    assert english.page.css_first(".more") is None, "a second click closes it"


def test_pages_of_twenty(english: Visitor, app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        for n in range(45):
            Activity(db).add("1001", f"user{n}", "tested")
    english.get("/log")
    assert len(lines(english)) == 20
    assert "user44" in lines(english)[0]
    older = english.seen.css_first("#older")
    english.get(f"/log?before={older.attributes['value']}")
    assert "user24" in lines(english)[0]
    english.get(f"/log?before={english.seen.css_first('#older').attributes['value']}")
    assert len(lines(english)) == 8
    assert english.seen.css_first("#older") is None
    assert english.seen.css_first("#newest")


def test_events_are_kept_ninety_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(app.config["DATABASE"]) as db:
        Activity(db).add("1001", "early", "tested")
        here = activity.now()
        monkeypatch.setattr(activity, "now", lambda: here + 90 * 86400 + 1)
        Activity(db).add("1001", "late", "tested")
        Activity(db).sweep()
        assert [event.user for event in Activity(db).latest("1001", 10)] == ["late"]


def test_equal_events_in_a_row_are_one_line_with_a_count(english: Visitor, cash: CashSandbox) -> None:
    for _ in range(3):
        english.submit("test-form")
    cash.go_down()
    english.log_in()
    english.log_in()
    english.get("/log")
    assert "Cash is down or under maintenance" in lines(english)[0]
    assert "2×" in lines(english)[0]
    assert "3×" in lines(english)[1]
    assert len(lines(english)) == 5
    english.submit("log-form", action=str(english.page.css_first(".event").attributes["formaction"]))
    assert english.says("log").count("Support code") == 1


def test_hundreds_of_equal_events_take_one_line_and_leave_a_way_to_the_rest(english: Visitor, app: Flask) -> None:
    with connect(app.config["DATABASE"]) as db:
        for _ in range(450):
            Activity(db).add("1001", "beheer", "tested")
    counts = []
    english.get("/log")
    while older := english.seen.css_first("#older"):
        counts.append(lines(english)[0])
        english.get(f"/log?before={older.attributes['value']}")
    assert ["200×" in line for line in counts] == [True, True]
    assert "50×" in lines(english)[0]
    assert len(lines(english)) == 4


def test_an_event_of_another_account_does_not_exist(english: Visitor, app: Flask) -> None:
    other = Visitor(app).open(account="1002")
    for id in (1, 2, 3, 99):
        assert other.get(f"/log/{id}").status == 404
        assert english.get(f"/log/{id}").status == (200 if id < 99 else 404)


def test_every_kind_of_event_has_words(english: Visitor, cash: CashSandbox) -> None:
    english.log_in(password="fout")
    english.log_in()
    english.log_in(email="dienst@example.nl")
    english.submit("test-form")
    english.get("/")
    cash.show_administrations("25583", "api@example.nl", ["1571/x002"])
    english.submit("test-form")
    cash.change_password("25583", "api@example.nl", "nieuw")
    english.get("/").submit("test-form")
    english.get("/").submit("disconnect-form")
    english.get("/log")
    texts = " | ".join(lines(english))
    for words in (
        "refused the login",
        "New login stored",
        "does not work now",
        "it works",
        "any more",
        "Disconnected",
    ):
        assert words in texts
    for event in english.seen.css(".event"):
        assert english.get(str(event.attributes["formaction"])).status == 200


# --- earlier settings ---


def open_save(visitor: Visitor, number: int) -> None:
    """Opens the save with this number, counted from the newest."""
    visitor.get("/")
    saves = [each for each in visitor.page.css(".event") if "Settings saved" in each.text()]
    visitor.submit("log-form", action=str(saves[number].attributes["formaction"]))


def restore(visitor: Visitor) -> Visitor:
    button = visitor.page.css_first("#restore").attributes
    return visitor.submit("log-form", {"seen": button["value"]}, action=str(button["formaction"]))


def test_an_earlier_save_is_compared_with_today_and_restored(english: Visitor) -> None:
    english.save(import_relations=False, export_hour_rounding="30")
    open_save(english, 0)
    assert english.page.css_first("#restore") is None, "these are in force now"
    open_save(english, 1)
    today = " ".join(english.page.css("#log table")[1].text(separator=" ").split())
    assert "Relations on off" in today
    assert "Hour rounding 5 minutes 30 minutes" in today
    assert restore(english).status == 200
    values = english.values("settings")
    assert values["import_relations"] == "on"
    assert values["export_hour_rounding"] == "5"
    english.get("/log")
    assert "Earlier settings restored: 2 changes" in lines(english)[0]


def test_restore_does_not_overwrite_what_someone_saved_meanwhile(english: Visitor, app: Flask) -> None:
    english.save(export_hour_rounding="30")
    open_save(english, 1)
    Visitor(app).open().save(import_employees=True)
    assert restore(english).status == 409
    assert english.values("settings")["export_hour_rounding"] == "30", "the form shows what is in force"
    assert english.values("settings")["import_employees"] == "on"
    english.save()
    assert Visitor(app).open().values("settings")["export_hour_rounding"] == "30"


def test_restore_never_brings_back_a_login_or_an_administration_that_is_out_of_sight(english: Visitor) -> None:
    english.log_in(**ONE_ADMINISTRATION)
    english.save(import_employees=True)
    assert english.status == 200
    open_save(english, 1)
    assert restore(english).status == 422
    assert "Demo B.V." in english.says("problem")
    assert english.values("login")["relation_code"] == "54852"
    assert english.values("settings")["import_employees"] == "on", "the form shows what is in force"


def test_a_restore_after_someone_disconnected_asks_to_log_in_and_shows_no_form(english: Visitor, app: Flask) -> None:
    english.save(export_hour_rounding="30")
    open_save(english, 1)
    Visitor(app).open().submit("disconnect-form")
    assert restore(english).status == 422
    assert "Log in to Cash first" in english.says("problem")
    assert english.page.css_first("form#settings") is None


@pytest.mark.parametrize(
    ("form", "changes", "status", "words"),
    [
        ("settings", {"import_materials": True}, 409, "other settings meanwhile"),
        ("disconnect-form", {}, 422, "Log in to Cash first"),
    ],
)
def test_a_restore_that_is_overtaken_at_the_last_moment_stores_nothing(
    english: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch, form: str, changes: Any, status: int, words: str
) -> None:
    english.save(export_hour_rounding="30")
    open_save(english, 1)
    colleague, store = Visitor(app).open(sub="anna", lang="en"), log_views.save

    def late(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        colleague.submit(form, changes)
        return store(*args, **more)

    monkeypatch.setattr(log_views, "save", late)
    assert restore(english).status == status
    assert words in english.says("problem")
    english.get("/log")
    assert "Restored" not in english.text


def test_a_restore_that_sets_something_in_motion_asks_first(english: Visitor, app: Flask) -> None:
    english.save(export_sales_orders=True)
    english.save(export_sales_orders=False)
    open_save(english, 1)
    restore(english)
    assert "sent to" in english.says("question")
    assert "in the form" in english.text
    assert "export_sales_orders" not in Visitor(app).open().values("settings")
    english.press_save()
    assert Visitor(app).open().values("settings")["export_sales_orders"] == "on"


def test_a_restore_of_another_status_of_exports_asks_and_begins_with_a_look(english: Visitor, app: Flask) -> None:
    english.save(export_sales_orders=True, export_work_status="1")
    english.save(export_work_status="0")
    Ledger(app).open("open")
    open_save(english, 1)
    restore(english)
    assert "Every completed work order with status 1" in english.says("question")
    assert Ledger(app).opening() == "open"
    english.press_save()
    assert Visitor(app).open().values("settings")["export_work_status"] == "1"
    assert Ledger(app).opening() == ""


def test_a_restore_of_exports_to_what_is_read_only_by_now_is_refused_at_its_field(english: Visitor, app: Flask) -> None:
    english.save(export_sales_orders=True)
    english.save(export_sales_orders=False)
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE logins SET administrations = replace(administrations, 'false', 'true')")
    open_save(english, 1)
    assert restore(english).status == 422
    assert "read-only" in english.says("export_sales_orders-error")


def test_a_first_login_that_fails_is_in_the_log_with_details_for_support(app: Flask) -> None:
    newcomer = Visitor(app).open(account="new", lang="en")
    assert newcomer.says("log") == "", "there is nothing to tell yet"
    newcomer.log_in(email="dienst@example.nl")
    assert "does not work now" in lines(newcomer)[0]
    assert newcomer.page.css_first("#show-diagnostics")


def test_errors_only_stays_while_other_things_are_done(english: Visitor) -> None:
    english.log_in(password="verkeerd")
    english.submit("log-form", {"show": "errors"})
    for htmx in (False, True):
        english.htmx = htmx
        english.submit("test-form", {"shown": "errors"})
        assert english.seen.css_first("#errors-only").attributes["aria-pressed"] == "true"
        assert len(lines(english)) == 1


def test_only_a_save_can_be_restored(english: Visitor) -> None:
    fields = english.values("log-form")
    for id in (1, 2, 99):
        assert english.post(f"/log/{id}/restore", fields).status == 404


def test_no_password_is_in_the_log(english: Visitor, app: Flask) -> None:
    english.log_in(password="een-ander-wachtwoord")
    with connect(app.config["DATABASE"]) as db:
        text = str(db.execute("SELECT * FROM timeline").fetchall())
    assert "een-ander-wachtwoord" not in text
    assert GOOD_LOGIN["password"] not in text
