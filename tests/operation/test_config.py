"""The app starts only when everything it needs is there, and says all that is wrong."""

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from webapp import create_app
from webapp.config import ConfigurationError

NAMES = ("LAUNCH_KEYS", "SESSION_KEYS", "VAULT_KEYS", "FRAME_ANCESTORS")


def test_every_missing_setting_is_named_at_once() -> None:
    with pytest.raises(ConfigurationError) as error:
        create_app()
    for name in NAMES:
        assert f"FLASK_{name}: is missing" in str(error.value)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("LAUNCH_KEYS", "short", "16 characters"),
        ("LAUNCH_KEYS", '["not json', "cannot be read"),
        ("VAULT_KEYS", "not-a-fernet-key-at-all", "Fernet key"),
        ("FRAME_ANCESTORS", "https://app.example/path", "not an origin"),
        ("FRAME_ANCESTORS", "*", "not an origin"),
        ("CASH_WSDL", "ftp://cash.example", "https address"),
        ("CASH_DEADLINE", "soon", "cannot be read"),
        ("API_TOKENS", "too-short", "16 characters"),
        ("OUTSMART_URL", "http://outsmart.example/openapi/8", "https address"),
        ("OUTSMART_SOFTWARE_TOKEN", "two words", "one word"),
        ("PROXY_HOPS", "one", "cannot be read"),
        ("TIMEZONE", "Mars/Olympus", "not a time zone"),
    ],
)
def test_a_wrong_setting_is_named(configuration: dict[str, object], name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        create_app({**configuration, name: value})
    assert f"FLASK_{name}" in str(error.value)
    assert words in str(error.value)


def test_the_host_must_not_know_the_session_keys(configuration: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="shares a key"):
        create_app({**configuration, "SESSION_KEYS": configuration["LAUNCH_KEYS"]})


def test_whoever_reads_numbers_must_not_end_accounts(configuration: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="FLASK_API_TOKENS: shares a token"):
        create_app({**configuration, "API_TOKENS": ["one-for-everything"], "METRICS_TOKENS": ["one-for-everything"]})


def test_settings_come_from_the_environment(configuration: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    keys = [Fernet.generate_key().decode(), Fernet.generate_key().decode()]
    monkeypatch.setenv("FLASK_VAULT_KEYS", f'["{keys[0]}", "{keys[1]}"]')
    monkeypatch.setenv("FLASK_SESSION_KEYS", "1234567890123456789012 second-session-key-here")
    monkeypatch.setenv("FLASK_CASH_SERVICE", "00123")
    monkeypatch.setenv("FLASK_CASH_DEADLINE", "7.5")
    for name in ("VAULT_KEYS", "SESSION_KEYS"):
        del configuration[name]
    config = create_app(configuration).config
    assert config["VAULT_KEYS"] == tuple(keys)
    assert config["SESSION_KEYS"] == ("1234567890123456789012", "second-session-key-here")
    assert config["CASH_SERVICE"] == "00123"
    assert config["CASH_DEADLINE"] == 7.5


def test_a_configured_app_starts(app: Flask) -> None:
    assert app.test_client().get("/readyz").status_code == 200
