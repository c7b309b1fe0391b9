"""Where a fault in security is told: /.well-known/security.txt (RFC 9116)."""

from datetime import UTC, datetime, timedelta

from flask import Flask, Response, current_app

from ..access import public
from ..config import LANGUAGES

GOOD_FOR = timedelta(days=180)


@public
def tell_contact() -> Response:
    """Who to tell, and until when that is right."""
    expires = (datetime.now(UTC) + GOOD_FOR).strftime("%Y-%m-%dT00:00:00Z")
    contact = current_app.config["SECURITY_CONTACT"]
    text = f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: {', '.join(LANGUAGES)}\n"
    return Response(text, content_type="text/plain; charset=utf-8")


def init_app(app: Flask) -> None:
    """Adds the route where a contact is configured."""
    if app.config["SECURITY_CONTACT"]:
        app.add_url_rule("/.well-known/security.txt", view_func=tell_contact)
