"""Text that came from outside, or goes there."""

import re
from unicodedata import category

INVISIBLE = {"Cc", "Cf", "Cs"}  # categories: control, format (bidi marks and the like), half of a pair
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
JOINERS = "\u200c\u200d"  # of format, but letters and emoji look different without them


def clean(text: str, limit: int = 200) -> str:
    """A label fit to show on one line: no control or invisible characters, at most `limit` characters."""
    if text.isascii() and text.isprintable():
        if len(text) <= limit and "  " not in text and text[:1] != " " != text[-1:]:
            return text  # as nearly all are
        return " ".join(text[: limit * 8].split())[:limit].rstrip()
    kept = (c for c in text[: limit * 8] if c.isspace() or c in JOINERS or category(c) not in INVISIBLE)
    return " ".join("".join(kept).split())[:limit].rstrip()


def sendable(text: str) -> str:
    """The text as it travels: without the characters that no XML document can hold."""
    return _NOT_XML.sub("", text)
