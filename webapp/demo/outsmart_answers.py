"""What the OutSmart sandbox answers with, at HTTP 200 whatever it says."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Answer:
    """The envelope of every reply."""

    response: Any = None
    code: int = 200
    messages: list[str] = field(default_factory=list)

    def json(self) -> bytes:
        """As PHP writes it."""
        envelope = {"code": self.code, "messages": self.messages, "response": self.response}
        return json.dumps(envelope, separators=(",", ":")).replace("/", "\\/").encode()


def refused(code: int, *messages: str) -> Answer:
    """A refusal."""
    return Answer(code=code, messages=list(messages))
