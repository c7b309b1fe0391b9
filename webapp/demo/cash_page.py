"""What the Cash sandbox shows to people: sales orders, and articles and relations to be changed."""

from collections import Counter
from decimal import Decimal
from html import escape

from .books import Books, SalesOrder
from .markup import button, document, field, form, links, table
from .posting import ORDER

# What can be changed of which records: fields by what a person calls them.
SHOWN = {
    "2260": {"Omschrijving": "2001", "Verkoopprijs": "2267"},
    "0101": {"Naam": "0103", "Straat": "1833", "Plaats": "1837"},
}
TITLES = {"2260": "Artikelen", "0101": "Relaties"}
LINES = ("regel", "artikel", "omschrijving", "aantal", "prijs", "bedrag", "magazijn")
MOST = 60


def page(books: dict[str, Books], chosen: str, levers: str) -> str:
    """The orders and the first records of an administration, with forms that change them as somebody in Cash would."""
    body = f"<p>Administration: {links('/books/', books, chosen)}</p>{levers}{_orders(books[chosen], chosen)}"
    return document("Cash sandbox", body + "".join(_records(books[chosen], record, chosen) for record in SHOWN))


def change(books: Books, said: dict[str, str]) -> None:
    """Does what a form says. KeyError for a record that is not there, or a field that cannot be changed."""
    record, key = said["record"], (said["key"],)
    if record == ORDER:
        return books.remove_order(*key)
    fields = books.records(record)[key]
    changed = {field: said[name] for name, field in SHOWN[record].items()}
    books.put(record, {name: text for name, text in {**fields, **changed}.items() if text})


def _orders(books: Books, administration: str) -> str:
    orders, relations, articles = books.sales_orders(), books.records("0101"), books.records("2260")
    numbers = Counter(each.number for each in orders)
    references = Counter(each.reference for each in orders if each.reference)
    rows = [
        (
            escape(each.number) + _twice(numbers[each.number], references[each.reference]),
            escape(f"{each.customer} {relations.get((each.customer,), {}).get('0103', '')}"),
            escape(each.reference),
            _lines(each, articles),
            form(f"/books/{administration}", button("Delete"), record=ORDER, key=each.number),
        )
        for each in orders
    ]
    heads = ("nummer", "klant", "referentie", "regels", "")
    return f"<h2>Verkooporders: {len(orders)}</h2>{table(heads, rows) if rows else '<p>None so far.'}"


def _twice(numbers: int, references: int) -> str:
    """A warning where the number or the reference stands in the books more than once."""
    found = [*(["number"] if numbers > 1 else []), *(["reference"] if references > 1 else [])]
    return f" <mark>stands {max(numbers, references)} times, by {' and '.join(found)}</mark>" if found else ""


def _lines(order: SalesOrder, articles: dict[tuple[str, ...], dict[str, str]]) -> str:
    if not order.lines:
        return "<mark>no lines</mark>"
    amounts = [_amount(line) for line in order.lines]
    rows = [
        _line(line, articles.get((line["2260"],), {}), amount)
        for line, amount in zip(order.lines, amounts, strict=True)
    ]
    total = ("", "", "", "", "", f"<b>{_money(sum(amounts, Decimal()))}</b>", "")
    return table(LINES, [*rows, total])


def _line(line: dict[str, str], article: dict[str, str], amount: Decimal) -> list[str]:
    texts = (line["2426"], line["2260"], line.get("2001", article.get("2001", "")), line.get("2410", ""))
    return [escape(text) for text in (*texts, line.get("2267", ""), _money(amount), line.get("2209", ""))]


def _amount(line: dict[str, str]) -> Decimal:
    """Ordered, times the price on the line."""
    ordered, price = (Decimal(line.get(field, "0").replace(",", ".")) for field in ("2410", "2267"))
    return ordered * price


def _money(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _records(books: Books, record: str, administration: str) -> str:
    rows = [_record(record, key[0], fields, administration) for key, fields in [*books.records(record).items()][:MOST]]
    return f"<h2>{TITLES[record]}</h2>{table(['code', *SHOWN[record], ''], rows)}"


def _record(record: str, code: str, fields: dict[str, str], administration: str) -> list[str]:
    id = f"{record}-{code}"
    cells = [field(name, name, fields.get(number, ""), form=id) for name, number in SHOWN[record].items()]
    return [escape(code), *cells, form(f"/books/{administration}", button("Change"), id, record=record, key=code)]
