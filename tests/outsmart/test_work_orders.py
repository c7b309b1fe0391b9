"""Work orders: reading them changes nothing, and closing or marking them may be repeated."""

from urllib.parse import parse_qs, urlsplit

import pytest
from support.outsmart import TOKEN, Scripted, envelope, failure_of, gateway

from webapp.demo.outsmart import OutSmartSandbox
from webapp.outsmart.errors import OutSmartFault, OutSmartUnreachable, WorkOrderGone
from webapp.outsmart.session import OutSmartSession
from webapp.outsmart.workorders import WorkOrders

ORDER = {"id": 7, "OrderNr": "WB-7", "status": "Compleet", "WorkStatus": "1", "Archived": "0"}


@pytest.fixture
def orders(session: OutSmartSession) -> WorkOrders:
    return WorkOrders(session)


def states(outsmart: OutSmartSandbox) -> list[tuple[str, str]]:
    return [(order["status"], order["WorkStatus"]) for order in outsmart.work_orders()]


def test_complete_ones_with_the_status_come_with_lines_and_hours(orders: WorkOrders, outsmart: OutSmartSandbox) -> None:
    before = states(outsmart)
    found = list(orders.complete("1"))
    assert [order.archived for order in found] == [False, False, True, False, False]
    kept = outsmart.work_orders()[0]
    first = found[0]
    assert (first.id, first.number, first.external_number) == (kept["id"], kept["OrderNr"], "")
    assert (first.status, first.work_status, first.finished) == ("Compleet", "1", True)
    assert first.fields["CustomerDebtorNr"] == kept["CustomerDebtorNr"]
    assert list(first.materials) == kept["Materials"]
    assert list(first.periods) == kept["Workperiods"]
    assert orders.get(first.id) == first
    assert states(outsmart) == before


def test_none_is_no_error(orders: WorkOrders) -> None:
    assert list(orders.complete("no such status")) == []


def test_closing_takes_it_off_the_list_and_may_be_repeated(orders: WorkOrders, outsmart: OutSmartSandbox) -> None:
    first, *others = orders.complete("1")
    outsmart.lose_answers("GET GetWorkorder", times=1)
    failure_of(lambda: orders.close(first.id), OutSmartUnreachable, "reset")
    orders.close(first.id)
    orders.close(first.id)
    assert orders.get(first.id).status == "Afgehandeld"
    assert list(orders.complete("1")) == others


def test_a_work_status_is_set_and_setting_it_again_is_success(orders: WorkOrders, outsmart: OutSmartSandbox) -> None:
    first = next(order for order in orders.complete("1"))
    orders.set_work_status(first.id, "99")
    orders.set_work_status(first.id, "99")
    assert states(outsmart)[0] == ("Compleet", "99")
    assert first.id not in {order.id for order in orders.complete("1")}
    phrase = "wacht op (extern) materiaal & meer"
    orders.set_work_status(first.id, phrase)
    assert [order.id for order in orders.complete(phrase)] == [first.id]


def test_an_order_that_is_not_there_is_gone(orders: WorkOrders) -> None:
    for act in (orders.get, orders.close, lambda id: orders.set_work_status(id, "1")):
        failure_of(lambda: act("404"), WorkOrderGone, "code_1500")  # type: ignore[operator]  # noqa: B023


def test_each_request_says_whether_it_changes_anything() -> None:
    with Scripted(envelope([ORDER]), envelope(ORDER), envelope(ORDER), envelope()) as peer:
        with gateway(peer).session("1001", TOKEN) as session:
            orders = WorkOrders(session)
            assert [order.id for order in orders.complete("1")] == ["7"]
            assert orders.get("7").id == "7"
            orders.close("7")
            orders.set_work_status("7", "99")
        addresses = [urlsplit(request.split(b" ")[1].decode()) for request in peer.requests]
    asked = [(each.path.rpartition("/")[2], parse_qs(each.query)) for each in addresses]
    for _, query in asked:
        del query["token"], query["software_token"]
    assert asked == [
        ("GetWorkorders", {"status": ["Compleet"], "update_status": ["false"], "workstatus": ["1"]}),
        ("GetWorkorder", {"row_id": ["7"], "update_status": ["false"]}),
        ("GetWorkorder", {"row_id": ["7"], "update_status": ["true"]}),
        ("UpdateWorkorder", {"row_id": ["7"], "workstatus": ["99"]}),
    ]


def found(*answers: bytes) -> list[object]:
    with Scripted(*answers) as peer, gateway(peer).session("1001", TOKEN) as session:
        return [(order.id, len(order.materials)) for order in WorkOrders(session).complete("1")]


@pytest.mark.parametrize("answer", [envelope([]), envelope(None), envelope(None, 1500)])
def test_no_orders_are_said_in_three_ways(answer: bytes) -> None:
    assert found(answer) == []


def test_what_the_filter_lets_through_by_mistake_is_left_out() -> None:
    others = [ORDER | {"status": "Afgehandeld"}, ORDER | {"WorkStatus": "99"}, ORDER | {"WorkStatus": None}]
    assert found(envelope([*others, ORDER])) == [("7", 0)]


def test_names_as_the_documentation_spells_them_are_read_too() -> None:
    other = {
        "Id": "8",
        "Order Nr": "WB-8",
        "Status": "Compleet",
        "WorkStatus": "1",
        "Materials": [{"MaterialNr": 1.50}],
    }
    assert found(envelope([other])) == [("8", 1)]


@pytest.mark.parametrize("empty", [None, "", []])
def test_lists_that_are_unset_are_empty(empty: object) -> None:
    assert found(envelope([ORDER | {"Materials": empty, "Workperiods": empty}])) == [("7", 0)]


@pytest.mark.parametrize(
    "odd", [{"Materials": {"0": {}}}, {"Materials": "x"}, {"Workperiods": ["x"]}, {"id": ""}, {"id": None}]
)
def test_an_order_that_cannot_be_read_is_an_error_and_never_one_without_lines(odd: dict[str, object]) -> None:
    with Scripted(envelope([ORDER | odd])) as peer, gateway(peer).session("1001", TOKEN) as session:
        failure_of(lambda: list(WorkOrders(session).complete("1")), OutSmartUnreachable, "not_envelope")


@pytest.mark.parametrize("code", [1502, 1504, 1007, 1234])
def test_other_codes_are_errors_of_every_call(code: int) -> None:
    kind = OutSmartUnreachable if code == 1007 else OutSmartFault
    with Scripted(envelope(None, code, ["Date invalid"])) as peer, gateway(peer).session("1001", TOKEN) as session:
        orders = WorkOrders(session)
        for act in (
            lambda: list(orders.complete("1")),
            lambda: orders.close("7"),
            lambda: orders.set_work_status("7", "1"),
        ):
            assert "Date invalid" in failure_of(act, kind, f"code_{code}").detail


def test_only_for_setting_a_status_is_no_change_a_success() -> None:
    with Scripted(envelope(None, 1503)) as peer, gateway(peer).session("1001", TOKEN) as session:
        WorkOrders(session).set_work_status("7", "99")
        failure_of(lambda: WorkOrders(session).close("7"), OutSmartFault, "code_1503")
