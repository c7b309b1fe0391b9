"""Many who save at the same moment, over several processes: nothing is lost, and nobody hears of a lock."""

from collections import Counter

import pytest
from support.app import Served
from support.visitor import Visitor, at_once

from webapp.cash.choices import CHOICES, TOGETHER
from webapp.cash.model import Warehouse, WarehouseList
from webapp.cash.store.activity import Activity
from webapp.cash.store.logins import LoginStore
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect, now
from webapp.vault import Vault

WORKERS = WRITERS = 8
ROUNDS = 8
FLIPS = 2  # of all switches: with the first Save, 17 of the 20 that one account may save in a minute
# Sales orders ask first; hour types go together with materials.
SWITCHES = [
    name for name, choice in CHOICES.items() if choice.is_switch and name not in ("export_sales_orders", TOGETHER[1])
]
WAREHOUSES = [f"M{number:02}" for number in range(2 * WRITERS)]


@pytest.fixture
def writers(server: Served) -> list[Visitor]:
    """Eight administrators of one account, which is connected and has so many warehouses."""
    Visitor(server).open().log_in().save(administration="1571/x001")
    with connect(server.config["DATABASE"]) as db:
        logins = LoginStore(db, Vault(tuple(server.config["VAULT_KEYS"])))
        _, stored = logins.both("1001", "")
        assert stored
        listed = WarehouseList(now(), tuple(Warehouse(code, code) for code in WAREHOUSES))
        logins.remember_warehouses("1001", stored, "1571/x001", listed)
    return [Visitor(server).open(sub=f"writer{number}", lang="en") for number in range(WRITERS)]


def the_winner(writers: list[Visitor]) -> Visitor:
    """The one whose Save was stored; all others were told that somebody was first."""
    assert sorted(each.status for each in writers) == [200, *[409] * (len(writers) - 1)]
    assert all("meanwhile. Saving makes it" in each.says("question") for each in writers if each.status == 409)
    (winner,) = [each for each in writers if each.status == 200]
    return winner


def test_of_eight_who_choose_otherwise_in_one_list_one_wins_each_version(
    server: Served, writers: list[Visitor]
) -> None:
    """Each chooses another warehouse than the others and than the current one."""
    won = []
    for version in range(1, ROUNDS + 1):

        def choose_otherwise(number: int, visitor: Visitor, version: int = version) -> None:
            code = WAREHOUSES[(number + WRITERS * version) % len(WAREHOUSES)]
            visitor.press_save(export_default_warehouse=code)

        at_once(writers, choose_otherwise)
        winner = the_winner(writers)
        won.append((f"writer{writers.index(winner)}", winner.values("settings")["export_default_warehouse"]))
        for each in writers:
            each.get("/")
            assert each.choices() == winner.choices(), "all see what won"
    assert saved(server)[1:] == won
    assert "locked" not in server.log.read_text()


def test_of_seven_who_override_the_same_save_one_does_and_the_others_are_asked_again(
    server: Served, writers: list[Visitor]
) -> None:
    """What was confirmed is what was told: the choice of the one who won, and not that of the next one."""
    choices: list[dict[str, str]] = [{"export_default_warehouse": code} for code in WAREHOUSES[:WRITERS]]
    won = []
    while writers:
        at_once(writers, lambda number, each, choices=choices: each.press_save(**choices[number]))
        winner = the_winner(writers)
        won.append(winner.values("settings")["export_default_warehouse"])
        writers = [each for each in writers if each is not winner]
        choices = [{} for _ in writers]  # as it stands in the form that asks
    assert [code for _, code in saved(server)] == ["", *won]
    assert sorted(won) == WAREHOUSES[:WRITERS], "who insisted was heard in the end"


def test_all_who_press_different_switches_succeed_and_none_is_lost(server: Served, writers: list[Visitor]) -> None:
    writers = writers[: len(SWITCHES)]
    for _ in range(FLIPS):
        before = writers[0].choices()

        def flip(number: int, visitor: Visitor, before: dict[str, object] = before) -> None:
            visitor.press_save(**{SWITCHES[number]: not before[SWITCHES[number]]})

        at_once(writers, flip)
        assert [each.status for each in writers] == [200] * len(writers)
        for each in writers:
            each.get("/")
            assert each.choices() == {**before, **{name: not before[name] for name in (*SWITCHES, TOGETHER[1])}}
    assert Counter(user for user, _ in saved(server)[1:]) == {f"writer{n}": FLIPS for n in range(len(writers))}
    assert "locked" not in server.log.read_text()


def saved(server: Served) -> list[tuple[str, str]]:
    """Who saved each version, with its warehouse; the log has a line for each."""
    with connect(server.config["DATABASE"]) as db:
        store = SettingsStore(db)
        versions = [store.version("1001", number + 1) for number in range(store.current("1001").version)]
        events = [event.user for event in Activity(db).latest("1001", most=1000) if event.kind == "saved"]
    assert events[::-1] == [each.user for each in versions if each]
    return [(each.user, each.settings.export_default_warehouse) for each in versions if each]


def test_eight_accounts_that_save_all_the_time_all_succeed(server: Served) -> None:
    writers = [Visitor(server).open(account=f"20{number}").log_in() for number in range(WRITERS)]
    statuses: list[int] = []

    def keep_saving(number: int, visitor: Visitor) -> None:
        for turn in range(ROUNDS):
            visitor.save(administration="1571/x001", import_relations=turn % 2 == 0)
            statuses.append(visitor.status)

    at_once(writers, keep_saving)
    assert statuses == [200] * WRITERS * ROUNDS
    with connect(server.config["DATABASE"]) as db:
        assert [SettingsStore(db).current(f"20{n}").version for n in range(WRITERS)] == [ROUNDS] * WRITERS
    assert "locked" not in server.log.read_text()
