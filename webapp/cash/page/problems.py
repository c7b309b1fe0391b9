"""What went wrong, in words that say what to do next."""

from typing import NamedTuple

from ...throttle import LoginRejected, TooSoon
from ...vault import VaultError
from ...web.languages import _, _n
from ..actions import AdministrationGone, LoginGone, TooManySaves
from ..client.errors import CashError
from ..client.reasons import meaning_of

INVALID_LOGIN = "Gegevens API gebruiker niet geldig"  # exactly this, in every language


class Problem(NamedTuple):
    """What went wrong, for the user: a title, what to do next, and the status of the response."""

    title: str
    text: str
    status: int
    retry_after: int | None = None
    dutch: bool = False  # the title is Dutch in every language
    about: str = "trouble"  # the paragraph of the manual


def wait(seconds: int) -> str:
    """A time to wait, rounded up to whole minutes from one minute on."""
    if seconds <= 60:
        return _n("%(num)d second", "%(num)d seconds", seconds)
    return _n("%(num)d minute", "%(num)d minutes", -(-seconds // 60))


def rejected(left: int = 0, seconds: int = 0, *, spaced: bool = False) -> Problem:
    """Cash refused the login; so many attempts are left, or another one is allowed in so many seconds.

    `spaced`: the password that was typed begins or ends with a space.
    """
    text = _("Check the relation code, email address and password, then try again.")
    if spaced:
        text += " " + _("The password you typed begins or ends with a space.")
    more = _attempts(left) if left else ""
    if seconds:
        more = _("You can try again in %(time)s.", time=wait(seconds))
    return Problem(INVALID_LOGIN, f"{text} {more}".strip(), 422, dutch=True, about="rejected")


def _attempts(left: int) -> str:
    if left == 1:
        return _("1 attempt left; after that you have to wait, an hour at most.")
    return _n("%(num)d attempt left.", "%(num)d attempts left.", left)


def too_many(seconds: int, *, stored: bool = False) -> Problem:
    """Too many failed logins; `stored`: there is a login that they leave alone."""
    text = _("For safety you have to wait %(time)s.", time=wait(seconds))
    if stored:
        text += " " + _("The stored login still works, and your settings stay as they are.")
    return Problem(_("Too many wrong logins"), text, 429, retry_after=seconds, about="locked")


def too_many_saves(seconds: int) -> Problem:
    """More Saves in a minute than anyone needs."""
    text = _("Nothing was saved this time. You can save again in %(time)s.", time=wait(seconds))
    return Problem(_("Too many saves in a minute"), text, 429, retry_after=seconds, about="saves")


def in_words(error: Exception, *, spaced: bool = False, stored: bool = False) -> Problem:
    """Any failure of an action; `spaced` as in rejected, `stored` as in too_many."""
    match error:
        case LoginRejected():
            return rejected(error.left, error.wait, spaced=spaced)
        case TooManySaves():
            return too_many_saves(error.seconds)
        case TooSoon():
            return too_many(error.seconds, stored=stored)
        case LoginGone():
            return log_in_first()
        case VaultError():
            return log_in_again()
        case AdministrationGone():
            return gone(error.name)
        case CashError():
            return explain(error)
    raise error


def explain(error: CashError) -> Problem:
    """What Cash did not do, in the words that its reason has in the table."""
    retry = error.retry_after
    later = (
        _("Nothing was changed. Try again in %(time)s.", time=wait(retry))
        if retry
        else _("Nothing was changed. Try again in a few minutes.")
    )
    match meaning_of(error.reason).words:
        case "rejected":
            return rejected()
        case "sees_nothing":
            return Problem(
                _("This login sees no administration"),
                _(
                    "The login is right, but the API user may not see any administration. "
                    "In Cash, give the department of this user access to the administration, then try again."
                ),
                422,
                about="sees-nothing",
            )
        case "crowded":
            return Problem(_("Many people are asking Cash right now"), later, 503, retry or 5, about="busy")
        case "busy":
            return Problem(_("Cash is busy"), later, 429, retry or 60, about="busy")
        case "attention":
            return Problem(
                _("The link does not work now. It is up to us to solve this."),
                _("This is not caused by what you typed, and nothing was changed. Give the code below to support."),
                503,
                about="attention",
            )
        case words:
            return Problem(_unreachable(words), later, 503, retry, about="insecure" if words == "insecure" else "down")


def _unreachable(words: str) -> str:
    return {
        "unreached": _("Cash cannot be reached"),
        "slow": _("Cash takes too long to answer"),
        "insecure": _("The secure connection to Cash failed"),
        "down": _("Cash is down or under maintenance"),
    }.get(words, _("Cash gave an answer we cannot use"))


def log_in_first() -> Problem:
    """There is no login to work with: it was never proven, or it waited too long for Save."""
    return Problem(
        _("Log in to Cash first"),
        _(
            "There is no login to work with any more: it waited too long for Save, or someone disconnected. "
            "Fill in the password and press Submit; your choices stay."
        ),
        422,
        about="log-in-first",
    )


def log_in_again() -> Problem:
    """The stored password cannot be opened any more."""
    return Problem(
        _("Log in to Cash again"),
        _("The stored login can no longer be used. Your settings are kept. Fill in the password and press Submit."),
        422,
        about="log-in-again",
    )


def gone(name: str) -> Problem:
    """The login works, but no longer sees the administration that is saved."""
    return Problem(
        _("This login does not see the administration %(name)s any more", name=name),
        _("Choose another administration and save, or have Cash give the API user access to it again."),
        422,
        about="gone",
    )


def restore_conflict() -> Problem:
    """Someone saved between opening the log and restoring."""
    return Problem(
        _("Someone saved other settings meanwhile"),
        _("Nothing was restored. Compare again in the log, then restore."),
        409,
        about="conflict",
    )
