"""Work orders. Fetching them changes them unless OutSmart is told not to, so it is told each time."""

from collections.abc import Iterator, Mapping
from typing import Any

from ..outbound.failures import CallFailed
from .envelope import texts
from .errors import WorkOrderGone
from .model import Row, WorkOrder
from .reasons import NOT_CHANGED
from .session import OutSmartSession

COMPLETE = "Compleet"  # of the four states of the workflow, which are Dutch everywhere
READ, CLOSE = {"update_status": "false"}, {"update_status": "true"}


class WorkOrders:
    """The work orders of the account that a session works for. Every method raises OutSmartError."""

    def __init__(self, session: OutSmartSession) -> None:
        self._session = session

    def complete(self, work_status: str) -> Iterator[WorkOrder]:
        """Those that are `Compleet` and have this work status, archived ones too, as they arrive; changes nothing.

        As with `OutSmartSession.get`, the account has no other call until all are taken.
        """
        asked = {"status": COMPLETE, **READ, "workstatus": work_status}
        try:
            for order in self._session.each("GetWorkorders", asked, read_work_order, may_be_absent=True):
                if (order.status, order.work_status) == (COMPLETE, work_status):  # the filter only saves bytes
                    yield order
        except WorkOrderGone:
            return  # no order is like that

    def get(self, id: str) -> WorkOrder:
        """One, by its id; changes nothing. Raises WorkOrderGone."""
        return self._session.ask(
            "GetWorkorder", {"row_id": id, **READ}, lambda envelope: read_work_order(envelope.response)
        )

    def close(self, id: str) -> None:
        """Makes it `Afgehandeld`; may be repeated. Raises WorkOrderGone."""
        self._session.ask("GetWorkorder", {"row_id": id, **CLOSE}, lambda envelope: None)

    def set_work_status(self, id: str, code: str) -> None:
        """Gives it a work status; may be repeated. Raises WorkOrderGone."""
        asked = {"row_id": id, "workstatus": code}
        self._session.ask("UpdateWorkorder", asked, lambda envelope: None, accept=NOT_CHANGED.__eq__)


def read_work_order(item: Any) -> WorkOrder:
    """A work order as it comes; the documentation also spells its first fields otherwise. Raises CallFailed."""
    fields = texts(item)
    id = fields.get("id") or fields.get("Id")
    if not id:
        raise CallFailed("not_envelope", "the reply has a work order without id")
    return WorkOrder(
        id=id,
        number=fields.get("OrderNr") or fields.get("Order Nr", ""),
        external_number=fields.get("WorkorderNo", ""),
        status=fields.get("status") or fields.get("Status", ""),
        work_status=fields.get("WorkStatus", ""),
        finished=fields.get("WorkFinished") == "1",
        archived=fields.get("Archived", "") not in ("", "0"),
        fields=fields,
        materials=_rows(item, "Materials"),
        periods=_rows(item, "Workperiods"),
    )


def _rows(order: Mapping[str, Any], name: str) -> tuple[Row, ...]:
    """The rows of a list in a work order; unset is empty, and anything else must not be taken for that."""
    rows = order.get(name)
    if not rows:
        return ()
    if not isinstance(rows, list):
        raise CallFailed("not_envelope", f"{name} of a work order is no list")
    return tuple(map(texts, rows))
