"""Launch and session tokens: signed, short-lived, under rotating keys."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from ..config import LONGEST_SESSION_HOURS

AUDIENCE = "cash-settings"
LAUNCH_SECONDS = 60
SESSION_SECONDS = 15 * 60
LONGEST_SESSION_SECONDS = LONGEST_SESSION_HOURS * 60 * 60
CLOCK_SKEW = 30  # the host's clock may differ from ours by so many seconds, either way
LAUNCH_CLAIMS = ("aud", "account", "company", "sub", "role", "jti", "parent", "lang")
SESSION_CLAIMS = ("account", "company", "sub", "role", "sid", "parent", "lang", "iat0")


class TokenError(Exception):
    """Why a token is refused, in words for the operator; `claims` are empty unless its signature is good."""

    def __init__(self, why: str, claims: dict[str, Any] | None = None) -> None:
        super().__init__(why)
        self.why, self.claims = why, claims or {}


class TokenInvalid(TokenError):
    """Not signed by any of our keys, or not one of our tokens."""


class TokenExpired(TokenError):
    """Genuine, but its time is over; `claims` still tell whose page it was."""


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
    if why := _unfit(claims):
        raise TokenInvalid(why, claims)
    if age < -CLOCK_SKEW:
        raise TokenExpired(f"it was signed in {-age:.0f} s from now: the clock of the host is ahead of ours", claims)
    if age > LAUNCH_SECONDS + CLOCK_SKEW:
        told = f"it was signed {age:.0f} s ago and good for {LAUNCH_SECONDS} s"
        raise TokenExpired(f"{told}: it came late, or the clock of the host is behind ours", claims)
    return claims


def _unfit(claims: Mapping[str, Any]) -> str:
    for name in LAUNCH_CLAIMS:
        value = claims.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= 200 or not _is_unicode(value):
            return f"claim {name}: expected a text of 1 to 200 characters"
    if claims["aud"] != AUDIENCE:
        return f"claim aud: expected {AUDIENCE!r}, got {claims['aud']!r}"
    return "" if len(claims["jti"]) >= 16 else "claim jti: expected at least 16 random characters"


def _is_unicode(text: str) -> bool:
    """JSON can spell half a surrogate pair, which can neither be shown nor stored."""
    return not any("\ud800" <= each <= "\udfff" for each in text)


def start_session(launch: Mapping[str, str], sid: str = "") -> dict[str, Any]:
    """The claims of a new session for a verified launch, or of the renewed session `sid`."""
    taken_over = {name: launch[name] for name in ("account", "company", "sub", "role", "parent", "lang")}
    return {**taken_over, "sid": sid or secrets.token_hex(16), "iat0": int(time.time())}


def sign_session(keys: Sequence[str], claims: Mapping[str, Any]) -> str:
    """A session token that lives for another SESSION_SECONDS."""
    return str(_signer(keys, "session").dumps({name: claims[name] for name in SESSION_CLAIMS}))


def read_session(keys: Sequence[str], token: str, longest: float = LONGEST_SESSION_SECONDS) -> dict[str, Any]:
    """The claims of a session token, `longest` seconds from its launch at most; raises TokenInvalid or TokenExpired."""
    claims, age = _load(keys, "session", token)
    if any(name not in claims for name in SESSION_CLAIMS):
        raise TokenInvalid("a claim is missing")
    if not -CLOCK_SKEW <= age <= SESSION_SECONDS or time.time() - claims["iat0"] > longest:
        raise TokenExpired("its time is over", claims)
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
        why = "it is empty" if not token else f"no key of ours signed it as a {purpose} token"
        raise TokenInvalid(why) from None
    if not isinstance(claims, dict):
        raise TokenInvalid("it holds no claims")
    return claims, time.time() - signed_at.timestamp()
