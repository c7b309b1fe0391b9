"""Every setting: its default, its meaning, and a start that says everything that is wrong at once."""

import json
import os
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import click
from cryptography.fernet import Fernet
from flask import Flask

from .origins import misspelled

LONGEST_SESSION_HOURS = 8
LANGUAGES = ("nl", "en", "de", "pt")  # the first is the fallback


BOOLEANS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


class ConfigurationError(click.ClickException):
    """The app cannot start; the text names each setting that is missing or wrong, one a line."""


class Defaults:
    """Each is overridden by an environment variable with `FLASK_` before its name."""

    # Cash
    CASH_WSDL = "https://www.cashweb.nl/?api/wsdl"  # where the WSDL of Cash is read
    CASH_SERVICE = "OUTSMART"  # our own id as an integrator at Cash
    CASH_CA_FILE = ""  # own certificate authorities (PEM) for a Cash behind a private CA
    CASH_CONNECT_TIMEOUT = 3.0  # seconds
    CASH_DEADLINE = 10.0  # seconds for one whole exchange with Cash
    CASH_CALLS_PER_MINUTE = 90  # under one relation code, by all processes together; Cash allows 100
    CASH_CALLS_PER_MINUTE_TOTAL = 0  # the same under all relation codes; 0 is no limit
    CASH_CALLS_PER_ACCOUNT = 20  # a minute, by the users of one account
    CASH_CALLS_IN_FLIGHT = 10  # per process
    CASH_ORDER_START = 900_000  # the first number that sales orders get, in each administration
    CASH_ARTICLE_FIELDS: tuple[str, ...] = ()  # numbers of fields that cannot be found out, as type=1 unit=2 vat=3

    # OutSmart
    OUTSMART_URL = "https://app.out-smart.com/openapi/8"  # where its endpoints are
    OUTSMART_SOFTWARE_TOKEN = ""  # our own as an integrator; without it nothing is synchronised
    OUTSMART_RELATION_ACTIVE = False  # whether relations that are no longer in Cash are switched off there

    # Secrets: lists, newest first; no defaults, and only the last two may be left out
    LAUNCH_KEYS: tuple[str, ...] = ()  # shared with the host page, which signs launches with them
    SESSION_KEYS: tuple[str, ...] = ()  # ours alone; sign session tokens and form tokens
    VAULT_KEYS: tuple[str, ...] = ()  # Fernet keys; encrypt stored Cash passwords
    METRICS_TOKENS: tuple[str, ...] = ()  # GET /metrics answers to `Authorization: Bearer` and one of these
    API_TOKENS: tuple[str, ...] = ()  # the host API answers to one of these, and to nobody without

    # Embedding
    FRAME_ANCESTORS: tuple[str, ...] = ()  # origins of the pages that may show ours in a frame
    SESSION_HOURS = 2.0  # after so long the host page has to vouch for the user again; 8 at most
    HSTS_SUBDOMAINS = False  # whether our subdomains have TLS too, so that browsers may insist on it
    SECURITY_CONTACT = ""  # where a fault in security is told, such as mailto:security@app.example
    PROXY_HOPS = 0  # reverse proxies in front of us whose X-Forwarded-* headers are believed

    # What an operator sees
    LOG_FORMAT = "json"  # one object a line on stderr; "text" for a terminal: warnings and worse only
    # With several workers, the environment variable PROMETHEUS_MULTIPROC_DIR names a directory, empty at start and
    # best in memory, in which they add up the numbers of /metrics.

    # Storage and words
    LOG_DAYS = 90  # how long the log panel remembers
    DATABASE = ""  # the SQLite file; instance/app.db when empty
    TIMEZONE = "Europe/Amsterdam"  # in which times are shown


def init_app(app: Flask, overrides: dict[str, Any] | None = None) -> None:
    """Fills `app.config` from defaults, environment and overrides; raises ConfigurationError."""
    problems = []
    for name, default in vars(Defaults).items():
        if name.isupper():
            value = {name: os.environ.get(f"FLASK_{name}", default), **(overrides or {})}[name]
            try:
                app.config[name] = _coerce(value, default)
            except (ValueError, KeyError):
                problems.append(f"FLASK_{name}: cannot be read as a {type(default).__name__}")
                app.config[name] = default
    app.config.update({name: value for name, value in (overrides or {}).items() if name not in vars(Defaults)})
    app.config["DATABASE"] = app.config["DATABASE"] or str(Path(app.instance_path, "app.db"))
    for name, check in CHECKS.items():
        if problem := check(app.config[name]):
            problems.append(f"FLASK_{name}: {problem}")
    if set(app.config["LAUNCH_KEYS"]) & set(app.config["SESSION_KEYS"]):
        problems.append("FLASK_SESSION_KEYS: shares a key with FLASK_LAUNCH_KEYS, which the host page knows too")
    if set(app.config["API_TOKENS"]) & set(app.config["METRICS_TOKENS"]):
        problems.append("FLASK_API_TOKENS: shares a token with FLASK_METRICS_TOKENS, which may only read numbers")
    if problems:
        raise ConfigurationError("The Cash settings page cannot start:\n  " + "\n  ".join(problems))


def _coerce(value: Any, default: Any) -> Any:
    """The value as the type of its default; a list may be JSON or words with spaces between them."""
    if isinstance(default, bool):
        return value if isinstance(value, bool) else BOOLEANS[str(value).lower()]
    if not isinstance(default, tuple):
        return type(default)(value)
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith("[") else value.split()
    return tuple(str(item) for item in value)


def _keys(value: tuple[str, ...]) -> str:
    if not value:
        return "is missing: a list of secret keys, newest first"
    return _long_enough(value)


def _long_enough(value: tuple[str, ...]) -> str:
    return "" if all(len(secret) >= 16 for secret in value) else "each needs at least 16 characters"


def _fernet_keys(value: tuple[str, ...]) -> str:
    if not value:
        return "is missing: a list of Fernet keys, newest first"
    try:
        for key in value:
            Fernet(key)
    except ValueError:
        return "each key must be a Fernet key (32 random bytes in URL-safe base64)"
    return ""


def _origins(value: tuple[str, ...]) -> str:
    if not value:
        return "is missing: the origins of the pages that may show this one, such as https://app.example"
    return "; ".join(filter(None, map(misspelled, value)))


def _https(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.netloc:
        return ""
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return ""
    return "must be an https address: secrets go there (http only on this machine)"


def _token(value: str) -> str:
    return "" if re.fullmatch(r"[!-~]*", value) else "must be one word"


def _article_fields(value: tuple[str, ...]) -> str:
    known = all(re.fullmatch(r"(type|unit|vat)=[0-9A-Za-z]+", each) for each in value)
    return "" if known else "must be numbers of fields, such as type=1 unit=2 vat=3"


def _at_least(least: float) -> Callable[[float], str]:
    return lambda value: "" if value >= least else f"must be at least {least}"


def _hours(value: float) -> str:
    return "" if 0.25 <= value <= LONGEST_SESSION_HOURS else f"must be from 0.25 to {LONGEST_SESSION_HOURS}"


def _contact(value: str) -> str:
    if not value or re.fullmatch(r"(mailto:[^\s@]+@[^\s@]+|https://\S+|tel:\+?[\d-]+)", value):
        return ""
    return "must be an address such as mailto:security@app.example or https://app.example/security"


def _readable(value: str) -> str:
    if not value:
        return ""
    try:
        ssl.create_default_context(cafile=value)
    except (OSError, ssl.SSLError):
        return "is no readable file with certificates (PEM)"
    return ""


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        return f"{value!r} is not a time zone such as Europe/Amsterdam"
    return ""


def _log_format(value: str) -> str:
    return "" if value in ("json", "text") else "must be json or text"


CHECKS: dict[str, Callable[[Any], str]] = {
    "LAUNCH_KEYS": _keys,
    "SESSION_KEYS": _keys,
    "VAULT_KEYS": _fernet_keys,
    "METRICS_TOKENS": _long_enough,
    "API_TOKENS": _long_enough,
    "FRAME_ANCESTORS": _origins,
    "SESSION_HOURS": _hours,
    "SECURITY_CONTACT": _contact,
    "CASH_WSDL": _https,
    "CASH_CA_FILE": _readable,
    "CASH_ARTICLE_FIELDS": _article_fields,
    "OUTSMART_URL": _https,
    "OUTSMART_SOFTWARE_TOKEN": _token,
    "CASH_CONNECT_TIMEOUT": _at_least(0.1),
    "CASH_DEADLINE": _at_least(0.1),
    "CASH_CALLS_PER_MINUTE": _at_least(1),
    "CASH_CALLS_PER_MINUTE_TOTAL": _at_least(0),
    "CASH_CALLS_PER_ACCOUNT": _at_least(1),
    "CASH_CALLS_IN_FLIGHT": _at_least(1),
    "CASH_ORDER_START": _at_least(1),
    "PROXY_HOPS": _at_least(0),
    "LOG_DAYS": _at_least(1),
    "TIMEZONE": _time_zone,
    "LOG_FORMAT": _log_format,
}
