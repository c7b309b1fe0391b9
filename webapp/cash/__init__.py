"""The Cash integration: one folder with its gateway, stores, forms and views."""

from flask import Blueprint, Flask, current_app

from ..db import get_db
from ..observe import CashCalls
from ..throttle import count_cash_call
from .gateway import CashGateway

bp = Blueprint("cash", __name__)


def init_app(app: Flask) -> None:
    """Adds the page and the gateway to the app."""
    from . import connection_views, log_views, views, words  # noqa: F401 - the views register the routes

    calls = CashCalls()

    def before_call() -> int | None:
        calls.begin()
        return count_cash_call(get_db(), current_app.config["CASH_CALLS_PER_MINUTE"])

    app.extensions["cash"] = CashGateway(
        app.config["CASH_WSDL"],
        app.config["CASH_SERVICE"],
        ca_file=app.config["CASH_CA_FILE"] or None,
        connect_timeout=app.config["CASH_CONNECT_TIMEOUT"],
        deadline=app.config["CASH_DEADLINE"],
        calls_in_flight=app.config["CASH_CALLS_IN_FLIGHT"],
        before_call=before_call,
        observer=lambda call: calls.end(call.operation, call.outcome, call.ms),
    )
    app.jinja_env.globals["step_name"] = words.STEPS.__getitem__
    app.register_blueprint(bp)
