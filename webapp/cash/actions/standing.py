"""How an account is doing, as its host sees it: a word for its state, and what is to be mended. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...outbound.failures import Meaning, Remedy
from ...outsmart import reasons as outsmart
from ..choices import CHOICES, SavedSettings, Settings
from ..client import reasons as cash
from ..model import Login
from ..store.openings import SURVEYED, Opening
from ..store.runs import Run
from ..store.schedules import Schedule

# Why a run could not begin, or ended, that only the users of the page can mend; other words say it themselves.
FOR_USERS = {"no_login", "no_settings", "administration_gone", "vault"}
STATES = ("ok", "running", "waits_for_user", "problem", "paused")


@dataclass(frozen=True)
class Facts:
    """What is stored about an account."""

    saved: SavedSettings
    login: Login | None
    outsmart: str  # its token: "stored", "missing" or "unreadable"
    token_since: int
    changed: int = 0  # grows with each change that the host can see
    open: Run | None = None  # it waits or is under way
    ended: Run | None = None  # the import that came to an end last
    good: Run | None = None  # the last that came to a good end
    exported: Run | None = None  # the last that took orders to Cash, however it ended
    schedule: Schedule | None = None  # when it is due by itself
    orders: Mapping[str, int] = field(default_factory=dict)  # how many are in each state
    orders_wait: bool = False  # until a person says something of one, or of how the exports begin


class Standing(NamedTuple):
    """One of STATES, and the code of what is to be mended; "" where there is nothing."""

    state: str
    problem: str = ""


def standing_of(facts: Facts) -> Standing:
    """How the account is doing."""
    if facts.open and facts.open.state == "running":
        return Standing("running")
    return _set_up(facts) or _token(facts) or _held(facts) or _failed(facts) or _orders(facts)


def next_run(facts: Facts) -> int:
    """When the next run is due (seconds since 1970); 0 where none is planned."""
    if facts.open:
        return facts.open.due if facts.open.state == "waiting" else 0
    ready = facts.schedule is not None and not facts.schedule.held and not missing(facts)
    return facts.schedule.due if facts.schedule and ready else 0


def waiting(opening: Opening | None) -> int:
    """How many work orders the first look has found, while nothing is exported yet."""
    count = opening.survey.get("count") if opening and opening.state == SURVEYED else 0
    return count if isinstance(count, int) else 0


def still_fails(run: Run | None, saved: SavedSettings, login: Login | None, token_since: int) -> bool:
    """Whether it failed, and nothing that this may have been about was changed since."""
    changed = max(token_since, saved.at, login.since if login else 0)
    return run is not None and run.state == "failed" and run.ended >= changed


def missing(facts: Facts) -> list[str]:
    """What a run needs and has not."""
    has = {
        "settings": facts.saved.version > 0,
        "login": facts.login is not None and not facts.login.refused_since,
        "outsmart_token": facts.outsmart == "stored",
    }
    return [name for name, there in has.items() if not there]


def _set_up(facts: Facts) -> Standing | None:
    if facts.login is None:
        return (
            Standing("paused", "disconnected") if facts.saved.version else Standing("waits_for_user", "not_connected")
        )
    if not facts.saved.version:
        return Standing("waits_for_user", "not_saved")
    if facts.login.refused_since:
        return Standing("waits_for_user", "login_refused")
    return None if _chosen(facts.saved.settings) else Standing("paused", "nothing_chosen")


def _chosen(settings: Settings) -> bool:
    """Whether anything is imported or exported."""
    return any(getattr(settings, each.name) for each in CHOICES.values() if each.place in ("imports", "exports"))


def _token(facts: Facts) -> Standing | None:
    return None if facts.outsmart == "stored" else Standing("problem", f"outsmart_token_{facts.outsmart}")


def _held(facts: Facts) -> Standing | None:
    """Something that a person must look at first, before any run or for one kind of rows."""
    why = facts.schedule.held if facts.schedule else ""
    kinds = facts.good.kinds.values() if facts.good else ()
    waits = (each["waits"] for each in kinds if isinstance(each.get("waits"), str))
    found = why or next(filter(None, waits), "")
    return Standing("waits_for_user", found) if found else None


def _orders(facts: Facts) -> Standing:
    return Standing("waits_for_user", "orders") if facts.orders_wait else Standing("ok")


def _failed(facts: Facts) -> Standing | None:
    """Of the last import, or else of the last run of orders."""
    for run in (facts.ended, facts.exported):
        if run and still_fails(run, facts.saved, facts.login, facts.token_since):
            return _why(run.reason)
    return None


def _why(reason: str) -> Standing:
    if reason in FOR_USERS:
        return Standing("waits_for_user", reason)
    meaning = _meaning(reason)
    if meaning.words == "rejected" and reason in outsmart.REASONS.keys() - cash.REASONS.keys():
        return Standing("problem", "outsmart_token_refused")
    if meaning.words == "rejected":
        return Standing("waits_for_user", "login_refused")
    return Standing("waits_for_user" if meaning.remedy is Remedy.USER else "problem", reason)


def _meaning(word: str) -> Meaning:
    """Cash and OutSmart have no code in common."""
    return outsmart.REASONS.get(word) or cash.meaning_of(word)
