"""Which views answer without a session, and how a program proves itself to them."""

from collections.abc import Callable, Iterable
from hmac import compare_digest
from typing import Any, TypeVar

from flask import request

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Marks a view that answers without a session; every other one is refused without."""
    view.public = True  # type: ignore[attr-defined]
    return view


def knows_one_of(tokens: Iterable[str]) -> bool:
    """Whether this request proves itself with `Authorization: Bearer` and one of the tokens."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    sent = given.encode("latin-1")  # as it came
    return scheme.lower() == "bearer" and any(compare_digest(sent, token.encode()) for token in tokens)
