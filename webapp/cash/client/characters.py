"""One odd character must not cost a whole answer: what XML forbids is left out before the parser sees it.

XML that travels as text is often put together by hand: there a bare & or < becomes what it was meant to be.
All of it works on UTF-8, chunk by chunk; what a chunk ends in the middle of waits for the next one.
"""

import re
from html.entities import name2codepoint

CONTROLS = bytes({*range(0x20)} - {0x09, 0x0A, 0x0D})
REFERENCE = re.compile(rb"&#(?:0*([0-9]+)|[xX]0*([0-9a-fA-F]+));")
HALVES = re.compile(rb"\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]")  # of a pair; U+FFFE and U+FFFF
UNFINISHED = re.compile(rb"(?:&[#\w]{0,60}|\xed[\xa0-\xbf]?|\xef\xbf?)$")

NAME = rb"[A-Za-z_\x80-\xff][\w.:\x80-\xff-]*"
TAG = rb"/?%b(?:\s+%b\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*/?>" % (NAME, NAME)
MARK = re.compile(
    rb"(?P<opens><!\[CDATA\[|<!--|<\?)"
    rb"|&(?!(?:lt|gt|amp|apos|quot|#[0-9]+|#[xX][0-9a-fA-F]+);)(?:(?P<entity>\w+);)?"
    rb"|\]\](?:>|$)|\]$|<(?!!DOCTYPE|%b)" % TAG
)
# Any of them makes a chunk worth a closer look; most have none.
SIGNS = [re.compile(rb"<(?!/?[A-Za-z]\w*>)"), re.compile(rb"&(?!(?:lt|gt|amp);)"), re.compile(rb"\](?:\]|$)")]
CLOSES = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
LONGEST_TAG = 4 * 1024  # bytes; a < that no > follows for longer begins no tag worth waiting for


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


class Repaired:
    """Escapes each & that begins no reference, each < that begins no tag, each ]]>; not in CDATA and comments."""

    def __init__(self) -> None:
        self._rest = b""
        self._until = b""  # what ends the CDATA section, comment or instruction we are in

    def feed(self, chunk: bytes, last: bool = False) -> bytes:
        """As much as is complete of what was fed so far."""
        data, done, at = self._rest + chunk, [], 0
        if not self._until and not any(sign.search(data) for sign in SIGNS):
            self._rest = b""
            return data
        while True:
            if self._until:
                found = data.find(self._until, at)
                end = found + len(self._until) if found >= 0 else max(len(data) - 2, at)  # it may be cut in two
                done.append(data[at:end])
                at = end
                if found < 0:
                    break
                self._until = b""
            mark = MARK.search(data, at)
            if mark is None:
                done.append(data[at:])
                at = len(data)
                break
            done.append(data[at : mark.start()])
            at = mark.start()
            if not last and _is_cut(data[at : at + LONGEST_TAG]):
                break
            done.append(mark[0] if mark["opens"] else _escaped(mark))
            at, self._until = mark.end(), CLOSES.get(mark["opens"] or b"", b"")
        self._rest = data[at:]
        return b"".join([*done, self._rest] if last else done)


def _is_cut(found: bytes) -> bool:
    """Whether what looks bare may be a tag or a reference whose end is still to come."""
    if len(found) == LONGEST_TAG:
        return False
    if found.startswith(b"]"):
        return len(found) < 3
    return b">" not in found if found.startswith(b"<") else bool(UNFINISHED.fullmatch(found))


def _escaped(mark: re.Match[bytes]) -> bytes:
    """`&` as `&amp;`, `<` as `&lt;`; a letter that HTML has a name for as that letter."""
    if not mark[0].startswith(b"&"):
        return mark[0].replace(b"<", b"&lt;").replace(b">", b"&gt;")
    point = name2codepoint.get((mark["entity"] or b"").decode("ascii", "replace"))
    return chr(point).encode() if point else b"&amp;" + mark[0][1:]
