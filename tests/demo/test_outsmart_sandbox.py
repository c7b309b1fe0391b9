"""What the OutSmart sandbox says, what it keeps, and how it fails on request."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from support.app import LONGEST_WAIT

from webapp.demo.outsmart import OutSmartSandbox
from webapp.demo.outsmart_seed import books_of

ROW = {"name": "Bakker BV", "debtor_number": "100", "street": "Havenweg", "postal_code": "4401 AB", "city": "Yerseke"}
Ask = Callable[..., Any]


@pytest.fixture
def ask(outsmart: OutSmartSandbox) -> Iterator[Ask]:
    """The envelope that answers a GET, or a POST where there is a body."""
    with requests.Session() as session:

        def ask(endpoint: str, body: object = None, account: str = "1001", **query: str) -> Any:
            tokens = {"token": outsmart.token(account), "software_token": outsmart.software_token}
            method = "GET" if body is None else "POST"
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            reply = session.request(
                method, f"{outsmart.api}/{endpoint}", params={**tokens, **query}, data=data, timeout=LONGEST_WAIT
            )
            assert (reply.status_code, reply.headers["Content-Type"]) == (200, "application/json; charset=utf-8")
            return reply.json()

        yield ask


def code(envelope: dict[str, Any]) -> int:
    assert set(envelope) == {"code", "messages", "response"}
    if envelope["code"] != 200:
        assert envelope["response"] is None
    return int(envelope["code"])


@pytest.mark.parametrize(
    "kind", ["employees", "relations", "addresses", "materials", "hourtypes", "warehouses", "workstatusses"]
)
def test_every_list_has_rows_of_texts_with_and_without_a_slash(ask: Ask, outsmart: OutSmartSandbox, kind: str) -> None:
    rows = ask(kind)["response"]
    assert rows == ask(f"{kind}/")["response"] == outsmart.rows(kind)
    assert rows
    assert all(isinstance(value, str) for row in rows for value in row.values())


def test_requests_are_checked_in_order(outsmart: OutSmartSandbox) -> None:
    right = {"token": outsmart.token("1001"), "software_token": outsmart.software_token}
    for method, endpoint, query, body, expected in (
        ("GET", "", {}, b"", 1000),
        ("GET", "nothing", {}, b"", 1001),
        ("GET", "Relations", right, b"", 1001),
        ("POST", "GetWorkorders", right, b"[]", 1001),
        ("GET", "relations", {}, b"", 1002),
        ("GET", "relations", {"token": "x"}, b"", 1003),
        ("GET", "relations", {"token": "x", "software_token": "x"}, b"", 1004),
        ("GET", "relations", right | {"software_token": "x"}, b"", 1005),
        ("POST", "relations", right, b"", 1008),
        ("POST", "relations", right, b"{", 1009),
        ("POST", "relations", right, b"7", 1009),
        ("POST", "relations", right, b"[7]", 1300),
        ("POST", "relations", right, b"[]", 200),
    ):
        reply = requests.request(method, f"{outsmart.api}/{endpoint}", params=query, data=body, timeout=LONGEST_WAIT)
        assert reply.status_code == 200
        assert code(reply.json()) == expected, (method, endpoint)


def test_a_batch_is_written_whole_or_not_at_all(ask: Ask, outsmart: OutSmartSandbox) -> None:
    before = outsmart.rows("relations")
    bad = ask("relations", [ROW | {"debtor_number": "new"}, {"name": "x", "debtor_number": "y", "street": ""}])
    assert code(bad) == 1301
    assert bad["messages"] == [f"Required field missing: {field}" for field in ("street", "postal_code", "city")]
    assert outsmart.rows("relations") == before
    assert ask("relations", [ROW, ROW | {"debtor_number": "new"}])["response"] == 2
    after = outsmart.rows("relations")
    assert [row["debtor_number"] for row in after] == [*(row["debtor_number"] for row in before), "new"]
    assert after[0]["street"] == "Havenweg"
    assert after[0]["phone_number"] == before[0]["phone_number"] != ""
    assert outsmart.written("relations") == {"100": 1, "new": 1}


def test_one_row_may_come_as_an_object_and_values_as_numbers_and_switches(ask: Ask, outsmart: OutSmartSandbox) -> None:
    row = {"code": 7, "name": "Uur", "cost_booking": False, "sale_booking": 1, "sale_price": 12.5, "active": True}
    assert ask("hourtypes", row | {"unknown": "x", "cost_price": None})["response"] == 1
    kept = outsmart.rows("hourtypes")[-1]
    assert kept | {"id": ""} == {
        **{"id": "", "code": "7", "name": "Uur", "cost_booking": "0", "sale_booking": "1", "sale_price": "12.50"},
        **{"cost_price": "", "active": "1"},
    }


@pytest.mark.parametrize(
    ("kind", "changed", "expected"),
    [
        ("hourtypes", {"active": "2"}, 1801),
        ("hourtypes", {"sale_price": "duur"}, 1801),
        ("hourtypes", {"name": "x" * 256}, 1800),
        ("materials", {"price": "1.234,56"}, 1200),
        ("materials", {"code": "x" * 256}, 1200),
        ("materials", {"barcode": "x" * 56}, 1200),
        ("materials", {"description": "x" * 1000}, 200),
        ("relations", {"active": "ja"}, 1300),
        ("addresses", {"adr_city": "x" * 256}, 1007),
        ("addresses", {"adr_city": ""}, 1007),
        ("warehouses", {"wse_type": ""}, 1007),
        ("workstatusses", {"sta_name": ""}, 2801),
        ("employees", {"lastname": ""}, 1101),
    ],
)
def test_bad_values_have_the_code_of_their_kind(
    ask: Ask, outsmart: OutSmartSandbox, kind: str, changed: dict[str, str], expected: int
) -> None:
    assert code(ask(kind, [outsmart.rows(kind)[0] | changed])) == expected


def test_chosen_rows_are_refused_until_recover(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.refuse_rows("relations", "100")
    outsmart.refuse_rows("addresses", "100-1", code=1234)
    assert code(ask("relations", [ROW])) == 1300
    assert code(ask("relations", [ROW | {"debtor_number": "101"}])) == 200
    assert code(ask("addresses", [outsmart.rows("addresses")[0]])) == 1234
    outsmart.recover()
    assert code(ask("relations", [ROW])) == 200


def test_accounts_spell_debtor_numbers_in_their_own_ways_and_match_the_cash_books_in_part(
    outsmart: OutSmartSandbox,
) -> None:
    def numbers(account: str) -> set[str]:
        return {row["debtor_number"] for row in outsmart.rows("relations", account)}

    cash = {record["0101"] for record in books_of("1571/x001")["0101"]}
    short = numbers("1001")
    assert {number.zfill(6) for number in short if number.isdecimal()} < cash
    assert not any(number.startswith("0") for number in short)
    assert all(number.startswith("00") for number in numbers("1002") if number.isdecimal())
    assert {number[:2] == "00" for number in numbers("1003") if number.isdecimal()} == {True, False}
    assert all({"OS-001", "OS-002", "OS-003"} < numbers(account) for account in ("1001", "1002", "1003"))
    codes = [row["code"] for row in outsmart.rows("materials")]
    assert len(codes) - len(set(codes)) == 1
    assert "<Leeg>" in {row["unit"] for row in outsmart.rows("materials")}


def test_people_may_add_change_and_remove_rows(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.change("relations", "100", city="Elders")
    outsmart.add("relations", debtor_number="100", name="Dubbel")
    assert [row["city"] for row in ask("relations")["response"] if row["debtor_number"] == "100"] == ["Elders", ""]
    outsmart.remove("relations", "100")
    assert "100" not in {row["debtor_number"] for row in ask("relations")["response"]}
    with pytest.raises(KeyError):
        outsmart.remove("relations", "100")
    assert not outsmart.written("relations")


def test_a_new_account_begins_empty(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.connect("2001", "another-token")
    assert ask("materials", account="2001")["response"] == []
    assert ask("relations", [ROW], account="2001")["response"] == 1
    assert len(outsmart.rows("relations", "2001")) == 1


def test_prices_come_with_a_comma_where_that_is_asked_for(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.write_commas()
    assert all("," in row["price"] and "." not in row["price"] for row in ask("materials")["response"])


# Work orders
def test_fetching_closes_unless_it_is_told_not_to(ask: Ask, outsmart: OutSmartSandbox) -> None:
    quiet = ask("GetWorkorders", status="Compleet", update_status="false", workstatus="1")["response"]
    assert [order["status"] for order in outsmart.work_orders()].count("Compleet") == 6
    assert ask("GetWorkorder", row_id=quiet[0]["id"])["response"]["status"] == "Compleet"
    assert outsmart.work_orders()[0]["status"] == "Afgehandeld"
    told = ask("GetWorkorders", status="Alle", update_status="False")["response"]
    assert [order["status"] for order in told].count("Compleet") == 5
    assert {order["status"] for order in outsmart.work_orders()} == {"Afgehandeld"}


@pytest.mark.parametrize("query", [{}, {"status": "compleet"}, {"status": "Complete"}])
def test_a_state_must_be_named_in_dutch(ask: Ask, query: dict[str, str]) -> None:
    envelope = ask("GetWorkorders", **query)
    assert (code(envelope), envelope["messages"]) == (1500, [])


def test_an_order_is_found_by_id_or_number(ask: Ask, outsmart: OutSmartSandbox) -> None:
    id = outsmart.add_work_order(WorkorderNo="EXT-1", CustomerName="Demo")
    for query in ({"row_id": id}, {"workorder_no": "EXT-1"}):
        assert ask("GetWorkorder", update_status="false", **query)["response"]["CustomerName"] == "Demo"
    for query in ({"row_id": "1"}, {"workorder_no": ""}, {}):
        assert code(ask("GetWorkorder", **query)) == 1500


def test_header_fields_are_updated_by_get(ask: Ask, outsmart: OutSmartSandbox) -> None:
    id = outsmart.work_orders()[0]["id"]
    for query, expected in (
        ({"row_id": "1", "workstatus": "99"}, 1500),
        ({"row_id": id}, 1502),
        ({"row_id": id, "workstatus": "1"}, 1503),
        ({"row_id": id, "workstatus": "99"}, 200),
        ({"row_id": id, "workstatus": "99"}, 1503),
        ({"row_id": id, "workdate": "20-02-2026", "worktime": "07:08", "employee_nr": "M02"}, 200),
    ):
        assert code(ask("UpdateWorkorder", **query)) == expected
    bad = ask("UpdateWorkorder", row_id=id, workdate="2026-02-20", worktime="7:08", employee_nr="X")
    assert code(bad) == 1504
    assert bad["messages"] == [
        "Date invalid. Format: 20-02-2016",
        "Time invalid. Format: 07:08",
        "Employee not updated",
    ]
    order = outsmart.work_orders()[0]
    assert (order["WorkStatus"], order["WorkDate"], order["EmployeeNr"]) == ("99", "20-02-2026", "M02")


def test_people_complete_and_change_work_orders(ask: Ask, outsmart: OutSmartSandbox) -> None:
    id = outsmart.add_work_order()
    assert outsmart.work_orders()[-1]["status"] == "Klaargezet"
    outsmart.complete(id)
    waiting = ask("GetWorkorders", status="Compleet", update_status="false", workstatus="1")["response"]
    assert id in {order["id"] for order in waiting}
    outsmart.change_work_order(id, WorkStatus="0", Archived="1")
    assert outsmart.work_orders()[-1]["Archived"] == "1"


# Faults
def test_a_lost_answer_was_carried_out(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.lose_answers("POST relations", times=1)
    with pytest.raises(requests.ConnectionError):
        ask("relations", [ROW | {"debtor_number": "new"}])
    assert outsmart.written("relations") == {"new": 1}
    assert ask("relations", [ROW])["code"] == 200


def test_a_cut_answer_is_half_a_text_and_a_broken_one_half_a_reply(outsmart: OutSmartSandbox) -> None:
    query = {"token": outsmart.token("1001"), "software_token": outsmart.software_token}
    address = f"{outsmart.api}/workstatusses"
    whole = requests.get(address, query, timeout=LONGEST_WAIT).text
    outsmart.cut_answers()
    assert requests.get(address, query, timeout=LONGEST_WAIT).text == whole[: len(whole) // 2]
    outsmart.recover()
    outsmart.break_off_answers()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(address, query, timeout=LONGEST_WAIT)
    outsmart.recover()
    assert requests.get(address, query, timeout=LONGEST_WAIT).text == whole


def test_down_means_that_nothing_is_carried_out(outsmart: OutSmartSandbox) -> None:
    query = {"token": outsmart.token("1001"), "software_token": outsmart.software_token}
    for status in (500, 502, 503, 429):
        outsmart.go_down(status, "POST relations")
        reply = requests.post(f"{outsmart.api}/relations", json=[ROW], params=query, timeout=LONGEST_WAIT)
        assert (reply.status_code, "Retry-After" in reply.headers) == (status, status in (503, 429))
        assert requests.get(f"{outsmart.api}/relations", query, timeout=LONGEST_WAIT).status_code == 200
    assert not outsmart.written("relations")


@pytest.mark.parametrize("refused", [1002, 1004, 1005, 1006])
def test_tokens_are_refused_with_the_code_that_is_asked_for(ask: Ask, outsmart: OutSmartSandbox, refused: int) -> None:
    outsmart.refuse_tokens(refused)
    assert code(ask("relations")) == refused
    outsmart.recover()
    assert code(ask("relations")) == 200


def test_a_slow_answer_keeps_waiting_and_stop_ends_it() -> None:
    outsmart = OutSmartSandbox().start()
    outsmart.slow(60)
    query = {"token": outsmart.token("1001"), "software_token": outsmart.software_token}
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(requests.get, f"{outsmart.api}/relations", query)
        while not outsmart.calls:
            outsmart.wait(0.01)
        outsmart.stop()
        assert isinstance(waiting.exception(), requests.ConnectionError)


def test_calls_and_writes_are_counted_and_forgotten(ask: Ask, outsmart: OutSmartSandbox) -> None:
    ask("relations")
    ask("relations", [ROW])
    assert outsmart.calls == ["GET relations", "POST relations"]
    assert (outsmart.count("POST relations"), outsmart.written("relations")["100"]) == (1, 1)
    outsmart.forget_calls()
    assert (outsmart.calls, outsmart.written("relations")) == ([], {})


def test_reset_brings_back_everything(ask: Ask, outsmart: OutSmartSandbox) -> None:
    before = outsmart.rows("relations"), outsmart.work_orders()
    ask("relations", [ROW])
    ask("GetWorkorders", status="Alle")
    outsmart.go_down()
    outsmart.reset()
    assert (outsmart.rows("relations"), outsmart.work_orders()) == before
    assert code(ask("relations")) == 200


def test_replies_are_packed_for_who_asks(outsmart: OutSmartSandbox) -> None:
    query = {"token": outsmart.token("1001"), "software_token": outsmart.software_token}
    for accepted, packed in (("gzip", True), ("identity", False)):
        headers = {"Accept-Encoding": accepted}
        with requests.get(
            f"{outsmart.api}/materials", query, headers=headers, stream=True, timeout=LONGEST_WAIT
        ) as reply:
            raw = reply.raw.read(decode_content=False)
        assert ("Content-Encoding" in reply.headers) == packed
        assert json.loads(gzip.decompress(raw) if packed else raw)["code"] == 200


def test_bodies_without_a_length_are_refused(outsmart: OutSmartSandbox) -> None:
    assert requests.post(f"{outsmart.api}/relations", data=iter([b"x"]), timeout=LONGEST_WAIT).status_code == 411
    with requests.Session() as session:
        request = requests.Request("POST", f"{outsmart.api}/relations").prepare()
        request.headers["Content-Length"] = str(10**12)
        assert session.send(request, timeout=LONGEST_WAIT).status_code == 413


# The page for people
def test_people_see_the_rows_of_each_account_without_tokens(ask: Ask, outsmart: OutSmartSandbox) -> None:
    outsmart.change("relations", "100", name="<script>alert(1)</script>")
    ask("relations", [ROW | {"debtor_number": "900"}])
    page = requests.get(outsmart.url, timeout=LONGEST_WAIT)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert f"relations: {len(outsmart.rows('relations'))} rows, 1 written" in page.text
    assert outsmart.token("1001") not in page.text
    assert "OS-001" in requests.get(f"{outsmart.url}/1002", timeout=LONGEST_WAIT).text
    assert requests.get(f"{outsmart.url}/favicon.ico", timeout=LONGEST_WAIT).status_code == 404


def test_people_complete_a_work_order_and_pull_the_plug_on_the_page(ask: Ask, outsmart: OutSmartSandbox) -> None:
    id = outsmart.work_orders()[4]["id"]
    form = {"account": "1001", "id": id, "status": "Compleet", "work_status": "1"}
    page = requests.post(f"{outsmart.url}/orders", data=form, timeout=LONGEST_WAIT)
    assert page.url == f"{outsmart.url}/1001"
    assert (outsmart.work_orders()[4]["status"], outsmart.work_orders()[4]["WorkStatus"]) == ("Compleet", "1")
    for switch, works in (("down", False), ("recover", True), ("lost", False), ("recover", True), ("cut", False)):
        requests.post(f"{outsmart.url}/switch", data={"account": "1001", "switch": switch}, timeout=LONGEST_WAIT)
        try:
            ask("relations")
            worked = True
        except (requests.RequestException, AssertionError):
            worked = False
        assert worked is works
    for form in ({"account": "1001", "id": "1", "status": "x", "work_status": ""}, {"account": "1001"}, {}):
        assert requests.post(f"{outsmart.url}/orders", data=form, timeout=LONGEST_WAIT).status_code == 404
