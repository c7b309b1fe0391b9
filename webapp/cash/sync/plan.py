"""What a run reads, and when that is due."""

import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ...outsmart.model import ADDRESSES, EMPLOYEES, HOUR_TYPES, MATERIALS, RELATIONS, WAREHOUSES, Kind
from ..choices import Settings
from .imports import VERSION

ARTICLES = (MATERIALS, HOUR_TYPES)
HOUR, DAY = 3600, 24 * 3600  # seconds
NIGHT_BEGINS, NIGHT_LASTS = 2, 3 * HOUR  # hour of the day, and seconds from then
ZONE = ZoneInfo("Europe/Amsterdam")  # Cash's and OutSmart's


@dataclass(frozen=True)
class Marks:
    """How far the runs of an account got: starts of good runs, in seconds since 1970, 0 for never."""

    scope: str = ""  # what is imported, from where and how; another one begins anew
    since: int = 0  # everything that changed in Cash before this is in OutSmart
    whole: int = 0  # everything was read
    small: int = 0  # delivery addresses and warehouses were read
    type_field: str = ""  # of articles; "" when it is not known
    unit_field: str = ""
    vat_field: str = ""
    waiting: str = ""  # kinds of which nothing is changed before a person agrees


@dataclass(frozen=True)
class Plan:
    """What one run reads; `days` is for what changed, and `whole` reads everything."""

    relations: bool
    addresses: bool
    articles: bool
    warehouses: bool
    employees: bool
    whole: bool
    send_all: bool
    days: int


def make_plan(settings: Settings, marks: Marks, scope: str, account: str, now: int, *, manual: bool) -> Plan:
    """A manual run reads and sends everything, an automatic one what is due."""
    whole = manual or marks.scope != scope or marks.whole < last_night(account, now)
    small = whole or now - marks.small >= HOUR or marks.small > now
    return Plan(
        relations=settings.import_relations,
        addresses=settings.import_relations and small,
        articles=settings.import_materials or settings.import_hour_types,
        warehouses=settings.import_warehouses and small,
        employees=settings.import_employees and manual,
        whole=whole,
        send_all=manual,
        days=max(0, now - marks.since) // DAY + 1,
    )


def kinds(plan: Plan) -> Iterator[Kind]:
    """What is sent, in this order: addresses refer to relations."""
    wanted = {
        RELATIONS: plan.relations,
        ADDRESSES: plan.addresses,
        MATERIALS: plan.articles,
        HOUR_TYPES: plan.articles,
        WAREHOUSES: plan.warehouses,
        EMPLOYEES: plan.employees,
    }
    return (kind for kind, due in wanted.items() if due)


def last_night(account: str, now: int) -> int:
    """When everything was due the last time: once a day in the night, each account at a time of its own."""
    at = timedelta(seconds=zlib.crc32(account.encode()) % NIGHT_LASTS)
    today = datetime.fromtimestamp(now, ZONE).replace(hour=NIGHT_BEGINS, minute=0, second=0, microsecond=0)
    due = int((today + at).timestamp())
    return due if due <= now else int((today - timedelta(days=1) + at).timestamp())


def scope_of(settings: Settings, fields: Mapping[str, str], *, relation_active: bool) -> str:
    """What makes all that was read before worth nothing when it changes."""
    return json.dumps(
        [
            VERSION,
            settings.relation_code,
            settings.administration,
            [settings.import_relations, settings.import_materials or settings.import_hour_types],
            settings.import_warehouses,
            sorted(fields.items()),
            relation_active,
        ]
    )
