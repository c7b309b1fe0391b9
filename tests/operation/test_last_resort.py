"""An exception at any point of a request: a page that says so, with every header, and no secret in the log."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response
from support.app import HOST
from support.visitor import GOOD_LOGIN, Visitor, lint

from webapp import create_app

SECRET = "kanarie-wachtwoord"
Break = Callable[[Flask, pytest.MonkeyPatch], None]


def explode(*_: object, **__: object) -> Any:
    raise RuntimeError(f"password={SECRET}")


def patched(target: str) -> Break:
    return lambda _app, monkeypatch: monkeypatch.setattr(target, explode)


def registered(name: str) -> Break:
    """A function of the app for each request, in front of the others."""

    def break_it(app: Flask, _monkeypatch: pytest.MonkeyPatch) -> None:
        functions: Any = getattr(app, name)
        (functions.setdefault(None, []) if isinstance(functions, dict) else functions).insert(0, explode)

    return break_it


def both(*breaks: Break) -> Break:
    return lambda app, monkeypatch: [each(app, monkeypatch) for each in breaks] and None


def body(make: Callable[[Response], Any]) -> Break:
    """Something about what is answered."""

    def break_it(app: Flask, _monkeypatch: pytest.MonkeyPatch) -> None:
        def change(response: Response) -> Response:
            make(response)
            return response

        app.after_request_funcs[None].insert(0, change)

    return break_it


def first_chunk(response: Response) -> None:
    def chunks() -> Iterator[bytes]:
        explode()
        yield b""

    response.response = chunks()


def second_chunk(response: Response) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"the beginning"
        explode()

    response.response = chunks()


# Before the answer has begun it is the page of the last resort, or the usual one for an error.
LAYERS: dict[str, Break] = {
    "the clock of the request line": patched("webapp.observe.monotonic"),
    "the session is read": patched("webapp.web.embed.TokenSessions.open_session"),
    "the session is read, inside": patched("webapp.web.tokens.read_session"),
    "the session is written": patched("webapp.web.embed.TokenSessions.save_session"),
    "the session is written, inside": patched("webapp.web.embed.session_seconds"),
    "before the request": registered("before_request_funcs"),
    "the guard": patched("webapp.web.launches.LaunchStore.is_live"),
    "the view": patched("webapp.cash.page.forms.LoginForm.validate"),
    "the database": patched("webapp.db.IdleConnections.take"),
    "what a template is given": registered("template_context_processors"),
    "the template": patched("webapp.web.pages.render_template"),
    "the words of the page": patched("webapp.web.languages._texts"),
    "the page of an error": both(
        patched("webapp.web.errors.render_alert"), patched("webapp.cash.page.views.LoginForm")
    ),
    "the code for support": patched("webapp.logs.secrets.token_hex"),
    "after the request": registered("after_request_funcs"),
    "the body, at once": body(first_chunk),
    "the end of the request": registered("teardown_request_funcs"),
    "the end of the context": registered("teardown_appcontext_funcs"),
    "the connection is given back": patched("webapp.db.IdleConnections.give_back"),
    "the request line": patched("webapp.observe.REQUESTS.labels"),
}


@pytest.fixture(params=["json", "text"])
def page(request: pytest.FixtureRequest, configuration: dict[str, object], app: Flask) -> Visitor:
    """The page is open."""
    return Visitor(create_app({**configuration, "LOG_FORMAT": request.param})).open()


def log_in(visitor: Visitor) -> Visitor:
    return visitor.post("/login", {**visitor.values("login"), **GOOD_LOGIN, "password": SECRET})


@pytest.mark.parametrize("htmx", [True, False], ids=["htmx", "plain"])
@pytest.mark.parametrize("layer", LAYERS)
def test_an_exception_in_any_layer_is_answered_and_tells_no_secret(
    page: Visitor, layer: str, htmx: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page.htmx = htmx
    with monkeypatch.context() as broken:
        LAYERS[layer](page.app, broken)
        assert log_in(page).status == 500  # its headers are linted by the visitor
    told = capsys.readouterr().err
    assert "RuntimeError" in told
    assert SECRET not in told
    assert SECRET not in page.response.text
    if htmx:
        assert page.response.headers["HX-Retarget"] == "#alert", "what was typed stays"
    else:
        assert page.text


def test_an_answer_that_breaks_off_or_cannot_be_closed_tells_no_secret(
    page: Visitor, capsys: pytest.CaptureFixture[str]
) -> None:
    for make, words in ((second_chunk, "an answer broke off"), (lambda each: each.call_on_close(explode), "closed")):
        body(make)(page.app, pytest.MonkeyPatch())
        assert page.app.test_client().get("/manual", buffered=True).status_code == 200
        told = capsys.readouterr().err
        assert words in told
        assert SECRET not in told
        page.app.after_request_funcs[None].pop(0)


def test_an_answer_without_the_security_headers_is_not_sent(page: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.web.headers._frame_ancestors", explode)
    assert page.get("/").status == 500
    assert f"frame-ancestors {HOST}" in page.response.headers["Content-Security-Policy"], "the frame shows it"


def test_the_last_page_is_in_every_language_and_empty_for_head(app: Flask) -> None:
    app.before_request_funcs[None].insert(0, explode)
    app.register_error_handler(Exception, explode)
    client = app.test_client()
    answer = client.get("/", base_url="https://cash.example")
    lint(answer, answer.text)
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    for words in ("Something went wrong", "misgegaan", "aufgetreten", "correu mal"):
        assert words in answer.text
    assert client.head("/").data == b""


def test_a_line_that_cannot_be_written_tells_no_secret(
    page: Visitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("webapp.logs.TextLines.formatTime", explode)
    page.app.before_request_funcs[None].insert(0, explode)
    assert log_in(page).status == 500
    told = capsys.readouterr().err
    assert "could not be written" in told
    assert SECRET not in told
