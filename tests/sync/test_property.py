"""Whatever people change on both sides, and whatever fails: in the end OutSmart has what is in Cash for it."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from support.sync import Bridge

from webapp.cash.client.errors import CashError
from webapp.cash.sync.parts import Stopped
from webapp.outsmart.errors import OutSmartError

DAY = 24 * 3600
KINDS = ("relations", "addresses", "materials", "hourtypes", "warehouses")
RELATIONS = tuple(f"{n:06d}" for n in range(7000, 7008))
ARTICLES = ("M0002", "A0003", "E0005", "S0015", "K0020", "K0040")
WORDS = st.sampled_from(["Zee", "Meer & Zn.", "O'Duin", "", "Zwolle"])
TYPES = st.sampled_from("AMESKX")
PLACE = {"f1833": "Kade", "f1834": "1", "f0438": "8011 AB", "f1837": "Zwolle"}
FAULTS = ("lose_answers", "cut_answers", "break_off_answers", "go_down")


def expected(bridge: Bridge) -> dict[str, dict[str, tuple[str, ...]]]:
    """What OutSmart should have of each kind by key, told anew from the product's description."""
    books = bridge.books
    customers = {key[0]: each for key, each in books.records("2220").items()}
    relations, addresses = {}, {}
    for (number,), each in books.records("0101").items():
        blocked = "J" in (each.get("1487"), customers.get(number, {}).get("2226"))
        whole = all(each.get(field) for field in ("0103", "1833", "0438", "1837"))
        if number in customers and not blocked and whole:
            relations[str(int(number))] = (each["0103"], each["1833"], each["1837"], each.get("0120", ""))
    for (number, serial), each in books.records("2229").items():
        if str(int(number)) in relations and all(each.get(field) for field in ("1833", "0438", "1837")):
            addresses[f"{int(number)}-{serial}"] = (each["0438"], each["1837"])
    articles: dict[str, dict[str, tuple[str, ...]]] = {"materials": {}, "hourtypes": {}}
    for (code,), each in books.records("2260").items():
        if each["9001"] in "AMESK":
            kind = "hourtypes" if each["9001"] == "K" else "materials"
            articles[kind][code] = (each["2001"], f"{float(each['2267'].replace(',', '.')):.2f}")
    warehouses = {code: (each["2001"],) for (code,), each in books.records("2209").items() if each.get("2280") != "J"}
    return {"relations": relations, "addresses": addresses, **articles, "warehouses": warehouses}


FIELDS = {
    "relations": ("debtor_number", "name", "street", "city", "email"),
    "addresses": ("adr_code", "adr_zip", "adr_city"),
    "materials": ("code", "description", "price"),
    "hourtypes": ("code", "name", "sale_price"),
    "warehouses": ("wse_code", "wse_description"),
}


def actual(bridge: Bridge, kind: str) -> dict[str, list[tuple[str, ...]]]:
    """What OutSmart has, by key without leading zeros: a list, because a key may be there more than once."""
    key, *fields = FIELDS[kind]
    found: dict[str, list[tuple[str, ...]]] = {}
    for row in bridge.outsmart.rows(kind, bridge.account):
        plain = row[key].lstrip("0") if kind in ("relations", "addresses") else row[key]
        found.setdefault(plain, []).append(tuple(row[field] for field in fields))
    return found


class Synchronisation(RuleBasedStateMachine):
    """People edit, things fail, runs are started and stopped."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self.bridge = bridge

    @initialize()
    def begin(self) -> None:
        bridge = self.bridge
        bridge.cash.reset()
        bridge.outsmart.reset()
        for kind in ("sent_rows", "skipped_rows", "sync_marks"):
            bridge.sent._db.execute(f"DELETE FROM {kind}")
        kept = {"0101": RELATIONS, "2220": RELATIONS, "2229": RELATIONS, "2260": ARTICLES}
        for record, keys in kept.items():
            for key in bridge.books.records(record):
                if key[0] not in keys:
                    bridge.books.remove(record, *key)
        for record in ("0101", "2229"):
            for key in bridge.books.records(record):
                bridge.edit(record, *key, days_ago=300, **PLACE)
        self.ours = {kind: set(actual(bridge, kind)) - set(expected(bridge)[kind]) for kind in KINDS}

    # --- Cash ---
    @rule(number=st.sampled_from(RELATIONS), name=WORDS, city=WORDS, quiet=st.booleans(), bar=st.booleans())
    def edit_relation(self, number: str, name: str, city: str, quiet: bool, bar: bool) -> None:
        fields = {**PLACE, "f0103": name, "f1837": city, "f0107": "", "f0105": "", "f1487": "J" if bar else "N"}
        self.bridge.edit("0101", number, days_ago=300 if quiet else 0, **fields)

    @rule(number=st.sampled_from(RELATIONS), state=st.sampled_from(["N", "J", "gone"]))
    def edit_customer(self, number: str, state: str) -> None:
        if state != "gone":
            self.bridge.edit("2220", number, f2226=state, days_ago=300)
        elif (number,) in self.bridge.books.records("2220"):
            self.bridge.books.remove("2220", number)

    @rule(number=st.sampled_from(RELATIONS), serial=st.sampled_from("12"), city=WORDS)
    def edit_address(self, number: str, serial: str, city: str) -> None:
        self.bridge.edit("2229", number, serial, **{**PLACE, "f1837": city, "f0107": "", "f0105": ""})

    @rule(code=st.sampled_from(ARTICLES), kind=TYPES, name=st.sampled_from(["Buis", "Kraan"]), cents=st.integers(1, 9))
    def edit_article(self, code: str, kind: str, name: str, cents: int) -> None:
        self.bridge.edit("2260", code, f9001=kind, f2001=name, f9002="ST", f2267=f"1,{cents}0")

    @rule(number=st.sampled_from(RELATIONS))
    def delete_relation(self, number: str) -> None:
        for record in ("0101", "2220", "2229"):
            for key in self.bridge.books.records(record):
                if key[0] == number:
                    self.bridge.books.remove(record, *key)

    @rule(code=st.sampled_from(ARTICLES))
    def delete_article(self, code: str) -> None:
        if (code,) in self.bridge.books.records("2260"):
            self.bridge.books.remove("2260", code)

    # --- OutSmart ---
    @rule(data=st.data(), kind=st.sampled_from(["relations", "materials"]), remove=st.booleans())
    def edit_outsmart(self, data: st.DataObject, kind: str, remove: bool) -> None:
        keys = sorted(self.bridge.rows(kind))
        key = data.draw(st.sampled_from(keys))
        if not remove:
            self.bridge.outsmart.change(kind, key, self.bridge.account, **{FIELDS[kind][1]: "Van hier"})
        elif key in expected(self.bridge)[kind]:
            self.bridge.outsmart.remove(kind, key, self.bridge.account)

    @rule(number=st.sampled_from(RELATIONS))
    def make_relation(self, number: str) -> None:
        short = str(int(number))
        if short not in actual(self.bridge, "relations"):
            self.bridge.outsmart.add("relations", self.bridge.account, debtor_number=short, name="Van hier")

    # --- what fails ---
    @rule(fault=st.sampled_from(FAULTS), what=st.sampled_from(["GET", "POST"]), kind=st.sampled_from(KINDS),
          times=st.integers(1, 5))  # fmt: skip
    def fail_outsmart(self, fault: str, what: str, kind: str, times: int) -> None:
        options: dict[str, Any] = {"operation": f"{what} {kind}", "times": times}
        getattr(self.bridge.outsmart, fault)(**options)

    @rule(keys=st.sets(st.sampled_from(["7000", "007001", "007002", "M0002", "K0020"]), max_size=3))
    def refuse_rows(self, keys: set[str]) -> None:
        for kind in ("relations", "materials", "hourtypes"):
            self.bridge.outsmart.refuse_rows(kind, *keys, account=self.bridge.account)

    @rule(code=st.sampled_from([300, 5, 800]))
    def fail_cash(self, code: int) -> None:
        self.bridge.cash.answer(code, "Export")

    @rule()
    def recover(self) -> None:
        self.bridge.cash.recover()
        self.bridge.outsmart.recover()

    # --- runs ---
    @rule(kind=st.sampled_from(["changed", "all"]), calls=st.integers(0, 25), later=st.sampled_from([0, 3600, DAY]))
    def run(self, kind: str, calls: int, later: int) -> None:
        self.bridge.now += later
        left = iter([True] * calls)
        with suppress(CashError, OutSmartError, Stopped):
            self.bridge.run(kind, alive=lambda: next(left, False))

    @rule()
    def preview(self) -> None:
        before = {kind: self.bridge.outsmart.rows(kind, self.bridge.account) for kind in KINDS}
        self.bridge.outsmart.forget_calls()
        with suppress(CashError, OutSmartError):
            self.bridge.preview()
        assert self.bridge.written() == 0
        assert before == {kind: self.bridge.outsmart.rows(kind, self.bridge.account) for kind in KINDS}

    def all_is_well_in_the_end(self) -> None:
        bridge = self.bridge
        self.recover()
        bridge.sent.forget_refused(bridge.account)
        before = {kind: actual(bridge, kind) for kind in KINDS}
        wanted = expected(bridge)
        bridge.run()
        written = {kind: bridge.outsmart.written(kind, bridge.account) for kind in KINDS}
        bridge.run()
        assert bridge.written() == 0, "unchanged rows are not sent"
        bridge.now += DAY
        bridge.run()
        assert bridge.written() == 0, "nor by the run that reads everything"
        bridge.run("all")
        for kind in KINDS:
            now = actual(bridge, kind)
            for key, values in wanted[kind].items():
                assert set(now[key]) == {values}, (kind, key)
                assert len(now[key]) == max(1, len(before[kind].get(key, []))), "none is doubled"
            for key in before[kind].keys() - wanted[kind].keys():
                assert now[key] == before[kind][key], "what is not in Cash for OutSmart stays"
            assert not max(written[kind].values(), default=0) > 1
        on = {row["code"] for row in bridge.outsmart.rows("hourtypes", bridge.account) if row["active"] == "1"}
        assert wanted["hourtypes"].keys() <= on

    def teardown(self) -> None:
        if hasattr(self, "ours"):
            self.all_is_well_in_the_end()


@pytest.mark.parametrize("account", ["1002"])
def test_in_the_end_outsmart_has_what_is_in_cash_for_it(bridge: Bridge, account: str, nightly: bool) -> None:
    run_state_machine_as_test(
        lambda: Synchronisation(bridge),
        settings=settings(
            max_examples=100 if nightly else 6,
            stateful_step_count=30 if nightly else 12,
            deadline=None,
            derandomize=not nightly,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate] if not nightly else list(Phase),
        ),
    )
