"""Records written as Cash usually writes them, read without a parser: four times as fast. The rest is for the parser.

Plain is `<R2260><F2260>A1</F2260><F2001>Buis &amp; zo</F2001></R2260>`: no attributes, no prefixes, nothing else in it.
"""

import re
from collections.abc import Callable

LONGEST = 256 * 1024  # characters of a record; the parser knows how much a larger one may be
START = re.compile(r"[^<]*(?:<\?xml [^<>]*\?>)?\s*<(?:cash|CASH)>")  # the parser skips what stands in front
LONGEST_START = 1024
RECORD = re.compile(r"\s*<R([0-9]{3,4})>")
FIELD = re.compile(r"<([FZ]\w{1,10})>([^<>]*)</\1>", re.ASCII)
ODD = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)|\r")
END = "</R"

Record = dict[str, str]


class Names(dict[str, str]):
    """What a field is called, by its tag; `new` hears of each tag once."""

    def __init__(self, call: Callable[[str], str], new: Callable[[str], None]) -> None:
        super().__init__()
        self._call, self._new = call, new

    def __missing__(self, tag: str) -> str:
        self._new(tag)
        name = self[tag] = self._call(tag)
        return name


class PlainRecords:
    """Takes plain records out of the text of an export, and returns the text that is for the parser.

    From the first thing on that is not plain all is.
    """

    def __init__(self, names: Names, ready: list[Record]) -> None:
        self._names, self._ready = names, ready
        self._waiting = ""
        self._started = False
        self._over = False

    def feed(self, text: str) -> str:
        """What of the text so far the parser must see."""
        text, self._waiting = self._waiting + text, ""
        if self._over:
            return text
        if not self._started:
            return self._start(text)
        return self._take(text)

    def close(self) -> str:
        """What waited for more."""
        text, self._waiting, self._over = self._waiting, "", True
        return text

    def _start(self, text: str) -> str:
        if start := START.match(text):
            self._started = True
            return start[0] + self.feed(text[start.end() :])
        if text.count(">") > 1 or len(text) > LONGEST_START:
            return self._give_up(text)
        self._waiting = text
        return ""

    def _wait(self, text: str) -> str:
        if len(text) > LONGEST:
            return self._give_up(text)
        self._waiting = text
        return ""

    def _give_up(self, text: str) -> str:
        self._over = True
        return text

    def _take(self, text: str) -> str:
        """Every record that is complete."""
        at = 0
        while (end := text.find(END, at)) >= 0 and (close := text.find(">", end)) >= 0:
            if not self._read(text[at:end], text[end + len(END) : close]):
                return self._give_up(text[at:])
            at = close + 1
        return self._wait(text[at:])

    def _read(self, text: str, closes: str) -> bool:
        """One record without its end; whether it is plain."""
        opens = RECORD.match(text)
        if opens is None or opens[1] != closes:
            return False
        inside = text[opens.end() :]
        fields = FIELD.findall(inside)
        # Tags that were not found, or text between those that were, would make these numbers differ.
        between = inside.count("><") - inside.count("></") + 1
        if inside.count("<") != 2 * len(fields) or inside.count(">") != 2 * len(fields) or between != len(fields):
            return not inside.strip() and self._put(opens[1], [])
        if "&" in inside or "\r" in inside:
            if ODD.search(inside):
                return False
            fields = [(tag, _unescaped(value)) for tag, value in fields]
        return self._put(opens[1], fields)

    def _put(self, number: str, fields: list[tuple[str, str]]) -> bool:
        names = self._names
        self._ready.append({"record": number} | {names[tag]: value for tag, value in fields})
        return True


def _unescaped(text: str) -> str:
    if "&" not in text:
        return text
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text
