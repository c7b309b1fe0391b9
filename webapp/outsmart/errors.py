"""How OutSmart can fail, sorted by who can fix it."""

from ..outbound.failures import Failure, Meaning, Remedy
from .reasons import meaning_of


class OutSmartError(Failure):
    """OutSmart did not do what was asked. Neither it nor its cause tells an address or a token."""


class TokenRefused(OutSmartError):
    """The account's token is missing or not accepted: whoever administers the account must connect it anew."""


class WorkOrderGone(OutSmartError):
    """There is no such work order (any more)."""


class OutSmartUnreachable(OutSmartError):
    """No answer, or one that time may change; the same call may be made again."""


class OutSmartBusy(OutSmartError):
    """A limit was reached: OutSmart's own (429), or ours of one call at a time; the same call may be made again."""


class OutSmartFault(OutSmartError):
    """Only an operator can help: our address or software token, or a code we do not know."""


def is_about_one(error: OutSmartError) -> bool:
    """Whether OutSmart answered, so that another call may well succeed."""
    return error.reason.startswith("code_")


def error_for_reason(word: str, detail: str = "", retry_after: int | None = None) -> OutSmartError:
    """A failure of the class that its reason word belongs to by the table; an unknown word is the operator's."""
    return _class(meaning_of(word))(word, detail, retry_after)


def _class(meaning: Meaning) -> type[OutSmartError]:
    match meaning.remedy, meaning.words:
        case Remedy.OPERATOR, _:
            return OutSmartFault
        case Remedy.USER, "gone":
            return WorkOrderGone
        case Remedy.USER, _:
            return TokenRefused
        case Remedy.TIME, "busy" | "crowded":
            return OutSmartBusy
    return OutSmartUnreachable
