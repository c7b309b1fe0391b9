"""What is no longer in Cash, or no longer for OutSmart."""

import pytest
from support.sync import Bridge

DAY = 24 * 3600
HOURS = "K0020"


@pytest.fixture
def synced(bridge: Bridge) -> Bridge:
    bridge.run()
    return bridge


def night(bridge: Bridge) -> dict[str, dict[str, object]]:
    """The run that reads everything."""
    bridge.now += DAY
    return bridge.run()


def listed(bridge: Bridge) -> list[tuple[str, str]]:
    return [(each.kind, each.key) for each in bridge.noted("gone")]


def codes(bridge: Bridge, letter: str) -> list[str]:
    return [key[0] for key, each in bridge.books.records("2260").items() if each["9001"] == letter]


def test_an_hour_type_that_is_gone_is_switched_off_and_keeps_what_it_has(synced: Bridge) -> None:
    before = synced.rows("hourtypes")[HOURS]
    synced.books.remove("2260", HOURS)
    assert not synced.run()["hourtypes"]["gone"]  # no export tells
    hours = night(synced)["hourtypes"]
    assert (hours["gone"], hours["switched_off"]) == (1, 1)
    assert synced.rows("hourtypes")[HOURS] == {**before, "active": "0"}
    assert synced.written() == 1
    night(synced)
    assert synced.written() == 0


def test_one_that_comes_back_is_switched_on_again(synced: Bridge) -> None:
    article = synced.books.records("2260")[(HOURS,)]
    synced.books.remove("2260", HOURS)
    night(synced)
    synced.books.put("2260", article)
    assert synced.run()["hourtypes"]["changed"] == 1
    assert synced.rows("hourtypes")[HOURS]["active"] == "1"
    assert not listed(synced)


def test_an_hour_type_that_becomes_a_material_is_both_switched_off_and_sent(synced: Bridge) -> None:
    synced.edit("2260", HOURS, f9001="A")
    kinds = night(synced)
    assert (kinds["hourtypes"]["switched_off"], kinds["materials"]["new"]) == (1, 1)


@pytest.mark.parametrize("price", ["4,50", "?"])
def test_a_price_of_outsmart_goes_back_as_it_takes_it(synced: Bridge, price: str) -> None:
    synced.outsmart.change("hourtypes", HOURS, "1002", sale_price=price)
    synced.books.remove("2260", HOURS)
    hours = night(synced)["hourtypes"]
    assert hours["switched_off"] == (price != "?")
    assert hours["refused_rows"] == (price == "?")
    assert listed(synced) == [("hourtypes", HOURS)]


def test_one_that_is_off_already_or_deleted_in_outsmart_is_left_alone(synced: Bridge) -> None:
    other = next(code for code in codes(synced, "K") if code != HOURS)
    synced.outsmart.change("hourtypes", HOURS, "1002", active="0")
    synced.outsmart.remove("hourtypes", other, "1002")
    for code in (HOURS, other):
        synced.books.remove("2260", code)
    assert night(synced)["hourtypes"]["gone"] == 2
    assert synced.written() == 0
    assert other not in synced.rows("hourtypes")
    assert listed(synced) == [("hourtypes", HOURS)]


def test_rows_that_cannot_be_switched_off_now_are_tried_the_next_night(synced: Bridge) -> None:
    for n in range(12):
        synced.edit("2260", f"U{n}", f2001="Uur", f9001="K")
    synced.run()
    for n in range(12):
        synced.books.remove("2260", f"U{n}")
    synced.outsmart.refuse_rows("hourtypes", *[f"U{n}" for n in range(12)], account="1002")
    hours = night(synced)["hourtypes"]
    assert (hours["refused_rows"], hours["not_tried"]) == (10, 2)
    synced.outsmart.recover()
    assert night(synced)["hourtypes"]["switched_off"] == 2


def test_everything_else_stays_and_is_listed(synced: Bridge) -> None:
    synced.books.remove("2260", "M0002")
    synced.books.remove("2209", "MAG1")
    synced.edit("2220", "007000", f2226="J")
    kinds = night(synced)
    assert [kinds[kind]["gone"] for kind in ("relations", "addresses", "materials", "warehouses")] == [1, 3, 1, 1]
    assert synced.written() == 0
    assert "M0002" in synced.rows("materials")
    assert len(listed(synced)) == 6
    assert not any(each["gone"] for each in night(synced).values())


def test_what_comes_back_as_it_was_is_not_sent_again(synced: Bridge) -> None:
    article = synced.books.records("2260")[("M0002",)]
    synced.books.remove("2260", "M0002")
    night(synced)
    assert listed(synced) == [("materials", "M0002")]
    synced.books.put("2260", article)
    synced.run()
    assert synced.written() == 0
    assert not listed(synced)


def test_relations_are_switched_off_where_the_operator_says_so(bridge: Bridge) -> None:
    bridge.use(relation_active=True)
    bridge.run()
    assert bridge.rows("relations")["007000"]["active"] == "1"
    email = bridge.rows("relations")["007000"]["email"]
    bridge.edit("2220", "007000", f2226="J")
    assert night(bridge)["relations"]["switched_off"] == 1
    row = bridge.rows("relations")["007000"]
    assert (row["active"], row["email"]) == ("0", email)
    bridge.edit("2220", "007000", f2226="N")
    assert bridge.run()["relations"]["changed"] == 1
    assert bridge.rows("relations")["007000"]["active"] == "1"


def test_addresses_of_a_refused_relation_are_not_gone(synced: Bridge) -> None:
    synced.edit("0101", "007000", f0103="Anders")
    synced.outsmart.refuse_rows("relations", "007000", account="1002")
    kinds = night(synced)
    assert kinds["addresses"]["skipped"]["relation_refused"] == 3
    assert not kinds["addresses"]["gone"]


# --- very many at once ---
def lose(bridge: Bridge, number: int) -> None:
    for code in codes(bridge, "M")[:number]:
        bridge.books.remove("2260", code)


def test_when_very_many_are_gone_nothing_of_the_kind_changes_until_a_person_agrees(synced: Bridge) -> None:
    for n in range(30):
        synced.edit("2260", f"X{n:02d}", f2001="Klein", f9001="M", f9002="ST")
    synced.run()
    lose(synced, 25)
    synced.edit("2260", "A0001", f2001="Anders")
    kinds = night(synced)
    assert (kinds["materials"]["waits"], kinds["materials"]["gone"]) == ("many_gone", 25)
    assert synced.written() == 0
    synced.edit("2209", "MAG1", f2001="Loods")
    kinds = night(synced)
    assert kinds["warehouses"]["changed"] == 1  # the others go on
    assert synced.run()["materials"]["waits"] == "many_gone"
    assert not listed(synced)

    synced.marks.agree("1002", {"materials": 24})  # to fewer than there are
    assert synced.run()["materials"]["waits"] == "many_gone"
    synced.marks.agree("1002", {"materials": 25})
    kinds = synced.run()
    assert (kinds["materials"]["waits"], kinds["materials"]["gone"], kinds["materials"]["changed"]) == ("", 25, 1)
    assert len(listed(synced)) == 25
    assert synced.marks.agreed("1002") == {}
    assert not synced.run()["materials"]["waits"]


def test_twenty_of_few_and_a_tenth_of_many_are_nothing_unusual(synced: Bridge) -> None:
    for n in range(30):
        synced.edit("2260", f"X{n:02d}", f2001="Klein", f9001="M", f9002="ST")
    synced.run()
    lose(synced, 20)
    assert night(synced)["materials"]["gone"] == 20
    assert not synced.run()["materials"]["waits"]
