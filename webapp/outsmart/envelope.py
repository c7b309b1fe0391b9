"""What OutSmart answers with: `{"code": …, "messages": […], "response": …}`, in any order, errors too."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..outbound.failures import CallFailed
from ..outbound.text import clean
from .model import Row
from .reasons import OK
from .stream import JsonStream

MOST_MESSAGES = 100
LONGEST_CODE = 6  # digits


class Envelope:
    """One reply. Its rows are read as they arrive; the rest is known when they are over.

    `hide` takes out of a message what nobody may read. Raises CallFailed for what is no envelope.
    """

    def __init__(self, chunks: Iterable[bytes], hide: Callable[[str], str] = str) -> None:
        self._stream = JsonStream(chunks)
        self._hide = hide
        self._fields: dict[str, Any] = {}
        self.has_list = False

    def rows(self) -> Iterator[Any]:
        """The items of the response, where it is a list; none once the code says that it failed."""
        self._begin()
        if not self._stream.take("}"):
            yield from self._each_field()
            while self._stream.take(","):
                yield from self._each_field()
            self._stream.expect("}")
        self._stream.end()
        _ = self.code

    def read(self) -> "Envelope":
        """Reads it to its end, without the items of a list."""
        for _ in self.rows():
            pass
        return self

    @property
    def code(self) -> int:
        """OutSmart's own code: 200 when all went well."""
        code = self._fields.get("code")
        if not (isinstance(code, str) and code.isascii() and code.isdecimal() and len(code) <= LONGEST_CODE):
            raise CallFailed("not_envelope", "the reply has no code")
        return int(code)

    @property
    def messages(self) -> tuple[str, ...]:
        """What OutSmart says, fit to show."""
        messages = self._fields.get("messages")
        listed = messages if isinstance(messages, list) else [messages]
        # Hidden first: of what is cut, half may stay.
        texts = (clean(self._hide(each)) for each in listed[:MOST_MESSAGES] if isinstance(each, str))
        return tuple(filter(None, texts))

    @property
    def response(self) -> Any:
        """The response, where it is no list; numbers come as text."""
        return self._fields.get("response")

    def _begin(self) -> None:
        match self._stream.next():
            case "{":
                self._stream.expect("{")
            case "<":
                raise CallFailed("maintenance", "a web page came instead of JSON")
            case "":
                raise CallFailed("not_json", "the reply is empty")
            case _:
                self._stream.value()
                raise CallFailed("not_envelope", "the reply is no object")

    def _each_field(self) -> Iterator[Any]:
        name = self._stream.value()
        self._stream.expect(":")
        if name == "response" and self._stream.take("["):
            self.has_list = True
            yield from self._items()
            return
        value = self._stream.value()
        if name in ("code", "messages", "response"):
            self._fields[name] = value

    def _items(self) -> Iterator[Any]:
        if self._stream.take("]"):
            return
        while True:
            item = self._stream.value()
            if self._fields.get("code", str(OK)) == str(OK):
                yield item
            if not self._stream.take(","):
                break
        self._stream.expect("]")


def texts(item: Any) -> Row:
    """A row as texts; what is nested in it is left out. Raises CallFailed for an item that is no row."""
    if not isinstance(item, dict):
        raise CallFailed("not_envelope", "the reply has an item that is no row")
    return {
        name: value if type(value) is str and value.isascii() else text(value)  # nearly all are, and need no call
        for name, value in item.items()
        if not isinstance(value, dict | list)
    }


def text(value: Any) -> str:
    """One value: null is unset, true and false are as OutSmart writes them, and half a character becomes `?`."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return "" if value is None else str(int(value))
