"""Why a call out came to nothing: a word for each reason, and what the word means. A vendor's client adds its own."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from .text import clean

LONGEST_DETAIL = 500  # characters


class Failure(Exception):
    """What was asked was not done: a reason word, a text for the operator, seconds to wait if known."""

    def __init__(self, reason: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else self.reason


class CallFailed(Failure):
    """One call failed; its text is one line."""

    def __init__(self, reason: str, detail: str = "", retry_after: int | None = None) -> None:
        super().__init__(reason, clean(detail, LONGEST_DETAIL), retry_after)


class Remedy(StrEnum):
    """Who or what can mend a failure."""

    USER = "user"
    TIME = "time"
    OPERATOR = "operator"


class Meaning(NamedTuple):
    """What a reason word means; `words` names the words that a user reads."""

    remedy: Remedy
    words: str
    down: bool = False  # nobody can work with the vendor; otherwise the failure may be about this one call
    stale: bool = False  # what was read about how to ask may be out of date


REASONS = {
    "dns": Meaning(Remedy.TIME, "unreached", down=True),  # the host has no address
    "refused": Meaning(Remedy.TIME, "unreached", down=True),  # the host takes no connection
    "connect_timeout": Meaning(Remedy.TIME, "unreached", down=True),  # the host does not answer
    "reset": Meaning(Remedy.TIME, "unreached", down=True),  # the connection broke
    "tls": Meaning(Remedy.TIME, "insecure", down=True),  # the certificate proves nothing, or there is no TLS
    "read_timeout": Meaning(Remedy.TIME, "slow", down=True),  # no byte of a reply came in time
    "deadline": Meaning(Remedy.TIME, "slow", down=True),  # the reply came too slowly
    "too_large": Meaning(Remedy.TIME, "unusable"),  # the reply has more bytes, elements or text than it may
    "compressed": Meaning(Remedy.TIME, "unusable"),  # the reply is packed, which was not asked for
    "redirect": Meaning(Remedy.TIME, "unusable", down=True, stale=True),  # never followed
    "http_400": Meaning(Remedy.TIME, "unusable", down=True, stale=True),
    "http_404": Meaning(Remedy.TIME, "unusable", down=True, stale=True),
    "http_405": Meaning(Remedy.TIME, "unusable", down=True, stale=True),
    "http_410": Meaning(Remedy.TIME, "unusable", down=True, stale=True),
    "http_500": Meaning(Remedy.TIME, "unusable", down=True, stale=True),
    "http_503": Meaning(Remedy.TIME, "down", down=True),
    "http_429": Meaning(Remedy.TIME, "busy"),  # a limit of the server
    "http_*": Meaning(Remedy.TIME, "unusable", down=True),  # any other status
    "rate_limit": Meaning(Remedy.TIME, "busy"),  # our own limit per minute
    "in_flight": Meaning(Remedy.TIME, "crowded"),  # our own limit on calls under way
}
UNKNOWN = Meaning(Remedy.OPERATOR, "attention")  # such as a word of another version, in a log


def look_up(word: str, reasons: Mapping[str, Meaning]) -> Meaning:
    """What a reason word means by a table, also one that nobody knows (any more)."""
    family, _, number = word.partition("_")
    known = reasons.get(word)
    return known or (reasons.get(f"{family}_*", UNKNOWN) if number.lstrip("-").isdecimal() else UNKNOWN)
