"""The language and time zone of the page."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from time import time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import Flask, current_app, g, request, session
from flask_babel import Babel, force_locale, format_date, get_domain, get_locale
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from ..config import LANGUAGES

QUARTER = 15 * 60  # seconds


def _(text: str, **values: object) -> str:
    """A text in the user's language."""
    found = str(_texts().gettext(text))
    return found % values if values else found


def _n(one: str, many: str, number: int) -> str:
    """A text with a number in it, in the user's language."""
    return str(_texts().ngettext(one, many, number)) % {"num": number}


def _l(text: str) -> LazyString:
    """A text that is looked up when it is shown."""
    return LazyString(_, text)


def in_every_language(text: LazyString) -> list[tuple[str, str]]:
    """A text for nobody in particular: each language with its words."""
    return [(each, _translated(text, each)) for each in LANGUAGES]


def _translated(text: LazyString, language: str) -> str:
    with force_locale(_locale(language)):
        g.pop("texts", None)
        translated = str(text)
    g.pop("texts", None)
    return translated


def _locale(language: str) -> str:
    return "en_GB" if language == "en" else language  # as Europeans write it: the day before the month


def _texts() -> NullTranslations:
    """The catalogue of the user's language. A page has hundreds of texts: it is found once, not for each of them."""
    try:
        texts: NullTranslations = g.texts
    except AttributeError:
        texts = g.texts = get_domain().get_translations()
    return texts


@lru_cache(maxsize=len(LANGUAGES))
def _for_templates(language: str) -> Callable[..., Markup]:
    """The `_` of templates, bound to the language: a page has a hundred texts, and each is found once for all pages."""
    catalogue = get_domain().get_translations()
    known: dict[str, Markup] = {}

    def translate(text: str, **values: object) -> Markup:
        found = known.get(text)
        if found is None:
            found = known[text] = escape(catalogue.gettext(text))
        return found % values if values else found  # which escapes the values

    return translate


def language() -> str:
    """The language of the launch; on a page without a session the one its link names; else Dutch."""
    asked = session.get("lang") or request.args.get("lang", "")
    return asked if asked in LANGUAGES else LANGUAGES[0]


def date(seconds: int) -> str:
    """A day as the user writes it, with the year where it is not this one."""
    then, today = _local(seconds), _local(None)
    if then.year == today.year:
        return str(format_skeleton("MMMMd", then, locale=get_locale()))
    return str(format_date(then, "long"))


class _Written(NamedTuple):
    iso: str
    time: str
    day: str
    today: bool


def moment(seconds: int, today: bool = False) -> Markup:
    """A time of day, with the day where it is not today, or always; the page shows it in the zone of who looks."""
    then = _written(seconds)
    if not then.today:
        text = _("%(date)s, %(time)s", date=then.day, time=then.time)
    else:
        text = _("today %(time)s", time=then.time) if today else then.time
    if today:
        return Markup('<time datetime="{}" data-today>{}</time>').format(then.iso, text)
    return Markup('<time datetime="{}">{}</time>').format(then.iso, text)


def timed(text: str, seconds: int) -> Markup:
    """A text with the time where it says `%(time)s`."""
    return escape(text) % {"time": moment(seconds)}


def clock(seconds: int) -> Markup:
    """A time of day, under its `day`."""
    then = _written(seconds)
    return Markup('<time datetime="{}" data-clock>{}</time>').format(then.iso, then.time)


def day(seconds: int) -> str:
    """Today, or a day as in `date`."""
    then = _written(seconds)
    return _("Today") if then.today else then.day


def _written(seconds: int) -> _Written:
    # A day begins and ends with a quarter of an hour, in every time zone.
    return _in_zone(seconds, int(time()) // QUARTER, language(), current_app.config["TIMEZONE"])


@lru_cache(maxsize=1000)  # a page of the log has twenty of them, and shows them again and again
def _in_zone(seconds: int, quarter: int, _language: str, timezone: str) -> _Written:
    zone = ZoneInfo(timezone)
    then, today = datetime.fromtimestamp(seconds, zone), datetime.fromtimestamp(quarter * QUARTER, zone)
    # All four languages write a time of day so.
    return _Written(then.isoformat(), f"{then:%H:%M}", date(seconds), then.date() == today.date())


def from_now(seconds: int) -> int:
    """The moment so many seconds from now."""
    return int(time()) + seconds


def _local(seconds: int | None) -> datetime:
    zone = ZoneInfo(current_app.config["TIMEZONE"])
    return datetime.fromtimestamp(seconds, zone) if seconds else datetime.now(zone)


def init_app(app: Flask) -> None:
    """Puts the catalogues in place."""
    Babel(app, default_locale=LANGUAGES[0], locale_selector=lambda: _locale(language()))
    app.jinja_env.globals.update(language=language, _n=_n)
    app.context_processor(lambda: {"_": _for_templates(language())})
    app.jinja_env.filters.update(date=date, day=day, moment=moment, clock=clock, from_now=from_now)
