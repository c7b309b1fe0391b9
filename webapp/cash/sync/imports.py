"""Which records of Cash OutSmart gets, and as what: a record becomes a row, or the one word why it does not.

Pure. The filters are OutSmart's own (OUT, H), the fields those of WP and the description of OutSmart's API.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...outbound.text import clean
from ...outsmart.model import Row
from ...outsmart.values import read_decimal, write_decimal

VERSION = 1  # of what is made of a record; another one sends every row anew
LONGEST = 255  # characters of most fields
LONGEST_HOUR_TYPE = 55  # what a work period can refer to
LONGEST_DESCRIPTION = 4_000
MATERIAL_TYPES, HOUR_TYPE = "AMES", "K"
NO_UNIT = "stuks"  # OutSmart wants one; its connectors send this
NO = ("", "N")

Record = Mapping[str, str]
_DUTCH_POSTCODE = re.compile(r"([1-9][0-9]{3} ?[A-Za-z]{2})(?: (.*))?")
_PRICE = re.compile(r"[+-]?[0-9]+(,[0-9]+)?")  # Cash writes a comma (H); with a dot nobody knows what it parts


@dataclass(frozen=True)
class ArticleFields:
    """The numbers of the fields of an article that no public source tells; VAT may be unknown."""

    type: str
    unit: str
    vat: str = ""


def relation(record: Record, customer: Record | None, *, active: bool = False) -> Row | str:
    """A relation (0101) with its customer record (2220, None where it has none); `active` sends that it is."""
    if customer is None:
        return "not_customer"
    if is_set(record, "1487") or is_set(customer, "2226"):
        return "blocked"
    if problem := _code_problem(record.get("0101", ""), LONGEST):
        return problem
    if not (name := _text(record, "0103")):
        return "no_name"
    if isinstance(place := _place(record), str):
        return place
    street, number, postcode, city = place
    row = {
        "name": name,
        "debtor_number": record["0101"].strip(),
        "street": street,
        "house_number": number,
        "postal_code": postcode,
        "city": city,
        "contact": _text(record, "0104"),
        "phone_number": _text(record, "0108"),
        "mobile": _text(record, "1197"),
        "email": _text(record, "0120"),
        "kvk_number": _text(record, "1479"),
        "vat_number": _text(record, "0116"),
    }
    return row | {"active": "1"} if active else row


def address(record: Record) -> Row | str:
    """A delivery address (2229), whose code is the number of its relation and its own; both as Cash writes them."""
    debtor, serial = record.get("0101", "").strip(), record.get("2228", "").strip()
    code = f"{debtor}-{serial}" if debtor and serial else ""
    if problem := _code_problem(code, LONGEST):
        return problem
    if isinstance(place := _place(record), str):
        return place
    street, number, postcode, city = place
    return {
        "adr_debtor_nr": debtor,
        "adr_code": code,
        "adr_line_1": clean(f"{street} {number}", LONGEST),
        "adr_zip": postcode,
        "adr_city": city,
        "adr_remark": _text(record, "2229") or _text(record, "0103"),
    }


def kind_of_article(record: Record, fields: ArticleFields) -> str:
    """`materials`, `hourtypes`, or "" for an article (2260) of another type."""
    letter = record.get(fields.type, "").strip().upper()
    if letter == HOUR_TYPE:
        return "hourtypes"
    return "materials" if len(letter) == 1 and letter in MATERIAL_TYPES else ""


def article(record: Record, fields: ArticleFields) -> Row | str:
    """An article (2260) as a material or an hour type."""
    kind = kind_of_article(record, fields)
    if not kind:
        return "wrong_type"
    code = record.get("2260", "").strip()
    if problem := _code_problem(code, LONGEST_HOUR_TYPE if kind == "hourtypes" else LONGEST):
        return problem
    if not (name := clean(record.get("2001", ""), LONGEST_DESCRIPTION)):
        return "no_name"
    if (price := _price(record.get("2267", ""))) is None:
        return "price_unreadable"
    if kind == "hourtypes":
        return {
            "code": code,
            "name": clean(name, LONGEST),
            "cost_booking": "0",
            "sale_booking": "1",
            "sale_price": price,
            "active": "1",
        }
    row = {"code": code, "description": name, "price": price, "unit": _text(record, fields.unit) or NO_UNIT}
    return row | {"vat_code": _text(record, fields.vat)} if fields.vat else row


def warehouse(record: Record) -> Row | str:
    """A warehouse (2209)."""
    code = record.get("2209", "").strip()
    if is_set(record, "2280"):
        return "blocked"
    if problem := _code_problem(code, LONGEST_HOUR_TYPE):
        return problem
    name = _text(record, "2001") or code
    return {"wse_code": code, "wse_description": name, "wse_type": "BUILDING", "wse_external_id": code}


def employee(record: Record) -> Row | str:
    """An employee (2205); OutSmart wants a last name, and gets the number where there is none."""
    number = record.get("2205", "").strip()
    if is_set(record, "2280"):
        return "blocked"
    if problem := _code_problem(number, LONGEST):
        return problem
    first, _, last = _text(record, "2001").partition(" ")
    if not first:
        return "no_name"
    return {"number": number, "firstname": first, "lastname": last or number, "email": _text(record, "0120")}


def is_set(record: Record, field: str) -> bool:
    """Whether a yes or no of Cash is yes: anything but nothing and N (ASSUMPTION-23)."""
    return record.get(field, "").strip().upper() not in NO


def split_place(text: str) -> tuple[str, str]:
    """Postcode and city from the field that holds both (0107): `1234 AB Zwolle`, `9000 Gent` (ASSUMPTION-23)."""
    text = " ".join(text.split())
    if dutch := _DUTCH_POSTCODE.fullmatch(text):
        return dutch[1], dutch[2] or ""
    head, _, tail = text.partition(" ")
    return (head, tail) if any(map(str.isdigit, head)) else ("", text)


def _place(record: Record) -> tuple[str, str, str, str] | str:
    street, number = _text(record, "1833"), _text(record, "1834")
    if not street:
        street, number = _text(record, "0105"), ""
    postcode, city = split_place(_text(record, "0107"))
    postcode, city = _text(record, "0438") or postcode, _text(record, "1837") or city
    for missing, value in (("no_street", street), ("no_postcode", postcode), ("no_city", city)):
        if not value:
            return missing
    return street, number, postcode, city


def _text(record: Record, field: str) -> str:
    text = record.get(field)
    return clean(text, LONGEST) if text else ""


def _code_problem(code: str, longest: int) -> str:
    """A code is never shortened: it would be another one."""
    if not code.strip():
        return "no_code"
    return "code_too_long" if len(code.strip()) > longest else ""


def _price(text: str) -> str | None:
    text = text.strip()
    if not text:
        return "0.00"
    try:
        return write_decimal(read_decimal(text)) if _PRICE.fullmatch(text) else None
    except ValueError:
        return None
