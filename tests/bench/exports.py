"""1,000 work orders that wait: what each costs Cash, and whether another account waits for them."""

import time
from pathlib import Path

from support import database
from support.app import configure
from support.workers import make_ready
from table import Row
from takeover import Processes, wait_until

from webapp import create_app
from webapp.cash.store.openings import AGREED, OpeningStore
from webapp.cash.store.orders import OrderStore, State
from webapp.db import connect
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox

BOOKS, MANY, OTHER = "2085/demo", "1002", "bench"
ORDERS, MOST_CALLS, MOST_TIMES = 1_000, 4, 3
KNOWN = {
    "CustomerDebtorNr": "007047",
    "Materials": [{"MaterialCode": "A0001", "MaterialNr": "2", "MaterialPrice": "12.34"}],
    "Workperiods": [{"TotalTime": "02:00", "HourType": "K0020"}],
}


def rows(folder: Path) -> list[Row]:
    """One worker with its usual threads, and Cash without a limit per minute: only the work itself counts."""
    place = folder / "exports"
    place.mkdir()
    with CashSandbox() as cash, OutSmartSandbox() as outsmart:
        outsmart.connect(OTHER, "bench-token")
        configuration = configure(
            place / "app.db",
            CASH_WSDL=cash.wsdl,
            OUTSMART_URL=outsmart.api,
            OUTSMART_SOFTWARE_TOKEN=outsmart.software_token,
            CASH_CALLS_PER_MINUTE=1_000_000,
        )
        database.create(place / "app.db")
        app = create_app(configuration)
        make_ready(app, OTHER, token="bench-token", import_warehouses=True)
        imports = {"import_relations": True, "import_materials": True, "import_hour_types": True}
        make_ready(app, MANY, token=outsmart.token(MANY), export_sales_orders=True, **imports)
        outsmart.forget_work_orders(MANY)
        for _ in range(ORDERS):
            outsmart.complete_another("1", MANY, **KNOWN)
        with connect(str(place / "app.db")) as db:
            OpeningStore(db).put(MANY, "54852", BOOKS, AGREED)
        with Processes(configuration, place) as workers:
            return measured(workers, cash)


def measured(workers: Processes, cash: CashSandbox) -> list[Row]:
    orders = OrderStore(workers.db)
    workers.start()
    alone = _seconds(workers)
    wait_until(lambda: workers.runs.open(MANY) is None)  # each new account is looked at first
    workers.runs.ask(MANY, "changed", "bench")
    wait_until(lambda: orders.counts(MANY).get(State.DONE, 0) > 50)
    beside = max(_seconds(workers) for _ in range(3))
    wait_until(lambda: orders.counts(MANY).get(State.DONE, 0) == ORDERS)
    told = [line for line in workers.told_by(next(iter(workers.processes))) if line.get("account") == MANY]
    imports = sum(line.get("operation") == "Import" for line in told)
    reads = sum(line.get("operation") == "Export" for line in told)
    runs = sum(line["message"] == "run" and line["kind"] == "changed" for line in told)
    each = (imports + reads - 6 * runs) / ORDERS  # an import of everything reads six times at most
    assert len({order.reference for order in cash.sales_orders(BOOKS)}) == ORDERS
    return [
        Row(
            f"calls to Cash for each of {ORDERS:,} orders", f"{each:.2f}", "", "", f"≤ {MOST_CALLS}", each <= MOST_CALLS
        ),
        Row(
            "another account's run beside them",
            f"{beside:.1f} s",
            f"alone {alone:.1f} s",
            f"{beside / alone:.1f}",
            f"≤ {MOST_TIMES}",
            beside <= MOST_TIMES * alone,
        ),
    ]


def _seconds(workers: Processes) -> float:
    began = time.perf_counter()
    workers.runs.ask(OTHER, "changed", "bench")
    wait_until(lambda: workers.runs.open(OTHER) is None)
    return time.perf_counter() - began
