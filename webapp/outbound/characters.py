"""Which characters can be sent at all."""

import re

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def sendable(text: str) -> str:
    """The text as it travels: without the characters that no XML document can hold."""
    return _NOT_XML.sub("", text)
