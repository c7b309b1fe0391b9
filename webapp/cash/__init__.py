"""The Cash integration: one folder with its gateway, stores, forms and views."""

from collections import deque

from flask import Flask, current_app, g, has_request_context, session

from ..db import get_db
from ..observe import CashCalls
from ..throttle import reserve_call
from .client.gateway import CallRecord, CashGateway
from .page import bp, connection_views, forms, log_views, views, words  # noqa: F401 - the views register the routes


def asking_account() -> str:
    """Whose request it is, also in a thread that works for one."""
    return str(g.get("account") or (session.get("account", "") if has_request_context() else ""))


def init_app(app: Flask) -> None:
    """Adds the page and the gateway to the app."""
    calls = CashCalls()
    # The last calls of this process, for the diagnostics of the account that made them.
    recent = app.extensions["cash_calls"] = deque[tuple[str, CallRecord]](maxlen=200)

    def count() -> int | None:
        most, own = (current_app.config[f"CASH_CALLS_PER_{whose}"] for whose in ("MINUTE", "ACCOUNT"))
        return reserve_call(get_db(), most, asking_account(), per_account=own)

    def before_call() -> int | None:
        calls.begin()
        return count()

    def ended(call: CallRecord) -> None:
        calls.end(call.operation, call.outcome, call.ms)
        recent.append((asking_account(), call))

    app.extensions["cash"] = CashGateway(
        app.config["CASH_WSDL"],
        app.config["CASH_SERVICE"],
        ca_file=app.config["CASH_CA_FILE"] or None,
        connect_timeout=app.config["CASH_CONNECT_TIMEOUT"],
        deadline=app.config["CASH_DEADLINE"],
        calls_in_flight=app.config["CASH_CALLS_IN_FLIGHT"],
        before_call=before_call,
        before_wsdl=count,
        observer=ended,
    )
    app.extensions["labels"] |= {name: label for name, label in words.LABELS.items() if name in forms.CHOICES}
    app.jinja_env.globals.update(step_name=words.STEPS.__getitem__, fingerprint=words.fingerprint)
    app.register_blueprint(bp)
