"""The way to Cash that the whole app shares."""

from collections.abc import Callable

from ..model import Credentials
from .calls import CallRecord, Calls
from .session import CashSession
from .soap import Soap


class CashGateway:
    """One Cash, for all who ask it: its WSDL, and how many may ask at once. Safe to share between threads.

    `deadline` is the seconds for one whole exchange, `import_deadline` those for the answer to an import: what an
    import did is unknown when none comes. `before_call` runs before every SOAP call, `before_wsdl` before every reading
    of the WSDL, both with the account that asks and the relation code it asks under; a number they return means that
    our own limit per minute is reached for that many seconds. `observer` hears of both when they are over.
    """

    def __init__(
        self,
        wsdl: str,
        service: str,
        *,
        ca_file: str | None = None,
        connect_timeout: float = 3.0,
        deadline: float = 10.0,
        import_deadline: float = 60.0,
        calls_in_flight: int = 10,
        before_call: Callable[[str, str], int | None] | None = None,
        before_wsdl: Callable[[str, str], int | None] | None = None,
        observer: Callable[[CallRecord], None] | None = None,
    ) -> None:
        self.soap = Soap(wsdl, ca_file, connect_timeout)
        self.service = service
        self.deadline = deadline
        self.import_deadline = import_deadline
        self.calls = Calls(calls_in_flight, before_call, before_wsdl, observer)

    def session(
        self,
        credentials: Credentials,
        *,
        caller: str = "",
        patience: float = 0.0,
        on_step: Callable[[str], None] | None = None,
    ) -> CashSession:
        """A conversation with Cash under one login; nothing is sent yet. For one thread; close it.

        `caller` is the account that asks, for those who hear of calls; `patience` the seconds it waits when
        as many as may be ask at once. `on_step` hears of each step as it passes,
        some more than once: resolved, connected, secure, answered, logged_in, administrations.
        """
        return CashSession(
            self.soap,
            self.calls.by(caller, credentials.relation_code, patience),
            credentials,
            self.service,
            self.deadline,
            self.import_deadline,
            on_step or (lambda step: None),
        )
