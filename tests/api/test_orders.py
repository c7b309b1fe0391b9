"""What the host sees of the orders of an account."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from support.host import Host
from support.ledger import Ledger
from support.runs import Worker
from support.visitor import Visitor

from webapp.cash.store.orders import State

ORDERS = "/accounts/1001/orders"


@pytest.fixture
def ledger(app: Flask, host: Host, connected: Visitor) -> Ledger:
    """An account that has all it needs, and its orders."""
    host.put("1001")
    return Ledger(app)


@pytest.fixture
def worker(app: Flask) -> Worker:
    return Worker(app)


def numbers(host: Host, query: str = "") -> list[str]:
    found = host.get(f"{ORDERS}?{query}")
    assert found.status_code == 200, found.text
    return [each["work_order"] for each in found.json["orders"]]


def test_an_order_is_told_with_all_that_is_known_of_it(host: Host, ledger: Ledger) -> None:
    problem = {"word": "article_unknown", "line": 2, "text": "A100"}
    detail = {"problems": [problem], "notes": ["reference_cut"]}
    ledger.put("7", State.FAILED, reason="unsendable", detail=detail, changed=1_800_000_000)
    assert host.get(ORDERS).json["orders"] == [
        {
            "work_order": "7",
            "order_nr": "W-7",
            "state": "failed",
            "needs_a_person": False,
            "number": 900_000,
            "reference": "W-7",
            "administration": "1571/x001",
            "customer": "Bakker",
            "amount": "12.50",
            "reason": "unsendable",
            "problems": [problem],
            "notes": ["reference_cut"],
            "changed_at": "2027-01-15T08:00:00Z",
            "next_look_at": None,
        }
    ]


def test_they_come_page_by_page_and_the_last_change_first(host: Host, ledger: Ledger) -> None:
    for n in range(5):
        ledger.put(str(n))
    ledger.put("same-time", changed=ledger.put("5").changed)
    seen, cursor, more = [], "", True
    while more:
        page = host.get(f"{ORDERS}?limit=2&after={cursor}").json
        seen += [each["work_order"] for each in page["orders"]]
        cursor, more = page["cursor"], page["more"]
    assert seen == ["5", "same-time", "4", "3", "2", "1", "0"]


def test_they_are_told_by_state(host: Host, ledger: Ledger) -> None:
    for n, state in enumerate((State.DONE, State.UNKNOWN, State.ASKING, State.UNKNOWN)):
        ledger.put(str(n), state)
    assert numbers(host, "state=unknown") == ["3", "1"]
    assert numbers(host, "state=unknown&state=asking") == ["3", "2", "1"]
    assert host.account()["orders"] == {"asking": 1, "done": 1, "unknown": 2}


@pytest.mark.parametrize("query", ["state=lost", "after=x", "after=eDp5", "after=4pyT", "limit=0", "limit=x", "x=1"])
def test_what_is_asked_wrongly_is_named(host: Host, ledger: Ledger, query: str) -> None:
    answer = host.get(f"{ORDERS}?{query}")
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [query.partition("=")[0]]


@pytest.mark.parametrize(
    ("state", "said", "expected"),
    [
        (State.ASKING, "", ("waits_for_user", "orders")),
        (State.CHANGED, "", ("waits_for_user", "orders")),
        (State.ASKING, "there", ("ok", None)),
        (State.UNKNOWN, "", ("ok", None)),
    ],
)
def test_an_order_that_needs_a_person_makes_the_account_wait(
    host: Host, ledger: Ledger, state: str, said: str, expected: tuple[str, str | None]
) -> None:
    ledger.put("1", state, said=said)
    assert host.how() == expected
    assert host.get(ORDERS).json["orders"][0]["needs_a_person"] is (expected[1] == "orders")


@pytest.mark.parametrize(("count", "problem"), [(20, None), (21, "orders")])
def test_so_do_very_many_before_the_first_export(
    host: Host, ledger: Ledger, connected: Visitor, count: int, problem: str | None
) -> None:
    ledger.open(count=count)
    assert host.how()[1] is None, "while exports are off"
    connected.get("/").save(export_sales_orders=True)
    assert host.how()[1] is None, "before anybody has looked"
    ledger.open(count=count)
    assert host.how()[1] == problem
    ledger.open("open")
    assert host.how()[1] is None


def test_exports_that_fail_are_a_problem_until_one_succeeds(host: Host, ledger: Ledger, worker: Worker) -> None:
    def ends(kind: str, state: str, reason: str = "") -> tuple[str, str | None]:
        run, _new = worker.runs(lambda runs: runs.ask("1001", kind, ""))
        worker.end(state, reason=reason)
        # Each in a second of its own.
        worker.note("UPDATE runs SET ended = ended + (SELECT count(*) FROM runs) WHERE id = ?", run.id)
        return host.how()

    assert ends("orders", "failed", "code_800") == ("problem", "code_800")
    assert ends("changed", "done") == ("problem", "code_800")
    assert ends("changed", "failed", "http_503") == ("problem", "http_503")
    assert ends("changed", "done") == ("problem", "code_800")
    assert ends("orders", "done") == ("ok", None)


def test_a_run_of_orders_can_be_asked_for(host: Host, ledger: Ledger) -> None:
    assert host.post("/accounts/1001/runs", {"kind": "orders"}).json["kind"] == "orders"


def test_the_receipt_lists_each_open_work_order_that_is_in_cash_or_may_be(host: Host, ledger: Ledger) -> None:
    for state in State:
        ledger.put(state, state)
    left = host.delete("1001").json["orders"]
    assert left[-1] == {
        "work_order": "looking",
        "order_nr": "W-looking",
        "state": "looking",
        "number": 900_001,
        "reference": "W-looking",
        "administration": "1571/x001",
    }
    certain, perhaps = {"in_cash", "changed"}, {"looking", "sending", "waiting", "verifying", "unknown", "asking"}
    assert {each["state"] for each in left} == certain | perhaps
    assert all(each["work_order"] == each["state"] for each in left)


def test_the_receipt_by_hand_says_what_to_do(ledger: Ledger, flask: Callable[..., Result]) -> None:
    ledger.put("1", State.UNKNOWN)
    ledger.put("2", State.CHANGED)
    said = flask("delete", "1001", "--yes").output
    assert "Perhaps in Cash: sales order 900000 (W-1) in 1571/x001. Set work order W-1 (1) to Afgehandeld" in said
    assert "In Cash: sales order 900001 (W-2) in 1571/x001. Set work order W-2 (2) to Afgehandeld" in said


def test_of_an_account_that_is_not_there_no_orders_are_told(host: Host) -> None:
    assert host.get(ORDERS).status_code == 404
