"""A secret, and where it turned up: in whatever form a program may have written it down."""

import base64
import json
import logging
import secrets
import traceback
from collections.abc import Iterator
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape as escape_xml

from werkzeug.test import TestResponse


class Canary:
    """A random password with characters that every encoding writes in its own way."""

    def __init__(self) -> None:
        self.middle = "Kanarie" + secrets.token_hex(8)
        self.password = f"p&<\"'é+/ %{self.middle}\\✓=ß"
        forms = {each.lower() for each in self.forms()}
        # What holds another form is found with it.
        self._forms = {each for each in forms if not any(other in each for other in forms - {each})}

    def forms(self) -> Iterator[bytes]:
        """Pieces of bytes one of which is in every text that tells the password."""
        for text in (self.password, self.middle):
            yield from (each.encode() for each in (text, quote(text), quote(text, safe=""), quote_plus(text)))
            yield from (escape(text).encode(), escape_xml(text).encode(), json.dumps(text)[1:-1].encode())
            yield repr(text)[1:-1].encode()
            yield text.encode("latin-1", "ignore")
            yield text.encode().hex().encode()
            for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
                raw = text.encode(encoding)
                yield raw
                yield from in_base64(raw)
        yield self.middle[::-1].encode()

    def is_in(self, content: bytes) -> bool:
        """Whether any form of the password is there, in whatever case its letters are."""
        lower = content.lower()
        return any(form in lower for form in self._forms)


def in_base64(raw: bytes) -> Iterator[bytes]:
    """What base64 makes of it inside a longer text, wherever it begins there; without the characters at the ends,
    which depend on the neighbours."""
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * shift + raw).rstrip(b"=")[(4 if shift else 0) : -3]


class Watch(logging.Handler):
    """Hears every log record and looks at every answer and file; remembers where a canary sang."""

    def __init__(self, canaries: list[Canary]) -> None:
        super().__init__(logging.DEBUG)
        self.canaries = canaries
        self.found: list[str] = []
        self.looked_at = 0

    def look(self, where: str, content: bytes) -> None:
        """Searches one thing."""
        self.looked_at += 1
        self.found += [where for canary in self.canaries if canary.is_in(content)]

    def emit(self, record: logging.LogRecord) -> None:
        """A record: what is written of it, what it holds, and the stack and texts of its exception."""
        words = f"{record.getMessage()} {record.__dict__!r}"
        if record.exc_info:
            words += "".join(traceback.format_exception(*record.exc_info))
        self.look(f"log {record.name}: {record.msg}", words.encode())

    def answer(self, where: str, response: TestResponse) -> None:
        """An answer: its status, headers and body."""
        self.look(f"answer {where}", f"{response.status} {response.headers!r}".encode() + response.data)

    def files(self, when: str, folder: Path) -> None:
        """Every file of a folder, byte for byte."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.look(f"{path.name} after {when}", path.read_bytes())
