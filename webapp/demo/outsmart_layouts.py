"""The rows of the OutSmart sandbox: what each kind must have, and how its values are kept."""

import re
from dataclasses import dataclass
from typing import Any

LONGEST = 255
LONG_TEXTS = {"remark", "description"}  # 64 kB
SHORT = dict.fromkeys(("eancode", "barcode"), 55)
EMPTY_UNIT = "<Leeg>"
UNCAUGHT = 1007  # what a kind without codes of its own answers with


@dataclass(frozen=True)
class Layout:
    """One kind of row: its key, what a posted one must have, its other fields, and the codes that refuse it."""

    key: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    failed: int = UNCAUGHT
    missing: int = UNCAUGHT

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields, in the order of a reply."""
        return (*self.required, *self.optional)


def _layout(key: str, required: str, optional: str = "", code: int = 0) -> Layout:
    codes = (code, code + 1) if code else (UNCAUGHT, UNCAUGHT)
    return Layout(key, tuple(required.split()), tuple(optional.split()), *codes)


LAYOUTS: dict[str, Layout] = {
    "employees": _layout(
        "number",
        "firstname lastname number",
        "active mobile email address zipcode city country latitude longitude warehouse vehicle birthday",
        1100,
    ),
    "relations": _layout(
        "debtor_number",
        "name debtor_number street postal_code city",
        "house_number contact phone_number email email_workorder remark latitude longitude mobile country kvk_number"
        " vat_number language debtor_type active accountmanager source",
        1300,
    ),
    "addresses": _layout(
        "adr_code", "adr_debtor_nr adr_code adr_line_1 adr_zip adr_city", "adr_cpn_code adr_country adr_remark"
    ),
    "materials": _layout(
        "code",
        "code description price unit",
        "eancode barcode freefield1 freefield2 freefield3 freefield4 freefield5 note vat_code visible is_internal",
        1200,
    ),
    "hourtypes": _layout("code", "code name cost_booking sale_booking sale_price", "cost_price active", 1800),
    "warehouses": _layout(
        "wse_code",
        "wse_code wse_description wse_type",
        "wse_wse_code wse_external_id wse_employee_nr wse_supplier wse_remark wse_image wse_order_message"
        " wse_date_start wse_date_end wse_date_certification",
    ),
    "workstatusses": _layout("sta_code", "sta_code sta_name", "", 2800),
}

DEFAULTS = {
    "employees": {"active": "1"},
    "relations": {"active": "1", "latitude": "0.000000", "longitude": "0.000000"},
    "materials": {"visible": "1", "is_internal": "0"},
    "hourtypes": {"active": "1"},
}
_PRICES = {"price", "sale_price", "cost_price"}
_SWITCHES = {"cost_booking", "sale_booking", "active"}
_STRICT = {"hourtypes"}  # what it cannot read it calls missing, too


def plain(value: Any) -> str:
    """A value as it is kept: numbers and switches as texts, what is unset or nested as nothing."""
    if isinstance(value, bool):
        return str(int(value))
    return str(value).strip() if isinstance(value, str | int | float) else ""


def missing(layout: Layout, row: dict[str, str]) -> list[str]:
    """One message for each field that a row must have and has not; an empty one is missing."""
    return [f"Required field missing: {field}" for field in layout.required if not row.get(field)]


def refusal(kind: str, row: dict[str, str]) -> tuple[int, str] | None:
    """The code and the message for a row that has everything, and cannot be stored."""
    layout = LAYOUTS[kind]
    for field, text in row.items():
        if field in _SWITCHES and text not in ("0", "1", ""):
            return layout.missing if kind in _STRICT else layout.failed, f"{field} must be 1 or 0"
        if field in _PRICES and text and not re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", text):
            return layout.missing if kind in _STRICT else layout.failed, f"{field} is not a price"
        if len(text) > SHORT.get(field, 65535 if field in LONG_TEXTS else LONGEST):
            return layout.failed, "Insert or update failed"
    return None


def stored(field: str, text: str) -> str:
    """A price with a dot and at least two decimals; anything else as it is."""
    if field not in _PRICES or not text:
        return text
    whole, _, rest = text.replace(",", ".").partition(".")
    return f"{whole}.{rest:0<2}"


def written(field: str, text: str, comma: bool) -> str:
    """A value in a reply; prices with the comma of the documentation where that is asked for."""
    return text.replace(".", ",") if comma and field in _PRICES else text
