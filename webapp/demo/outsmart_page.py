"""What the OutSmart sandbox shows to people: its rows, its work orders, and its switches."""

from collections.abc import Mapping
from html import escape

from .markup import button, document, field, form, links, number, select, table
from .outsmart_faults import CLOSING, MARKING
from .outsmart_layouts import LAYOUTS
from .outsmart_orders import COMPLETE, STATES, Order
from .outsmart_routes import Account
from .outsmart_visits import example

MOST_ROWS = 300
SWITCHES = {
    "Every call": {"down": "Go down (503)", "lost": "Lose answers", "cut": "Cut answers", "recover": "Recover"},
    "Closing a work order": {f"unheard {CLOSING}": "Lost before it acts", f"lost {CLOSING}": "Answer lost afterwards"},
    "Setting a work status": {f"unheard {MARKING}": "Lost before it acts", f"lost {MARKING}": "Answer lost afterwards"},
}


def page(accounts: Mapping[str, Account], chosen: str, calls: list[str], suffers: list[str]) -> str:
    """The rows of one account, with the forms that change what no API changes."""
    account = accounts[chosen]
    tables = "".join(_kind(kind, account) for kind in LAYOUTS)
    body = f"<p>Account: {links('/', accounts, chosen)}<p>{len(calls)} calls so far"
    return document("OutSmart sandbox", f"{body}{_switches(chosen, suffers)}{_orders(chosen, account)}{tables}")


def _switches(account: str, suffers: list[str]) -> str:
    on = "".join(f"<li><b>{escape(text)}</b>" for text in suffers) or "<li>Every call works."
    forms = "".join(
        form("/switch", f"{title}, the next {_times(title)} times: {_buttons(words)}", account=account)
        for title, words in SWITCHES.items()
    )
    return f"<h2>What becomes of the next calls</h2><ul>{on}</ul>{forms}<p>An empty number means until Recover."


def _times(title: str) -> str:
    return number("times", f"Times: {title}", "" if title == "Every call" else 1)


def _buttons(words: dict[str, str]) -> str:
    return "".join(button(text, "switch", switch) for switch, text in words.items())


def _kind(kind: str, account: Account) -> str:
    rows, written = account.tables.rows(kind), account.tables.written(kind)
    layout = LAYOUTS[kind]
    fields = [field for field in ("id", *layout.fields) if any(row[field] for row in rows)]
    lines = [[*(escape(row[field]) for field in fields), str(written[row[layout.key]])] for row in rows[:MOST_ROWS]]
    return f"<h2>{kind}: {len(rows)} rows, {written.total()} written</h2>{table([*fields, 'written'], lines)}"


def _orders(account: str, known: Account) -> str:
    orders = known.orders.all()
    heads = ("number", "customer", "materials", "hours", "state, work status, archived")
    rows = [[*map(escape, _texts(order)), _order_form(account, order)] for order in orders]
    complete = form("/orders/complete", button("Complete a work order"), account=account)
    return f"<h2>Work orders: {len(orders)}</h2>{complete}{table(heads, rows)}{_new(account, known)}"


def _texts(order: Order) -> tuple[str, ...]:
    goods = (
        f"{line['MaterialNr']} × {line['MaterialCode']} {line.get('MaterialWarehouseCode', '')}".strip()
        for line in order["Materials"]
    )
    hours = (f"{each['TotalTime']} {each['HourType']}" for each in order["Workperiods"])
    customer = f"{order['CustomerDebtorNr']} {order['CustomerName']}"
    return order["OrderNr"], customer, ", ".join(goods), ", ".join(hours)


def _order_form(account: str, order: Order) -> str:
    archived = select("archived", "Archived", {"0": "no", "1": "archived"}, order["Archived"])
    return form("/orders", f"{_state(order)}{archived}{button('Set')}", account=account, id=order["id"])


def _state(order: Order) -> str:
    states = select("status", "State", dict(zip(STATES, STATES, strict=True)), order["status"])
    return states + field("work_status", "Work status", order["WorkStatus"]) + " "


def _new(account: str, known: Account) -> str:
    begun = example(known.tables.all())
    asked = (
        f"<p>Customer {field('customer', 'Customer', begun['customer'])}"
        f" work {field('description', 'Work', begun['description'], size=40)}"
        f"<p>Materials: code; quantity; price; warehouse<br>{_texts_of('materials', begun)}"
        f"<p>Hours: begin; end; break in minutes; hour type<br>{_texts_of('hours', begun)}"
        f"<p>{_state({'status': COMPLETE, 'WorkStatus': '1'})}{button('Make this work order')}"
    )
    return f"<h2>Another work order</h2>{form('/orders/new', asked, account=account)}"


def _texts_of(name: str, begun: dict[str, str]) -> str:
    return f'<textarea name={name} rows=3 aria-label="{name.capitalize()}">{escape(begun[name])}</textarea>'
