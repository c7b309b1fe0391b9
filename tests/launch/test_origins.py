"""Origins in the one spelling that browsers use: of the host pages, and of our own."""

import pytest
from flask import Flask
from support.app import HOST
from support.visitor import Visitor

from webapp import create_app
from webapp.config import ConfigurationError
from webapp.origins import origin

RIGHT = {
    "HTTPS://App.Example": "https://app.example",
    "https://app.example:443": "https://app.example",
    "http://app.example:80": "http://app.example",
    "https://app.example:": "https://app.example",
    "https://app.example/": "https://app.example",
    "https://app.example.": "https://app.example",
    "https://app.example:08443": "https://app.example:8443",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://STRASSE.example": "https://strasse.example",
    "https://straße.example": "https://xn--strae-oqa.example",
    "https://例え。テスト": "https://xn--r8jz45g.xn--zckzah",
    "http://127.1:8000": "http://127.0.0.1:8000",
}
IMPOSSIBLE = [
    *("*", "https://*", "https://*.example", "null", "app.example", "//app.example", "ftp://app.example"),
    *("https://app.example/path", "https://app.example?x", "https://user@app.example", "https://", "https://:443"),
    *(
        "https://a.example https://b.example",
        "https://a.example;script-src",
        "https://a.example,b",
        "https://a\n.example",
    ),
    *("https://app.example:99999", "https://app.example:x", "https://256.1.1.1", "https://a..example", "https://%61"),
    *("https://[::1]", "https://my_app.example", "https://-\u00ad", "'self'", "data:"),
]


@pytest.mark.parametrize("written", RIGHT)
def test_a_host_page_in_another_spelling_is_refused_with_the_right_one(
    configuration: dict[str, object], written: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        create_app({**configuration, "FRAME_ANCESTORS": [HOST, written]})
    assert f"FLASK_FRAME_ANCESTORS: {written!r}" in str(error.value)
    assert f"{RIGHT[written]!r}" in str(error.value)
    assert create_app({**configuration, "FRAME_ANCESTORS": [RIGHT[written]]})


@pytest.mark.parametrize("written", IMPOSSIBLE)
def test_what_no_browser_can_match_is_refused(configuration: dict[str, object], written: str) -> None:
    with pytest.raises(ConfigurationError, match="FLASK_FRAME_ANCESTORS"):
        create_app({**configuration, "FRAME_ANCESTORS": [written]})


def test_all_that_are_wrong_are_named_at_once(configuration: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError) as error:
        create_app({**configuration, "FRAME_ANCESTORS": ["*", "https://App.example"]})
    assert "'*' is not an origin" in str(error.value)
    assert "https://app.example" in str(error.value)


@pytest.mark.parametrize("written", RIGHT.values())
def test_the_right_spelling_stays(written: str) -> None:
    assert origin(written) == written


@pytest.mark.parametrize(
    ("host", "sent"),
    [
        ("xn--bcher-kva.example", "http://xn--bcher-kva.example"),
        ("Cash.Example", "http://cash.example"),
        ("cash.example:80", "http://cash.example"),
        ("cash.example:8000", "http://cash.example:8000"),
        ("[::1]:5000", "http://[::1]:5000"),
    ],
)
def test_a_form_of_ours_is_ours_however_our_host_is_written(app: Flask, host: str, sent: str) -> None:
    visitor = Visitor(app).open()
    assert visitor.post("/login", visitor.values("login"), Host=host, Origin=sent).status == 422


@pytest.mark.parametrize(
    "sent",
    [
        *(
            "https://cash.example",
            "http://cash.example:8000",
            "http://evil.example",
            "http://cash.example.evil.example",
        ),
        *(
            "",
            "cash.example",
            "null null",
            "http://cash.example http://cash.example",
            "http://[",
            "file://",
            "http://*",
        ),
    ],
)
@pytest.mark.parametrize("host", ["cash.example", "", "a b", "["])
def test_a_form_of_another_site_stays_foreign(app: Flask, host: str, sent: str) -> None:
    visitor = Visitor(app).open()
    assert visitor.post("/login", visitor.values("login"), Host=host, Origin=sent).status in (400, 403)


def test_the_launch_command_refuses_a_parent_that_would_be_refused(app: Flask) -> None:
    command = ["launch", "--account", "1", "--company", "Demo", "--user", "beheer", "--parent", f"{HOST}:443"]
    answer = app.test_cli_runner().invoke(args=command)
    assert answer.exit_code == 2
    assert HOST in answer.output
