"""One odd character must not cost a whole answer: what XML forbids is left out before the parser sees it.

It works chunk by chunk; what a chunk ends in the middle of waits for the next one.
"""

import re

CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
REFERENCE = re.compile(rb"&#(?:0*([0-9]+)|[xX]0*([0-9a-fA-F]+));")
HALVES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]")  # of a pair; U+FFFE and U+FFFF
UNFINISHED = re.compile(rb"(?:&[#\w]{0,60}|\xed[\xa0-\xbf]?|\xef\xbf?)$")


class Permitted:
    """Leaves out what XML forbids: control characters and the like, raw or as references."""

    def __init__(self, *, utf8: bool = True) -> None:
        self._utf8 = utf8
        self._rest = b""

    def feed(self, chunk: bytes, last: bool = False) -> bytes:
        """As much as is complete of what was fed so far."""
        data = (self._rest + chunk).translate(None, CONTROLS)
        unfinished = None if last else UNFINISHED.search(data, max(len(data) - 64, 0))
        end = unfinished.start() if unfinished else len(data)
        data, self._rest = data[:end], data[end:]
        if b"&#" in data:
            data = REFERENCE.sub(_permitted, data)
        if self._utf8 and (b"\xed" in data or b"\xef" in data):
            data = HALVES.sub(b"", data)
        return data


def _permitted(reference: re.Match[bytes]) -> bytes:
    decimal, hexadecimal = reference.groups()
    digits = decimal or hexadecimal
    point = int(digits, 10 if decimal else 16) if len(digits) < 9 else -1
    allowed = (
        point in (0x09, 0x0A, 0x0D) or 0x20 <= point < 0xD800 or 0xE000 <= point < 0xFFFE or 0x10000 <= point < 0x110000
    )
    return reference[0].replace(b"X", b"x") if allowed else b""
