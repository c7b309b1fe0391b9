"""Relations, addresses, materials, hour types, warehouses, employees and work statuses, with the sandbox."""

import pytest
from support.outsmart import ROW, TOKEN, Scripted, envelope, failure_of, gateway

from webapp.demo.outsmart import OutSmartSandbox
from webapp.outsmart.errors import OutSmartFault, OutSmartUnreachable, TokenRefused
from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.model import HOUR_TYPES, KINDS, MATERIALS, RELATIONS, Kind
from webapp.outsmart.session import OutSmartSession


def new_row(kind: Kind) -> dict[str, str]:
    """A row that has everything."""
    return {field: "1" for field in kind.required} | {kind.key: "nieuw/1 é"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_every_kind_is_read_and_written(kind: Kind, session: OutSmartSession, outsmart: OutSmartSandbox) -> None:
    before = list(session.get(kind))
    assert before == outsmart.rows(kind.path)
    posted = session.post(kind, [new_row(kind)])
    assert (posted.ok, posted.code, posted.messages, posted.taken) == (True, 200, (), 1)
    after = list(session.get(kind))
    assert after[:-1] == before
    assert after[-1] | new_row(kind) | {"price": "", "sale_price": ""} == after[-1] | {"price": "", "sale_price": ""}
    assert outsmart.count(f"GET {kind.path}") == 2
    assert outsmart.written(kind.path) == {"nieuw/1 é": 1}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_a_known_key_is_changed_and_what_is_not_named_stays(
    kind: Kind, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    first = outsmart.rows(kind.path)[0]
    changed = {field: first[field] for field in kind.required} | {kind.required[-1]: "1"} | {kind.key: first[kind.key]}
    assert session.post(kind, [changed]).ok
    now = outsmart.rows(kind.path)
    assert len({row["id"] for row in now}) == len(now) == len(list(session.get(kind)))
    differing = {field for field in first if now[0][field] != first[field]}
    assert differing <= {kind.required[-1]}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
def test_one_bad_row_refuses_the_whole_batch_and_says_which_field(
    kind: Kind, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    lacking = new_row(kind) | {kind.required[0]: ""}
    posted = session.post(kind, [new_row(kind), lacking])
    assert not posted.ok
    assert posted.taken is None
    assert posted.messages == (f"Required field missing: {kind.required[0]}",)
    assert posted.code == 1007 or posted.code % 100 == 1
    assert not outsmart.written(kind.path)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.path)
@pytest.mark.parametrize("code", [None, 1007, 2501])
def test_a_row_that_outsmart_cannot_store_is_an_outcome_with_its_code(
    kind: Kind, code: int | None, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    outsmart.refuse_rows(kind.path, "nieuw/1 é", code=code)
    posted = session.post(kind, [new_row(kind)])
    assert not posted.ok
    assert posted.code == code or (code is None and (posted.code == 1007 or posted.code % 100 == 0))
    outsmart.recover()
    assert session.post(kind, [new_row(kind)]).ok


def test_both_spellings_of_prices_come_as_they_are(session: OutSmartSession, outsmart: OutSmartSandbox) -> None:
    for price, kept in (("4.55", "4.55"), ("4,5", "4.50"), ("7", "7.00")):
        row = {"code": "X", "description": "x", "price": price, "unit": "st"}
        assert session.post(MATERIALS, [row]).ok
        assert outsmart.rows("materials")[-1]["price"] == kept
    outsmart.write_commas()
    assert list(session.get(MATERIALS))[-1]["price"] == "7,00"
    assert next(session.get(HOUR_TYPES))["sale_price"].count(",") == 1


def test_a_price_with_a_separator_of_thousands_is_refused(session: OutSmartSession) -> None:
    row = {"code": "X", "description": "x", "price": "1.234,56", "unit": "st"}
    assert session.post(MATERIALS, [row]).code == 1200


def test_codes_that_are_there_twice_are_both_changed(session: OutSmartSession, outsmart: OutSmartSandbox) -> None:
    codes = [row["code"] for row in outsmart.rows("materials")]
    twice = next(code for code in codes if codes.count(code) == 2)
    session.post(MATERIALS, [{"code": twice, "description": "nieuw", "price": "1.00", "unit": "st"}])
    assert [row["description"] for row in outsmart.rows("materials") if row["code"] == twice] == ["nieuw", "nieuw"]


def test_accounts_see_only_their_own(way: OutSmartGateway, outsmart: OutSmartSandbox) -> None:
    with way.session("1001", outsmart.token("1001")) as one, way.session("1002", outsmart.token("1002")) as two:
        numbers = [{row["debtor_number"] for row in each.get(RELATIONS)} for each in (one, two)]
        assert "100" in numbers[0]
        assert "007001" in numbers[1]
        one.post(RELATIONS, [ROW | {"debtor_number": "1"}])
        assert "1" not in {row["debtor_number"] for row in two.get(RELATIONS)}


def test_a_conversation_keeps_its_connection() -> None:
    with Scripted(envelope([ROW]), envelope(1)) as peer, gateway(peer).session("1001", TOKEN) as session:
        assert list(session.get(RELATIONS)) == [ROW]
        assert session.post(RELATIONS, [ROW]).ok
        assert session.post(RELATIONS, [ROW]).ok
        assert peer.connections == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (1002, TokenRefused),
        (1003, OutSmartFault),
        (1004, TokenRefused),
        (1005, OutSmartFault),
        (1006, OutSmartFault),
    ],
)
def test_a_refused_token_is_an_error_of_whoever_can_mend_it(
    code: int, kind: type, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    outsmart.refuse_tokens(code)
    failure_of(lambda: list(session.get(RELATIONS)), kind, f"code_{code}")
    failure_of(lambda: session.post(RELATIONS, [ROW]), kind, f"code_{code}")
    outsmart.recover()
    assert list(session.get(RELATIONS))


def test_wrong_tokens_and_a_wrong_address_are_told_apart(outsmart: OutSmartSandbox) -> None:
    right = outsmart.token("1001")
    for software, token, kind, reason in (
        (outsmart.software_token, "wrong", TokenRefused, "code_1004"),
        (outsmart.software_token, "", TokenRefused, "code_1002"),
        ("wrong", right, OutSmartFault, "code_1005"),
        ("", right, OutSmartFault, "code_1003"),
    ):
        with gateway(outsmart.api, software).session("1001", token) as session:
            failure_of(lambda: list(session.get(RELATIONS)), kind, reason)
    with gateway(f"{outsmart.api}/x", outsmart.software_token).session("1001", right) as session:
        failure_of(lambda: list(session.get(RELATIONS)), OutSmartFault, "code_1001")


@pytest.mark.parametrize("fault", ["lose_answers", "cut_answers", "break_off_answers"])
def test_an_answer_that_is_lost_is_an_error_and_the_same_post_again_is_right(
    fault: str, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    reason = "not_json" if fault == "cut_answers" else "reset"
    getattr(outsmart, fault)("POST relations", times=1)
    failure_of(lambda: session.post(RELATIONS, [ROW]), OutSmartUnreachable, reason)
    assert session.post(RELATIONS, [ROW]).ok
    assert outsmart.written("relations") == {"100": 2}
    assert [row["debtor_number"] for row in outsmart.rows("relations")].count("100") == 1


@pytest.mark.parametrize("fault", ["cut_answers", "break_off_answers", "go_down", "lose_answers"])
def test_a_list_that_does_not_come_whole_is_never_an_empty_list(
    fault: str, session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    reason = {"go_down": "http_503", "cut_answers": "not_json"}.get(fault, "reset")
    for kind in KINDS:
        getattr(outsmart, fault)()
        failure_of(lambda: list(session.get(kind)), OutSmartUnreachable, reason)  # noqa: B023
        outsmart.recover()
        assert list(session.get(kind))


def test_only_what_changes_nothing_is_asked_again_over_a_connection_that_was_closed(
    session: OutSmartSession, outsmart: OutSmartSandbox
) -> None:
    list(session.get(RELATIONS))
    outsmart.lose_answers("GET relations", times=1)
    assert list(session.get(RELATIONS))
    assert outsmart.count("GET relations") == 3
    outsmart.lose_answers("POST relations", times=1)
    failure_of(lambda: session.post(RELATIONS, [ROW]), OutSmartUnreachable, "reset")
    assert outsmart.count("POST relations") == 1
