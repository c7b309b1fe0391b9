"""Work orders as mechanics make them: those that an account begins with, fresh ones, and what a form says."""

from datetime import date, datetime
from typing import Any

from .outsmart_orders import COMPLETE, FETCHED, READY

Row = dict[str, str]
Known = dict[str, list[Row]]  # the rows of an account by kind
WAREHOUSE = "MAG1"
NEW_CUSTOMER = {
    "name": "Timmerbedrijf Overdijk", "debtor_number": "88001", "street": "Zaagmolen", "house_number": "4",
    "postal_code": "7411 ZM", "city": "Deventer", "phone_number": "099-5588001", "email": "info@overdijk.example",
}  # fmt: skip
WORK = (
    "Lekkage in de keuken verholpen",
    "Cv-ketel nagekeken en gevuld",
    "Groepenkast uitgebreid met twee groepen",
    "Circulatiepomp vervangen",
    "Rookmelders geplaatst op de eerste verdieping",
)


def first_orders(known: Known, work_status: str) -> list[dict[str, Any]]:
    """Four that can be exported, or not: two ordinary ones, the second with many hours; a new customer; no lines.

    Between them an archived one, one without a work status, and two on their way.
    """
    usual = {"status": COMPLETE, "WorkStatus": work_status, "WorkFinished": "1"}
    visits = [
        _visit(n, known, f"{9 + n:02d}-11-2026", f"Onderhoud van de installatie, bezoek {n + 1}") for n in range(8)
    ]
    more: list[dict[str, Any]] = [
        usual,
        usual | {"Workperiods": _night(known)},
        usual | {"Archived": "1"},
        {"status": FETCHED, "WorkStatus": work_status},
        {"status": READY},
        usual | {"WorkStatus": ""},
        usual | _customer(NEW_CUSTOMER),
        usual | {"Materials": [], "Workperiods": []},
    ]
    return [{**visit, **each} for visit, each in zip(visits, more, strict=True)]


def fresh(n: int, known: Known) -> dict[str, Any]:
    """Today's visit to a customer that has a number of Cash, another one for each `n`."""
    return _visit(n, known, f"{date.today():%d-%m-%Y}", WORK[n % len(WORK)])


def described(said: dict[str, str], known: Known) -> dict[str, Any]:
    """What a form says: `customer` (a debtor number), `description`, `materials` and `hours`.

    A line of materials is `code; quantity; price; warehouse`, one of hours `begin; end; break; hour type`. What is
    left out is empty, and nothing is checked: a mechanic writes what he likes.
    """
    customer = next((row for row in known["relations"] if row["debtor_number"] == said["customer"]), None)
    names = {row["code"]: row for row in known["materials"]}
    today = f"{date.today():%d-%m-%Y}"
    return {
        **_customer(customer or {**NEW_CUSTOMER, "debtor_number": said["customer"]}),
        **_heading(today, said["description"]),
        "Materials": [
            _line(code, names.get(code, {}), *rest) for code, *rest in _split(said["materials"], 4)
        ],
        "Workperiods": [_period(today, *each) for each in _split(said["hours"], 4)],
    }  # fmt: skip


def example(known: Known) -> dict[str, str]:
    """A form that says something useful."""
    goods, hours = _goods(known, 0), known["hourtypes"][:1]
    return {
        "customer": _customers(known)[-1]["debtor_number"],
        "description": WORK[0],
        "materials": "\n".join(f"{row['code']}; 2.00; {row['price']}; {WAREHOUSE}" for row in goods),
        "hours": "\n".join(f"08:10; 10:25; 15; {row['code']}" for row in hours),
    }


def _visit(n: int, known: Known, day: str, work: str) -> dict[str, Any]:
    customers, hours = _customers(known), known["hourtypes"][:1]
    return {
        **_customer(customers[n % len(customers)]),
        **_heading(day, work),
        "Materials": [
            _line(row["code"], row, f"{n % 5 + 1}.00", row["price"], *([WAREHOUSE] if at == 0 else []))
            for at, row in enumerate(_goods(known, n))
        ],
        "Workperiods": [_period(day, "08:10", "10:25", "15", row["code"]) for row in hours],
    }


def _heading(day: str, work: str) -> Row:
    return {
        "TypeOfWork": "Service",
        "PaymentMethod": "op rekening",
        "WorkDescription": work,
        "InternalWorkDescription": "Sleutel ligt bij de buren",
        "WorkDate": day,
        "WorkTime": "08:00",
        "EmployeeNr": "M01",
        "CreationDate": f"{datetime.strptime(day, '%d-%m-%Y'):%Y-%m-%d} 07:14:03",
    }


def _night(known: Known) -> list[Row]:
    """An evening, a night past midnight, and a day that ends at no round time."""
    first, last = (known["hourtypes"][at]["code"] for at in (0, -1))
    return [
        _period("10-11-2026", "16:40", "18:02", "0", first),
        _period("10-11-2026", "22:30", "00:45", "15", last),
        _period("11-11-2026", "07:00", "16:37", "45", first),
    ]


def _customers(known: Known) -> list[Row]:
    """Those that have a number as Cash gives them, the ones that were made last first."""
    return [row for row in reversed(known["relations"]) if row["debtor_number"].isdecimal()] or [NEW_CUSTOMER]


def _goods(known: Known, n: int) -> list[Row]:
    """Two materials that Cash knows, where there are some."""
    ours = [row for row in known["materials"] if not row["code"].startswith("EIGEN")]
    return [ours[at % len(ours)] for at in (2 * n, 2 * n + 1)] if ours else []


def _customer(row: Row) -> Row:
    fields = {
        "DebtorNr": "debtor_number", "Name": "name", "Street": "street", "StreetNo": "house_number",
        "ZIP": "postal_code", "City": "city", "Phone": "phone_number", "Email": "email",
    }  # fmt: skip
    return {
        f"Customer{name}{behind}": row.get(field, "") for behind in ("", "Invoice") for name, field in fields.items()
    }


def _line(code: str, row: Row, amount: str, price: str, warehouse: str = "") -> Row:
    line = {
        "MaterialCode": code,
        "MaterialName": row.get("description", code),
        "MaterialNr": amount,
        "MaterialUnit": row.get("unit", ""),
        "MaterialPrice": price,
        "MaterialTotalPrice": _product(amount, price),
    }
    return line | ({"MaterialWarehouseCode": warehouse} if warehouse else {})


def _period(day: str, begin: str, end: str, pause: str, hours: str) -> Row:
    return {
        "WorkDate": day, "BeginTime": begin, "EndTime": end, "Break": pause, "TotalTime": _total(begin, end, pause),
        "Travel": "18", "HourType": hours, "EmployeeNr": "M01", "WorkRemark": "",
    }  # fmt: skip


def _product(amount: str, price: str) -> str:
    try:
        return f"{float(amount) * float(price):.2f}"
    except ValueError:
        return ""


def _total(begin: str, end: str, pause: str) -> str:
    """`H:i`, past midnight too; nothing where that cannot be told."""
    try:
        first, last = (int(time[:-3]) * 60 + int(time[-2:]) for time in (begin, end))
        hours, minutes = divmod((last - first) % (24 * 60) - int(pause or 0), 60)
    except ValueError:
        return ""
    return f"{hours:02d}:{minutes:02d}"


def _split(text: str, fields: int) -> list[list[str]]:
    """The lines that are not empty, each in so many fields."""
    lines = [[field.strip() for field in line.split(";")] for line in text.splitlines() if line.strip()]
    return [(line + [""] * fields)[:fields] for line in lines]
