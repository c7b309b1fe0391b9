"""The way to OutSmart that the whole app shares."""

from ..outbound.http import Wire, trust
from .calls import Observer
from .session import OutSmartSession
from .tokens import Tokens
from .turns import Turns

USER_AGENT = "outsmart-cash"


class OutSmartGateway:
    """One OutSmart, for all accounts. Safe to share between threads.

    `url` is where its endpoints are, such as https://app.out-smart.com/openapi/8; `software_token` is the
    integrator's. `deadline` is how many seconds one call may take, its rows and whoever takes them included.
    `observer` hears of each call when it is over.
    """

    def __init__(
        self,
        url: str,
        software_token: str,
        *,
        ca_file: str | None = None,
        connect_timeout: float = 3.0,
        deadline: float = 300.0,
        observer: Observer | None = None,
    ) -> None:
        self._url = url
        self._software_token = software_token
        self._trust = trust(ca_file)
        self._connect_timeout = connect_timeout
        self._deadline = deadline
        self._observer = observer or (lambda call: None)
        self._turns = Turns()

    def session(self, account: str, token: str) -> OutSmartSession:
        """A conversation for one account with its token; nothing is sent yet. For one thread; close it.

        All sessions of one account, by its name, take turns.
        """
        return OutSmartSession(
            Wire(self._trust, self._connect_timeout, USER_AGENT),
            self._url,
            Tokens(self._software_token, token),
            account,
            self._turns.of(account),
            self._deadline,
            self._observer,
        )
