"""How Cash can fail, sorted by who can fix it."""

from ...outbound.failures import Failure, Meaning, Remedy
from .reasons import meaning_of


class CashError(Failure):
    """Cash did not do what was asked."""


class CredentialsRejected(CashError):
    """Cash does not accept the relation code, email address and password: response code 2, and nothing else."""


class NoAdministration(CashError):
    """The login is right, but sees no administration."""


class CashUnreachable(CashError):
    """No answer, or one that time may change: the network, TLS, an error of the server, damaged XML, codes 3-6."""


class CashBusy(CashError):
    """A limit was reached: Cash's own (429), ours per minute, or ours on calls in flight."""


class CashFault(CashError):
    """Only an operator can help: our service id, a code or a WSDL we do not know, a call Cash cannot carry out."""


class ImportLost(CashUnreachable):
    """Cash may have carried out an import, or do so yet: it had left, and what came back does not say."""


def error_for_reason(word: str, detail: str = "", retry_after: int | None = None) -> CashError:
    """A failure of the class that its reason word belongs to by the table; an unknown word is the operator's."""
    return _class(meaning_of(word))(word, detail, retry_after)


def _class(meaning: Meaning) -> type[CashError]:
    match meaning.remedy, meaning.words:
        case Remedy.OPERATOR, _:
            return CashFault
        case Remedy.USER, "rejected":
            return CredentialsRejected
        case Remedy.USER, _:
            return NoAdministration
        case Remedy.TIME, "busy" | "crowded":
            return CashBusy
    return CashUnreachable
