"""An administrator with the page open: speaks through the HTTP client, and lints every page it gets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from itsdangerous import TimestampSigner
from selectolax.lexbor import LexborHTMLParser, LexborNode
from support.app import LONGEST_WAIT, Served, launch_token
from werkzeug.test import TestResponse

from webapp.cash import choices

GOOD_LOGIN = {"relation_code": "25583", "email": "api@example.nl", "password": "geheim"}
ONE_ADMINISTRATION = {"relation_code": "54852", "email": "api@example.nl", "password": "welkom"}
# Each switch the other way than on a new account (materials and hour types go together), and two of the lists.
CHOICES = {
    **{name: not choice.default for name, choice in choices.CHOICES.items() if choice.is_switch},
    "export_work_status": "99",
    "export_hour_rounding": "15",
}


class Visitor:
    """One browser, with or without htmx. What it got last: `status`, `response`, `page`."""

    def __init__(self, app: Flask | Served, *, htmx: bool = False) -> None:
        self.app, self.htmx = app, htmx
        self._client = app.test_client(use_cookies=False)
        self.session = ""
        self.page = LexborHTMLParser("")
        self.response: TestResponse

    # --- the way in ---
    def launch_token(self, *, seconds_ago: float = 0, keys: list[str] | None = None, **claims: Any) -> str:
        with signed_as_of(time.time() - seconds_ago):
            return launch_token(keys or self.app.config["LAUNCH_KEYS"], **claims)

    def open(self, **claims: Any) -> Visitor:
        self.post("/launch", {"token": self.launch_token(**claims)}, plain=True)
        return self

    # --- what a user does ---
    def log_in(self, **login: str) -> Visitor:
        return self.submit("login", {**GOOD_LOGIN, **login})

    def press_save(self, **changes: Any) -> Visitor:
        return self.submit("settings", changes)

    def save(self, **changes: Any) -> Visitor:
        """Presses Save, and once more where the page asks first."""
        self.press_save(**changes)
        return self.press_save() if self.status == 200 and self.page.css_first("#question") else self

    def submit(self, form: str, changes: dict[str, Any] | None = None, *, action: str = "") -> Visitor:
        """Fills in what changes and sends the whole form, as a browser would."""
        element = self.form(form)
        fields = self.values(form)
        for name, value in (changes or {}).items():
            fields.pop(name, None)
            if value is not False:
                fields[name] = "on" if value is True else str(value)
        self.post((action or str(element.attributes["action"])).partition("#")[0], fields)
        return self

    def list_warehouses(self, **changes: Any) -> Visitor:
        """Presses the button beside them."""
        return self.submit("settings", {**changes, "list": "1"}, action="/administration")

    def form(self, id: str) -> LexborNode:
        element = self.page.css_first(f"form#{id}")
        assert element, f"no form {id!r} on the page"
        return element

    def values(self, form: str) -> dict[str, str]:
        """What the form holds."""
        return held_by(self.form(form))

    def choices(self) -> dict[str, object]:
        """What is chosen in the settings form, of CHOICES."""
        values = self.values("settings")
        return {name: values.get(name) == "on" if isinstance(CHOICES[name], bool) else values[name] for name in CHOICES}

    def administrations(self) -> list[str]:
        """The ids that can be chosen."""
        return self.options("administration")

    def options(self, name: str) -> list[str]:
        field = self.page.css_first(f"select#{name}")
        assert field
        return [value for each in field.css("option") if (value := each.attributes["value"])]

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
        html = response.text if response.mimetype == "text/html" and response.status_code != 204 else None
        lint(response, html)
        if html is not None:
            self.seen = LexborHTMLParser(html)
            if not self._swap():
                self.page = self.seen
        return self

    def _swap(self) -> bool:
        """Puts the parts of an answer to htmx in their places, as htmx does; False for a whole page."""
        parts = [] if self.seen.css_first("title") else self.seen.css("[hx-swap-oob=true]")
        for part in parts:
            place = self.page.css_first(f"#{part.attributes['id']}")
            assert place, f"no place for {part.html}"
            place.replace_with(part)
        return bool(parts) or bool(self.response.headers.get("HX-Retarget"))

    # --- what it shows ---
    @property
    def text(self) -> str:
        """All the words of the last answer."""
        return " ".join(self.seen.root.text(separator=" ").split())

    def says(self, id: str) -> str:
        """The words of one element."""
        element = self.seen.css_first(f"#{id}")
        return " ".join(element.text(separator=" ").split()) if element else ""


def held_by(form: LexborNode) -> dict[str, str]:
    """The fields of a form as a browser would send them."""
    fields: dict[str, str] = {}
    for field in form.css("input, select"):
        has = field.attributes
        if field.tag == "select":
            chosen = field.css_first("option[selected]") or field.css_first("option")
            fields[str(has["name"])] = str(chosen.attributes["value"])
        elif "name" in has and (has.get("type") not in ("checkbox", "radio") or "checked" in has):
            fields[str(has["name"])] = has.get("value") or ""
    return fields


def at_once(visitors: Sequence[Visitor], act: Callable[[int, Visitor], object]) -> None:
    """Each in a thread of their own, let go together."""
    barrier = Barrier(len(visitors))

    def wait_and_act(number: int, visitor: Visitor) -> None:
        barrier.wait(LONGEST_WAIT)
        act(number, visitor)

    with ThreadPoolExecutor(len(visitors)) as threads:
        for done in [threads.submit(wait_and_act, number, visitor) for number, visitor in enumerate(visitors)]:
            done.result()


class signed_as_of:
    """Signs tokens with a clock that shows another time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = TimestampSigner.get_timestamp
        TimestampSigner.get_timestamp = lambda _signer: int(self._seconds)  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        TimestampSigner.get_timestamp = self._before  # type: ignore[method-assign]


def lint(response: TestResponse, html: str | None) -> None:
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
    if html is None:
        return
    assert headers["Cache-Control"] == "no-store"
    assert "HX-Request" in headers["Vary"]
    # A parser keeps what a <template> holds apart from the page; it must be right too.
    page = LexborHTMLParser(html.replace("<template", "<div").replace("</template", "</div"))
    ids = [str(each.attributes["id"]) for each in page.css("[id]")]
    assert len(ids) == len(set(ids)), f"repeated ids: {sorted(id for id in ids if ids.count(id) > 1)}"
    assert not page.css("[style], style")
    assert all(each.attributes.get("src") for each in page.css("script"))
    labelled = {str(each.attributes.get("for")) for each in page.css("label")}
    for field in page.css("input, select, textarea"):
        has = field.attributes
        if has.get("type") != "hidden":
            assert has.get("id") in labelled, f"no label for {field.html}"
            assert all(each in ids for each in str(has.get("aria-describedby", "")).split()), field.html
        assert has.get("type") != "password" or not has.get("value")
    forms = page.css("form")
    assert len(forms) == html.count("<form"), "a parser leaves out a form in a form"
    for form in forms:
        assert form.attributes.get("action")
        assert form.attributes.get("method") == "post"
        assert form.css_first("input[name=session]").attributes["value"]
        assert form.css_first("input[name=csrf_token]").attributes["value"]
    if "<html" in html:
        for each in page.css("[hx-target]"):
            assert str(each.attributes["hx-target"]).removeprefix("#") in {"this", *ids}, each.html
        assert page.css_first("html").attributes.get("lang")
        assert page.css_first("title").text()
