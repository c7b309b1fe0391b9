"""Runs that are killed at every moment, and workers that are: in the end OutSmart has what is in Cash for it."""

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import pytest
from flask import Flask
from support.app import ROOT, environment
from support.workers import Workers, make_ready, wait_until
from sync.test_property import KINDS, PLACE, actual, expected

from webapp.cash.store.runs import SILENCE, RunStore
from webapp.db import connect, now
from webapp.demo.books import Books
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox

EVERYTHING = dict.fromkeys(("import_relations", "import_materials", "import_hour_types", "import_warehouses"), True)
BOOKS = "2085/demo"


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "CASH_CALLS_PER_MINUTE": 1_000_000}


@dataclass
class Sides:
    """Both sides of one account."""

    account: str
    cash: CashSandbox
    outsmart: OutSmartSandbox

    @property
    def books(self) -> Books:
        return self.cash.books(BOOKS)

    def tidy(self) -> None:
        """Cash has no relation whose place would have to be put together from other fields."""
        for record in ("0101", "2229"):
            for fields in self.books.records(record).values():
                place = {name.removeprefix("f"): text for name, text in PLACE.items()}
                self.books.put(record, {**fields, **place}, 300)

    def edit(self, choose: random.Random) -> dict[str, set[str]]:
        """Somebody changes, blocks and deletes; the keys that OutSmart must hear of, by kind."""
        relations = choose.sample([*expected(self)["relations"]], 4)  # type: ignore[arg-type]
        articles = choose.sample([*expected(self)["materials"]], 3)  # type: ignore[arg-type]
        for number in relations[:3]:
            [key] = [key for key in self.books.records("0101") if int(key[0]) == int(number)]
            self.books.put("0101", {**self.books.records("0101")[key], "0103": f"Nieuw {choose.random()}"})
        [key] = [key for key in self.books.records("2220") if int(key[0]) == int(relations[3])]
        self.books.put("2220", {**self.books.records("2220")[key], "2226": "J"})
        for code in articles:
            self.books.put("2260", {**self.books.records("2260")[(code,)], "2267": f"{choose.randint(1, 99)},50"})
        return {"relations": {*relations[:3]}, "materials": {*articles}}

    def differences(self) -> list[object]:
        """What OutSmart should have, and has otherwise; a code that it has more than once must be right each time."""
        wanted = expected(self)  # type: ignore[arg-type]
        has = {kind: actual(self, kind) for kind in KINDS}  # type: ignore[arg-type]
        return [
            (kind, key, values, has[kind].get(key))
            for kind in KINDS
            for key, values in wanted[kind].items()
            if set(has[kind].get(key, ())) != {values}
        ]

    def written(self) -> dict[str, set[str]]:
        """The keys that were posted, as numbers where they are numbers."""
        found = {kind: self.outsmart.written(kind, self.account) for kind in KINDS}
        return {kind: {key.lstrip("0") for key in keys} for kind, keys in found.items() if keys}


@pytest.fixture
def sides(app: Flask, cash: CashSandbox, outsmart: OutSmartSandbox) -> Sides:
    sides = Sides("1002", cash, outsmart)
    sides.tidy()
    make_ready(app, "1002", token=outsmart.token("1002"), **EVERYTHING)
    return sides


@contextmanager
def mortal(configuration: dict[str, object]) -> Iterator["subprocess.Popen[str]"]:
    env = {**environment(configuration), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    line = [sys.executable, "-m", "worker.mortal"]
    process = subprocess.Popen(line, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.communicate(timeout=30)


def kill_at_every_moment(process: "subprocess.Popen[str]", runs: RunStore, account: str) -> int:
    """A run of the account is killed at its first moment, its successor at the second, and so on, until one ends."""
    assert process.stdin
    assert process.stdout
    for moment in count(1):
        waiting = runs.open(account)
        assert waiting
        process.stdin.write(f"{account} {moment} 0\n")
        process.stdin.flush()
        outcome = process.stdout.readline().strip()
        if outcome == "ended":
            ended = runs.run(account, waiting.id)
            assert ended
            assert (ended.state, ended.reason) == ("done", "")
            return moment - 1
        assert outcome == "killed"
        assert [run.account for run in runs.take_over(now() + SILENCE + 1)] == [account]
    raise AssertionError


def test_runs_that_are_killed_at_every_moment_bring_everything_in_the_end(
    app: Flask, configuration: dict[str, object], sides: Sides, nightly: bool
) -> None:
    choose = random.Random(4711)
    with mortal(configuration) as process, connect(str(configuration["DATABASE"])) as db:
        runs = RunStore(db)
        runs.ask(sides.account, "changed", "")
        assert kill_at_every_moment(process, runs, sides.account) > 10
        assert sides.differences() == []
        for _ in range(5 if nightly else 1):
            changed = sides.edit(choose)
            sides.outsmart.forget_calls()
            runs.ask(sides.account, "changed", "")
            assert kill_at_every_moment(process, runs, sides.account) > 5
            assert sides.differences() == []
            assert sides.written() == changed, "nothing that did not change"
        sides.outsmart.forget_calls()
        runs.ask(sides.account, "changed", "")
        kill_at_every_moment(process, runs, sides.account)
        assert sides.written() == {}


def test_a_start_after_a_preview_that_is_killed_at_every_moment_brings_what_was_shown(
    app: Flask, configuration: dict[str, object], sides: Sides, cash: CashSandbox
) -> None:
    with mortal(configuration) as process, connect(str(configuration["DATABASE"])) as db:
        runs = RunStore(db)
        runs.ask(sides.account, "preview", "beheer")
        kill_at_every_moment(process, runs, sides.account)
        changed = sides.edit(random.Random(4711))
        cash.forget_calls()
        runs.ask(sides.account, "all", "beheer")
        assert kill_at_every_moment(process, runs, sides.account) > 10
        assert cash.calls == []
        assert {key for _, key, *_ in sides.differences()} == set().union(*changed.values()), "as it was shown"
        runs.ask(sides.account, "changed", "")
        kill_at_every_moment(process, runs, sides.account)
        assert sides.differences() == []


def test_of_two_workers_one_is_killed_and_one_stands_still(
    app: Flask, workers: Workers, cash: CashSandbox, sides: Sides, outsmart: OutSmartSandbox
) -> None:
    """Three accounts with the same books; the workers share the work until there is one left of three."""
    accounts = ["1002", "2001", "2002"]
    for account in accounts[1:]:
        outsmart.connect(account, f"token {account}")
        make_ready(app, account, token=f"token {account}", **EVERYTHING)
    outsmart.slow(0.02)
    pids = [workers.start(real=True) for _ in range(2)]
    for account in accounts:
        workers.runs.ask(account, "changed", "")
    wait_until(lambda: any(call.startswith("POST") for call in outsmart.calls))
    workers.signal(pids[0], signal.SIGKILL)
    workers.pause(pids[1])
    last = workers.start(real=True)
    wait_until(lambda: workers.runs.open("1002") is None or workers.runs.latest("1002", ["changed"], ["failed"]))
    workers.signal(pids[1], signal.SIGCONT)
    wait_until(lambda: not any(map(workers.runs.open, accounts)))
    workers.signal(last, signal.SIGTERM)
    for account in accounts:
        done = workers.runs.latest(account, ["changed"])
        assert done
        assert (done.state, done.reason) == ("done", "")
        assert Sides(account, cash, outsmart).differences() == []
    workers.signal(pids[1], signal.SIGTERM)
    assert workers.wait(last) == workers.wait(pids[1]) == 0
