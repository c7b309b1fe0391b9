"""The Cash integration: what each of its rooms needs is put together here."""

from collections import deque

from flask import Flask, current_app

from ..db import get_db
from ..observe import CashCalls
from ..rates import reserve_call
from ..web.languages import _l
from .choices import CHOICES, TOGETHER
from .client.calls import CallRecord
from .client.gateway import CashGateway
from .client.reasons import is_down, is_rejection
from .commands import rotate_vault_keys
from .page import (  # noqa: F401 - they register the routes
    bp,
    connection_views,
    failures,
    health,
    log_views,
    problems,
    views,
    words,
)


def init_app(app: Flask) -> None:
    """Adds the page and the gateway to the app."""
    calls = CashCalls(is_down, is_rejection)
    # The last calls of this process, for the diagnostics of the account that made them.
    recent = app.extensions["cash_calls"] = deque[CallRecord](maxlen=200)

    def reserve(account: str) -> int | None:
        config = current_app.config
        return reserve_call(
            get_db(), config["CASH_CALLS_PER_MINUTE"], account, per_account=config["CASH_CALLS_PER_ACCOUNT"]
        )

    def before_call(account: str) -> int | None:
        calls.begin()
        return reserve(account)

    def ended(call: CallRecord) -> None:
        calls.end(call.operation, call.outcome, call.ms)
        recent.append(call)

    app.extensions["cash"] = CashGateway(
        app.config["CASH_WSDL"],
        app.config["CASH_SERVICE"],
        ca_file=app.config["CASH_CA_FILE"] or None,
        connect_timeout=app.config["CASH_CONNECT_TIMEOUT"],
        deadline=app.config["CASH_DEADLINE"],
        calls_in_flight=app.config["CASH_CALLS_IN_FLIGHT"],
        before_call=before_call,
        before_wsdl=reserve,
        observer=ended,
    )
    app.extensions["labels"] |= {each.name: _l(each.label) for each in CHOICES.values()}
    app.jinja_env.globals.update(
        CHOICES=CHOICES,
        TOGETHER=TOGETHER,
        INVALID_LOGIN=problems.INVALID_LOGIN,
        trouble=health.trouble,
        step_tried=words.TRIED.__getitem__,
        told_steps=words.told_steps,
    )
    app.cli.add_command(rotate_vault_keys)
    app.register_blueprint(bp)
