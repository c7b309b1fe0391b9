"""Keys, hashes, the fields of articles and when something is due: no network."""

from datetime import datetime

import pytest

from webapp.cash.choices import Settings
from webapp.cash.sync.compare import differences, fold, row_hash, spelled_both_ways
from webapp.cash.sync.fields import find_fields, names_in
from webapp.cash.sync.imports import ArticleFields
from webapp.cash.sync.plan import DAY, HOUR, ZONE, Marks, last_night, make_plan, scope_of
from webapp.cash.sync.spelling import choose

NAMED = {"9001": "Artikelsoort", "9002": "eenheid", "9003": "BTW-code", "2001": "omschrijving"}
FOUND = ArticleFields("9001", "9002", "9003")
SETTING = {"type": "1", "unit": "2", "vat": "3"}
NOW = 1_800_011_400


def articles(letters: str, number: int = 500) -> list[dict[str, str]]:
    return [{"2260": f"{n}", "7001": letters[n % len(letters)], "7002": "ST"} for n in range(number)]


# --- keys ---
@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("relations", "100", "000100"),
        ("relations", " 100", "100"),
        ("relations", "0", "000"),
        ("addresses", "100-1", "000100-01"),
        ("materials", "A1", "A1 "),
    ],
)
def test_spellings_of_one_key_are_the_same(kind: str, one: str, other: str) -> None:
    assert fold(kind, one) == fold(kind, other)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("relations", "100", "1000"),
        ("relations", "OS-1", "OS-01"),
        ("relations", "①", "1"),
        ("addresses", "100-1", "100-10"),
        ("addresses", "1001", "100-1"),
        ("materials", "12", "0012"),
        ("materials", "a1", "A1"),
    ],
)
def test_other_keys_are_not(kind: str, one: str, other: str) -> None:
    assert fold(kind, one) != fold(kind, other)


def test_outsmarts_spelling_is_chosen_and_ours_where_it_has_none() -> None:
    assert choose([], "000100") == "000100"
    assert choose(["100"], "000100") == "100"
    assert choose(["100", "000100"], "000100") == "000100"
    assert choose(["100", "000100"], "100", "000100") == "100"


def test_numbers_that_lost_their_zeros_beside_others_are_seen() -> None:
    assert spelled_both_ways({"a": "000100", "b": "101"})
    assert not spelled_both_ways({"a": "000100", "b": "100101", "c": "OS-1"})
    assert not spelled_both_ways({"a": "100", "b": "2"})
    assert not spelled_both_ways({})


# --- rows ---
def test_a_hash_is_of_exactly_the_row() -> None:
    assert row_hash({"a": "1", "b": "2"}) == row_hash({"b": "2", "a": "1"})
    assert len({row_hash(row) for row in ({"a": "1"}, {"a": "2"}, {"a": "1", "b": ""}, {})}) == 4


def test_prices_and_empty_units_are_the_same_however_they_are_written() -> None:
    known = {"price": "4,50", "unit": "<Leeg>", "description": "x", "note": "ours"}
    assert not differences({"price": "4.5", "unit": "", "description": "x"}, known)
    assert differences({"price": "4.51", "description": "y", "vat_code": "1"}, known) == {
        "price": ("4,50", "4.51"),
        "description": ("x", "y"),
        "vat_code": ("", "1"),
    }
    assert differences({"price": "1"}, {"price": "?"}) == {"price": ("?", "1")}


# --- fields of articles ---
def test_fields_are_found_by_their_names() -> None:
    assert find_fields(NAMED, [], {}) == FOUND
    assert names_in({"record": "2260", "2260": "A1", "@2260": "artikelcode"}) == {"2260": "artikelcode"}


def test_the_type_is_found_by_content_and_the_unit_as_the_operator_says() -> None:
    assert find_fields({}, articles("AMESK"), {"unit": "7002"}) == ArticleFields("7001", "7002")
    few_others = articles("AMESKAMESKAMESKAMESKAMESKAMESX")  # 1 of 30
    assert find_fields({}, few_others, {"unit": "7002"}) == ArticleFields("7001", "7002")


def test_the_operator_is_asked_last() -> None:
    assert find_fields({}, [], SETTING) == ArticleFields("1", "2", "3")
    assert find_fields(NAMED, articles("AMESK"), SETTING) == FOUND


@pytest.mark.parametrize(
    ("names", "sample"),
    [
        ({}, []),
        ({}, articles("AMESK")),  # nothing tells the unit
        ({"9002": "eenheid"}, articles("A")),  # always the same letter
        ({"9002": "eenheid"}, articles("AMESK", 49)),  # too few
        ({"9002": "eenheid"}, articles("AMESX")),  # one in five has no type
        ({"9002": "eenheid"}, [{**each, "7003": each["7001"]} for each in articles("AMESK")]),  # two
        ({"9001": "artikelsoort", "9002": "eenheid", "9003": "verkoopeenheid"}, []),  # two
        ({"9001": "artikelsoort", "9004": "artikeltype", "9002": "eenheid"}, []),  # two
    ],
)
def test_what_is_not_certain_is_never_guessed(names: dict[str, str], sample: list[dict[str, str]]) -> None:
    assert find_fields(names, sample, {}) is None


# --- when ---
def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def test_everything_is_due_once_a_night_at_a_time_of_the_accounts_own() -> None:
    times = [last_night(str(account), at("2027-01-15T12:00")) for account in range(1001, 1021)]
    assert len(set(times)) > 15
    assert all(at("2027-01-15T02:00") <= each < at("2027-01-15T05:00") for each in times)


def test_before_its_time_the_night_before_counts() -> None:
    due = last_night("1001", at("2027-01-15T12:00"))
    assert last_night("1001", due) == due
    assert last_night("1001", due - 1) == last_night("1001", at("2027-01-14T12:00"))


def test_a_quiet_run_reads_what_changed_since_the_last_good_one_began() -> None:
    marks = Marks("scope", since=NOW - 900, whole=NOW - HOUR, small=NOW - HOUR + 1)
    settings = Settings(import_relations=True, import_hour_types=True, import_warehouses=True, import_employees=True)
    plan = make_plan(settings, marks, "scope", "1002", NOW, manual=False)
    assert (plan.relations, plan.articles, plan.days) == (True, True, 1)
    assert not any((plan.whole, plan.addresses, plan.warehouses, plan.employees, plan.send_all))


@pytest.mark.parametrize(("ago", "days"), [(0, 1), (DAY - 1, 1), (DAY, 2), (3 * DAY + HOUR, 4), (-HOUR, 1)])
def test_the_days_asked_for_reach_back_to_the_last_good_run(ago: int, days: int) -> None:
    marks = Marks("scope", since=NOW - ago, whole=NOW, small=NOW)
    assert make_plan(Settings(), marks, "scope", "1002", NOW, manual=False).days == days


@pytest.mark.parametrize(
    ("marks", "scope", "manual"),
    [
        (Marks(), "scope", False),
        (Marks("scope", NOW, NOW, NOW), "another", False),
        (Marks("scope", NOW, NOW - 2 * DAY, NOW), "scope", False),
        (Marks("scope", NOW, NOW, NOW), "scope", True),
    ],
)
def test_everything_is_read_at_first_after_another_choice_each_night_and_by_hand(
    marks: Marks, scope: str, manual: bool
) -> None:
    plan = make_plan(Settings(import_relations=True, import_employees=True), marks, scope, "1", NOW, manual=manual)
    assert plan.whole
    assert plan.addresses
    assert plan.send_all == plan.employees == manual


@pytest.mark.parametrize("small", [NOW - HOUR, NOW + 60])
def test_small_tables_are_read_once_an_hour(small: int) -> None:
    marks = Marks("scope", since=NOW, whole=NOW, small=small)
    plan = make_plan(Settings(import_warehouses=True), marks, "scope", "1", NOW, manual=False)
    assert plan.warehouses
    assert not plan.whole


def test_a_scope_is_what_makes_earlier_runs_worth_nothing() -> None:
    one = Settings(administration="1571/x001", import_materials=True)
    same = Settings(administration="1571/x001", import_hour_types=True, export_sales_orders=True)
    other = Settings(administration="1571/x002", import_materials=True)
    scopes = [scope_of(each, {}, relation_active=False) for each in (one, same, other)]
    assert scopes[0] == scopes[1] != scopes[2]
    assert scope_of(one, {"type": "1"}, relation_active=False) != scopes[0]
    assert scope_of(one, {}, relation_active=True) != scopes[0]
