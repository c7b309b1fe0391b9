"""What reading one answer may cost, over all the documents in it: XML may hold XML as text."""

from collections.abc import Callable, Iterable

from ...outbound.failures import CallFailed

MAX_DEPTH = 60
MAX_ELEMENTS = 200_000
MAX_TEXT = 16 * 1024 * 1024  # characters
MAX_NAMES = 5_000  # different names of elements, attributes and prefixes: the parser keeps each of them
MAX_LOOKS = 20  # at each element on average; an ordinary answer takes a handful
TIME_CHECK = 1_000  # elements or looks between two looks at the clock


class Budget:
    """Counts what is read and raises CallFailed when it is too much; `left` raises when time is up."""

    def __init__(self, left: Callable[[], object] = lambda: None) -> None:
        self._left = left
        self._names: set[str] = set()
        self._elements = self._characters = self._looks = self._steps = 0

    def element(self, tag: str, attributes: Iterable[str], depth: int) -> None:
        """One more element."""
        self._elements += 1
        if depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise CallFailed("too_large", "the XML has too many elements, or too deep ones")
        self.name(tag)
        for name in attributes:
            self.name(name)
        self._step()

    def name(self, name: str) -> None:
        """A name of an element, an attribute or a prefix."""
        self._names.add(name)
        if len(self._names) > MAX_NAMES:
            raise CallFailed("too_large", "the XML has too many different names")

    def text(self, characters: int) -> None:
        """So much more text."""
        self._characters += characters
        if self._characters > MAX_TEXT:
            raise CallFailed("too_large", "the XML has too much text")

    def look(self) -> None:
        """One look at an element: references make a document larger than it is."""
        self._looks += 1
        if self._looks > MAX_LOOKS * self._elements:
            raise CallFailed("too_large", "the XML refers to itself too often")
        self._step()

    def _step(self) -> None:
        self._steps += 1
        if self._steps % TIME_CHECK == 0:
            self._left()
