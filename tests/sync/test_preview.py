"""What a person is told before the first run."""

from collections.abc import Iterator

import pytest
from support.database import rows as stored_rows
from support.sync import Ask, Bridge

from webapp.cash.sync.run import execute

TABLES = ("sent_rows", "skipped_rows", "sync_marks")


@pytest.fixture(autouse=True)
def _wrote_nothing(bridge: Bridge, tmp_path: object) -> Iterator[None]:
    """No preview of these tests writes anything, anywhere."""
    yield
    bridge.preview()
    before = bridge.noted("")
    kept = stored_rows(f"{tmp_path}/app.db", *TABLES)
    bridge.preview()
    assert not [call for call in bridge.outsmart.calls if call.startswith("POST")]
    assert "Import" not in bridge.cash.calls
    assert bridge.written() == 0
    assert before == bridge.noted("")
    assert kept == stored_rows(f"{tmp_path}/app.db", *TABLES)


def test_it_says_what_is_new_changed_and_the_same(bridge: Bridge) -> None:
    found = bridge.preview()["kinds"]
    assert list(found) == ["relations", "addresses", "materials", "hourtypes", "warehouses", "employees"]
    assert sum(found["relations"][what] for what in ("new", "same", "changed")) == 38
    assert found["relations"]["skipped"] == {"not_customer": 5, "blocked": 5, "no_street": 1, "no_postcode": 1}
    assert found["relations"]["only_in_outsmart"] == 3
    assert found["materials"]["only_in_outsmart"] == 2
    assert found["materials"]["twice_in_outsmart"] == 1
    assert found["addresses"]["same"] == 3


def test_it_shows_which_fields_change_from_what_to_what(bridge: Bridge) -> None:
    bridge.run("all")
    bridge.outsmart.change("relations", "007000", "1002", name="Van hier", email="eigen@example.nl")
    relations = bridge.preview()["kinds"]["relations"]
    assert relations["changed"] == relations["overwritten"] == 1
    assert relations["fields"] == {"name": 1, "email": 1}
    assert relations["examples"][0]["key"] == "007000"
    assert relations["examples"][0]["fields"]["name"]["old"] == "Van hier"


def test_examples_are_few_and_counts_are_whole(bridge: Bridge) -> None:
    bridge.run("all")
    for number in list(bridge.rows("relations"))[:25]:
        if number.isdecimal():
            bridge.outsmart.change("relations", number, "1002", city="Elders")
    for number in list(bridge.rows("relations"))[25:]:
        if number.isdecimal():
            bridge.outsmart.change("relations", number, "1002", city="Elders")
    relations = bridge.preview()["kinds"]["relations"]
    assert relations["changed"] == 38
    assert len(relations["examples"]) == 20


def test_after_a_run_nothing_is_left_to_change(bridge: Bridge) -> None:
    bridge.run("all")
    preview = bridge.preview()
    assert not any(each["new"] or each["changed"] for each in preview["kinds"].values())
    assert preview["waits"] == ["doubles"]  # one material is there twice


def test_a_first_run_waits_for_a_person_when_much_would_change(bridge: Bridge) -> None:
    assert "many_changes" in bridge.preview()["waits"]


def test_a_first_run_waits_when_numbers_are_spelled_both_ways_or_are_double(bridge: Bridge) -> None:
    bridge.run("all")
    row = bridge.rows("relations")["007000"]
    bridge.outsmart.add("relations", "1002", **{**row, "debtor_number": "7000"})
    preview = bridge.preview()
    assert {"both_spellings", "doubles"} <= set(preview["waits"])
    assert preview["kinds"]["relations"]["twice_in_outsmart"] == 1
    assert preview["kinds"]["relations"]["same"] == 38


def test_it_tells_that_very_many_are_gone(bridge: Bridge) -> None:
    bridge.run("all")
    for key in list(bridge.books.records("2260"))[:30]:
        bridge.books.remove("2260", *key)
    for n in range(60):
        bridge.edit("2260", f"X{n}", f2001="x", f9001="MA"[n % 2], f9002="ST")
    preview = bridge.preview()
    assert "many_gone" in preview["waits"]
    assert preview["kinds"]["materials"]["gone"] > 20


def test_it_tells_that_the_fields_of_articles_are_not_known(bridge: Bridge) -> None:
    for key in bridge.books.records("2260"):
        bridge.books.remove("2260", *key)
    preview = bridge.preview()
    assert "article_fields" in preview["waits"]
    assert preview["kinds"]["materials"]["new"] == 0


def test_addresses_stand_under_the_number_that_outsmart_has(bridge: Bridge) -> None:
    for number, row in bridge.rows("relations").items():
        if number.isdecimal():
            bridge.outsmart.remove("relations", number, "1002")
            bridge.outsmart.add("relations", "1002", **{**row, "debtor_number": str(int(number))})
    for code, row in bridge.rows("addresses").items():
        bridge.outsmart.remove("addresses", code, "1002")
        short = {"adr_debtor_nr": str(int(row["adr_debtor_nr"])), "adr_code": code.lstrip("0")}
        bridge.outsmart.add("addresses", "1002", **{**row, **short})
    assert bridge.preview()["kinds"]["addresses"]["same"] == 3


def test_an_outsmart_that_is_empty_has_nothing_of_its_own(bridge: Bridge) -> None:
    for kind in ("relations", "addresses", "hourtypes"):
        for key in bridge.rows(kind):
            bridge.outsmart.remove(kind, key, "1002")
    found = bridge.preview()["kinds"]
    assert [found[kind]["only_in_outsmart"] for kind in ("relations", "addresses", "hourtypes")] == [0, 0, 0]
    assert found["relations"]["new"] == 38


def test_a_run_of_kind_preview_is_one(bridge: Bridge) -> None:
    folder = bridge.scratch()
    bridge.use(scratch=folder)
    assert "waits" in execute(Ask("1002", "preview"), bridge.parts)
