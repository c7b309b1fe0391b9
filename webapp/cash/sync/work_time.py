"""When and how long somebody worked, as a work order says it (R, V). Pure."""

import re
from datetime import date, datetime

from ...outbound.text import clean
from ...outsmart.model import Row, WorkOrder

LONGEST = 40  # characters of what is shown
_TIME = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::[0-5][0-9])?")


def minutes_of(row: Row) -> int | None:
    """What was worked, in minutes: the total, else end less begin less break; None where it cannot be read."""
    total = row.get("TotalTime", "").strip()
    if total.isdecimal() and total.isascii() and len(total) < 6:
        return int(total)
    if total:
        return _clock(total)
    begin, end = _clock(row.get("BeginTime", "").strip()), _clock(row.get("EndTime", "").strip())
    pause = row.get("Break", "").strip() or "0"
    if begin is None or end is None or not (pause.isdecimal() and pause.isascii()):
        return None
    return (end - begin) % (24 * 60) - int(pause)  # an end before the begin is past midnight


def shown_time(row: Row) -> str:
    """As it stands in the work order."""
    return clean(row.get("TotalTime", "") or f"{row.get('BeginTime', '')} - {row.get('EndTime', '')}", LONGEST)


def rounded_up(minutes: int, step: int) -> int:
    """To a whole number of steps; 0 is no step."""
    return -(-minutes // step) * step if step else minutes


def work_day(order: WorkOrder) -> date | None:
    """The day of the work, else of the last period that has one."""
    found = [order.fields.get("WorkDate", ""), *(row.get("WorkDate", "") for row in reversed(order.periods))]
    return next(filter(None, map(_day, found)), None)


def _clock(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%d-%m-%Y").date()
    except ValueError:
        return None
