"""The two tokens of an account, which OutSmart wants in the address of every call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urlencode

HIDDEN = "…"


@dataclass(frozen=True)
class Tokens:
    """What proves who asks: `software` is the integrator's, `account` the customer's. They are checked as a pair."""

    software: str = field(repr=False)
    account: str = field(repr=False)

    def address(self, url: str, path: str, parameters: Mapping[str, str]) -> str:
        """The whole address of a call: a secret."""
        query = urlencode({"token": self.account, "software_token": self.software, **parameters})
        return f"{url.rstrip('/')}/{path}?{query}"

    def hide(self, text: str) -> str:
        """What OutSmart says, without the tokens, which it may repeat."""
        for token in sorted(filter(None, (self.account, self.software)), key=len, reverse=True):
            for spelled in (token, quote(token, safe=""), quote(token), quote_plus(token)):
                text = text.replace(spelled, HIDDEN)
        return text
