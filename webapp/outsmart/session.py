"""What is asked of OutSmart for one account."""

import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from ..outbound.deadline import Deadline
from ..outbound.failures import CallFailed
from ..outbound.http import Wire
from .calls import Observer, observed
from .envelope import Envelope, texts
from .errors import error_for_reason
from .model import Kind, Posted, Row
from .reasons import OK, is_about_rows
from .tokens import Tokens
from .turns import Turn

MIB = 1024 * 1024
LARGEST_LIST, LARGEST_ANSWER = 512 * MIB, 32 * MIB  # bytes; 156,000 materials were 50 MB
JSON = {"Content-Type": "application/json"}

_T = TypeVar("_T")
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class OutSmartSession:
    """A conversation with OutSmart: one kept connection, one call at a time for the account.

    Every method raises OutSmartError. Nothing that changes anything is ever repeated by itself.
    """

    def __init__(
        self, wire: Wire, url: str, tokens: Tokens, account: str, turn: Turn, seconds: float, observer: Observer
    ) -> None:
        self._wire = wire
        self._url = url
        self._tokens = tokens
        self._account = account
        self._turn = turn
        self._seconds = seconds
        self._observer = observer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._wire.close()

    def get(self, kind: Kind) -> Generator[Row, None, None]:
        """All rows of a kind, in OutSmart's order, as they arrive; an error may come after rows.

        Nothing is sent before the first is taken. Until all are taken, or the iterator is closed, the account has
        no other call; so put them away first. Success without any list is an error, `no_list`.
        """
        return self.each(kind.path, {}, texts)

    def post(self, kind: Kind, rows: Sequence[Mapping[str, str]]) -> Posted:
        """Inserts the rows, or updates those whose key is there: all of them or, when any is refused, none.

        Refused rows are no exception; every other failure is, and may have come after they were stored.
        """
        return self.ask(kind.path, {}, _posted, body=write_rows(rows), accept=is_about_rows)

    def each(
        self, path: str, parameters: Mapping[str, str], read: Callable[[Any], _T], *, may_be_absent: bool = False
    ) -> Generator[_T, None, None]:
        """What `read` makes of each item of a list, as `get` gives them; in an item numbers are texts.

        `may_be_absent` takes success without a list for an empty one.
        """
        try:
            with self._call(path, parameters, None, LARGEST_LIST, may_repeat=True) as envelope:
                yield from map(read, envelope.rows())
                _judge(envelope)
                if not envelope.has_list and not (may_be_absent and envelope.response is None):
                    raise CallFailed("no_list", "OutSmart says it went well, and gives no list")
            return
        except CallFailed as failure:
            error = error_for_reason(failure.reason, failure.detail, failure.retry_after)
        raise error  # outside of the handler it has no cause, which would hold what was sent

    def ask(
        self,
        path: str,
        parameters: Mapping[str, str],
        read: Callable[[Envelope], _T],
        *,
        body: bytes | None = None,
        accept: Callable[[int], bool] = lambda code: False,
    ) -> _T:
        """What `read` makes of a short answer; `accept` says which codes beside 200 are no failure."""
        try:
            with self._call(path, parameters, body, LARGEST_ANSWER) as envelope:
                envelope.read()
                if not accept(envelope.code):
                    _judge(envelope)
                return read(envelope)
        except CallFailed as failure:
            error = error_for_reason(failure.reason, failure.detail, failure.retry_after)
        raise error

    @contextmanager
    def _call(
        self, path: str, parameters: Mapping[str, str], body: bytes | None, limit: int, *, may_repeat: bool = False
    ) -> Iterator[Envelope]:
        operation = f"{'GET' if body is None else 'POST'} {path}"
        address = self._tokens.address(self._url, path, parameters)
        headers = {} if body is None else JSON
        with self._turn.taken(self._seconds), observed(self._observer, operation, self._account):
            deadline = Deadline(self._seconds)
            call = self._wire.call(deadline, address, limit, body, headers, packed=True, may_repeat=may_repeat)
            with call as reply:
                yield Envelope(reply.chunks, self._tokens.hide)
                deadline.left()  # raises when reading took too long


def write_rows(rows: Sequence[Mapping[str, str]]) -> bytes:
    """The body of a post; its length is what a batch weighs."""
    return _write([*map(dict, rows)]).encode("utf-8", "replace")


def _posted(envelope: Envelope) -> Posted:
    taken = envelope.response
    known = isinstance(taken, str) and taken.isascii() and taken.isdecimal()
    return Posted(envelope.code, envelope.messages, int(taken) if known else None)


def _judge(envelope: Envelope) -> None:
    """Raises CallFailed for a code other than 200."""
    if envelope.code != OK:
        said = "; ".join(envelope.messages) or "and nothing more"
        raise CallFailed(f"code_{envelope.code}", f"OutSmart answers with code {envelope.code}: {said}")
