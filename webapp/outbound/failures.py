"""Why a call to Cash came to nothing, for every module between the wire and the gateway."""

from unicodedata import category

_INVISIBLE = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_UNPRINTABLE = frozenset({"Cc", "Cs"})


class CallFailed(Exception):
    """One call failed: a short machine word, a text for the operator's log, seconds to wait if Cash said so."""

    def __init__(self, reason: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after


class Refused(CallFailed):
    """Cash answered, with a response code other than 1 (VDBF, H)."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(f"code_{code}", message)
        self.code = code


def clean(text: str, limit: int = 200) -> str:
    """Text of Cash's, fit to show on one line: no control characters, no bidi marks, at most `limit` characters."""
    kept = (c for c in text[: limit * 8] if c.isspace() or not (c in _INVISIBLE or category(c) in _UNPRINTABLE))
    return " ".join("".join(kept).split())[:limit].rstrip()
