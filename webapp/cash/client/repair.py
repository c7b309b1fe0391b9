"""XML that travels as text is often put together by hand: a bare & or < in it becomes what it was meant to be."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.entities import name2codepoint
from itertools import pairwise

UNFINISHED = re.compile(rb"&[#\w]{0,60}")
NAME = rb"[A-Za-z_\x80-\xff][\w.:\x80-\xff-]*"
ATTRIBUTES = rb"(?:\s+%b\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*" % NAME
TAG = rb"/?%b%b/?>" % (NAME, ATTRIBUTES)
EXPORTED = rb"/?(?:[RF]\d+|Z\w+|[Cc][Aa][Ss][Hh])\s*/?>"  # the tags of an export (WP, H)
BARE = (
    rb"(?P<opens><!\[CDATA\[|<!--|<\?)"
    rb"|&(?!(?:lt|gt|amp|apos|quot|#[0-9]+|#[xX][0-9a-fA-F]+);)(?:(?P<entity>\w+);)?"
    rb"|\]\](?:>|$)|\]$|<(?!!DOCTYPE|%b)" % TAG
)
# Any of the signs makes a chunk worth a closer look for marks; most have none.
MARK = re.compile(BARE)
SIGNS = [re.compile(rb"<(?!/?[A-Za-z]\w*>)"), re.compile(rb"&(?!(?:lt|gt|amp);)"), re.compile(rb"\](?:\]|$)")]
EXPORT_MARK = re.compile(BARE + rb"|(?P<other><)(?!%b)" % EXPORTED)
EXPORT_SIGNS = [re.compile(rb"<(?!%b)" % EXPORTED), *SIGNS[1:]]
CLOSES = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
LONGEST_TAG = 4 * 1024  # bytes; a < that no > follows for longer begins no tag worth waiting for
TOKEN = re.compile(rb"<!\[CDATA\[|<!--|<\?|<(?P<end>/?)(?P<name>%b)%b(?P<empty>/?)>" % (NAME, ATTRIBUTES))


class Repaired:
    """Escapes each & that begins no reference, each < that begins no tag, each ]]>; not in CDATA and comments.

    With `open_field` the text is an export: within the field that it names every tag but its end is text as well.
    """

    def __init__(self, open_field: Callable[[], str] | None = None) -> None:
        self._open_field = open_field or (lambda: "")
        self._mark, self._signs = (EXPORT_MARK, EXPORT_SIGNS) if open_field else (MARK, SIGNS)
        self._rest = b""
        self._until = b""  # what ends the CDATA section, comment or instruction we are in

    def feed(self, chunk: bytes, last: bool = False) -> Iterator[bytes]:
        """As much as is complete of what was fed so far; each piece is to be parsed before the next is taken."""
        data, at = self._rest + chunk, 0
        if not self._until and not any(sign.search(data) for sign in self._signs):
            self._rest = b""
            yield data
            return
        while True:
            if self._until:
                found = data.find(self._until, at)
                end = found + len(self._until) if found >= 0 else max(len(data) - 2, at)  # it may be cut in two
                yield data[at:end]
                at = end
                if found < 0:
                    break
                self._until = b""
            mark = self._mark.search(data, at)
            end = mark.start() if mark else len(data)
            yield data[at:end]
            at = end
            if mark is None or (not last and _is_cut(data[at : at + LONGEST_TAG])):
                break
            yield self._replaced(mark)
            at, self._until = mark.end(), CLOSES.get(mark["opens"] or b"", b"")
        self._rest = data[at:]
        if last:
            yield self._rest

    def _replaced(self, mark: re.Match[bytes]) -> bytes:
        if mark["opens"] or (self._mark is EXPORT_MARK and mark["other"] and self._is_markup(mark)):
            return mark[0]
        return _escaped(mark)

    def _is_markup(self, mark: re.Match[bytes]) -> bool:
        field = self._open_field().encode()
        return not field or bool(
            re.compile(rb"</(?:[\w.-]+:)?%b\s*>" % re.escape(field)).match(mark.string, mark.start())
        )


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
    return b"&#%d;" % point if point else b"&amp;" + mark[0][1:]


def paired(data: bytes) -> bytes:
    """A whole document in which tags without their other half are text; what is open at its end stays: it is damage."""
    opened: list[tuple[bytes, int]] = []
    counts: Counter[bytes] = Counter()
    alone: list[int] = []
    at = 0
    while token := TOKEN.search(data, at):
        at = token.end()
        if closes := CLOSES.get(token[0]):
            at = data.find(closes, at)
            if at < 0:
                break
        elif not token["end"] and not token["empty"]:
            opened.append((token["name"], token.start()))
            counts[token["name"]] += 1
        elif token["end"] and counts[token["name"]]:
            while (last := opened.pop())[0] != token["name"]:
                alone.append(last[1])
                counts[last[0]] -= 1
            counts[token["name"]] -= 1
        elif token["end"]:
            alone.append(token.start())
    return _with_text_at(data, sorted(alone))


def _with_text_at(data: bytes, places: list[int]) -> bytes:
    """The < at these places escaped."""
    cuts = [0, *places, len(data)]
    pieces = [data[start:end] for start, end in pairwise(cuts)]
    return b"".join([pieces[0], *(b"&lt;" + piece[1:] for piece in pieces[1:])])
