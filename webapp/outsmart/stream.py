"""JSON as it arrives: one value after the other is taken, and what was taken is let go."""

import codecs
import re
from collections.abc import Iterable
from json import JSONDecoder
from typing import Any, NoReturn

from ..outbound.failures import CallFailed

LONGEST_VALUE = 16 * 1024 * 1024  # characters; a work order may carry its signature
_WHITE = re.compile(r"[ \t\r\n]+")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)  # 1.10 is to stay 1.10


class JsonStream:
    """A document in chunks of UTF-8. Raises CallFailed for what is no JSON, and for an end that comes too early."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._over = "", 0, False

    def next(self) -> str:
        """The next character that is not white, which is not taken; "" at the end."""
        self._skip_white()
        while self._at == len(self._text) and not self._over:
            self._read()
            self._skip_white()
        return self._text[self._at : self._at + 1]

    def take(self, character: str) -> bool:
        """Takes the next character if it is this one."""
        if self.next() != character:
            return False
        self._at += 1
        return True

    def expect(self, character: str) -> None:
        """Takes this character."""
        if not self.take(character):
            raise CallFailed("not_json", self._broken())

    def value(self) -> Any:
        """Takes a whole value; numbers come as text."""
        self.next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except (ValueError, RecursionError):
                if self._over:
                    raise CallFailed("not_json", self._broken()) from None
            else:
                if self._over or end < len(self._text):  # a number may go on in the next chunk
                    self._at = end
                    return value
            self._read_twice_as_much()

    def end(self) -> None:
        """Nothing may follow."""
        if self.next():
            raise CallFailed("not_json", "something follows the reply")

    def _skip_white(self) -> None:
        if white := _WHITE.match(self._text, self._at):
            self._at = white.end()

    def _broken(self) -> str:
        return "the reply is no JSON" if self.next() else "the reply ends too early"

    def _read_twice_as_much(self) -> None:
        """Reading a long value costs its length a few times, not its square."""
        wanted = 2 * (len(self._text) - self._at)
        while len(self._text) - self._at <= wanted and not self._over:
            self._read()
        if len(self._text) - self._at > LONGEST_VALUE:
            raise CallFailed("not_json", "the reply has a row that is damaged, or too large")

    def _read(self) -> None:
        chunk = next(self._chunks, None)
        self._over = chunk is None
        try:
            text = self._decoder.decode(chunk or b"", self._over)
        except UnicodeDecodeError:
            raise CallFailed("not_json", "the reply is not in UTF-8") from None
        self._text, self._at = self._text[self._at :] + text, 0
