"""Every failure of an action, in words where the user is looking."""

from flask import Response, request

from ...throttle import LoginRejected, TooSoon
from ...vault import VaultError
from ...web.languages import _
from ..actions import LoginGone, Unconfirmed
from ..actions.changes import fingerprint
from ..client.errors import CashError
from . import bp, words
from .forms import LoginForm, SettingsForm
from .problems import in_words
from .rendering import current_state, panel
from .views import typed

# Where the words stand, and which parts of the page the answer replaces.
PLACES = {
    "cash.log_in": ("connection", ("connection", "top", "log")),
    "cash.administration": ("warehouse", ("warehouse", "note", "switch", "top", "log")),
    "cash.save_settings": ("choices", ("choices",)),
    "cash.restore": ("log", ("log",)),
}
AT_THE_LOGIN = ("connection", ("connection", "top", "log"))


def failed(error: Exception) -> Response:
    """The page as it was typed, with what went wrong beside what was pressed."""
    place, parts = PLACES.get(request.endpoint or "", AT_THE_LOGIN)
    if isinstance(error, LoginGone | VaultError):
        place, parts = AT_THE_LOGIN
    state = current_state()
    login = LoginForm() if request.endpoint == "cash.log_in" else None
    password = str(login.password.data) if login else ""
    problem = in_words(error, spaced=password != password.strip(), stored=state.stored is not None)
    if isinstance(error, LoginRejected) and request.endpoint != "cash.log_in":
        # The page says itself how to put that right, where it can be put right.
        status, message = problem.status, problem.title
        return panel(state, *parts, "connection", status=status, settings=typed(state), message=message)
    return panel(state, *parts, login=login, settings=typed(state), problem=problem, problem_at=place)


def ask(question: Unconfirmed) -> Response:
    """What a Save sets in motion, before it does."""
    state = current_state()
    restoring = request.endpoint == "cash.restore"
    message = _("The earlier settings are in the form. Check them, then press Save.") if restoring else ""
    form = typed(state) or SettingsForm.offer(state)
    form.show(question.settings)
    form.confirmed.data = fingerprint(question.told)
    status = 409 if any(each.kind == "override" for each in question.told) else 200
    told = [words.consequence(each) for each in question.told]
    act = words.act(question.told)
    return panel(state, "choices", status=status, settings=form, question=told, act=act, message=message)


for kind in (CashError, LoginRejected, TooSoon, LoginGone, VaultError):
    bp.register_error_handler(kind, failed)
bp.register_error_handler(Unconfirmed, ask)
