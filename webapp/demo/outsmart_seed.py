"""What the accounts of the OutSmart sandbox have at first: part of the Cash books, some of it changed, and more."""

from collections import defaultdict
from collections.abc import Callable
from functools import cache

from .logins import ADMINISTRATIONS
from .outsmart_layouts import EMPTY_UNIT
from .records import ARTICLE_TYPE, UNIT
from .seed import seed

Row = dict[str, str]
Books = dict[str, list[Row]]  # records by number
Spelling = Callable[[str], str]


def short(number: str) -> str:
    """100."""
    return str(int(number))


def padded(number: str) -> str:
    """000100, as Cash writes it."""
    return number


def mixed(number: str) -> str:
    """The one or the other."""
    return short(number) if int(number) % 2 else number


@cache
def books_of(administration: str) -> Books:
    """The records that the Cash sandbox begins with; to look at only."""
    books: Books = defaultdict(list)
    seed(ADMINISTRATIONS[administration], lambda record, fields, days_ago: books[record].append(fields))
    return books


def rows(books: Books, spell: Spelling, statuses: Row) -> dict[str, list[Row]]:
    """The rows of one account by kind."""
    relations = [
        *(_relation(n, record, spell) for n, record in enumerate(_customers(books)[::3])),
        *(_of_our_own(n) for n in range(1, 4)),
    ]
    known = {row["debtor_number"] for row in relations}
    return {
        "relations": relations,
        "addresses": [_address(record, spell) for record in books["2229"] if spell(record["0101"]) in known],
        "materials": _materials(books),
        "hourtypes": [_hours(n, record) for n, record in enumerate(_articles(books, "K")) if n != 1],
        "warehouses": [_warehouse("MAG1", "Hoofdmagazijn"), _warehouse("BUS9", "Bus van de uitzendkracht")],
        "employees": [_employee(record) for record in books["2205"][:3]],
        "workstatusses": [{"sta_code": code, "sta_name": name} for code, name in statuses.items()],
    }


def _customers(books: Books) -> list[Row]:
    """The relations that are customers, not blocked, with a name and a whole address."""
    customers = {record["0101"] for record in books["2220"] if record.get("2226") != "J"}
    needed = ("0103", "1833", "0438", "1837")
    return [
        record
        for record in books["0101"]
        if record["0101"] in customers and record.get("1487") != "J" and all(map(record.get, needed))
    ]


def _relation(n: int, record: Row, spell: Spelling) -> Row:
    """As in Cash; every fourth has moved, and nobody told Cash."""
    return {
        "name": record["0103"],
        "debtor_number": spell(record["0101"]),
        "street": f"Nieuwe {record['1833']}" if n % 4 == 1 else record["1833"],
        "house_number": record["1834"],
        "postal_code": record["0438"],
        "city": record["1837"],
        "phone_number": record["0108"],
        "email": "" if n % 4 == 1 else record["0120"],
    }


def _of_our_own(n: int) -> Row:
    """Made in OutSmart: Cash does not know it."""
    return {
        "name": f"Particulier Van de Hoek {n}",
        "debtor_number": f"OS-{n:03d}",
        "street": "Buitenpad",
        "house_number": str(n),
        "postal_code": "8011 XX",
        "city": "Zwolle",
    }


def _address(record: Row, spell: Spelling) -> Row:
    joined = record.get("0107", "").rpartition(" ")
    return {
        "adr_debtor_nr": spell(record["0101"]),
        "adr_code": f"{spell(record['0101'])}-{record['2228']}",
        "adr_line_1": record["0105"],
        "adr_zip": record.get("0438", joined[0]),
        "adr_city": record.get("1837", joined[2]),
        "adr_remark": record.get("2229", ""),
    }


def _articles(books: Books, types: str) -> list[Row]:
    return [record for record in books["2260"] if record[ARTICLE_TYPE] in types]


def _materials(books: Books) -> list[Row]:
    """Half of the articles: some with an old price, one of them twice, and two that Cash does not know."""
    found = [_material(n, record) for n, record in enumerate(_articles(books, "AMES")[::2])]
    own = [
        {"code": f"EIGEN-{n}", "description": f"Klein materiaal {n}", "price": "2.50", "unit": EMPTY_UNIT}
        for n in (1, 2)
    ]
    return [*found, {**found[3], "description": "Dubbel ingevoerd"}, *own]


def _material(n: int, record: Row) -> Row:
    price = "1.00" if n % 10 == 5 else record["2267"].replace(",", ".")
    return {"code": record["2260"], "description": record["2001"], "price": price, "unit": record[UNIT]}


def _hours(n: int, record: Row) -> Row:
    return {
        "code": record["2260"],
        "name": f"{record['2001']} (oud)" if n == 2 else record["2001"],
        "cost_booking": "0",
        "sale_booking": "1",
        "sale_price": record["2267"].replace(",", "."),
        "active": "1",
    }


def _warehouse(code: str, name: str) -> Row:
    return {"wse_code": code, "wse_description": name, "wse_type": "BUILDING"}


def _employee(record: Row) -> Row:
    first, _, last = record["2001"].partition(" ")
    return {"firstname": first, "lastname": last, "number": record["2205"], "email": record["0120"]}
