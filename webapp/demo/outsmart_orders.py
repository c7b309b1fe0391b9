"""The work orders of one account in the OutSmart sandbox: they are read by GET, and closed and changed by GET too."""

import re
import threading
from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from .outsmart_answers import Answer, refused

READY, FETCHED, COMPLETE, HANDLED = STATES = ("Klaargezet", "Opgehaald", "Compleet", "Afgehandeld")
ALL = "Alle"
NOT_FOUND, NO_DATA, NOT_CHANGED, NOT_READ = 1500, 1502, 1503, 1504
CHANGES = {"workdate": "WorkDate", "worktime": "WorkTime", "employee_nr": "EmployeeNr", "workstatus": "WorkStatus"}

_CUSTOMER = "DebtorNr Name Street StreetNo ZIP City Country ContactPerson Phone Email"
_OTHER = (
    "CustomerRemark ProjectNr ExternProjectNr AdrCode CpnCode Reference ExternalReference TypeOfWork PaymentMethod"
    " WorkDescription ShortWorkDescription InternalWorkDescription Comment WorkDate WorkTime WorkEndDate WorkEndTime"
    " WorkDeadline WorkDuration EmployeeNr CreationDate MutationDate"
)
_HEADER = [
    *("id", "OrderNr", "WorkorderNo", "status", "WorkStatus", "WorkFinished", "Archived"),
    *(f"Customer{name}{behind}" for behind in ("", "Invoice") for name in _CUSTOMER.split()),
    *_OTHER.split(),
]
_LISTS = ("Materials", "Workperiods", "Photos", "Documents", "Forms", "WorkObjects", "Employees")

Order = dict[str, Any]


class Orders:
    """The work orders of one account. Safe to share between threads."""

    def __init__(self, orders: list[Order]) -> None:
        self._lock = threading.Lock()
        self._ids = count(50101)
        self._orders: dict[str, Order] = {}
        for order in orders:
            self.add(order)

    def add(self, fields: Order) -> str:
        """Makes one as the app of OutSmart does, `Klaargezet` where nothing else is said; returns its id."""
        with self._lock:
            id = str(next(self._ids))
            empty: Order = dict.fromkeys(_HEADER, "") | {name: [] for name in _LISTS}
            made = {"id": id, "OrderNr": f"WB-2026-{int(id) - 50000:05d}", "status": READY, "Archived": "0"}
            self._orders[id] = empty | made | {"WorkFinished": "0"} | fields
            return id

    def all(self) -> list[Order]:
        """Every work order, the oldest first."""
        with self._lock:
            return [dict(order) for order in self._orders.values()]

    def get(self, id: str) -> Order:
        """One. KeyError for an unknown id."""
        with self._lock:
            return dict(self._orders[id])

    def clear(self) -> None:
        """There are none from now on."""
        with self._lock:
            self._orders.clear()

    def remove(self, id: str) -> None:
        """Somebody deletes one. KeyError for an unknown id."""
        with self._lock:
            del self._orders[id]

    def change(self, id: str, fields: Order) -> None:
        """What a person changes, in the app or in the back office. KeyError for an unknown id."""
        with self._lock:
            self._orders[id].update(fields)

    def listed(self, asked: Mapping[str, str]) -> Answer:
        """GetWorkorders: it closes what it gives, unless it is told not to."""
        status, work_status = asked.get("status", ""), asked.get("workstatus")
        if status not in (*STATES, ALL):
            return refused(NOT_FOUND)
        with self._lock:
            found = [
                order
                for order in self._orders.values()
                if status in (order["status"], ALL) and work_status in (None, order["WorkStatus"])
            ]
            return Answer(response=[self._handed_over(order, asked) for order in found])

    def one(self, asked: Mapping[str, str]) -> Answer:
        """GetWorkorder: the same with one."""
        with self._lock:
            order = self._named(asked)
            return refused(NOT_FOUND) if order is None else Answer(response=self._handed_over(order, asked))

    def updated(self, asked: Mapping[str, str], employees: set[str]) -> Answer:
        """UpdateWorkorder by GET: header fields."""
        with self._lock:
            order = self._named(asked)
            if order is None:
                return refused(NOT_FOUND)
            new = {field: asked[name] for name, field in CHANGES.items() if name in asked}
            if not new:
                return refused(NO_DATA)
            if messages := _unreadable(new, employees):
                return refused(NOT_READ, *messages)
            if all(order[field] == text for field, text in new.items()):
                return refused(NOT_CHANGED)
            order.update(new)
            return Answer()

    def _named(self, asked: Mapping[str, str]) -> Order | None:
        if "row_id" in asked:
            return self._orders.get(asked["row_id"])
        number = asked.get("workorder_no")
        return next((order for order in self._orders.values() if number and order["WorkorderNo"] == number), None)

    def _handed_over(self, order: Order, asked: Mapping[str, str]) -> Order:
        """As it was, and from now on handled where that is asked for."""
        before = dict(order)
        if closes(asked):
            order["status"] = HANDLED
        return before


def closes(asked: Mapping[str, str]) -> bool:
    """Whether work orders that are fetched so are handled from then on: unless `false` is said in these letters."""
    return asked.get("update_status") != "false"


def _unreadable(new: Mapping[str, str], employees: set[str]) -> list[str]:
    messages = []
    if "WorkDate" in new and not _is_date(new["WorkDate"]):
        messages.append("Date invalid. Format: 20-02-2016")
    if "WorkTime" in new and not re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]", new["WorkTime"]):
        messages.append("Time invalid. Format: 07:08")
    if "EmployeeNr" in new and new["EmployeeNr"] not in employees:
        messages.append("Employee not updated")
    return messages


def _is_date(text: str) -> bool:
    try:
        return bool(datetime.strptime(text, "%d-%m-%Y"))
    except ValueError:
        return False
