"""How the exports stand, and what waits before the first one, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import format_date
from markupsafe import escape

from ...web.languages import _, _n, timed
from ..actions.ordering import Exports, mark
from ..store.openings import AGREED, MANY, SURVEYED, Opening
from ..store.runs import Run
from .order_words import Trouble, in_euro, troubles
from .runs import why_it_failed
from .sync_results import number


@dataclass(frozen=True)
class First:
    """What waits before the first export."""

    seen: str  # the mark of what was found
    at: int  # when it was looked at
    begins: str  # when it begins by itself, or that it waits
    facts: list[str]
    customers: list[str]
    articles: list[str]
    refused: list[tuple[str, list[Trouble]]]  # work order, reasons
    more_refused: int
    can_choose: bool


def exports_line(exports: Exports) -> tuple[str, str]:
    """How the exports stand, and its tone."""
    if exports.needed:
        return _n("%(num)d work order waits for you.", "%(num)d work orders wait for you.", exports.needed), "warning"
    if not exports.is_on:
        return _("Work orders are not exported."), ""
    if exports.is_read_only:
        return _("Nothing is exported: this administration is read-only in Cash."), "warning"
    if exports.last and exports.fails:
        return _why_it_failed(exports.last), "error"
    if exports.opening is None:
        return _("Work orders: the next run only looks."), ""
    if exports.opening.state == SURVEYED:
        return begins(exports), "warning" if exports.waiting > MANY else ""
    if exports.opening.state == AGREED or exports.last is None or exports.last.state == "failed":
        return _("Work orders are exported with the next run."), ""
    return timed(_("Work orders exported at %(time)s."), exports.last.ended), "good"


def begins(exports: Exports) -> str:
    """When the first export begins by itself, or that it waits for a person."""
    if not exports.waiting:
        told = _("No work order waits.")
    else:
        told = _n("%(num)d work order waits.", "%(num)d work orders wait.", exports.waiting)
    if exports.waiting > MANY:
        return told + " " + _("Nothing is exported until you say which.")
    return escape(told) + " " + timed(_("The exports begin at %(time)s."), exports.begins)


def _why_it_failed(run: Run) -> str:
    title, _what_to_do = why_it_failed(run.reason, str(run.result.get("side", "")))
    if title.endswith("."):
        return title
    return _("Exporting work orders failed: %(problem)s. We try again by ourselves.", problem=title)


def first_switch_on(exports: Exports) -> First | None:
    """None where the exports have begun, or nobody has looked yet."""
    opening = exports.opening
    if opening is None or opening.state != SURVEYED:
        return None
    survey, refused = opening.survey, [*_refused(opening)]
    return First(
        seen=mark(opening),
        at=max(opening.at, exports.looked_at),
        begins=begins(exports),
        facts=[*_facts(survey)],
        customers=_texts(survey, "customers"),
        articles=_texts(survey, "articles"),
        refused=refused,
        more_refused=max(0, number(survey, "refused_rows") - len(refused)),
        can_choose=exports.waiting > 0,
    )


def _facts(survey: Mapping[str, Any]) -> Iterator[str]:
    if amount := survey.get("amount"):
        yield _("Together %(amount)s without VAT.", amount=in_euro(str(amount)))
    if oldest := _day(survey.get("oldest")):
        yield _("The oldest is of %(day)s.", day=oldest)
    if customers := number(survey, "new_customers"):
        yield _n("%(num)d customer is made in Cash.", "%(num)d customers are made in Cash.", customers)
    if articles := number(survey, "new_articles"):
        yield _n("%(num)d article is made in Cash.", "%(num)d articles are made in Cash.", articles)
    if refused := number(survey, "refused_rows"):
        yield _n("%(num)d cannot be exported as it is.", "%(num)d cannot be exported as they are.", refused)


def _day(found: object) -> str:
    try:
        return str(format_date(date.fromisoformat(str(found)), "long"))
    except ValueError:
        return ""


def _refused(opening: Opening) -> Iterator[tuple[str, list[Trouble]]]:
    found = opening.survey.get("refused")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, dict):
            yield str(each.get("order") or "–"), troubles(each.get("problems"))


def _texts(survey: Mapping[str, Any], name: str) -> list[str]:
    found = survey.get(name)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
