"""What OutSmart keeps, in our words; field names are OutSmart's. Its facts are in README.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

Row = dict[str, str]  # unset is "", yes and no are "1" and "0"; numbers stay as they were written


class Kind(NamedTuple):
    """A kind of master data: its endpoint, the field that a row is known by, and what a posted row must have.

    What is missing counts as empty. A field that is not posted stays as it is, a row that is not posted stays.
    """

    path: str
    key: str
    required: tuple[str, ...]


EMPLOYEES = Kind("employees", "number", ("firstname", "lastname", "number"))  # an active one uses a licence
RELATIONS = Kind("relations", "debtor_number", ("name", "debtor_number", "street", "postal_code", "city"))
ADDRESSES = Kind("addresses", "adr_code", ("adr_debtor_nr", "adr_code", "adr_line_1", "adr_zip", "adr_city"))
MATERIALS = Kind("materials", "code", ("code", "description", "price", "unit"))  # several rows may have one code
HOUR_TYPES = Kind("hourtypes", "code", ("code", "name", "cost_booking", "sale_booking", "sale_price"))
WAREHOUSES = Kind("warehouses", "wse_code", ("wse_code", "wse_description", "wse_type"))
WORK_STATUSES = Kind("workstatusses", "sta_code", ("sta_code", "sta_name"))  # spelled so
KINDS = (EMPLOYEES, RELATIONS, ADDRESSES, MATERIALS, HOUR_TYPES, WAREHOUSES, WORK_STATUSES)


@dataclass(frozen=True)
class Posted:
    """What became of the rows of one call: all are in OutSmart, or (code other than 200) none.

    `messages` say why not. `taken` is how many rows OutSmart says it took; None where it does not say.
    """

    code: int
    messages: tuple[str, ...] = ()
    taken: int | None = None

    @property
    def ok(self) -> bool:
        return self.code == 200


@dataclass(frozen=True)
class WorkOrder:
    """A work order: `fields` has all of its header, and lines and hours come in the order of OutSmart.

    `id` is the only safe key; `number` is what people see, and `external_number` is "" when it was made in OutSmart.
    """

    id: str
    number: str
    external_number: str
    status: str
    work_status: str
    finished: bool
    archived: bool
    fields: Mapping[str, str]
    materials: tuple[Row, ...]
    periods: tuple[Row, ...]
