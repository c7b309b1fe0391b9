"""The Cash settings page for OutSmart."""

from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from . import api, cash, cli, config, db, health, logs, observe, worker
from .vault import Vault
from .web import embed, errors, headers, languages, last_resort, pages, security_txt


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The app; `overrides` override the environment. Raises ConfigurationError or DatabaseUnfit."""
    app = Flask(__name__, template_folder="../templates", static_folder="../static")
    config.init_app(app, overrides)
    app.extensions["vault"] = Vault(app.config["VAULT_KEYS"])
    parts = (logs, observe, db, embed, headers, pages, languages, errors, security_txt, cash, api, health, worker, cli)
    for part in parts:
        part.init_app(app)
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    last_resort.init_app(app)
    return app
