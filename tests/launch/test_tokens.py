"""Launch and session tokens."""

import base64
import json

import pytest
from support.app import CLAIMS
from support.visitor import signed_as_of

from webapp.web import tokens

NEW, OLD = "new-key-of-the-host", "old-key-of-the-host"


def launch_signed(seconds_ago: float) -> str:
    import time

    with signed_as_of(time.time() - seconds_ago):
        return tokens.sign_launch([NEW], CLAIMS)


def test_a_launch_carries_its_claims() -> None:
    claims = tokens.read_launch([NEW], tokens.sign_launch([NEW], CLAIMS))
    assert {name: claims[name] for name in CLAIMS} == CLAIMS
    assert claims["aud"] == "cash-settings"
    assert claims["role"] == "admin"
    assert len(claims["jti"]) == 32


def test_two_launches_never_share_their_id() -> None:
    first, second = (tokens.read_launch([NEW], tokens.sign_launch([NEW], CLAIMS)) for _ in range(2))
    assert first["jti"] != second["jti"]


@pytest.mark.parametrize("seconds_ago", [-29, 0, 59, 89])
def test_clocks_may_differ_by_half_a_minute(seconds_ago: float) -> None:
    assert tokens.read_launch([NEW], launch_signed(seconds_ago))["account"] == "1001"


@pytest.mark.parametrize("seconds_ago", [-33, 93, 86400])
def test_a_launch_is_good_for_a_minute(seconds_ago: float) -> None:
    with pytest.raises(tokens.TokenExpired) as expired:
        tokens.read_launch([NEW], launch_signed(seconds_ago))
    assert expired.value.claims["parent"] == CLAIMS["parent"]


def test_keys_rotate_without_a_gap() -> None:
    by_old_host = tokens.sign_launch([OLD], CLAIMS)
    assert tokens.read_launch([NEW, OLD], by_old_host)["account"] == "1001"
    assert tokens.read_launch([NEW], tokens.sign_launch([NEW, OLD], CLAIMS))["account"] == "1001"
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_launch([NEW], by_old_host)


@pytest.mark.parametrize(
    "claims",
    [{"aud": "another-page"}, {"account": ""}, {"account": 7}, {"jti": "short"}, {"company": "x" * 201}],
)
def test_a_launch_with_unfit_claims_is_refused(claims: dict[str, str]) -> None:
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_launch([NEW], tokens.sign_launch([NEW], {**CLAIMS, **claims}))


def test_half_a_character_is_refused() -> None:
    """JSON can spell it, and it can be neither shown nor stored."""
    signer = tokens._signer([NEW], "launch")
    claims = {**tokens.read_launch([NEW], tokens.sign_launch([NEW], CLAIMS)), "company": "half \ud83d"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=")
    with pytest.raises(tokens.TokenInvalid, match="claim company"):
        tokens.read_launch([NEW], signer.make_signer(signer.salt).sign(payload).decode())


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.AAAA.AAAA"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_launch([NEW], token)
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_session([NEW], token)


def test_a_launch_token_is_no_session_token_even_under_the_same_key() -> None:
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_session([NEW], tokens.sign_launch([NEW], CLAIMS))


@pytest.mark.parametrize("content", [["a", "list"], {"account": "1001"}])
def test_a_session_token_that_holds_something_else_is_refused(content: object) -> None:
    with pytest.raises(tokens.TokenInvalid):
        tokens.read_session([NEW], tokens._signer([NEW], "session").dumps(content))


def test_a_session_ends_after_fifteen_minutes_without_use() -> None:
    import time

    claims = tokens.start_session({**CLAIMS, "role": "admin"})
    with signed_as_of(time.time() - 14 * 60):
        assert tokens.read_session([NEW], tokens.sign_session([NEW], claims)) == claims
    with signed_as_of(time.time() - 16 * 60):
        late = tokens.sign_session([NEW], claims)
    with pytest.raises(tokens.TokenExpired):
        tokens.read_session([NEW], late)


def test_a_session_ends_after_eight_hours_however_busy() -> None:
    claims = tokens.start_session({**CLAIMS, "role": "admin"})
    with pytest.raises(tokens.TokenExpired):
        tokens.read_session([NEW], tokens.sign_session([NEW], {**claims, "iat0": claims["iat0"] - 8 * 3600 - 1}))
