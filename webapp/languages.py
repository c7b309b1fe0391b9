"""The language and time zone of the page."""

from datetime import UTC, datetime, timedelta
from time import time

from babel.dates import format_skeleton
from flask import Flask, request, session
from flask_babel import (
    Babel,
    format_date,
    format_datetime,
    format_timedelta,
    get_locale,
    gettext,
    lazy_gettext,
    ngettext,
    to_user_timezone,
)

from .config import LANGUAGES

_l = lazy_gettext


def _(text: str, **values: object) -> str:
    """A text in the user's language."""
    return str(gettext(text, **values))


def _n(one: str, many: str, number: int) -> str:
    """A text with a number in it, in the user's language."""
    return str(ngettext(one, many, number))


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


def moment(seconds: int) -> str:
    """A time of day, with the day where it is not today."""
    then, today = _local(seconds), _local(None)
    clock = str(format_datetime(then, "HH:mm"))
    return clock if then.date() == today.date() else _("%(date)s, %(time)s", date=date(seconds), time=clock)


def ago(seconds: int) -> str:
    """How long ago, for what is less than a day old; else the day."""
    if 0 <= time() - seconds < 24 * 3600:
        return str(format_timedelta(timedelta(seconds=seconds - int(time())), granularity="minute", add_direction=True))
    return date(seconds)


def from_now(seconds: int) -> int:
    """The moment so many seconds from now."""
    return int(time()) + seconds


def iso(seconds: int) -> str:
    """A moment for programs."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _local(seconds: int | None) -> datetime:
    local: datetime = to_user_timezone(datetime.fromtimestamp(seconds, UTC) if seconds else datetime.now(UTC))
    return local


def init_app(app: Flask) -> None:
    """Puts the catalogues in place."""
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["TIMEZONE"]
    Babel(app, default_locale=LANGUAGES[0], locale_selector=language)
    app.jinja_env.globals.update(language=lambda: str(get_locale()), _=_, _n=lambda one, many, num: _n(one, many, num))
    app.jinja_env.filters.update(date=date, moment=moment, ago=ago, from_now=from_now, iso=iso)
