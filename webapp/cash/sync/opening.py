"""What waits to be exported, and whether the first export may begin: nothing is written before somebody could look."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ...outsmart.errors import OutSmartFault, OutSmartUnreachable, WorkOrderGone, is_about_one
from ...outsmart.model import WORK_STATUSES, WorkOrder
from ...outsmart.workorders import COMPLETE, WorkOrders
from ..store.openings import MANY, OPEN, SURVEYED, TIME_TO_LOOK, Opening
from .known import Known
from .orders import Problem, SalesOrder, Unsendable, read_order
from .parts import Asked, Parts
from .work_time import work_day

EXAMPLES = 20
Where = tuple[str, str, str]  # account, relation code, administration
STATUSES = {"0": "Niet naar Cash", "1": "Naar Cash", "99": "Error"}  # as other connectors of OutSmart name them (V)


@dataclass
class Opened:
    """The work orders that may be exported now, why they may not, and what a first look has found."""

    orders: list[WorkOrder] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)
    survey: dict[str, Any] | None = None


def begin(run: Asked, parts: Parts, known: Known) -> Opened:
    """What OutSmart lists, where the exports are on and have begun, or begin now."""
    if not parts.settings.export_sales_orders:
        return Opened()
    where = run.account, parts.settings.cash_account, parts.administration.id
    orders, opening = listed(parts), parts.openings.of(*where)
    if opening is None:
        found = look(orders, parts, known)
        _keep(parts, where, SURVEYED, found)
        return Opened(survey=found)
    if parts.administration.read_only:
        return Opened(waits=["read_only"])
    if opening.state == SURVEYED and len(orders) > MANY:
        found = look(orders, parts, known)
        _keep(parts, where, SURVEYED, found)
        return Opened(waits=["many_orders"], survey=found)
    if opening.state == SURVEYED and (why := _why_not_yet(opening, parts)):
        return Opened(waits=[why])
    if opening.state != OPEN:
        _add_statuses(parts)
        _keep(parts, where, OPEN)
    return Opened(orders)


def survey(run: Asked, parts: Parts) -> dict[str, Any] | None:
    """What an export of all that waits would do, for a person who looks first; None where the exports are off."""
    if not parts.settings.export_sales_orders:
        return None
    where = run.account, parts.settings.cash_account, parts.administration.id
    with parts.cash() as session:
        found = look(listed(parts), parts, Known(run.account, parts, session))
    opening = parts.openings.of(*where)
    if opening is None or opening.state == SURVEYED:
        _keep(parts, where, SURVEYED, found)
    return found


def _keep(parts: Parts, where: Where, state: str, found: Mapping[str, Any] | None = None) -> None:
    parts.go_on()  # a Save may have made something else of it meanwhile
    parts.openings.put(*where, state, found)


def listed(parts: Parts) -> list[WorkOrder]:
    """The work orders that are complete, not archived, and have the chosen status."""

    def read() -> list[WorkOrder]:
        found = WorkOrders(parts.outsmart).complete(parts.settings.export_work_status)
        return [order for order in found if _is_wanted(order, parts)]

    parts.progress({"step": "list"})
    return parts.patiently(read)


def read_again(order: WorkOrder, parts: Parts) -> WorkOrder | None:
    """As it is now: others came before it since it was listed. None where it is no longer to be exported."""
    try:
        fresh = parts.patiently(lambda: WorkOrders(parts.outsmart).get(order.id))
    except WorkOrderGone:
        return None
    except (OutSmartFault, OutSmartUnreachable) as error:
        if not is_about_one(error):
            raise
        return None
    return fresh if _is_wanted(fresh, parts) else None


def _is_wanted(order: WorkOrder, parts: Parts) -> bool:
    status = parts.settings.export_work_status
    return (order.status, order.work_status, order.archived) == (COMPLETE, status, False)


def look(orders: list[WorkOrder], parts: Parts, known: Known) -> dict[str, Any]:
    """What an export of these would do; reads, and writes nothing.

    How many there are, the oldest day, the amount, the customers and articles that would be made, and why some are
    refused: 20 examples of each, and all counts. `ids` are all of them, `names` what people call them.
    """
    customers, articles, refused = set[str](), set[str](), list[dict[str, Any]]()
    reasons, amount = Counter[str](), Decimal(0)
    for each in orders:
        try:
            order = read_order(each, parts.settings)
            amount += Decimal(order.amount)
            problems = _survey_one(order, known, customers, articles)
        except Unsendable as error:
            problems = error.problems
        if problems:
            reasons.update({problem.word for problem in problems})
            refused.append({"order": each.number, "problems": [problem._asdict() for problem in problems]})
    days = sorted(filter(None, map(work_day, orders)))
    return {
        "count": len(orders),
        "oldest": f"{days[0]:%Y-%m-%d}" if days else "",
        "amount": str(amount),
        "customers": sorted(customers)[:EXAMPLES],
        "new_customers": len(customers),
        "articles": sorted(articles)[:EXAMPLES],
        "new_articles": len(articles),
        "refused": refused[:EXAMPLES],
        "refused_rows": len(refused),
        "reasons": dict(reasons),
        "ids": [each.id for each in orders],
        "names": {each.id: [each.number, each.fields.get("CustomerName", "")] for each in orders},
    }


def _survey_one(order: SalesOrder, known: Known, customers: set[str], articles: set[str]) -> list[Problem]:
    problems = known.problems(order)
    if not problems:
        new_customers, new_articles = known.lacks(order)
        customers.update(new_customers)
        articles.update(new_articles)
    return problems


def _why_not_yet(opening: Opening, parts: Parts) -> str:
    """What somebody was shown counts: whoever was told that nothing begins may be putting the others in order."""
    if _seen(opening) > MANY:
        return "many_orders"
    return "first_orders" if parts.now() - opening.at < TIME_TO_LOOK else ""


def _seen(opening: Opening) -> int:
    return int(opening.survey.get("count", 0))


def _add_statuses(parts: Parts) -> None:
    """Those that OutSmart lacks; the name of one that it has stays."""
    here = {row.get("sta_code", "") for row in parts.patiently(lambda: list(parts.outsmart.get(WORK_STATUSES)))}
    missing = [{"sta_code": code, "sta_name": name} for code, name in STATUSES.items() if code not in here]
    if missing:
        parts.patiently(lambda: parts.outsmart.post(WORK_STATUSES, missing))
