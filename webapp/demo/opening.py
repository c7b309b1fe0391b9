"""The product's page as it is, but for what a scenario has typed into it before, or for a session cut short."""

import re

from flask import Flask, Response, request, session

from .scenarios import SCENARIOS

SOON = 62  # seconds: the page asks to renew when a minute is left
_SECONDS = re.compile(r'(?<=data-session-seconds=")[0-9]+')


class Openings:
    """Every launch of the product: the login of the scenario stands in the form, unless the account has one."""

    def __init__(self, product: Flask) -> None:
        self._soon: set[str] = set()
        self._logins = {each.account: each.login for each in SCENARIOS.values() if each.login}
        product.after_request(self._opened)

    def end_soon(self, account: str) -> None:
        """The page of this account that is opened next takes its session to end in SOON seconds."""
        self._soon.add(account)

    def _opened(self, response: Response) -> Response:
        account = session.get("account", "")
        if request.path == "/launch" and account and response.mimetype == "text/html":
            page = response.get_data(as_text=True)
            if login := self._logins.get(account):
                typed = {"relation_code": login.relation_code, "email": login.email, "password": login.password}
                page = _fill(page, typed)
            if account in self._soon:
                self._soon.discard(account)
                page = _SECONDS.sub(str(SOON), page)
            response.set_data(page)
        return response


def _fill(page: str, typed: dict[str, str]) -> str:
    fields = {name: re.search(rf'<input\b[^>]*\bname="{name}"[^>]*>', page) for name in typed}
    if any(field is None or re.search(r'\bvalue="[^"]+"', field[0]) for field in fields.values()):
        return page
    for name, field in fields.items():
        empty = re.sub(r'\s*\bvalue=""', "", field[0]) if field else ""
        page = page.replace(field[0], f'{empty[:-1]} value="{typed[name]}">') if field else page
    return page
