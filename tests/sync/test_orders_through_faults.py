"""Each work order is one sales order, whatever Cash does with a known number, and wherever an answer is lost."""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import product
from typing import Any

import pytest
from support.sync import BOOKS, Ask, Bridge

from webapp.cash.choices import Settings
from webapp.cash.sync.exports import export_orders
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox
from webapp.outsmart.errors import OutSmartError

ACCOUNT = Bridge.account
CHOSEN = Settings(
    relation_code="54852",
    administration=BOOKS,
    export_sales_orders=True,
    export_work_status="1",
    export_default_warehouse="MAG1",
)
Trouble = Callable[[CashSandbox, OutSmartSandbox], None]
TROUBLES: dict[str, Trouble] = {
    "none": lambda cash, outsmart: None,
    "lost before Cash stores it": lambda cash, outsmart: cash.lose_answers("before"),
    "lost after Cash stored it": lambda cash, outsmart: cash.lose_answers("after"),
    "stored late": lambda cash, outsmart: cash.lose_answers("late", seconds=120),
    "two in a row lost": lambda cash, outsmart: cash.lose_answers("after", times=2),
    "pending for a while": lambda cash, outsmart: cash.pending(2),
    "pending for several runs": lambda cash, outsmart: cash.pending(20),
    "pending until it is carried out": lambda cash, outsmart: cash.pending(None),
    "not closed": lambda cash, outsmart: outsmart.lose_answers(outsmart.closing, 1, when="before"),
    "closed without an answer": lambda cash, outsmart: outsmart.lose_answers(outsmart.closing, 1),
    "OutSmart cannot close": lambda cash, outsmart: outsmart.lose_answers(outsmart.closing, 6, when="before"),
}
# What Cash does with a number that is there, and whether it finds orders by theirs; at night in every combination.
BEHAVIOURS = [("second", "work"), ("change", "blind")]
if os.environ.get("NIGHTLY"):
    BEHAVIOURS = [*product(["change", "refuse", "second"], ["work", "blind"])]
UNANSWERED = {name for name in TROUBLES if "lost" in name or "late" in name}


class Exports:
    """Runs of the exports of an account; a quarter of an hour passes between two."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge, self.cash, self.outsmart = bridge, bridge.cash, bridge.outsmart
        bridge.use(settings=CHOSEN)

    def run(self, times: int = 1) -> None:
        for _ in range(times):
            with suppress(OutSmartError):  # the run ends, and the next one goes on
                export_orders(Ask(ACCOUNT, "orders"), self.bridge.parts)
            self.bridge.now += 15 * 60

    def complete(self, number: int) -> list[str]:
        return [self.outsmart.complete_another(account=ACCOUNT) for _ in range(number)]

    def states(self, ids: list[str]) -> list[str]:
        found = [self.bridge.orders.one(ACCOUNT, id) for id in ids]
        return [str(each.state) if each else "" for each in found]


@pytest.fixture
def exports(bridge: Bridge) -> Exports:
    bridge.outsmart.forget_work_orders(ACCOUNT)
    return Exports(bridge)


def begin(exports: Exports) -> list[str]:
    """Orders that are in Cash already, to compare with."""
    ids = exports.complete(2)
    exports.run(3)  # the first looks only
    assert exports.states(ids) == ["done", "done"]
    return ids


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize(("existing", "keys"), BEHAVIOURS)
def test_each_work_order_is_one_order_in_cash(exports: Exports, existing: Any, keys: Any, trouble: str) -> None:
    cash, outsmart = exports.cash, exports.outsmart
    cash.existing_number(existing)
    cash.key_reads(keys)
    ids = begin(exports) + exports.complete(2)
    TROUBLES[trouble](cash, outsmart)
    exports.run(1)
    if "late" in trouble:
        cash.land()
    exports.run(4)
    cash.land()
    exports.run(3)
    asked = keys == "blind" and trouble in UNANSWERED
    expected = [outsmart.order(id, ACCOUNT)["OrderNr"] for id in ids]
    found = Counter(order.reference for order in cash.sales_orders(BOOKS))
    states = exports.states(ids)
    assert set(states) == ({"done", "asking"} if asked else {"done"})
    certain = [number for number, state in zip(expected, states, strict=True) if state == "done"]
    assert not [number for number in found if found[number] > 1 or number not in expected]
    assert set(certain) <= set(found)
    assert all(len(order.lines) == 3 for order in cash.sales_orders(BOOKS))
    for id, state in zip(ids, states, strict=True):
        assert outsmart.order(id, ACCOUNT)["status"] == ("Afgehandeld" if state == "done" else "Compleet")


@pytest.mark.parametrize("keys", ["work", "blind"])
@pytest.mark.parametrize("lines", [0, 1])
@pytest.mark.parametrize("answered", [True, False])
def test_half_an_order_is_never_taken_for_one(exports: Exports, keys: Any, lines: int, answered: bool) -> None:
    exports.cash.key_reads(keys)
    begin(exports)
    ids = exports.complete(1)
    exports.cash.half(lines=lines)
    if not answered:
        exports.cash.lose_answers("after")
    exports.run(8)
    assert exports.states(ids) == ["asking"]
    assert exports.outsmart.order(ids[0], ACCOUNT)["status"] == "Compleet"
    assert [len(order.lines) for order in exports.cash.sales_orders(BOOKS)] == [3, 3, lines]


def test_an_answer_about_a_refused_work_order_may_be_lost(exports: Exports) -> None:
    begin(exports)
    for when in ("before", "after"):
        id = exports.outsmart.complete_another(account=ACCOUNT, Materials=[], Workperiods=[])
        exports.outsmart.lose_answers(exports.outsmart.marking, 1, when=when)  # type: ignore[arg-type]
        exports.run(2)
        assert exports.states([id]) == ["failed"]
        assert exports.outsmart.order(id, ACCOUNT)["WorkStatus"] == "99"
