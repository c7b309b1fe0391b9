"""The orders that go to Cash: how the exports stand, the list, and what a person says."""

import csv
import io
import time
from typing import Any

import pytest
from flask import Flask
from support.ledger import Ledger
from support.runs import Worker
from support.visitor import Visitor, held_by

from webapp.cash.actions import ordering
from webapp.cash.page import order_words
from webapp.cash.store.orders import State
from webapp.cash.sync import steps
from webapp.db import connect

ARTICLE = {"word": "article_unknown", "line": 2, "text": "A100"}
OF_CASH = {"word": "cash", "text": "Ongeldige waarde 2260=XYZ", "source": "2410|2400=900000|2426=1|2260=XYZ|2410=2,00|"}


@pytest.fixture
def worker(app: Flask) -> Worker:
    return Worker(app)


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    return Ledger(app)


@pytest.fixture
def ready(visitor: Visitor, app: Flask, worker: Worker) -> Visitor:
    """An account that exports, and to which OutSmart has given access; in English."""
    visitor.log_in()
    visitor.save(administration="1571/x001", export_sales_orders=True)
    worker.connect()
    return Visitor(app).open(lang="en")


def press(visitor: Visitor, id: str) -> Visitor:
    """Presses a button of the page by its id, as a browser would."""
    return push(visitor, f"#{id}")


def push(visitor: Visitor, selector: str) -> Visitor:
    button = visitor.page.css_first(selector)
    assert button, f"no {selector} in {visitor.text}"
    has = button.attributes
    form = button
    while form.tag != "form" and "form" not in has:
        form = form.parent
    element = visitor.form(str(has["form"])) if "form" in has else form
    fields = held_by(element)
    if "name" in has:
        fields[str(has["name"])] = has.get("value") or ""
    action = str(has.get("formaction") or element.attributes["action"])
    return visitor.post(action.partition("#")[0], fields)


def say(visitor: Visitor, work_order: str, said: str) -> Visitor:
    return push(visitor, f'[formaction*="/orders/{work_order}/{said}"]')


def row(visitor: Visitor, work_order: str) -> str:
    """What the list says of an order."""
    for each in visitor.page.css(".order"):
        if each.css_first("strong").text() == f"W-{work_order}":
            return " ".join(each.text(separator=" ").split())
    return ""


def listed(visitor: Visitor) -> list[str]:
    return [each.text() for each in visitor.page.css(".order strong")]


def cells(visitor: Visitor) -> list[list[str]]:
    return list(csv.reader(io.StringIO(visitor.response.text.removeprefix("\ufeff"), newline=""), delimiter=";"))


def english(visitor: Visitor, text: object) -> str:
    """A text of the page in the language of these tests."""
    assert isinstance(visitor.app, Flask)
    with visitor.app.test_request_context("/?lang=en"):
        return str(text)


# --- how the exports stand ---
def test_where_nothing_is_exported_nothing_is_said_of_orders(connected: Visitor) -> None:
    assert connected.page.css_first("#orders-open") is None


def test_orders_of_before_are_found_while_the_exports_are_off(
    connected: Visitor, app: Flask, worker: Worker, ledger: Ledger
) -> None:
    worker.connect()
    ledger.put("1")
    visitor = Visitor(app).open(lang="en")
    assert "Work orders are not exported." in visitor.says("sync")
    assert listed(press(visitor, "orders-open")) == ["W-1"]


def stand(ledger: Ledger, worker: Worker, case: str) -> None:
    """Brings the exports into a state."""
    asked = {"done": {}, "failed": {"reason": "http_503", "result": {"side": "cash"}}}
    match case.split():
        case ["surveyed", count]:
            ledger.open(count=int(count), at=int(time.time()))
        case ["ended", state]:
            ledger.open("open")
            worker.runs(lambda runs: runs.ask("1001", "orders", ""))
            worker.end(state, **asked[state])  # type: ignore[arg-type]
        case ["read-only"]:
            worker.note(
                "UPDATE logins SET administrations = replace(administrations, '\"read_only\": false', "
                "'\"read_only\": true')"
            )
        case [state]:
            ledger.open(state)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("", "Work orders: the next run only looks."),
        ("surveyed 0", "No work order waits. The exports begin at"),
        ("surveyed 1", "1 work order waits. The exports begin at"),
        ("surveyed 20", "20 work orders wait. The exports begin at"),
        ("surveyed 21", "21 work orders wait. Nothing is exported until you say which."),
        ("agreed", "Work orders are exported with the next run."),
        ("ended done", "Work orders exported at"),
        ("ended failed", "Exporting work orders failed: Cash is down or under maintenance. We try again by ourselves."),
        ("read-only", "Nothing is exported: this administration is read-only in Cash."),
    ],
)
def test_the_panel_says_how_the_exports_stand(
    ready: Visitor, worker: Worker, ledger: Ledger, case: str, words: str
) -> None:
    if case:
        stand(ledger, worker, case)
    assert words in ready.get("/").says("sync")


def test_a_failure_is_told_of_the_exports_and_not_of_the_imports(
    ready: Visitor, worker: Worker, ledger: Ledger
) -> None:
    worker.runs(lambda runs: runs.ask("1001", "changed", ""))
    worker.end()
    stand(ledger, worker, "ended failed")
    said = ready.get("/").says("sync")
    assert said.count("Cash is down or under maintenance") == 1
    assert "Imported at" in said
    assert "Exporting work orders failed: Cash is down" in said


def test_a_failure_is_not_told_any_more_once_settings_were_saved(
    ready: Visitor, worker: Worker, ledger: Ledger
) -> None:
    stand(ledger, worker, "ended failed")
    ready.get("/").save(export_hour_rounding="30")
    worker.note("UPDATE runs SET ended = ended - 100")
    assert "Work orders are exported with the next run." in ready.get("/").says("sync")


@pytest.mark.parametrize(
    ("before", "change", "anew"),
    [
        ({"export_sales_orders": False}, {"export_sales_orders": True}, True),
        ({}, {"export_work_status": "0"}, True),
        ({"administration": "1571/x002"}, {"administration": "1571/x001"}, True),
        ({}, {"export_hour_rounding": "30"}, False),
        ({}, {"import_employees": True}, False),
        ({}, {"export_sales_orders": False}, False),
        ({"export_sales_orders": False}, {"export_work_status": "0"}, False),
    ],
)
@pytest.mark.parametrize("opening", ["surveyed", "agreed", "open"])
def test_exports_of_other_work_orders_than_before_begin_with_a_look(
    ready: Visitor, ledger: Ledger, before: dict[str, object], change: dict[str, object], anew: bool, opening: str
) -> None:
    if before:
        ready.get("/").save(**before)
    ledger.open(opening)
    assert ready.get("/").save(**change).page.css_first(".done")
    assert ledger.opening() == ("" if anew else opening)
    if anew:
        assert "the next run only looks" in ready.get("/").says("sync")


def test_what_is_asked_first_leaves_the_exports_as_they_are(ready: Visitor, ledger: Ledger) -> None:
    ledger.open("open")
    ready.get("/").press_save(export_work_status="0")
    assert ready.says("question")
    assert ledger.opening() == "open"
    ready.press_save()
    assert ledger.opening() == ""


def test_how_many_wait_for_a_person_comes_before_all_else(ready: Visitor, worker: Worker, ledger: Ledger) -> None:
    stand(ledger, worker, "ended failed")
    ledger.put("1", State.ASKING, reason="unknown")
    assert "1 work order waits for you." in ready.get("/").says("sync")
    ledger.put("2", State.CHANGED)
    ledger.put("3", State.ASKING, said="there")
    assert "2 work orders wait for you." in ready.get("/").says("sync")


def test_a_run_of_orders_says_what_it_does(ready: Visitor, worker: Worker) -> None:
    worker.runs(lambda runs: runs.ask("1001", "orders", "beheer"))
    worker.start(step="list")
    said = ready.get("/sync").says("sync")
    assert "Exporting work orders since" in said
    assert "Asking OutSmart which work orders wait" in said


def test_that_cash_does_not_show_orders_is_said_once(ready: Visitor, app: Flask, ledger: Ledger) -> None:
    for n in range(3):
        ledger.put(str(n), State.ASKING, reason="unknown")
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE order_books SET reads = 'blind'")
    assert press(ready.get("/"), "orders-open").text.count("Cash does not show us orders by their number") == 1


# --- the list ---
@pytest.mark.parametrize("htmx", [True, False])
def test_the_list_opens_and_closes(ready: Visitor, ledger: Ledger, htmx: bool) -> None:
    ready.get("/").htmx = htmx
    ledger.put("1")
    assert row(press(ready, "orders-open"), "1").startswith("W-1 Cash: 900000 Bakker €12.50 In Cash")
    press(ready, "orders-close")
    assert listed(ready) == []
    assert "data-focus" in ready.page.css_first("#orders-open").attributes


def test_who_has_no_orders_reads_that(ready: Visitor) -> None:
    assert "No work orders here." in press(ready, "orders-open").says("orders")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("said", ["", "there"])
def test_every_state_has_words_and_a_next_step(ready: Visitor, ledger: Ledger, state: str, said: str) -> None:
    ledger.put("1", state, said=said)
    told = row(press(ready, "orders-open"), "1")
    assert english(ready, order_words.STATES[State(state)]) in told
    rest = {"": ("done", "asking", "changed"), "there": ()}[said]
    assert state in rest or "run" in told or "goes" in told or "Nothing happens" in told


def test_an_order_that_is_looked_for_says_when(ready: Visitor, ledger: Ledger) -> None:
    ledger.put("1", State.UNKNOWN, next_look=1_800_000_000)
    assert "We look in Cash at 15 January 2027, 09:00 . Nothing is sent twice." in row(press(ready, "orders-open"), "1")


@pytest.mark.parametrize("reason", [*order_words.WHY, "of another version"])
def test_who_is_asked_reads_what_to_look_for_and_why(ready: Visitor, ledger: Ledger, reason: str) -> None:
    ledger.put("1", State.ASKING, reason=reason)
    told = row(press(ready, "orders-open"), "1")
    assert english(ready, order_words.WHY.get(reason, order_words.WHY["unknown"])) in told
    assert "Look for sales order 900000 · reference W-1 · Bakker · in Demo B.V." in told
    assert "It is in Cash It is not: send again" in told


@pytest.mark.parametrize("word", order_words.PROBLEMS)
def test_every_refusal_says_which_line_and_what_to_do(ready: Visitor, ledger: Ledger, word: str) -> None:
    problem = {"word": word, "line": 2, "text": "A100"}
    ledger.put("1", State.FAILED, reason="unsendable", detail={"problems": [problem, ARTICLE]})
    told = row(press(ready, "orders-open"), "1")
    assert "Line 2: " + english(ready, order_words.PROBLEMS[word]) % {"text": "A100"} in told
    assert "Article A100 is not in Cash." in told, "all of them at once"
    assert "give the work order the status 1 - Naar Cash: it goes again." in told


def test_what_cash_refuses_is_told_with_the_field_and_the_row(ready: Visitor, ledger: Ledger) -> None:
    ledger.put("1", State.FAILED, reason="cash", detail={"problems": [OF_CASH], "notes": ["reference_cut"]})
    told = row(press(ready, "orders-open"), "1")
    assert "Cash says: Ongeldige waarde 2260=XYZ (article)" in told
    assert "order number 900000, line 1, article XYZ, quantity 2,00" in told
    assert "The order number was too long for Cash and was cut." in told


@pytest.mark.parametrize("htmx", [True, False])
def test_the_list_is_filtered_and_paged(ready: Visitor, ledger: Ledger, htmx: bool) -> None:
    ready.get("/").htmx = htmx
    for n in range(120):
        ledger.put(str(n), State.DONE if n % 2 else State.FAILED)
    ledger.put("a", State.ASKING)
    press(ready, "orders-open")
    assert [each.text() for each in ready.page.css(".groups button")] == [
        "All (121)",
        "Needs you (1)",
        "In Cash (60)",
        "Not in Cash (60)",
    ]
    assert listed(ready)[:2] == ["W-a", "W-119"], "what needs a person is at the top"
    press(ready, "group-failed")
    seen = listed(ready)
    assert len(seen) == 50
    seen += listed(press(ready, "orders-older"))
    assert seen == [f"W-{n}" for n in range(118, -1, -2)]
    assert ready.page.css_first("#orders-older") is None
    assert listed(press(ready, "orders-newest"))[0] == "W-118"
    assert listed(press(ready, "group-needed")) == ["W-a"]


@pytest.mark.parametrize("sent", [{"group": "zzz"}, {"at_order": "x"}, {"after": "9" * 40}, {"after": ":"}])
def test_whatever_is_asked_there_is_a_list(ready: Visitor, ledger: Ledger, sent: dict[str, str]) -> None:
    ledger.put("1")
    press(ready, "orders-open")
    ready.post("/orders", {**ready.values("orders-form"), **sent})
    assert ready.status == 200
    assert listed(ready) == ["W-1"]


# --- what a person says ---
@pytest.mark.parametrize(("said", "state"), ordering.SAID.items())
@pytest.mark.parametrize("htmx", [True, False])
def test_what_a_person_says_is_kept_logged_and_acted_on(
    ready: Visitor, ledger: Ledger, worker: Worker, said: str, state: str, htmx: bool
) -> None:
    ledger.put("1", state, reason="unknown")
    ready.get("/").htmx = htmx
    say(press(ready, "orders-open"), "1", said)
    assert ready.status == 200
    assert english(ready, order_words.SAID[said]) in row(ready, "1")
    assert ready.page.css_first(".order button") is None
    order, run = ledger.one("1"), worker.open()
    assert order
    assert order.said == said
    assert run
    assert (run.kind, run.user) == ("orders", "beheer")
    assert "Work order W-1: " in ready.get("/log").says("log")
    assert "beheer" in ready.says("log")


@pytest.mark.parametrize("htmx", [True, False])
def test_pressed_twice_or_on_a_stale_page_it_says_how_it_stands(
    ready: Visitor, ledger: Ledger, worker: Worker, htmx: bool
) -> None:
    ledger.put("1", State.ASKING)
    other = Visitor(ready.app, htmx=htmx).open(lang="en")
    press(other, "orders-open")
    say(press(ready, "orders-open"), "1", "there")
    say(other, "1", "again")
    assert other.status == 409
    assert "This order is no longer as the page showed it." in other.says("orders-said")
    assert english(ready, order_words.SAID["there"]) in row(other, "1")
    order = ledger.one("1")
    assert order
    assert order.said == "there"


def test_of_an_order_that_is_not_there_nobody_says_anything(ready: Visitor, ledger: Ledger) -> None:
    ledger.put("1", State.ASKING)
    fields = press(ready, "orders-open").values("orders-form")
    for path in ("/orders/2/there", "/orders/1/nothing"):
        assert ready.post(path, fields).status == 404


def test_without_a_login_it_is_kept_for_later(ready: Visitor, ledger: Ledger, worker: Worker) -> None:
    ledger.put("1", State.ASKING)
    worker.note("UPDATE logins SET refused_since = 1")
    say(press(ready.get("/"), "orders-open"), "1", "there")
    assert ready.status == 200
    assert worker.open() is None
    order = ledger.one("1")
    assert order
    assert order.said == "there"


# --- the first switch-on ---
def test_what_waits_is_shown_before_the_first_export(ready: Visitor, ledger: Ledger) -> None:
    ledger.open(at=int(time.time()))
    said = press(ready.get("/"), "orders-open").says("orders")
    for words in (
        "3 work orders wait. The exports begin at",
        "Together €1,234.50 without VAT.",
        "The oldest is of 31 March 2026.",
        "1 customer is made in Cash.",
        "100 Bakker",
        "2 articles are made in Cash.",
        "A101 Bocht",
        "1 cannot be exported as it is.",
        "W-3 Its customer has no debtor number.",
    ):
        assert words in said
    assert len(ready.page.css("button.primary:not(#save, #submit-login)")) == 1


@pytest.mark.parametrize("htmx", [True, False])
@pytest.mark.parametrize("button", ["orders-these", "orders-new"])
def test_a_person_says_which_are_exported(
    ready: Visitor, ledger: Ledger, worker: Worker, button: str, htmx: bool
) -> None:
    ledger.open(count=30)
    ready.get("/").htmx = htmx
    other = Visitor(ready.app, htmx=htmx).open(lang="en")
    press(other, "orders-open")
    press(press(ready, "orders-open"), button)
    assert ready.status == 200
    assert ledger.opening() == "agreed"
    left = [order for n in "123" if (order := ledger.one(n))]
    if button == "orders-these":
        assert left == []
    else:
        assert {order.state for order in left} == {"left"}
        assert len(left) == 3
    run = worker.open()
    assert run
    assert run.kind == "orders"
    press(other, "orders-these")
    assert other.status == 409
    assert "What waits is no longer as the page showed it." in other.says("orders-said")
    assert "Exports begun: 3 work orders" in ready.get("/log").says("log")


def test_who_saw_another_look_is_shown_the_present_one(ready: Visitor, ledger: Ledger) -> None:
    ledger.open()
    press(ready.get("/"), "orders-open")
    ledger.open(ids=["1", "2"])
    assert press(ready, "orders-new").status == 409
    assert ledger.opening() == "surveyed"


def test_the_first_look_is_repeated_by_a_preview(ready: Visitor, ledger: Ledger, worker: Worker) -> None:
    ledger.open()
    press(press(ready.get("/"), "orders-open"), "orders-look")
    run = worker.open()
    assert run
    assert run.kind == "preview"
    assert "It starts in a moment." in ready.says("orders-said")
    assert "One is under way already." in press(ready, "orders-look").says("orders-said")
    worker.note("UPDATE logins SET refused_since = 1")
    assert press(ready, "orders-look").status == 409
    assert ready.post("/orders/begin", {**ready.values("orders-form"), "which": "some"}).status == 200
    assert ledger.opening() == "surveyed"


# --- the file ---
def test_the_file_has_every_order_of_the_group(ready: Visitor, ledger: Ledger) -> None:
    for n in range(60):
        ledger.put(str(n))
    ledger.put("x", State.FAILED, detail={"problems": [ARTICLE, OF_CASH]}, amount="-1234.50")
    press(press(ready.get("/"), "orders-open"), "orders-save")
    head, *rows = cells(ready)
    assert head[0] == "Work order"
    assert len(rows) == 61
    assert rows[0][:6] == ["W-x", "", "W-x", "Bakker", "-1234,50", "Not in Cash"]
    assert "Line 2: Article A100 is not in Cash." in rows[0][7]
    assert "order number 900000" in rows[0][7]
    assert ready.response.headers["Content-Disposition"] == 'attachment; filename="cash-orders.csv"'
    press(press(ready.get("/"), "orders-open"), "group-failed")
    assert len(cells(press(ready, "orders-save"))) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-a", "@SUM(A1)", "\tx", "\rx"])
def test_a_spreadsheet_carries_nothing_out(ready: Visitor, ledger: Ledger, text: str) -> None:
    ledger.put("1", customer=text, order_nr=text, reference=text)
    press(press(ready.get("/"), "orders-open"), "orders-save")
    assert cells(ready)[1][:4] == [f"'{text}", "900000", f"'{text}", f"'{text}"]


# --- the log ---
@pytest.mark.parametrize(
    ("kind", "facts", "line", "more"),
    [
        ("order_refused", {"problems": [OF_CASH]}, "Work order W-1 does not go to Cash", "Cash says: Ongeldige waarde"),
        ("order_asking", {"reason": "half"}, "Work order W-1: look in Cash, please", "without all of its lines"),
        ("order_changed", {}, "Work order W-1 was changed after it went to Cash", "may be invoiced"),
        (
            "made_in_cash",
            {"made": [["2220", "100", "Bakker"], ["2260", "A1", "Buis"], ["2260", "A2", "Bocht"]], "count": 3},
            "Made in Cash: Relations (1), Articles (2)",
            "100 Bakker, A1 Buis, A2 Bocht",
        ),
        ("order_said", {"said": "leave"}, "Work order W-1: Cash is left as it is", "Sales order 900000 of Bakker."),
        ("synced", {"what": "orders", "kinds": {}}, "Work orders exported", ""),
    ],
)
def test_the_log_tells_of_orders(
    ready: Visitor, app: Flask, worker: Worker, kind: str, facts: dict[str, Any], line: str, more: str
) -> None:
    from webapp.cash.store.activity import Activity

    facts = {"order": "W-1", "number": 900_000, "customer": "Bakker", **facts}
    with connect(app.config["DATABASE"]) as db:
        Activity(db).add("1001", "", kind, **facts)
        id = db.execute("SELECT max(id) FROM timeline").fetchone()[0]
    assert line in ready.get(f"/log/{id}").says("log")
    assert more in ready.says("log")


def test_what_another_version_wrote_takes_no_page_down(ready: Visitor, app: Flask, ledger: Ledger) -> None:
    from webapp.cash.store.activity import Activity

    odd: list[Any] = [None, 7, "x", [7], {"x": 7}, [{"word": ["x"], "line": "x", "text": 7}], [[1, 2, 3]]]
    with connect(app.config["DATABASE"]) as db:
        for found in odd:
            for kind in ("order_refused", "order_asking", "order_changed", "made_in_cash", "order_said", "orders_left"):
                facts = dict.fromkeys(("problems", "made", "reason", "said", "number", "count", "order"), found)
                Activity(db).add("1001", "", kind, **facts)
    for n, found in enumerate(odd):
        ledger.put(str(n), State.FAILED, detail={"problems": found, "notes": found}, amount="x")
        ledger.open(**dict.fromkeys(("count", "oldest", "amount", "customers", "articles", "refused", "ids"), found))
        ready.get("/")
        assert ready.status == 200
        assert press(ready, "orders-open").status == 200
    ledger.put("odd", State.DONE)
    with connect(app.config["DATABASE"]) as db:
        db.execute("UPDATE orders SET state = 'a new one' WHERE work_order = 'odd'")
    assert "a new one" in row(press(ready.get("/"), "orders-open"), "odd")


# --- one fact, one meaning ---
def test_what_a_person_may_say_is_what_the_steps_know() -> None:
    words = {steps.THERE, steps.AGAIN, steps.LEAVE, steps.SECOND, steps.EXPORT}
    assert set(ordering.SAID) == words == set(order_words.SAID)


def test_every_state_is_in_one_group() -> None:
    grouped = [state for group in ordering.GROUPS.values() for state in group]
    assert sorted(grouped) == sorted(State)
