"""What works on runs in the background: processes of their own, beside those that answer requests."""

from flask import Flask

from .commands import sync, worker


def init_app(app: Flask) -> None:
    """Adds the commands."""
    for command in (worker, sync):
        app.cli.add_command(command)
