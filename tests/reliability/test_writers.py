"""Many who save at the same moment, over several processes: one wins each version, and nobody hears of a lock."""

from collections import Counter

from support.app import Serve
from support.visitor import Visitor, at_once

from webapp.cash.choices import Settings
from webapp.cash.store.activity import Activity
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect

WRITERS = 8
ROUNDS = 8
SWITCHES = [name for name in Settings.__annotations__ if name.startswith(("import_", "export_new"))]


def test_of_eight_who_save_the_same_account_one_wins_each_version(serve: Serve) -> None:
    server = serve(workers=WRITERS)
    first = Visitor(server).open().log_in()
    first.save(administration="1571/x001")
    writers = [Visitor(server).open(sub=f"writer{number}") for number in range(WRITERS)]
    winners = []
    for version in range(1, ROUNDS + 1):

        def save_otherwise(number: int, visitor: Visitor, version: int = version) -> None:
            choice = 1 + (number + WRITERS * version) % 127  # never what another one chooses, or what is in force
            visitor.save(**{name: bool(choice >> bit & 1) for bit, name in enumerate(SWITCHES)})

        at_once(writers, save_otherwise)
        assert Counter(each.status for each in writers) == {200: 1, 409: WRITERS - 1}
        (winner,) = [each for each in writers if each.status == 200]
        winners.append(f"writer{writers.index(winner)}")
        for each in writers:
            each.get("/")
            assert each.values("settings") == {**winner.values("settings"), **own_tokens(each)}, "all see what won"
    with connect(server.config["DATABASE"]) as db:
        versions = [SettingsStore(db).version("1001", version + 1) for version in range(1, ROUNDS + 1)]
        assert [each and each.user for each in versions] == winners
        saved = [event.user for event in Activity(db).latest("1001", most=1000) if event.kind == "saved"]
        assert saved[::-1] == ["beheer", *winners], "one line in the log for each version"
    assert "locked" not in server.log.read_text()


def own_tokens(visitor: Visitor) -> dict[str, str]:
    return {name: visitor.values("settings")[name] for name in ("session", "csrf_token")}


def test_eight_accounts_that_save_all_the_time_all_succeed(serve: Serve) -> None:
    server = serve(workers=WRITERS)
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
