"""How Cash can fail, sorted by who can fix it."""

from .soap import CallFailed, Refused


class CashError(Exception):
    """Cash did not do what was asked: a short machine word, a text for the operator, seconds to wait if known."""

    def __init__(self, reason: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


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


BUSY = {"in_flight", "rate_limit", "http_429"}
FAULTS = {"wsdl_part", "wsdl_operation", "wsdl_style", "wsdl_address", "no_code", "unknown_status", "unknown_list"}
THEIRS = {3, 4, 5, 6, 200, 300, 400, 500, 600, 700}  # response codes of trouble at Cash (VDBF, H)
OURS = {800, 900, 901, 902, 903}  # of a call that Cash understood but cannot carry out (VDBF, H)


def error_for(failure: CallFailed) -> CashError:
    """A failed call, sorted by who can fix it."""
    kind: type[CashError] = CashUnreachable
    if isinstance(failure, Refused):
        if failure.code == 2:
            return CredentialsRejected("code_2", "Error during login")
        if failure.code == 7:
            return CashFault("service", "Cash does not recognize our service id")
        if failure.code not in THEIRS | OURS:
            return CashFault("unknown_code", f"Cash answers with code {failure.code}")
        kind = CashFault if failure.code in OURS else CashUnreachable
    elif failure.reason in BUSY:
        kind = CashBusy
    elif failure.reason in FAULTS:
        kind = CashFault
    return kind(failure.reason, failure.detail, failure.retry_after)
