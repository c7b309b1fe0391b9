"""Feeds XML to a parser without trusting it: no DTD, no entities, no endless tag."""

import codecs
import re
from collections.abc import Callable
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from ...outbound.failures import CallFailed
from .characters import Permitted
from .packed import Unpacked
from .repair import Repaired

LONGEST_TOKEN = 256 * 1024  # bytes; one tag or comment
LONGEST_PREFIX = 4 * 1024  # bytes; text in front of the XML, such as a leaked "Content-type: text/xml "
START = 400  # bytes that tell what kind of document it is
OTHER_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-?8)", re.IGNORECASE)


class Reader:
    """Feeds a document, chunk by chunk, to a target with start, data, end and close; skips text in front of it.

    With `repaired` it is a document that came as the text of another: unless it was packed, it is UTF-8 now, whatever
    it declares.
    """

    def __init__(self, target: Any, repaired: Repaired | None = None) -> None:
        self._target, self._repaired = target, repaired
        self._unpacked = Unpacked() if repaired else None
        self._waiting: bytes | None = b""  # until its first tag is complete
        self._start = b""
        self._fed = 0

    def feed(self, chunk: bytes) -> None:
        """Raises CallFailed for what is not XML, not safe, or the page of a web server."""
        self._take(self._unpacked.feed(chunk) if self._unpacked else chunk)

    def _take(self, chunk: bytes) -> None:
        if self._waiting is not None:
            self._waiting += chunk
            begin = self._waiting.find(b"<")
            if b">" in self._waiting[begin:] if begin >= 0 else len(self._waiting) > LONGEST_PREFIX:
                self._begin(max(begin, 0))
            elif len(self._waiting) > LONGEST_TOKEN:
                raise CallFailed("too_large", "the XML has a tag without end")
            return
        self._parse(self._pass_on, chunk)

    def close(self) -> None:
        """Raises CallFailed when the document is not complete."""
        if self._unpacked:
            self._take(self._unpacked.feed(b"", True))
        if self._waiting is not None:
            if b"<" not in self._waiting:
                raise CallFailed("not_xml", "there is no XML" if self._waiting.strip() else "the reply is empty")
            self._begin(self._waiting.find(b"<"))
        self._parse(self._pass_on, b"", True)
        self._parse(self._parser.close)

    def _begin(self, at: int) -> None:
        """Decides by the first bytes how the document is to be read."""
        waiting, self._waiting = self._waiting or b"", None
        data = waiting[at - 1 :] if waiting[at - 1 : at] == b"\0" else waiting[at:]  # UTF-16, low byte last
        wide = {b"\0<": "utf-16-be", b"<\0": "utf-16-le"}.get(data[:2]) if data[2:4] != b"\0\0" else None
        self._decoder = codecs.getincrementaldecoder(wide)("surrogatepass") if wide else None
        utf8 = wide is not None or (self._unpacked is not None and not self._unpacked.packed)
        self._parser = DefusedXMLParser(target=self._target, encoding="utf-8" if utf8 else None, forbid_dtd=True)
        self._permitted = Permitted(utf8=utf8 or not OTHER_ENCODING.match(data))
        self._parse(self._pass_on, data)

    def _pass_on(self, data: bytes, last: bool = False) -> None:
        if self._decoder:
            data = self._decoder.decode(data, last).encode("utf-8", "surrogatepass")
        data = self._permitted.feed(data, last)
        for piece in self._repaired.feed(data, last) if self._repaired else (data,):
            self._feed(piece)

    def _feed(self, data: bytes) -> None:
        if len(self._start) < START:
            self._start += data[:START].lower()
        self._fed += len(data)
        self._parser.feed(data)
        if self._fed - self._parser.parser.CurrentByteIndex > LONGEST_TOKEN:
            raise CallFailed("too_large", "the XML has a tag without end")

    def _parse(self, act: Callable[..., Any], *args: object) -> None:
        try:
            act(*args)
        except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
            if b"<html" in self._start or b"<!doctype html" in self._start:
                raise CallFailed("maintenance", "a web page came instead of XML") from None
            if isinstance(error, DefusedXmlException):
                raise CallFailed("unsafe_xml", f"the XML is not safe to read ({type(error).__name__})") from None
            raise CallFailed("not_xml", "the XML is damaged") from None
