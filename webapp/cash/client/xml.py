"""XML from Cash, read by local name only (prefixes mean nothing) and without trusting it.

No DTD, no entities; depth, elements, text and looks at them are counted, so a document cannot cost more than it may.
"""

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from ...outbound.failures import CallFailed

MAX_DEPTH = 60
MAX_ELEMENTS = 150_000
MAX_TEXT = 4 * 1024 * 1024  # characters
MAX_LOOKS = 20  # at each element on average; an ordinary answer takes a handful
LONGEST_TOKEN = 1024 * 1024  # bytes; one tag or comment
LONGEST_PREFIX = 4 * 1024  # bytes; text in front of the XML, such as a leaked "Content-type: text/xml "


class Node:
    """One element: local name, attributes by local name, children, text; and where its `href` may lead."""

    __slots__ = ("_tree", "attributes", "children", "name", "namespace", "prefixes", "text")

    def __init__(self, tag: str, attributes: dict[str, str], prefixes: ChainMap[str, str], tree: "Tree") -> None:
        self.namespace, self.name = split_name(tag)
        self.attributes = {split_name(name)[1]: value for name, value in attributes.items()} if attributes else {}
        self.children: list[Node] = []
        self.text = ""
        self.prefixes = prefixes
        self._tree = tree

    def resolved(self) -> "Node | None":
        """What this element stands for: itself, the multiRef it points to (SOAP 1.1), or None for nil."""
        node: Node | None = self
        for _ in range(8):
            if node is None or node.attributes.get("nil", node.attributes.get("null")) in ("1", "true"):
                return None
            if not node.attributes.get("href", "").startswith("#"):
                return node
            node = self._tree.ids.get(node.attributes["href"][1:])
        return None

    def each(self, *names: str) -> Iterator["Node"]:
        """The children with one of these local names (any case; none given: all), resolved, without the nil ones.

        Raises CallFailed when references make the document much larger than it is, such as a list in itself.
        """
        for child in self.children:
            self._tree.look()
            if (not names or child.name.lower() in names) and (node := child.resolved()):
                yield node

    def child(self, *names: str) -> "Node | None":
        """The first child with one of these local names, or None: absent and nil are the same."""
        return next(self.each(*names), None)

    def value(self, *names: str) -> str:
        """The text of that child without the space around it, "" when there is none."""
        return node.text.strip() if (node := self.child(*names)) else ""

    def qualified(self, name: str) -> tuple[str, str]:
        """An attribute's value that is a name itself, `xsd:string`, as namespace and local name."""
        prefix, _, local = name.rpartition(":")
        return self.prefixes.get(prefix, ""), local


def split_name(tag: str) -> tuple[str, str]:
    """`{namespace}local` in its two parts."""
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local


class Tree:
    """Builds nodes from what a Reader finds."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        self.ids: dict[str, Node] = {}
        self._texts: list[list[str]] = []  # of each open node
        self._prefixes: ChainMap[str, str] = ChainMap()
        self._elements = self._characters = self._looks = 0

    def look(self) -> None:
        """Counts one look at an element; raises CallFailed when there were too many."""
        self._looks += 1
        if self._looks > MAX_LOOKS * self._elements:
            raise CallFailed("too_large", "the XML refers to itself too often")

    def start_ns(self, prefix: str, namespace: str) -> None:
        if self.open and self._prefixes is self.open[-1].prefixes:
            self._prefixes = self._prefixes.new_child()  # a copy for each element could fill the memory
        self._prefixes[prefix] = namespace

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self.open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise CallFailed("too_large", "the XML has too many elements, or too deep ones")
        node = Node(tag, attributes, self._prefixes, self)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        if "id" in node.attributes:
            self.ids[node.attributes["id"]] = node
        self.open.append(node)
        self._texts.append([])

    def data(self, text: str) -> None:
        self._characters += len(text)
        if self._characters > MAX_TEXT:
            raise CallFailed("too_large", "the XML has too much text")
        self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        self.open.pop().text = "".join(self._texts.pop())
        if self.open:
            self._prefixes = self.open[-1].prefixes

    def close(self) -> None:
        """The parser wants it."""


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


def read_tree(chunks: Iterable[bytes], encoding: str | None = None) -> Node:
    """A small document whole; raises CallFailed like the Reader."""
    tree = Tree()
    reader = Reader(tree, encoding)
    reader.feed(b"".join(chunks))
    reader.close()
    if tree.root is None:
        raise CallFailed("not_xml", "the XML has no element")
    if tree.root.name.lower() == "html":
        raise CallFailed("maintenance", "a web page came instead of XML")
    return tree.root


def read_text(text: str) -> Node:
    """A document that came as the text of another one, where a declared encoding means nothing any more."""
    return read_tree([text.encode()], "utf-8")
