"""Which views answer without a session."""

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def public(view: View) -> View:
    """Marks a view that answers without a session; every other one is refused without."""
    view.public = True  # type: ignore[attr-defined]
    return view
