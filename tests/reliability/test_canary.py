"""A password goes through everything that can happen to it, and is found nowhere but at Cash."""

import base64
from html import escape
from pkgutil import walk_packages
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from cryptography.fernet import Fernet
from reliability.canary import Canary
from reliability.story import LOGIN, Story
from reliability.test_canary_of_runs import BROKEN as BROKEN_IN_RUNS
from support.database import forget_rates
from support.faults import ANSWERS

import webapp

IN_THE_LIST = {
    *("no administration", "one administration", "the same code in two maps"),
    *("hostile names", "control character"),
}


@pytest.mark.parametrize(
    "hide",
    [
        lambda text: f"wachtwoord={text}.".encode(),
        lambda text: base64.b64encode(f"x{text}yz".encode()),
        lambda text: base64.b64encode(f"xy{text}z".encode()),
        lambda text: base64.urlsafe_b64encode(f"xyz{text}".encode()),
        lambda text: base64.b64encode(text.encode("utf-16")),
        lambda text: quote(text).encode(),
        lambda text: urlencode({"password": text}).encode(),
        lambda text: escape(text).encode(),
        lambda text: b"x" + text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: repr({"password": text}).encode(),
        lambda text: text.encode().hex().upper().encode(),
        lambda text: text.upper().encode(),
    ],
)
def test_the_search_finds_the_password_however_it_is_written(hide: Any) -> None:
    canary, other = Canary(), Canary()
    assert canary.is_in(b"before " + hide(canary.password) + b" after")
    assert not canary.is_in(b"before " + hide(other.password) + b" after")


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
def test_from_the_first_login_to_the_last_disconnect(story: Story, htmx: bool) -> None:
    visitor = story.visitor(htmx=htmx)
    assert visitor.log_in(**LOGIN, password=story.wrong.password).status == 422
    assert visitor.log_in(**LOGIN, password=story.wrong.password).status == 422
    story.after("a wrong login")
    assert visitor.log_in(relation_code="x", email="x", password=story.canary.password).status == 422
    assert visitor.log_in(**LOGIN, password=story.canary.password).status == 200
    story.after("a login that waits")
    visitor.get("/")
    visitor.list_warehouses(**{"administration": "1571/x001"})
    assert visitor.save(administration="1571/x001").status == 200
    assert visitor.log_in(**LOGIN, password=story.canary.password).status == 200
    story.after("a login that was replaced")
    page = visitor.page
    for path in ("/log", "/log/1", "/log/2", "/log/4", "/diagnostics", "/manual", "/metrics", "/readyz", "/nowhere"):
        visitor.get(path)
        visitor.page = page
    visitor.get("/")
    assert visitor.submit("test-form").status == 200
    story.run("backup", str(story.folder / "backup.db"))
    story.restart(VAULT_KEYS=[Fernet.generate_key().decode(), *story.configuration["VAULT_KEYS"]])
    story.run("rotate-vault-keys")
    assert visitor.submit("disconnect-form").status == 200
    story.after("disconnect")


def test_whatever_cash_suffers(story: Story) -> None:
    """Every fault of the table; one of them repeats what it was sent."""
    story.connected()
    story.restart(CASH_DEADLINE=1.0)  # some of them hang
    visitor = story.visitor()
    page = visitor.page
    for fault in ANSWERS.keys() - {"10,000 administrations"}:  # which only takes time here
        at = "WSDL" if "WSDL" in fault else "ListAdministrations" if fault in IN_THE_LIST else "Authenticate"
        if at == "WSDL":  # which only a worker that just started reads
            story.restart()
            visitor.app, visitor._client = story.app, story.app.test_client(use_cookies=False)
        story.cash.suffer(fault, at)
        for form, typed in (("login", {**LOGIN, "password": story.canary.password}), ("test-form", {})):
            visitor.page = page
            visitor.submit(form, typed)
        assert at in story.cash.asked
        story.cash.recover()
        forget_rates(story.configuration["DATABASE"])
    story.after("faults")


def test_a_key_that_was_lost(story: Story) -> None:
    story.connected()
    story.restart(VAULT_KEYS=[Fernet.generate_key().decode()])
    story.run("rotate-vault-keys")
    visitor = story.visitor()
    page = visitor.page
    for form, action in (("settings", "/administration"), ("test-form", ""), ("settings", "")):
        visitor.page = page
        visitor.submit(form, {"import_employees": True, "list": "1"} if form == "settings" else {}, action=action)
    visitor.log_in(**LOGIN, password=story.canary.password)


BROKEN = [
    "webapp.web.forms.Form.problems",
    "webapp.web.headers._cache_control",
    "webapp.web.embed.TokenSessions.save_session",
    "webapp.outbound.http.Wire.call",
    "webapp.cash.page.forms.LoginForm.credentials",
    "webapp.cash.page.failures.in_words",
    "webapp.cash.page.rendering.log_lines",
    "webapp.cash.actions.connect._accept",
    "webapp.cash.actions.saving._keep_login",
    "webapp.cash.client.session.CashSession.administrations",
    "webapp.cash.client.soap.Soap.ask",
    "webapp.cash.client.soap.read_records",
    "webapp.cash.store.logins.LoginStore._write",
    "webapp.cash.store.logins._login",
    "webapp.cash.store.activity.Activity.add",
    "webapp.cash.store.settings.SettingsStore.current",
    "webapp.db.IdleConnections.take",
    "webapp.logs.support_code",
    "webapp.observe.CashCalls.end",
    "webapp.rates._until",
    "webapp.throttle.LoginGuard._begin",
    "webapp.throttle.LoginGuard._refused",
    "webapp.throttle.LoginGuard._forget",
    "webapp.vault.Vault.seal",
    "webapp.vault.Vault.open",
]
ON_THE_WAY = {f"webapp.{name}" for name in ("db", "logs", "observe", "rates", "throttle", "vault")}


def test_an_exception_is_put_into_every_layer() -> None:
    everywhere = {each.name for each in walk_packages(webapp.__path__, "webapp.") if each.ispkg}
    for layer in (everywhere - {"webapp.cash", "webapp.demo", "webapp.migrations"}) | ON_THE_WAY:
        assert any(name.startswith(f"{layer}.") for name in BROKEN + BROKEN_IN_RUNS), layer


@pytest.mark.parametrize("broken", BROKEN)
def test_an_exception_that_nobody_expected(story: Story, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its text and its stack are logged; the values of variables are not."""
    visitor = story.connected()
    page, statuses = visitor.page, []
    explosions = []

    def explode(*_: object, **__: object) -> None:
        explosions.append(broken)
        raise LookupError("something that nobody thought of")

    monkeypatch.setattr(broken, explode)
    for htmx in (True, False):
        for form, typed, action in (
            ("login", {**LOGIN, "password": story.canary.password}, ""),
            ("login", {**LOGIN, "password": story.wrong.password}, ""),
            ("test-form", {}, ""),
            ("settings", {"list": "1"}, "/administration"),
            ("settings", {"import_employees": True}, ""),
        ):
            visitor.htmx, visitor.page = htmx, page
            visitor.submit(form, typed, action=action)
            statuses.append(visitor.status)
    assert explosions, "it was reached"
    assert max(statuses) in (500, 503), "and what it broke was not served as whole"
    story.after("an exception")


def test_a_request_that_makes_no_sense(story: Story) -> None:
    """Too long, the wrong verb, without a form token, in the address."""
    visitor, secret = story.visitor(), story.canary.password
    for fields in ({"password": secret}, {"password": secret * 5000}, {"password": [secret, secret], "email": secret}):
        visitor.post("/login", fields)
        visitor.post("/settings", fields)
        visitor.post("/nowhere", fields)
    for path in ("/login", "/", "/nowhere", "/launch"):
        visitor.get(f"{path}?{urlencode({'password': secret, 'token': secret})}")
    visitor.post("/launch", {"token": secret}, plain=True)
