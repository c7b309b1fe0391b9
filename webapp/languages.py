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
from markupsafe import Markup

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


def iso(seconds: int) -> str:
    """A moment for programs."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def moment(seconds: int) -> Markup:
    """A time of day, with the day where it is not today; the page shows it in the zone of who looks."""
    then, today = _local(seconds), _local(None)
    text = str(format_datetime(then, "HH:mm"))
    if then.date() != today.date():
        text = _("%(date)s, %(time)s", date=date(seconds), time=text)
    return Markup('<time datetime="{}">{}</time>').format(iso(seconds), text)


def ago(seconds: int) -> str:
    """How long ago."""
    past = int(time()) - seconds
    if past < 60:
        return _("just now")
    return str(format_timedelta(timedelta(seconds=-past), granularity="minute", add_direction=True))


def from_now(seconds: int) -> int:
    """The moment so many seconds from now."""
    return int(time()) + seconds


def _local(seconds: int | None) -> datetime:
    local: datetime = to_user_timezone(datetime.fromtimestamp(seconds, UTC) if seconds else datetime.now(UTC))
    return local


def init_app(app: Flask) -> None:
    """Puts the catalogues in place."""
    app.config["BABEL_DEFAULT_TIMEZONE"] = app.config["TIMEZONE"]
    # English as Europeans write it: the day before the month.
    Babel(app, default_locale=LANGUAGES[0], locale_selector=lambda: "en_GB" if language() == "en" else language())
    app.jinja_env.globals.update(language=language, _n=_n)
    app.jinja_env.filters.update(date=date, moment=moment, ago=ago, from_now=from_now)
