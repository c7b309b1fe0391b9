"""The Cash integration: what each of its rooms needs is put together here."""

import logging
from collections import deque

from flask import Flask

from ..observe import CashCalls
from ..outsmart import calls as outsmart_calls
from ..outsmart.gateway import OutSmartGateway
from ..web.languages import _l
from . import pace
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
    order_views,
    problems,
    sync_views,
    views,
    words,
)

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    """Adds the page and the gateway to the app."""
    calls = CashCalls(is_down, is_rejection)
    # The last calls of this process, for the diagnostics of the account that made them.
    recent = app.extensions["cash_calls"] = deque[CallRecord](maxlen=200)

    def before_call(account: str, relation_code: str) -> int | None:
        calls.begin()
        return pace.reserve(account, relation_code)

    def ended(call: CallRecord) -> None:
        calls.end(call.operation, call.outcome, call.ms)
        recent.append(call)

    def told(call: outsmart_calls.CallRecord) -> None:
        log.info("outsmart", extra={"operation": call.operation, "outcome": call.outcome, "ms": round(call.ms, 1)})

    app.extensions["cash"] = CashGateway(
        app.config["CASH_WSDL"],
        app.config["CASH_SERVICE"],
        ca_file=app.config["CASH_CA_FILE"] or None,
        connect_timeout=app.config["CASH_CONNECT_TIMEOUT"],
        deadline=app.config["CASH_DEADLINE"],
        calls_in_flight=app.config["CASH_CALLS_IN_FLIGHT"],
        before_call=before_call,
        before_wsdl=pace.reserve,
        observer=ended,
    )
    app.extensions["outsmart"] = OutSmartGateway(
        app.config["OUTSMART_URL"],
        app.config["OUTSMART_SOFTWARE_TOKEN"],
        connect_timeout=app.config["CASH_CONNECT_TIMEOUT"],
        observer=told,
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
