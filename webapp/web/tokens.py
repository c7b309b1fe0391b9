"""Launch and session tokens: signed, short-lived, under rotating keys."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

AUDIENCE = "cash-settings"
LAUNCH_SECONDS = 60
SESSION_SECONDS = 15 * 60
LONGEST_SESSION_SECONDS = 8 * 60 * 60
CLOCK_SKEW = 30  # the host's clock may differ from ours by so many seconds, either way
LAUNCH_CLAIMS = ("aud", "account", "company", "sub", "role", "jti", "parent", "lang")
SESSION_CLAIMS = ("account", "company", "sub", "role", "sid", "parent", "lang", "iat0")


class TokenInvalid(Exception):
    """Not signed by any of our keys, or not one of our tokens."""


class TokenExpired(Exception):
    """Genuine, but its time is over; `claims` may still tell whose page it was."""

    def __init__(self, claims: dict[str, Any]) -> None:
        super().__init__("expired")
        self.claims = claims


def _signer(keys: Sequence[str], purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        list(reversed(keys)),  # itsdangerous signs with the last key; our lists have the newest first
        salt=f"cash.{purpose}.v1",
        signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"},
    )


def sign_launch(keys: Sequence[str], claims: Mapping[str, str]) -> str:
    """A launch token as the host makes it: account, company, sub, lang and parent are the caller's."""
    fixed = {"aud": AUDIENCE, "role": "admin", "jti": secrets.token_hex(16)}
    return str(_signer(keys, "launch").dumps({**fixed, **claims}))


def read_launch(keys: Sequence[str], token: str) -> dict[str, str]:
    """The claims of a launch token; raises TokenInvalid or TokenExpired."""
    claims, age = _load(keys, "launch", token)
    texts = all(isinstance(claims.get(name), str) and 0 < len(claims[name]) <= 200 for name in LAUNCH_CLAIMS)
    if not texts or claims["aud"] != AUDIENCE or len(claims["jti"]) < 16:
        raise TokenInvalid
    if not -CLOCK_SKEW <= age <= LAUNCH_SECONDS + CLOCK_SKEW:
        raise TokenExpired(claims)
    return claims


def start_session(launch: Mapping[str, str]) -> dict[str, Any]:
    """The claims of a new session for a verified launch."""
    taken_over = {name: launch[name] for name in ("account", "company", "sub", "role", "parent", "lang")}
    return {**taken_over, "sid": secrets.token_hex(16), "iat0": int(time.time())}


def sign_session(keys: Sequence[str], claims: Mapping[str, Any]) -> str:
    """A session token that lives for another SESSION_SECONDS."""
    return str(_signer(keys, "session").dumps({name: claims[name] for name in SESSION_CLAIMS}))


def read_session(keys: Sequence[str], token: str) -> dict[str, Any]:
    """The claims of a session token; raises TokenInvalid or TokenExpired."""
    claims, age = _load(keys, "session", token)
    if any(name not in claims for name in SESSION_CLAIMS):
        raise TokenInvalid
    if not -CLOCK_SKEW <= age <= SESSION_SECONDS or time.time() - claims["iat0"] > LONGEST_SESSION_SECONDS:
        raise TokenExpired(claims)
    return claims


def form_secret(sid: str) -> str:
    """What Flask-WTF keeps in the session for its form tokens: the same as long as the session lives.

    Keyed by the random session id alone, so that rotating SESSION_KEYS breaks no open form.
    """
    return hmac.new(sid.encode(), b"cash.csrf.v1", hashlib.sha256).hexdigest()


def _load(keys: Sequence[str], purpose: str, token: str) -> tuple[dict[str, Any], float]:
    """The claims and their age in seconds (negative: signed by a clock ahead of ours)."""
    try:
        claims, signed_at = _signer(keys, purpose).loads(token, return_timestamp=True)
    except BadData:
        raise TokenInvalid from None
    if not isinstance(claims, dict):
        raise TokenInvalid
    return claims, time.time() - signed_at.timestamp()
