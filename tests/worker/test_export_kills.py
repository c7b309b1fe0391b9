"""Runs of orders that are killed at every moment, and workers that are: Cash has each order once."""

import os
import signal
import subprocess
from collections import Counter
from itertools import count

import pytest
from flask import Flask
from sqlite_utils import Database
from support.workers import Workers, make_ready, wait_until
from worker.test_kills import BOOKS, mortal

from webapp.cash.store.openings import AGREED, OpeningStore
from webapp.cash.store.orders import OrderStore, State
from webapp.cash.store.runs import SILENCE, RunStore
from webapp.cash.sync.steps import AGAIN, THERE
from webapp.db import connect, now
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox
from webapp.demo.posting import Existing
from webapp.demo.switches import Keys

ACCOUNT, STATUS = "1002", "5812441"
HALF_AN_HOUR = 30 * 60
BEHAVIOURS = [("second", "work")]  # a number that comes twice is a second order, and orders are found by it
if os.environ.get("NIGHTLY"):
    BEHAVIOURS += [("change", "work"), ("refuse", "work"), ("second", "blind")]
KNOWN = {
    "CustomerDebtorNr": "007047",
    "Materials": [{"MaterialCode": "A0001", "MaterialNr": "2", "MaterialPrice": "12.34"}],
    "Workperiods": [{"TotalTime": "02:00", "HourType": "K0020"}],
}


@pytest.fixture
def configuration(configuration: dict[str, object]) -> dict[str, object]:
    return {**configuration, "CASH_CALLS_PER_MINUTE": 1_000_000}


def make_exporting(app: Flask, outsmart: OutSmartSandbox, account: str) -> None:
    """An account whose exports have been agreed to, and which has nothing to export yet."""
    choices = {"export_sales_orders": True, "export_work_status": STATUS}
    make_ready(app, account, token=outsmart.token(account), **choices)
    outsmart.forget_work_orders(account)
    with connect(app.config["DATABASE"]) as db:
        OpeningStore(db).put(account, "54852", BOOKS, AGREED)


def complete(outsmart: OutSmartSandbox, account: str, number: str) -> str:
    return outsmart.complete_another(STATUS, account, OrderNr=number, **KNOWN)


def orders(cash: CashSandbox) -> Counter[str]:
    """How often each reference is in Cash."""
    return Counter(order.reference for order in cash.sales_orders(BOOKS))


class Mortal:
    """Runs of one account that are killed, and the people who are asked."""

    def __init__(self, process: "subprocess.Popen[str]", db: Database, cash: CashSandbox) -> None:
        self.process, self.runs, self.store, self.cash = process, RunStore(db), OrderStore(db), cash
        self.later = 0

    def run(self, moment: int = 0) -> bool:
        """A run that dies at this moment, 0 for never; whether it did. Half an hour passes."""
        assert self.process.stdin
        assert self.process.stdout
        self.runs.ask(ACCOUNT, "orders", "")
        self.process.stdin.write(f"{ACCOUNT} {moment} {self.later}\n")
        self.process.stdin.flush()
        killed = self.process.stdout.readline().strip() == "killed"
        if killed:
            self.runs.take_over(now() + SILENCE + 1)
        self.later += HALF_AN_HOUR
        return killed

    def settle(self) -> None:
        """Runs that live, until nothing is left to be done."""
        while self.store.has_work(ACCOUNT) or self.store.page(ACCOUNT, [State.ASKING], (0, ""), 1):
            self.run()
            for row in self.store.page(ACCOUNT, [State.ASKING], (0, ""), 50):
                there = orders(self.cash)[row.reference]
                self.store.say(ACCOUNT, row.work_order, State.ASKING, THERE if there else AGAIN)


@pytest.mark.parametrize(("existing", "reads"), BEHAVIOURS)
def test_orders_whose_runs_are_killed_at_every_moment_are_in_cash_once(
    app: Flask,
    configuration: dict[str, object],
    cash: CashSandbox,
    outsmart: OutSmartSandbox,
    existing: Existing,
    reads: Keys,
) -> None:
    cash.existing_number(existing)
    cash.key_reads(reads)
    make_exporting(app, outsmart, ACCOUNT)
    ids = [complete(outsmart, ACCOUNT, "WB-0")]
    with mortal(configuration) as process, connect(str(configuration["DATABASE"])) as db:
        runs = Mortal(process, db, cash)
        runs.run()
        for moment in count(1):
            ids.append(complete(outsmart, ACCOUNT, f"WB-{moment}"))
            killed = runs.run(moment)
            runs.settle()
            if not killed:
                break
        assert moment > 15
    assert orders(cash) == {f"WB-{n}": 1 for n in range(moment + 1)}
    assert {outsmart.order(id, ACCOUNT)["status"] for id in ids} == {"Afgehandeld"}


def test_workers_that_are_killed_or_stand_still_export_each_order_once(
    app: Flask, workers: Workers, cash: CashSandbox, outsmart: OutSmartSandbox
) -> None:
    accounts = ["1002", "2001"]
    outsmart.connect("2001", "token 2001")
    for account in accounts:
        make_exporting(app, outsmart, account)
        complete(outsmart, account, f"{account}-0")
    store = OrderStore(workers.db)
    first = workers.start(real=True)
    for account in accounts:
        workers.runs.ask(account, "orders", "")
    wait_until(lambda: all(store.counts(account).get(State.DONE) for account in accounts))
    for account in accounts:
        for n in range(1, 4):
            complete(outsmart, account, f"{account}-{n}")
    wait_until(lambda: not any(map(workers.runs.open, accounts)))
    for account in accounts:
        workers.runs.ask(account, "orders", "")
    wait_until(lambda: len(orders(cash)) > 2)
    workers.signal(first, signal.SIGKILL)
    second = workers.start(real=True)
    wait_until(lambda: len(orders(cash)) > 4)
    workers.pause(second)
    last = workers.start(real=True)
    wait_until(lambda: all(store.counts(account).get(State.DONE) == 4 for account in accounts))
    workers.signal(second, signal.SIGCONT)
    for pid in (second, last):
        workers.signal(pid, signal.SIGTERM)
        assert workers.wait(pid) == 0
    assert orders(cash) == {f"{account}-{n}": 1 for account in accounts for n in range(4)}
