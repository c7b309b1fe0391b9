"""A stand-in for the OutSmart settings area: our page in a frame on another origin, as the README says."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import Flask, render_template, request
from jinja2.utils import htmlsafe_json_dumps

from ..config import LANGUAGES
from ..web.tokens import sign_launch
from . import readme
from .past import USERS
from .scenarios import SCENARIOS, YEAR
from .showcase import Showcase

MARKUP_HERE, SCRIPT_HERE = "<!-- the markup of the README -->", "// the script of the README"
ACCOUNTS = {each.account: each.company for each in SCENARIOS.values()}


def create_host(page: str, parent: str, launch_keys: Sequence[str], showcase: Showcase | None = None) -> Flask:
    """The host page at `parent` that shows the page at `page`; both are origins.

    With a showcase there is an inspector beside the frame, unless the address says `alone`.
    """

    def here(code: str) -> str:
        return code.replace(readme.PAGE_THERE, page)

    app = Flask("host", template_folder="../../templates", root_path=__file__.rsplit("/", 1)[0], static_folder=None)

    @app.post("/cash-launch-token")
    def launch_token() -> str:
        """A real host asks its own session here who the user is."""
        return sign_launch(launch_keys, {**_asked(), "parent": parent})

    @app.get("/")
    def settings_area() -> str:
        claims = _asked()
        inspector = showcase.shown() if showcase and "alone" not in request.args else None
        markup = here(readme.markup()).replace(readme.LAUNCH_THERE, launch_token())
        script = here(readme.script()).replace(readme.ROUTE_THERE, _route(claims))
        around = render_template("demo/host.html", claims=claims, inspector=inspector)
        return around.replace(MARKUP_HERE, markup).replace(SCRIPT_HERE, script)

    if showcase:
        showcase.add_to(app)
    return app


def _asked() -> dict[str, str]:
    """Who opens the page, as the address says."""
    scenario = SCENARIOS.get(request.args.get("scenario", ""))
    account = scenario.account if scenario else request.args.get("account", YEAR.account)
    return {
        "account": account,
        "company": ACCOUNTS.get(account, account),
        "sub": request.args.get("user", USERS[0]),
        "lang": request.args.get("lang", LANGUAGES[0]),
    }


def _route(claims: Mapping[str, str]) -> str:
    """The route for a new token in the script, with the same user."""
    query = urlencode({"account": claims["account"], "user": claims["sub"], "lang": claims["lang"]})
    return str(htmlsafe_json_dumps(f"{readme.ROUTE}?{query}"))
