"""What the Cash sandbox shows to people: the articles and relations of its books, to be changed."""

from html import escape

from .books import Books
from .outsmart_page import STYLE

# What can be changed of which records: fields by what a person calls them.
SHOWN = {
    "2260": {"Omschrijving": "2001", "Verkoopprijs": "2267"},
    "0101": {"Naam": "0103", "Straat": "1833", "Plaats": "1837"},
}
TITLES = {"2260": "Artikelen", "0101": "Relaties"}
MOST = 60


def page(books: dict[str, Books], chosen: str) -> str:
    """The first records of an administration, each with a form that changes it as somebody in Cash would."""
    links = " · ".join(
        f"<b>{escape(name)}</b>" if name == chosen else f'<a href="/books/{escape(name)}">{escape(name)}</a>'
        for name in books
    )
    tables = "".join(_table(books[chosen], record, chosen) for record in SHOWN)
    return (
        f"<!doctype html><html lang=nl><meta charset=utf-8><title>Cash sandbox</title><style>{STYLE}</style>"
        f"<h1>Cash sandbox</h1><p>Administration: {links}</p>{tables}"
    )


def change(books: Books, form: dict[str, str]) -> None:
    """Does what a form says. KeyError for a record that is not there, or a field that cannot be changed."""
    record, key = form["record"], (form["key"],)
    fields = books.records(record)[key]
    changed = {field: form[name] for name, field in SHOWN[record].items()}
    books.put(record, {name: text for name, text in {**fields, **changed}.items() if text})


def _table(books: Books, record: str, administration: str) -> str:
    heads = "".join(f"<th>{escape(name)}" for name in SHOWN[record])
    rows = "".join(
        _row(record, key[0], fields, administration) for key, fields in [*books.records(record).items()][:MOST]
    )
    return f"<h2>{TITLES[record]}</h2><table><tr><th>code{heads}<th>{rows}</table>"


def _row(record: str, code: str, fields: dict[str, str], administration: str) -> str:
    form = f"{record}-{code}"
    cells = "".join(
        f'<td><input form="{escape(form)}" name="{name}" aria-label="{name}" value="{escape(fields.get(field, ""))}">'
        for name, field in SHOWN[record].items()
    )
    return (
        f'<tr><td>{escape(code)}{cells}<td><form id="{escape(form)}" method=post '
        f'action="/books/{escape(administration)}"><input type=hidden name=record value="{record}">'
        f'<input type=hidden name=key value="{escape(code)}"><button>Change</button></form>'
    )
