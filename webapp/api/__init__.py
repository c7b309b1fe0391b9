"""The API for the host: its accounts, how they are doing, and their runs."""

import json

from flask import Flask

from ..web import last_resort
from ..web.embed import csrf
from .commands import account
from .problems import FAILED, MEDIA_TYPE, answer, details
from .routes import PREFIX, bp


def init_app(app: Flask) -> None:
    """Adds the routes, the commands, and an errorhandler that leaves everything else to the one of the pages."""
    csrf.exempt(bp)  # each request proves itself with a bearer token
    app.register_blueprint(bp)
    app.register_error_handler(Exception, answer(PREFIX, app.error_handler_spec[None][None][Exception]))
    last_resort.answers_otherwise(app, PREFIX, MEDIA_TYPE, json.dumps(details(500, FAILED)).encode())
    app.cli.add_command(account)
