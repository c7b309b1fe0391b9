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

    def asked() -> tuple[str, str]:
        return request.args.get("account", "1001"), request.args.get("lang", LANGUAGES[0])

    @app.post("/cash-launch-token")
    def launch_token() -> str:
        """A real host asks its own session here who the user is."""
        account, lang = asked()
        company = ACCOUNTS.get(account, account)
        claims = {"account": account, "company": company, "sub": "beheer", "lang": lang, "parent": parent}
        return sign_launch(launch_keys, claims)

    @app.get("/")
    def settings_area() -> str:
        account, lang = asked()
        return render_template(
            "demo/host.html",
            page=page,
            token=launch_token(),
            account=account,
            accounts=ACCOUNTS,
            lang=lang,
            languages=LANGUAGES,
            logins=logins,
        )

    return app
