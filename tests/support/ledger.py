"""Orders in the ledger as the runs of a worker leave them."""

from dataclasses import replace
from typing import Any

from flask import Flask

from webapp.cash.store.openings import OpeningStore
from webapp.cash.store.orders import Order, OrderStore, State
from webapp.db import connect

HERE = {"relation_code": "25583", "administration": "1571/x001"}
SURVEY: dict[str, Any] = {
    "count": 3,
    "oldest": "2026-03-31",
    "amount": "1234.5",
    "customers": ["100 Bakker"],
    "new_customers": 1,
    "articles": ["A100 Buis", "A101 Bocht"],
    "new_articles": 2,
    "refused": [{"order": "W-3", "problems": [{"word": "no_debtor", "line": 0, "text": ""}]}],
    "refused_rows": 1,
    "reasons": {"no_debtor": 1},
    "ids": ["1", "2", "3"],
}


class Ledger:
    """The orders of an account in the database."""

    def __init__(self, app: Flask, account: str = "1001", **here: str) -> None:
        self._path, self.account, self._here = app.config["DATABASE"], account, {**HERE, **here}
        self._at = 1_800_000_000

    def put(self, work_order: str, state: str = State.DONE, **facts: Any) -> Order:
        """An order that came into this state a minute after the one before."""
        self._at += 60
        own = {"order_nr": f"W-{work_order}", "reference": f"W-{work_order}", "customer": "Bakker", "amount": "12.50"}
        order = Order(self.account, work_order, **{**self._here, **own, "state": state, **facts})
        with connect(self._path) as db:
            store = OrderStore(db, first_number=900_000)
            has_number = order.number is not None or state == State.LEFT
            claimed = store.claim(replace(order, state=State.LEFT if has_number else State.CLAIMED))
            store.change(claimed, replace(order, number=claimed.number, reference=claimed.reference))
            db.execute(
                "UPDATE orders SET changed = ? WHERE account = ? AND work_order = ?",
                [facts.get("changed", self._at), self.account, work_order],
            )
        found = self.one(work_order)
        assert found
        return found

    def one(self, work_order: str) -> Order | None:
        with connect(self._path) as db:
            return OrderStore(db).one(self.account, work_order)

    def open(self, state: str = "surveyed", at: int = 0, **survey: Any) -> None:
        """How its exports began."""
        with connect(self._path) as db:
            OpeningStore(db).put(self.account, *self._here.values(), state, {**SURVEY, **survey})
            if at:
                db.execute("UPDATE openings SET at = ? WHERE account = ?", [at, self.account])

    def opening(self) -> str:
        with connect(self._path) as db:
            found = OpeningStore(db).of(self.account, *self._here.values())
            return found.state if found else ""
