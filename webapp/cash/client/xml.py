"""XML from Cash as a tree, read by local name only: prefixes mean nothing."""

from collections import ChainMap
from collections.abc import Iterable, Iterator

from ...outbound.failures import CallFailed
from .budget import MAX_NAMES, Budget
from .reader import Reader
from .repair import Repaired, paired

CHUNK = 64 * 1024  # bytes
LINKS = {"id", "href", "nil", "null"}  # the attributes that mean something in an answer
NONE: dict[str, str] = {}


class Node:
    """One element: local name, attributes by local name, children, text; and where its `href` may lead."""

    __slots__ = ("_document", "_tree", "attributes", "children", "name", "namespace", "prefixes", "text")

    def __init__(self, tag: str, attributes: dict[str, str], prefixes: ChainMap[str, str], tree: "Tree") -> None:
        self.namespace, self.name = split_name(tag)
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""
        self.prefixes = prefixes
        self._tree = tree
        self._document: Node | None = None

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

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """The name in lower case of each child, and what it stands for, without the nil ones.

        The items of a Map, which PHP makes of an array with keys, stand for their values (PHP). Raises CallFailed
        when references make the document much larger than it is, such as a list in itself.
        """
        for child in self.children:
            self._tree.budget.look()
            name, node = child.name.lower(), child.resolved()
            if name == "item" and node and (entry := node.entry()):
                name, node = entry
            if node:
                yield name, node

    def entry(self) -> "tuple[str, Node | None] | None":
        """Key and value, when this is an item of a Map."""
        parts = {child.name.lower(): child for child in self.children} if len(self.children) == 2 else {}
        if parts.keys() != {"key", "value"}:
            return None
        key = parts["key"].resolved()
        return key.text.strip().lower() if key else "", parts["value"].resolved()

    def each(self, *names: str) -> Iterator["Node"]:
        """The members with one of these local names (none given: all)."""
        for name, node in self.members():
            if not names or name in names:
                yield node

    def child(self, *names: str) -> "Node | None":
        """The first member with one of these local names, or None: absent and nil are the same."""
        return next(self.each(*names), None)

    def value(self, *names: str) -> str:
        """The text of that member without the space around it, "" when there is none."""
        return node.text.strip() if (node := self.child(*names)) else ""

    def key(self, *names: str) -> str:
        """The text of that member, character by character; "" for white space alone, which is only layout."""
        node = self.child(*names)
        return node.text if node and node.text.strip() else ""

    def document(self) -> "Node":
        """The XML that this element holds as text, read once however often it is referred to."""
        if self._document is None:
            self._document = read_text(self.text, self._tree.budget)
        return self._document

    def qualified(self, name: str) -> tuple[str, str]:
        """An attribute's value that is a name itself, `xsd:string`, as namespace and local name."""
        prefix, _, local = name.rpartition(":")
        return self.prefixes.get(prefix, ""), local


def split_name(tag: str) -> tuple[str, str]:
    """`{namespace}local` in its two parts."""
    namespace, _, local = tag.rpartition("}")
    return namespace[1:], local


class Tree:
    """Builds nodes from what a Reader finds; only a `detailed` one keeps all attributes and prefixes."""

    def __init__(self, budget: Budget | None = None, *, detailed: bool = False) -> None:
        self.budget = budget or Budget()
        self.root: Node | None = None
        self.open: list[Node] = []
        self.ids: dict[str, Node] = {}
        self._detailed = detailed
        self._texts: list[list[str]] = []  # of each open node
        self._prefixes: ChainMap[str, str] = ChainMap()
        self._declared = 0

    def start_ns(self, prefix: str, namespace: str) -> None:
        self.budget.name(prefix)
        if not self._detailed:
            return
        self._declared += 1
        if self._declared > MAX_NAMES:
            raise CallFailed("too_large", "the XML declares too many namespaces")
        if self.open and self._prefixes is self.open[-1].prefixes:
            self._prefixes = self._prefixes.new_child()  # a copy for each element could fill the memory
        self._prefixes[prefix] = namespace

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.budget.element(tag, attributes, len(self.open) + 1)
        node = Node(tag, self._kept(attributes) if attributes else NONE, self._prefixes, self)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        if "id" in node.attributes:
            self.ids[node.attributes["id"]] = node
        self.open.append(node)
        self._texts.append([])

    def _kept(self, attributes: dict[str, str]) -> dict[str, str]:
        named = ((split_name(name)[1], value) for name, value in attributes.items())
        return {name: value for name, value in named if self._detailed or name in LINKS} or NONE

    def data(self, text: str) -> None:
        self.budget.text(len(text))
        self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        self.open.pop().text = "".join(self._texts.pop())
        if self.open:
            self._prefixes = self.open[-1].prefixes

    def close(self) -> None:
        """The parser wants it."""


def read_tree(chunks: Iterable[bytes], budget: Budget | None = None, *, detailed: bool = False) -> Node:
    """A small document whole; raises CallFailed for what is not XML, not safe, too large, or a web page."""
    tree = Tree(budget, detailed=detailed)
    return _read(tree, Reader(tree), chunks)


def read_text(text: str, budget: Budget | None = None) -> Node:
    """A document that came as the text of another one, where a declared encoding means nothing any more."""
    budget = budget or Budget()
    data = text.encode()
    try:
        return _read_text(data, budget)
    except CallFailed as failure:
        if failure.reason != "not_xml" or (again := paired(data)) == data:
            raise
    return _read_text(again, budget)


def _read_text(data: bytes, budget: Budget) -> Node:
    tree = Tree(budget)
    chunks = (data[at : at + CHUNK] for at in range(0, len(data), CHUNK))
    return _read(tree, Reader(tree, Repaired()), chunks)


def _read(tree: Tree, reader: Reader, chunks: Iterable[bytes]) -> Node:
    for chunk in chunks:
        reader.feed(chunk)
    reader.close()
    if tree.root is None:
        raise CallFailed("not_xml", "the XML has no element")
    if tree.root.name.lower() == "html":
        raise CallFailed("maintenance", "a web page came instead of XML")
    return tree.root
