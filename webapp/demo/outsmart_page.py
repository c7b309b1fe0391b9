"""What the OutSmart sandbox shows to people: its rows, its work orders, and its switches."""

from collections.abc import Mapping
from html import escape

from .outsmart_layouts import LAYOUTS
from .outsmart_orders import STATES, Order
from .outsmart_routes import Account

MOST_ROWS = 300
SWITCHES = {"down": "Go down (503)", "lost": "Lose answers", "cut": "Cut answers", "recover": "Recover"}
STYLE = (
    "body{font:14px system-ui,sans-serif;margin:24px;color:#333}table{border-collapse:collapse;margin:0 0 24px}"
    "td,th{border:1px solid #ccc;padding:2px 8px;text-align:left}form{display:inline}"
)


def page(accounts: Mapping[str, Account], chosen: str, calls: list[str]) -> str:
    """The rows of one account, with the forms that change what no API changes."""
    links = " · ".join(
        f"<b>{escape(name)}</b>" if name == chosen else f'<a href="/{escape(name)}">{escape(name)}</a>'
        for name in accounts
    )
    account = accounts[chosen]
    switches = "".join(_button("/switch", text, account=chosen, switch=name) for name, text in SWITCHES.items())
    tables = "".join(_kind(kind, account) for kind in LAYOUTS)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>OutSmart sandbox</title><style>{STYLE}</style>"
        f"<h1>OutSmart sandbox</h1><p>Account: {links}</p><p>{switches} {len(calls)} calls so far</p>"
        f"{_orders(chosen, account.orders.all())}{tables}"
    )


def _kind(kind: str, account: Account) -> str:
    rows, written = account.tables.rows(kind), account.tables.written(kind)
    layout = LAYOUTS[kind]
    fields = [field for field in ("id", *layout.fields) if any(row[field] for row in rows)]
    lines = [[*(row[field] for field in fields), str(written[row[layout.key]])] for row in rows[:MOST_ROWS]]
    heading = f"<h2>{kind}: {len(rows)} rows, {written.total()} written</h2>"
    return heading + _table([*fields, "written"], lines)


def _table(head: list[str], lines: list[list[str]]) -> str:
    heads = "".join(f"<th>{escape(text)}" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}" for text in line) for line in lines)
    return f"<table><tr>{heads}{body}</table>"


def _orders(account: str, orders: list[Order]) -> str:
    rows = "".join(
        f"<tr><td>{escape(order['OrderNr'])}<td>{escape(order['CustomerName'])}<td>{_order_form(account, order)}"
        for order in orders
    )
    return (
        f"<h2>Work orders: {len(orders)}</h2><table><tr><th>number<th>customer<th>state and work status{rows}</table>"
    )


def _order_form(account: str, order: Order) -> str:
    options = "".join(f"<option{' selected' if state == order['status'] else ''}>{state}" for state in STATES)
    return (
        f'<form method=post action="/orders">{_hidden("account", account)}{_hidden("id", order["id"])}'
        f'<select name=status aria-label="State">{options}</select> '
        f'<input name=work_status aria-label="Work status" value="{escape(order["WorkStatus"])}"> <button>Set</button>'
        "</form>"
    )


def _button(action: str, text: str, **fields: str) -> str:
    hidden = "".join(_hidden(name, value) for name, value in fields.items())
    return f'<form method=post action="{action}">{hidden}<button>{escape(text)}</button></form> '


def _hidden(name: str, value: str) -> str:
    return f'<input type=hidden name={name} value="{escape(value)}">'
