"""Runs between Cash and OutSmart, as an account has them."""

from collections.abc import Callable

import pytest
from support.sync import Bridge

from webapp.cash.client.errors import CashBusy, CashError, CashUnreachable
from webapp.cash.sync.parts import Stopped
from webapp.outsmart.errors import TokenRefused

RELATION = ("007000",)
HOUR = 3600


def total(kinds: dict[str, dict[str, int]], what: str) -> int:
    return sum(each[what] for each in kinds.values())


@pytest.fixture
def synced(bridge: Bridge) -> Bridge:
    """An account whose first run is done."""
    bridge.run()
    return bridge


# --- what arrives ---
def test_the_first_run_brings_everything_but_employees(bridge: Bridge) -> None:
    kinds = bridge.run()
    assert list(kinds) == ["relations", "addresses", "materials", "hourtypes", "warehouses"]
    assert [each["new"] for each in kinds.values()] == [each["sent"] for each in kinds.values()] == [38, 22, 57, 3, 3]
    assert bridge.rows("materials")["M0002"]["price"] == bridge.books.records("2260")[("M0002",)]["2267"].replace(
        ",", "."
    )
    assert kinds["relations"]["skipped"] == {"not_customer": 5, "blocked": 5, "no_street": 1, "no_postcode": 1}
    assert kinds["addresses"]["skipped"] == {"relation_skipped": 1}
    assert bridge.result["since"] == bridge.now - 15 * 60


def test_each_skipped_row_is_found_with_its_reason(synced: Bridge) -> None:
    found = list(synced.marks.skipped("1002"))
    assert len(found) == 5 + 5 + 1 + 1 + 1
    assert {each.reason for each in synced.marks.skipped("1002", "addresses")} == {"relation_skipped"}
    assert all(each.label for each in found)


def test_a_quiet_run_sends_nothing_and_asks_cash_four_times(synced: Bridge) -> None:
    kinds = synced.run()
    assert synced.cash.calls == ["Authenticate", "Export", "Export", "Export"]
    assert not synced.outsmart.calls
    assert not total(kinds, "sent")


def test_what_changed_in_cash_is_sent_and_nothing_else(synced: Bridge) -> None:
    synced.edit("0101", *RELATION, f0103="Nieuwe naam")
    synced.edit("2260", "M0002", f2267="9,99")
    kinds = synced.run()
    assert (kinds["relations"]["changed"], kinds["materials"]["changed"]) == (1, 1)
    assert synced.written() == 2
    assert synced.rows("relations")["007000"]["name"] == "Nieuwe naam"
    assert synced.rows("materials")["M0002"]["price"] == "9.99"


def test_a_value_that_cash_no_longer_has_is_emptied(synced: Bridge) -> None:
    synced.edit("0101", *RELATION, f0120="")
    synced.run()
    assert synced.rows("relations")["007000"]["email"] == ""


def test_what_people_changed_in_outsmart_stays_until_a_manual_run(synced: Bridge) -> None:
    synced.outsmart.change("relations", "007000", "1002", name="Van hier")
    synced.run()
    assert synced.rows("relations")["007000"]["name"] == "Van hier"
    kinds = synced.run("all")
    assert synced.rows("relations")["007000"]["name"] != "Van hier"
    assert kinds["relations"]["same"] == kinds["relations"]["sent"] == 38
    assert kinds["employees"]["sent"] == 11


def test_addresses_and_warehouses_are_read_once_an_hour(synced: Bridge) -> None:
    synced.edit("2229", "007000", "1", f2229="Achterom")
    synced.edit("2209", "MAG1", f2001="Loods")
    assert "addresses" not in synced.run()
    synced.now += HOUR
    kinds = synced.run()
    assert (kinds["addresses"]["changed"], kinds["warehouses"]["changed"]) == (1, 1)
    assert synced.rows("addresses")["007000-1"]["adr_remark"] == "Achterom"
    assert "addresses" not in synced.run()


def test_each_night_what_no_export_told_of_is_found(synced: Bridge) -> None:
    synced.edit("2260", "M0002", days_ago=300, f2001="Stil veranderd")
    assert not total(synced.run(), "sent")
    synced.now += 24 * HOUR
    assert synced.run()["materials"]["changed"] == 1
    assert synced.result["whole"]


def test_another_choice_begins_anew_and_sends_nothing_twice(synced: Bridge) -> None:
    synced.choose(import_warehouses=False)
    kinds = synced.run()
    assert synced.result["whole"]
    assert "warehouses" not in kinds
    assert not total(kinds, "sent")


def test_only_what_was_chosen_is_read(bridge: Bridge) -> None:
    bridge.choose(import_relations=False, import_materials=False, import_hour_types=False)
    assert list(bridge.run()) == ["warehouses"]
    assert bridge.cash.count("Export") == 1


def test_cash_is_closed_before_anything_is_sent(bridge: Bridge) -> None:
    steps: list[str] = []
    bridge.use(progress=lambda facts: steps.append(str(facts["step"])))
    bridge.run()
    assert "read" not in steps[steps.index("compare") :]


# --- customers, which have no export of what changed ---
def test_a_relation_that_becomes_a_customer_is_fetched_by_its_number(synced: Bridge) -> None:
    supplier = next(each.key for each in synced.marks.skipped("1002", "relations") if each.reason == "not_customer")
    synced.edit("2220", f"{supplier:0>6}", f2226="N")
    kinds = synced.run()
    assert kinds["relations"]["new"] == 1
    assert synced.cash.count("Export") == 4
    assert supplier not in {each.key for each in synced.marks.skipped("1002")}
    assert not total(synced.run(), "sent")


def test_a_customer_that_is_blocked_is_skipped_from_then_on(synced: Bridge) -> None:
    synced.edit("2220", *RELATION, f2226="J", days_ago=300)
    assert synced.run()["relations"]["skipped"]["blocked"] >= 1
    assert ("7000", "blocked") in {(each.key, each.reason) for each in synced.marks.skipped("1002")}


def test_a_customer_record_that_is_deleted_makes_no_customer(synced: Bridge) -> None:
    synced.books.remove("2220", *RELATION)
    assert "not_customer" in synced.run()["relations"]["skipped"]
    synced.run()
    assert synced.cash.count("Export") == 3


def test_many_changed_customers_are_read_at_once(synced: Bridge) -> None:
    for n in range(51):
        number = f"{8000 + n:06d}"
        synced.edit("0101", number, days_ago=300, f0103=f"Klant {n}", f0105="Molenpad 1", f0107="8011 AB Zwolle")
        synced.edit("2220", number)
    kinds = synced.run()
    assert kinds["relations"]["new"] == 51
    assert synced.cash.count("Export") == 4
    assert not total(synced.run(), "sent")


# --- keys ---
@pytest.mark.parametrize("account", ["1001", "1003"])
def test_nobody_is_doubled_however_outsmart_spells_numbers(bridge: Bridge, account: str) -> None:
    before = bridge.rows("relations")
    for number in list(before):
        if number.isdecimal():
            bridge.outsmart.remove("relations", number, "1002")
            spelled = number.lstrip("0") if account == "1001" or int(number) % 2 else number
            bridge.outsmart.add("relations", "1002", **{**before[number], "debtor_number": spelled})
    known = set(bridge.rows("relations"))
    bridge.run("all")
    numbers = [int(key) for key in bridge.rows("relations") if key.isdecimal()]
    assert len(numbers) == len(set(numbers))
    assert known <= set(bridge.rows("relations"))
    debtors = {row["adr_debtor_nr"] for row in bridge.rows("addresses").values()}
    assert debtors <= set(bridge.rows("relations"))


def test_a_relation_that_somebody_made_meanwhile_in_outsmart_is_not_doubled(synced: Bridge) -> None:
    synced.outsmart.add("relations", "1002", debtor_number="9001", name="Vast")
    synced.edit("0101", "009001", f0103="Nieuw", f0105="Molenpad 1", f0107="8011 AB Zwolle")
    synced.edit("2220", "009001")
    synced.run()
    assert synced.rows("relations")["9001"]["name"] == "Nieuw"
    assert "009001" not in synced.rows("relations")
    synced.edit("2229", "009001", "1", f0105="Kade 2", f0107="8011 AB Zwolle")
    synced.now += HOUR
    synced.run()
    assert synced.rows("addresses")["9001-1"]["adr_debtor_nr"] == "9001"


def test_a_code_that_is_in_cash_twice_is_used_once(bridge: Bridge) -> None:
    bridge.books._tables["2260"][("ook",)] = bridge.books._tables["2260"][("M0002",)]
    bridge.books._tables["2209"][("ook",)] = bridge.books._tables["2209"][("MAG1",)]
    kinds = bridge.run()
    assert kinds["materials"]["skipped"] == kinds["warehouses"]["skipped"] == {"twice": 1}
    del bridge.books._tables["2260"][("ook",)]
    bridge.run("all")
    assert not [each for each in bridge.marks.skipped("1002", "materials")]


# --- fields of articles ---
def test_without_knowing_the_fields_no_article_is_sent(bridge: Bridge) -> None:
    for article in bridge.books.records("2260").values():
        bridge.books.put("2260", {**article, "2202": article["9001"]}, 300)
    bridge.use(article_fields={"type": "9001"})
    bridge.run(cash=without_names(bridge))
    assert {each["waits"] for kind, each in bridge.result["kinds"].items() if kind in ("materials", "hourtypes")} == {
        "article_fields"
    }
    assert not bridge.outsmart.count("POST materials")
    bridge.run(cash=without_names(bridge))
    assert bridge.cash.count("Export") == 2  # nor is one read
    bridge.use(article_fields={"type": "9001", "unit": "9002"})
    assert bridge.run(cash=without_names(bridge))["materials"]["sent"] == 57


def test_an_administration_without_articles_has_none(bridge: Bridge) -> None:
    for key in bridge.books.records("2260"):
        bridge.books.remove("2260", *key)
    assert bridge.run()["materials"]["waits"] == "article_fields"


def test_another_failure_of_asking_for_names_ends_the_run(bridge: Bridge) -> None:
    with pytest.raises(CashError):
        bridge.run(cash=without_names(bridge, 7))


def without_names(bridge: Bridge, code: int = 800) -> Callable[[], object]:
    """A Cash that refuses the property X with this code."""

    def session() -> object:
        found = bridge.parts.cash()
        export = found.export

        def refusing(administration: object, command: str, *args: str) -> object:
            if "X" in command:
                bridge.cash.answer(code, "Export")
            try:
                yield from export(administration, command, *args)  # type: ignore[arg-type]
            finally:
                bridge.cash.recover()

        found.export = refusing  # type: ignore[method-assign,assignment]
        return found

    return session


# --- failures ---
@pytest.mark.parametrize(("code", "kind"), [(300, CashUnreachable), (2, CashError)])
def test_a_cash_that_fails_sends_nothing(bridge: Bridge, code: int, kind: type[CashError]) -> None:
    bridge.cash.answer(code, "Export")
    with pytest.raises(kind):
        bridge.run()
    assert not bridge.outsmart.calls
    assert bridge.marks.last("1002") is None


def test_a_refused_token_ends_the_run(bridge: Bridge) -> None:
    bridge.outsmart.refuse_tokens()
    with pytest.raises(TokenRefused):
        bridge.run()
    assert not bridge.slept


def test_a_run_that_failed_goes_on_where_it_was(bridge: Bridge) -> None:
    bridge.outsmart.go_down(503, "POST materials")
    with pytest.raises(Exception, match="http_503"):
        bridge.run()
    bridge.outsmart.recover()
    kinds = bridge.run()
    assert not kinds["relations"]["sent"]
    assert kinds["materials"]["sent"] == 57


@pytest.mark.parametrize("calls", range(0, 14, 3))
def test_a_run_may_be_stopped_before_any_call(bridge: Bridge, calls: int) -> None:
    left = iter([True] * calls)
    with pytest.raises(Stopped):
        bridge.run(alive=lambda: next(left, False))
    assert len(bridge.cash.calls) + len(bridge.outsmart.calls) <= calls + 1  # and one to log in
    first = bridge.written()
    kinds = bridge.run()
    assert first + total(kinds, "sent") == 123


def test_our_own_limits_are_told_as_they_are(bridge: Bridge) -> None:
    def busy() -> object:
        raise CashBusy("in_flight")

    with pytest.raises(CashBusy):
        bridge.run(cash=busy)
