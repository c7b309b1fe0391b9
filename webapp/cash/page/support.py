"""What support needs to know, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from ...web.languages import _, moment
from ..actions import State
from .health import pill, trouble


def tell(state: State, errors: Sequence[Mapping[str, Any]]) -> list[Markup]:
    """The state of the account: no secret, no personal data."""
    return [*_connection(state), *_errors(errors)]


def _connection(state: State) -> Iterator[Markup]:
    yield _say(_("Connection: %(how)s."), how=pill(state).text)
    if state.stored:
        yield _say(_("Connected since %(time)s."), time=moment(state.stored.since))
        yield _say(_("Cash last answered: %(time)s."), time=moment(state.stored.worked_at))
    if state.saved.version:
        yield _say(_("Settings last saved: %(time)s."), time=moment(state.saved.at))


def _errors(errors: Sequence[Mapping[str, Any]]) -> Iterator[Markup]:
    for error in errors[:3]:
        words = _("Error, %(time)s: %(what)s (support code %(code)s).")
        what = trouble(error["reason"]) if error["reason"] else _other(error["kind"])
        yield _say(words, time=moment(error["at"]), what=what, code=error["support"] or "–")


def _other(kind: str) -> str:
    if kind == "login_refused":
        return _("Login refused")
    return _("This login does not see the administration any more")


def _say(text: str, **values: Any) -> Markup:
    return escape(text) % values
