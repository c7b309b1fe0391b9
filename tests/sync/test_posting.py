"""How rows go to OutSmart: batches, patience, and what becomes of bad rows."""

from collections.abc import Callable
from typing import Any

import pytest
from support.sync import Bridge

from webapp.cash.sync.parts import Stopped
from webapp.outsmart.errors import OutSmartFault, OutSmartUnreachable

HOUR = 3600


@pytest.fixture
def many(bridge: Bridge) -> Bridge:
    """An account with 500 articles and nothing else."""
    bridge.choose(import_relations=False, import_warehouses=False)
    for n in range(60, 500):
        fields = {"f2001": f"Artikel {n}", "f2267": "1,00", "f9001": "A", "f9002": "ST"}
        bridge.edit("2260", f"X{n:04d}", **fields)
    for key, article in bridge.books.records("2260").items():
        if article["9001"] == "K":
            bridge.edit("2260", *key, f9001="M")
    return bridge


def bad(bridge: Bridge, *numbers: int) -> list[str]:
    """Makes the articles at these places bad; returns their codes."""
    codes = sorted(key[0] for key in bridge.books.records("2260"))
    return [codes[n] for n in numbers]


def refuse(bridge: Bridge, *codes: str) -> None:
    bridge.outsmart.refuse_rows("materials", *codes, account="1002")


def posts(bridge: Bridge) -> int:
    return bridge.outsmart.count("POST materials")


# --- batches ---
def test_a_post_has_500_rows_at_most(many: Bridge) -> None:
    assert many.run()["materials"]["sent"] == 500
    assert posts(many) == 1
    many.edit("2260", "Y1", f2001="Nog een", f9001="A")
    many.run("all")
    assert posts(many) == 2


def test_a_post_is_no_larger_than_a_megabyte(many: Bridge) -> None:
    for n in range(60, 500):
        many.edit("2260", f"X{n:04d}", f2001="x" * 3990)
    assert many.run()["materials"]["sent"] == 500
    assert posts(many) == 2


# --- patience ---
@pytest.mark.parametrize(
    "fault",
    [
        lambda outsmart, times: outsmart.go_down(500, "POST materials", times),
        lambda outsmart, times: outsmart.lose_answers("POST materials", times),
        lambda outsmart, times: outsmart.cut_answers("POST materials", times),
        lambda outsmart, times: outsmart.break_off_answers("POST materials", times),
    ],
    ids=["down", "lost", "cut", "broken"],
)
def test_the_same_batch_goes_again_after_2_8_and_30_seconds(bridge: Bridge, fault: Callable[[Any, int], None]) -> None:
    fault(bridge.outsmart, 3)
    assert bridge.run()["materials"]["sent"] == 57
    assert (bridge.slept, posts(bridge)) == ([2, 8, 30], 4)
    bridge.slept.clear()
    fault(bridge.outsmart, 4)
    with pytest.raises(OutSmartUnreachable):
        bridge.run("all")
    assert bridge.slept == [2, 8, 30]


def test_outsmart_may_say_how_long_to_wait_within_reason(bridge: Bridge) -> None:
    bridge.outsmart.go_down(503, "POST materials", 3)  # it says 30 seconds
    bridge.run()
    assert bridge.slept == [30, 30, 30]


def test_a_list_that_breaks_off_is_read_again(bridge: Bridge) -> None:
    bridge.outsmart.break_off_answers("GET relations", 1)
    kinds = bridge.run()
    assert bridge.slept == [2]
    assert kinds["relations"]["sent"] == 38


# --- bad rows ---
@pytest.mark.parametrize(("places", "asked"), [((123,), 19), ((17, 92, 187, 218, 290), 69)])
def test_bad_rows_are_found_by_halving(many: Bridge, places: tuple[int, ...], asked: int) -> None:
    codes = bad(many, *places)
    refuse(many, *codes)
    materials = many.run()["materials"]
    assert (materials["sent"], materials["refused_rows"], materials["not_tried"]) == (500 - len(places), len(places), 0)
    assert [each["key"] for each in materials["refused"]] == codes
    assert materials["refused"][0] == {"key": codes[0], "name": materials["refused"][0]["name"], "code": 1200,
                                       "message": "Insert or update failed"}  # fmt: skip
    assert posts(many) == asked


def test_an_error_that_outsmart_did_not_catch_may_be_about_a_row(many: Bridge) -> None:
    many.outsmart.refuse_rows("materials", *bad(many, 7), code=1007, account="1002")
    assert many.run()["materials"]["refused_rows"] == 1


def test_a_batch_takes_80_posts_at_most(many: Bridge) -> None:
    refuse(many, *bad(many, *range(0, 500, 25)))
    materials = many.run()["materials"]
    assert posts(many) == 80
    assert materials["not_tried"] == 500 - materials["sent"] - materials["refused_rows"] > 0
    assert not materials["stopped"]


def test_a_kind_of_which_all_rows_fail_alike_is_stopped(many: Bridge) -> None:
    refuse(many, *bad(many, *range(500)))
    materials = many.run()["materials"]
    assert materials["stopped"]
    assert (materials["refused_rows"], materials["not_tried"]) == (10, 490)


def test_the_other_kinds_go_on_when_one_is_stopped(bridge: Bridge) -> None:
    bridge.outsmart.refuse_rows("relations", *bridge.rows("relations"), *[
        key[0] for key in bridge.books.records("0101")
    ], account="1002")  # fmt: skip
    kinds = bridge.run()
    assert kinds["relations"]["stopped"]
    assert kinds["addresses"]["skipped"].keys() <= {"relation_refused", "relation_skipped", "not_tried"}
    assert kinds["addresses"]["skipped"]["not_tried"] > 0
    assert kinds["materials"]["sent"] == 57
    bridge.outsmart.recover()
    assert bridge.run("all")["addresses"]["sent"] == 22


@pytest.mark.parametrize("code", [1003, 1005, 1006])
def test_a_refusal_that_is_not_about_rows_ends_the_run(bridge: Bridge, code: int) -> None:
    bridge.outsmart.refuse_tokens(code)
    with pytest.raises(OutSmartFault):
        bridge.run()


def test_the_addresses_of_a_refused_relation_are_skipped_with_that_reason(bridge: Bridge) -> None:
    bridge.outsmart.refuse_rows("relations", "007000", account="1002")
    kinds = bridge.run()
    assert kinds["relations"]["refused_rows"] == 1
    assert kinds["addresses"]["skipped"]["relation_refused"] == 3
    assert bridge.written() == 123 - 1 - 3


# --- what is refused is remembered ---
def test_a_refused_row_is_not_sent_again_by_itself(bridge: Bridge) -> None:
    bridge.edit("2260", "M0002", f2001="Nieuw")
    refuse(bridge, "M0002")
    bridge.run()
    bridge.outsmart.recover()
    materials = bridge.run()["materials"]
    assert (materials["still_refused"], bridge.written()) == (1, 0)
    assert [(each.kind, each.key, each.code) for each in bridge.noted("refused")] == [("materials", "M0002", 1200)]


def test_a_refused_row_is_tried_again_when_it_changes(bridge: Bridge) -> None:
    refuse(bridge, "M0002")
    bridge.run()
    bridge.outsmart.recover()
    bridge.edit("2260", "M0002", f2001="Beter")
    assert bridge.run()["materials"]["new"] == 1
    assert not bridge.noted("refused")


def test_a_refused_change_that_is_taken_back_is_no_longer_refused(bridge: Bridge) -> None:
    bridge.run()
    name = bridge.books.records("2260")[("M0002",)]["2001"]
    bridge.edit("2260", "M0002", f2001="Fout")
    refuse(bridge, "M0002")
    assert bridge.run()["materials"]["refused_rows"] == 1
    bridge.edit("2260", "M0002", f2001=name)
    assert bridge.run()["materials"]["same"] >= 1
    assert not bridge.noted("refused")


def test_refused_rows_are_tried_again_when_a_person_says_so(bridge: Bridge) -> None:
    refuse(bridge, "M0002")
    bridge.run()
    bridge.outsmart.recover()
    bridge.sent.forget_refused("1002")
    assert bridge.run()["materials"]["sent"] == 1
    assert bridge.written() == 1


def test_the_list_of_refused_rows_in_a_result_is_bounded(many: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cash.sync.tally.EXAMPLES", 3)
    refuse(many, *bad(many, 1, 100, 200, 300))
    materials = many.run()["materials"]
    assert (len(materials["refused"]), materials["refused_rows"]) == (3, 4)


def test_what_was_confirmed_before_a_failure_stays_confirmed(many: Bridge) -> None:
    many.edit("2260", "Y1", f2001="Nog een", f9001="A", f9002="ST")
    left = iter([True] * 3)  # for two exports and one batch
    with pytest.raises(Stopped):
        many.run(alive=lambda: next(left, False))
    assert many.written() == 500
    assert many.run()["materials"]["sent"] == 1
