"""An administrator with the page open: speaks through the HTTP client, and lints every page it gets."""

from __future__ import annotations

import time
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask
from itsdangerous import TimestampSigner
from werkzeug.test import TestResponse

from webapp.tokens import sign_launch

HOST = "https://outsmart.example"
GOOD_LOGIN = {"relation_code": "25583", "email": "api@example.nl", "password": "geheim"}
ONE_ADMINISTRATION = {"relation_code": "54852", "email": "api@example.nl", "password": "welkom"}


class Visitor:
    """One browser, with or without htmx. What it got last: `status`, `response`, `page`."""

    def __init__(self, app: Flask, *, htmx: bool = False) -> None:
        self.app, self.htmx = app, htmx
        self._client = app.test_client(use_cookies=False)
        self.session = ""
        self.page = BeautifulSoup("", "html.parser")
        self.response: TestResponse

    # --- the way in ---
    def launch_token(self, *, seconds_ago: float = 0, keys: list[str] | None = None, **claims: Any) -> str:
        fixed = {
            "account": "1001",
            "company": "Demo Installatie B.V.",
            "sub": "beheer",
            "lang": "nl",
            "parent": HOST,
        }
        signed_at = time.time() - seconds_ago
        keys = keys or self.app.config["LAUNCH_KEYS"]
        with signed_as_of(signed_at):
            return sign_launch(keys, {**fixed, **claims})

    def open(self, **claims: Any) -> Visitor:
        self.post("/launch", {"token": self.launch_token(**claims)}, plain=True)
        return self

    # --- what a user does ---
    def log_in(self, **login: str) -> Visitor:
        return self.submit("login", {**GOOD_LOGIN, **login})

    def save(self, **changes: Any) -> Visitor:
        return self.submit("settings", changes)

    def submit(self, form: str, changes: dict[str, Any] | None = None, *, action: str = "") -> Visitor:
        """Fills in what changes and sends the whole form, as a browser would."""
        element = self.form(form)
        fields = self.values(form)
        for name, value in (changes or {}).items():
            fields.pop(name, None)
            if value is not False:
                fields[name] = "on" if value is True else str(value)
        self.post(action or str(element["action"]), fields)
        return self

    def form(self, id: str) -> Tag:
        element = self.page.find("form", id=id)
        assert isinstance(element, Tag), f"no form {id!r} on the page"
        return element

    def values(self, form: str) -> dict[str, str]:
        """What the form holds."""
        fields: dict[str, str] = {}
        for field in self.form(form).find_all(["input", "select"]):
            if field.name == "select":
                options = field.find_all("option")
                chosen = next((each for each in options if each.has_attr("selected")), options[0])
                fields[str(field["name"])] = str(chosen["value"])
            elif field.get("type") not in ("checkbox", "radio") or field.has_attr("checked"):
                fields[str(field["name"])] = str(field.get("value", ""))
        return fields

    def administrations(self) -> list[str]:
        """The ids that can be chosen."""
        return self.options("administration")

    def options(self, name: str) -> list[str]:
        field = self.page.find("select", id=name)
        assert isinstance(field, Tag)
        return [str(each["value"]) for each in field.find_all("option") if each["value"]]

    # --- the wire ---
    def get(self, path: str, **headers: str) -> Visitor:
        return self._take(self._client.get(path, headers=self._headers(headers), buffered=True))

    def post(self, path: str, fields: dict[str, Any], *, plain: bool = False, **headers: str) -> Visitor:
        fields = {"session": self.session, **fields} if self.session else fields
        return self._take(self._client.post(path, data=fields, headers=self._headers(headers, plain)))

    def _headers(self, more: dict[str, str], plain: bool = False) -> dict[str, str]:
        headers = {name.replace("_", "-"): value for name, value in more.items()}
        if self.session:
            headers.setdefault("X-Cash-Session", self.session)
        if self.htmx and not plain:
            headers["HX-Request"] = "true"
        return headers

    def _take(self, response: TestResponse) -> Visitor:
        self.response, self.status = response, response.status_code
        self.session = response.headers.get("X-Cash-Session", self.session)
        html = response.mimetype == "text/html" and response.status_code != 204
        soup = BeautifulSoup(response.text if html else "", "html.parser")
        lint(response, soup if html else None)
        if html:
            if not (self.htmx and response.headers.get("HX-Retarget")):
                self.page = soup
            self.seen = soup
        return self

    # --- what it shows ---
    @property
    def text(self) -> str:
        """All the words of the last answer."""
        return " ".join(self.seen.get_text(" ").split())

    def says(self, id: str) -> str:
        """The words of one element."""
        element = self.seen.find(id=id)
        return " ".join(element.get_text(" ").split()) if element else ""


class signed_as_of:
    """Signs tokens with a clock that shows another time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = TimestampSigner.get_timestamp
        TimestampSigner.get_timestamp = lambda _signer: int(self._seconds)  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        TimestampSigner.get_timestamp = self._before  # type: ignore[method-assign]


def lint(response: TestResponse, page: BeautifulSoup | None) -> None:
    """What holds for every answer, and for what is a page."""
    headers = response.headers
    assert "Set-Cookie" not in headers
    assert "frame-ancestors" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"]
    if "frame-ancestors 'none'" in headers["Content-Security-Policy"]:
        assert headers["X-Frame-Options"] == "DENY"
    else:
        assert "X-Frame-Options" not in headers
    if page is None:
        return
    assert headers["Cache-Control"] == "no-store"
    assert "HX-Request" in headers["Vary"]
    ids = [str(each["id"]) for each in page.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"repeated ids: {sorted(id for id in ids if ids.count(id) > 1)}"
    assert not page.find_all(style=True)
    assert not page.find_all("style")
    assert all(each.get("src") for each in page.find_all("script"))
    labelled = {str(each.get("for")) for each in page.find_all("label")}
    for field in page.find_all(["input", "select", "textarea"]):
        if field.get("type") != "hidden":
            assert field.get("id") in labelled, f"no label for {field}"
            assert all(each in ids for each in str(field.get("aria-describedby", "")).split()), field
        assert field.get("type") != "password" or not field.get("value")
    whole = page.find("html") is not None
    for form in page.find_all("form"):
        assert form.get("action")
        assert form.get("method") == "post"
        assert form.find("input", attrs={"name": "session"})["value"]
        assert form.find("input", attrs={"name": "csrf_token"})["value"]
    if whole:
        for each in page.find_all(attrs={"hx-target": True}):
            assert str(each["hx-target"]).removeprefix("#") in ids, each
        assert page.find("html").get("lang")
        assert page.find("title").get_text()
