"""The routes of the orders that go to Cash: the list, what a person says of one, and how the first export begins."""

from flask import Response, request
from werkzeug.exceptions import NotFound

from ...web.csv_file import attachment
from ...web.languages import _, _n
from ..actions import State, ordering
from ..actions.hosted import Incomplete
from ..actions.ordering import START, Cursor, Stale
from . import bp
from .order_list import PAGE, OrderList, as_file, in_words, read
from .order_words import SAID
from .rendering import current_state, exports_of, integration, panel, who
from .words import value

BEGINNINGS = {"these": ordering.export_these, "new": ordering.only_from_now_on}


# A form without htmx posts, because the session cannot stand in an address.
@bp.route("/orders", methods=["GET", "POST"])
def orders() -> Response:
    """A page of the orders. What a button says overrides what the list showed."""
    return _show(current_state(), *_asked())


@bp.post("/orders/close")
def close_orders() -> Response:
    """Back to the settings."""
    return panel(current_state(), "sync", "orders", at_orders=True)


@bp.post("/orders/<work_order>/<said>")
def say_of_order(work_order: str, said: str) -> Response:
    """What a person says of an order."""
    if said not in ordering.SAID:
        raise NotFound
    state, problem, done = current_state(), "", ""
    try:
        order = ordering.say(integration(), who(), state, work_order, said)
        done = f"{order.order_nr}: {SAID[said]}"
    except KeyError:
        raise NotFound from None
    except Stale:
        problem = _("This order is no longer as the page showed it. Nothing was done; below is how it stands now.")
    return _show(state, *_asked(), problem=problem, done=done)


@bp.post("/orders/begin")
def begin_exports() -> Response:
    """Which work orders the first export takes: `these`, or `new` for those that are completed from now on."""
    which, state, problem, done = request.form.get("which", ""), current_state(), "", ""
    if which not in BEGINNINGS:
        return _show(state)
    act = BEGINNINGS[which]
    try:
        count = act(integration(), who(), state, request.form.get("seen", ""))
    except Stale:
        problem = _("What waits is no longer as the page showed it. Nothing was done; below is how it stands now.")
    else:
        done = _agreed(count) if act is ordering.export_these else _left(count)
    return _show(state, problem=problem, done=done)


@bp.post("/orders/look")
def look_at_orders() -> Response:
    """Looks once more what waits."""
    state = current_state()
    try:
        _run, new = ordering.look_at_orders(integration(), who(), state)
    except Incomplete:
        return _show(state, problem=_("Something is missing first: see Synchronisation."))
    return _show(state, done=_("It starts in a moment.") if new else _("One is under way already."))


@bp.post("/orders/csv")
def orders_file() -> Response:
    """The same as a file."""
    status = value("export_work_status", current_state().saved.settings)
    found = ordering.all_orders(integration(), who(), _asked()[0])
    return attachment("cash-orders.csv", as_file(found, status))


def _asked() -> tuple[str, Cursor]:
    """Which group, and behind which order; another group begins at its first page."""
    asked = request.values
    if "group" in asked:
        return asked["group"], START
    return asked.get("in_group", ""), read(asked.get("after", asked.get("at_order", "")))


def _show(state: State, group: str = "", after: Cursor = START, *, problem: str = "", done: str = "") -> Response:
    page = ordering.page_of(integration(), who(), group, after, PAGE)
    found: OrderList = in_words(state, exports_of(state), page, after, problem=problem, done=done)
    return panel(state, "sync", "orders", status=409 if problem else 200, orders=found, message=problem or done)


def _agreed(count: int) -> str:
    return _n("%(num)d work order goes to Cash.", "%(num)d work orders go to Cash.", count)


def _left(count: int) -> str:
    return _n("%(num)d work order is left alone.", "%(num)d work orders are left alone.", count)
