"""How a run asks Cash and OutSmart for its account: under the stored login and the stored token."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from flask import current_app

from ..accounts import AccountStore
from ..db import get_db
from .choices import Settings
from .client.errors import CredentialsRejected
from .store.logins import STORED, LoginStore

PATIENCE = 300.0  # seconds until a run gives up waiting for a place among the calls to Cash


class NotReady(Exception):
    """Something is missing that a run needs; says which in one word."""


@contextmanager
def conversations_of(account: str, settings: Settings) -> Iterator[dict[str, Any]]:
    """The parts `cash`, `administration`, `sees` and `outsmart`."""
    logins = LoginStore(get_db(), current_app.extensions["vault"])
    login = logins.both(account, STORED)[1]
    if login is None or login.refused_since:
        raise NotReady("login_refused" if login else "no_login")
    administration = login.administration(settings.administration)
    if administration is None or login.relation_code != settings.relation_code:
        raise NotReady("administration_gone" if settings.administration else "no_settings")
    credentials, gateway = logins.credentials(account, login), current_app.extensions["cash"]
    cash = partial(gateway.session, credentials, caller=account, patience=PATIENCE)
    with current_app.extensions["outsmart"].session(account, _token(account)) as outsmart:
        try:
            yield {
                "cash": cash,
                "administration": administration,
                "sees": login.administration,
                "outsmart": outsmart,
            }
        except CredentialsRejected:
            logins.mark_refused(account, login)
            raise


def _token(account: str) -> str:
    try:
        return AccountStore(get_db(), current_app.extensions["vault"]).token(account)
    except KeyError:
        raise NotReady("outsmart_token_missing") from None
