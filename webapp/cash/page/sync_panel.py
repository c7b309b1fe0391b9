"""How the synchronisation stands, in words."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from markupsafe import Markup

from ...outbound.failures import Remedy
from ...web.languages import _, _l, timed
from ..actions.ordering import Exports
from ..actions.row_reasons import REASONS, reason
from ..actions.syncing import Sync
from ..store.overview import ORDERS
from ..store.runs import Run
from .order_opening import exports_line
from .runs import why_it_failed
from .sync_results import KINDS, Details, counted, counts, number, shown

LACKS = {
    "login_refused": _l("Stopped: Cash refuses the stored login. Log in again and save."),
    "nothing_chosen": _l("Nothing is switched on."),
    "administration_gone": _l("Stopped: the login does not see the administration any more. Choose one and save."),
    "vault": _l("Stopped: the stored password cannot be read. Log in again and save."),
    "outsmart_token_missing": _l("Waits until OutSmart gives access to this account. You need not do anything."),
    "outsmart_token_unreadable": _l("Stopped: we cannot read the access to OutSmart. It is up to us to solve this."),
    "outsmart_token_refused": _l("Stopped: OutSmart refuses access to this account. Ask the support of OutSmart."),
}


@dataclass(frozen=True)
class Panel:
    """What the panel shows; `busy` while it should look again by itself."""

    text: str
    tone: str = ""  # "good", "warning", "error"
    hints: tuple[str, ...] = ()
    busy: bool = False
    can_start: bool = False
    goes_by: int = 0
    many_gone: bool = False
    refused: int = 0
    has_details: bool = False
    details: Details | None = None
    has_orders: bool = False
    orders: str = ""  # how the exports stand
    orders_tone: str = ""


def told(sync: Sync, exports: Exports | None = None, details: Details | None = None) -> Panel:
    """The panel of an account that was saved."""
    panel = _imports(sync, details)
    if exports is None:
        return panel
    text, tone = exports_line(exports) if not sync.missing else ("", "")
    return replace(panel, has_orders=True, orders=text, orders_tone=tone)


def _imports(sync: Sync, details: Details | None) -> Panel:
    run = sync.runs.open
    if run and run.state == "running":
        return Panel(_running(run), hints=_progress(run), busy=True, details=details)
    if run and run.user:
        return Panel(*_waiting(sync), busy=True, details=details)
    good = sync.runs.good.kinds.values() if sync.runs.good else ()
    refused = sum(number(each, "refused_rows", "still_refused") for each in good)
    text, tone = _standing(sync)
    waits = {str(each.get("waits")) for each in good} | {sync.standing.problem}
    return Panel(
        text,
        tone,
        (*_hints(sync),),
        can_start=not sync.missing and sync.standing.problem != "nothing_chosen",
        goes_by=sync.goes_by,
        many_gone="many_gone" in waits and sync.runs.good is not None,
        refused=refused,
        has_details=sync.runs.good is not None or sync.runs.looked is not None,
        details=details,
    )


def _running(run: Run) -> Markup:
    if run.kind == "preview":
        return timed(_("Looking since %(time)s what would change; nothing is written."), run.started)
    if run.kind == ORDERS:
        return timed(_("Exporting work orders since %(time)s."), run.started)
    return timed(_("Importing since %(time)s."), run.started)


def _progress(run: Run) -> tuple[str, ...]:
    kind = str(KINDS.get(str(run.progress.get("kind")), ""))
    match run.progress.get("step"):
        case "list":
            return (_("Asking OutSmart which work orders wait"),)
        case "read":
            return (_("Reading from Cash"),)
        case "kept":
            return (timed(_("Uses what was read from Cash at %(time)s."), _seconds(run.progress.get("at"))),)
        case "compare":
            return (_("%(kind)s: comparing with OutSmart", kind=kind),)
        case "send":
            return (_("%(kind)s: %(num)s sent", kind=kind, num=shown(run.progress.get("sent"))),)
    return ()


def _seconds(found: object) -> int:
    return found if isinstance(found, int) else 0


def _waiting(sync: Sync) -> tuple[str, str]:
    if sync.is_unattended:
        return _("Waits: the synchronisation does not run now. It is up to us to solve this."), "error"
    return _("Starts in a moment."), ""


def _standing(sync: Sync) -> tuple[str, str]:
    state, word = sync.standing
    if sync.is_unattended:
        return _waiting(sync)
    if word in LACKS:
        return str(LACKS[word]), "" if state == "paused" or word == "outsmart_token_missing" else "error"
    if word in REASONS and reason(word).remedy is Remedy.USER:
        return _("Waits for you. %(why)s.", why=_(reason(word).words)), "warning"
    if word:
        return _failed(word, sync.runs.ended), "error"
    if sync.runs.good:
        return timed(_("Imported at %(time)s."), sync.runs.good.ended), "good"
    return _("Nothing is imported yet."), ""


def _failed(word: str, run: Run | None) -> str:
    """Why the last run came to nothing."""
    title, _what_to_do = why_it_failed(word, str(run.result.get("side", "")) if run else "")
    if title.endswith("."):  # a whole sentence, which says whose it is to mend
        return title
    return _("%(problem)s. We try again by ourselves.", problem=title)


def _hints(sync: Sync) -> Iterable[str]:
    if sync.standing.problem in REASONS and sync.standing.state == "waits_for_user":
        yield _("Look at the details. Import now goes on when they are right.")
    if sync.runs.good and (line := counted(_totals(sync.runs.good))):
        yield f"{line}."
    if sync.next_run:
        yield timed(_("Next time: %(time)s."), sync.next_run)


def _totals(run: Run) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in run.kinds.values():
        total.update(counts(each))
    return total
