"""Feeds XML to a parser without trusting it: no DTD, no entities, no endless tag."""

from collections.abc import Callable
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from ...outbound.failures import CallFailed

LONGEST_TOKEN = 1024 * 1024  # bytes; one tag or comment
LONGEST_PREFIX = 4 * 1024  # bytes; text in front of the XML, such as a leaked "Content-type: text/xml "


class Reader:
    """Feeds a document, chunk by chunk, to a target with start, data, end and close; skips text in front of it."""

    def __init__(self, target: Any, encoding: str | None = None) -> None:
        self._parser = DefusedXMLParser(target=target, encoding=encoding, forbid_dtd=True)
        self._waiting: bytes | None = b""  # until the first "<"
        self._start = b""
        self._fed = 0

    def feed(self, chunk: bytes) -> None:
        """Raises CallFailed for what is not XML, not safe, or the page of a web server."""
        if self._waiting is not None:
            self._waiting += chunk
            begin = self._waiting.find(b"<")
            if begin < 0 and len(self._waiting) <= LONGEST_PREFIX:
                return
            chunk, self._waiting = self._waiting[max(begin, 0) :], None
            self._start = chunk[:400].lower()
        self._fed += len(chunk)
        self._parse(self._parser.feed, chunk)
        if self._fed - self._parser.parser.CurrentByteIndex > LONGEST_TOKEN:
            raise CallFailed("too_large", "the XML has a tag without end")

    def close(self) -> None:
        """Raises CallFailed when the document is not complete."""
        if self._waiting is not None:
            raise CallFailed("not_xml", "there is no XML" if self._waiting.strip() else "the reply is empty")
        self._parse(self._parser.close)

    def _parse(self, act: Callable[..., Any], *args: bytes) -> None:
        try:
            act(*args)
        except (DefusedXmlException, ParseError, ValueError, LookupError) as error:
            if b"<html" in self._start or b"<!doctype html" in self._start:
                raise CallFailed("maintenance", "a web page came instead of XML") from None
            if isinstance(error, DefusedXmlException):
                raise CallFailed("unsafe_xml", f"the XML is not safe to read ({type(error).__name__})") from None
            raise CallFailed("not_xml", "the XML is damaged") from None
