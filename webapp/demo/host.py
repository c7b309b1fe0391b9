"""A stand-in for the OutSmart settings area: our page in a frame on another origin."""

from collections.abc import Sequence

from flask import Flask, render_template, request

from ..config import LANGUAGES
from ..web.tokens import sign_launch
from .cash import DemoLogin

ACCOUNTS = {"1001": "Demo Installatie B.V.", "1002": "Tweede Demo Techniek"}


def create_host(page: str, parent: str, launch_keys: Sequence[str], logins: Sequence[DemoLogin]) -> Flask:
    """The host page at `parent` that shows the page at `page`; both are origins."""
    app = Flask("host", template_folder="../../templates", root_path=__file__.rsplit("/", 1)[0], static_folder=None)

    @app.get("/")
    def settings_area() -> str:
        account = request.args.get("account", "1001")
        lang = request.args.get("lang", LANGUAGES[0])
        claims = {
            "account": account,
            "company": ACCOUNTS.get(account, account),
            "sub": "beheer",
            "lang": lang,
            "parent": parent,
        }
        return render_template(
            "demo/host.html",
            page=page,
            token=sign_launch(launch_keys, claims),
            account=account,
            accounts=ACCOUNTS,
            lang=lang,
            languages=LANGUAGES,
            logins=logins,
        )

    return app
