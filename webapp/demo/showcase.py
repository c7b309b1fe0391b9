"""The levers beside the frame: what to try, how Cash is doing, when the session ends, and back to the beginning."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from ..accounts import AccountStore
from ..config import LANGUAGES
from ..db import get_db
from ..web.launches import LaunchStore
from . import past, readme
from .cash import CashSandbox
from .opening import Openings
from .outsmart import OutSmartSandbox
from .scenarios import API, NEW, SCENARIOS, SEEN, TROUBLE, YEAR

CHANGED_TO = "nieuw-geheim"
SLOW_SECONDS = 4
GROUPS = {"Start here": (YEAR, NEW), "Administrations a login sees": SEEN, "Logins in trouble": TROUBLE}


class Lever(NamedTuple):
    """A button: what stands on it, and what to do and see once it is pressed."""

    title: str
    see: str


CASH = {
    "works": Lever("Works", "Cash answers at once."),
    "slow": Lever("Slow", f"Each answer takes {SLOW_SECONDS} seconds. Press Test connection."),
    "down": Lever(
        "Down", "Cash shows a maintenance page. Press Test connection; then see that choosing and saving still work."
    ),
    "password": Lever(
        "New password",
        f"Press Test connection: Cash refuses the stored login. The new password of {API.email} is {CHANGED_TO}.",
    ),
    "reject": Lever("Rejects", "Cash refuses every login. Press Test connection: the settings stay as they are."),
}
SESSION = {
    "end": Lever("End session", "Press anything in the frame: its session has ended, and it offers to open again."),
    "soon": Lever(
        "End it soon",
        "In a few seconds the frame asks the host to renew it (cash:renew); what is typed stays.",
    ),
}
WIDTHS = {"": "Auto", "360": "360", "760": "760", "1100": "1100"}
SCHEMES = {"": "System", "light": "Light", "dark": "Dark"}


class Showcase:
    """The demo's levers over the product, its Cash sandbox and the accounts of the scenarios.

    `links` are shown below, by their text; with an OutSmart sandbox every account has its token.
    """

    def __init__(
        self,
        product: Flask,
        sandbox: CashSandbox,
        links: Mapping[str, str] | None = None,
        outsmart: OutSmartSandbox | None = None,
    ) -> None:
        self._product, self._sandbox, self._links, self._outsmart = product, sandbox, links or {}, outsmart
        self._openings = Openings(product)
        self._cash = "works"
        past.begin(product, sandbox)
        self._connect()

    def add_to(self, host: Flask) -> None:
        """Adds the routes that the buttons of the inspector send to."""
        host.add_url_rule("/demo/cash/<state>", "cash", self._switch_cash, methods=["POST"])
        host.add_url_rule("/demo/session/<when>", "session", self._end_session, methods=["POST"])
        host.add_url_rule("/demo/reset", "reset", self._reset, methods=["POST"])

    def shown(self) -> dict[str, Any]:
        """What the inspector shows, as the address says."""
        asked = request.args
        user = asked.get("user", past.USERS[0])
        return {
            "scenario": SCENARIOS.get(asked.get("scenario", ""), YEAR),
            "groups": GROUPS,
            "levers": {"cash": CASH, "session": SESSION},
            "cash": self._cash,
            "second": next(each for each in past.USERS if each != user),
            "languages": LANGUAGES,
            "widths": WIDTHS,
            "schemes": SCHEMES,
            "code": readme.host_code(),
            "links": self._links,
        }

    def _switch_cash(self, state: str) -> Response:
        self._sandbox.recover()
        past.forgive(self._product)
        password = CHANGED_TO if state == "password" else API.password
        self._sandbox.change_password(API.relation_code, API.email, password)
        match state:
            case "slow":
                self._sandbox.slow(SLOW_SECONDS)
            case "down":
                self._sandbox.go_down()
            case "reject":
                self._sandbox.reject()
        self._cash = state if state in CASH else "works"
        return _back()

    def _end_session(self, when: str) -> Response:
        account = SCENARIOS.get(request.form.get("scenario", ""), YEAR).account
        if when == "soon":
            self._openings.end_soon(account)
        else:
            with self._product.app_context():
                LaunchStore(get_db()).revoke(account)
        return _back()

    def _reset(self) -> Response:
        self._sandbox.reset()
        self._cash = "works"
        past.forget(self._product)
        past.begin(self._product, self._sandbox)
        if self._outsmart:
            self._outsmart.reset()
        self._connect()
        return redirect("/", 303)

    def _connect(self) -> None:
        """What OutSmart does over the API when a customer switches the integration on."""
        if self._outsmart is None:
            return
        past.forget_runs(self._product)  # the sandboxes begin anew
        with self._product.app_context():
            store = AccountStore(get_db(), self._product.extensions["vault"])
            for each in SCENARIOS.values():
                if each.login:  # the others are in the sandbox from the first
                    administration = next(iter(each.login.sees), "")
                    self._outsmart.connect(each.account, f"demo-token-{each.account}", administration)
                store.put(each.account, self._outsmart.token(each.account))


def _back() -> Response:
    """To the page whose form was sent."""
    return redirect(f"/?{urlencode(request.form)}", 303)
