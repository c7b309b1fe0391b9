"""An account that exports, and what becomes of its work orders."""

from support.sync import BOOKS, Bridge

from webapp.cash.store.orders import Order

MINUTE, DAY = 60, 24 * 3600
STATUS = "5812441"  # of work orders that go to Cash, in OutSmart's account 1002


def complete(bridge: Bridge, **fields: object) -> str:
    """Another work order is done; its id."""
    return bridge.outsmart.complete_another(STATUS, bridge.account, **{"CustomerDebtorNr": "007047", **fields})


def row(bridge: Bridge, id: str) -> Order:
    found = bridge.orders.one(bridge.account, id)
    assert found
    return found


def numbers(bridge: Bridge) -> list[str]:
    """The references of the orders in Cash, once for each."""
    return sorted(order.reference for order in bridge.cash.sales_orders(BOOKS))


def order_nr(bridge: Bridge, id: str) -> str:
    return str(bridge.outsmart.order(id, bridge.account)["OrderNr"])


def is_closed(bridge: Bridge, id: str) -> bool:
    return bridge.outsmart.order(id, bridge.account)["status"] == "Afgehandeld"


def after(bridge: Bridge, *minutes: int) -> None:
    """Runs so many minutes later each."""
    for each in minutes:
        bridge.now += (each - 15) * MINUTE
        bridge.export()
