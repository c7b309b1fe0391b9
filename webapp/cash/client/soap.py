"""How Cash is asked, as its WSDL says."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import TypeVar

from ...outbound.deadline import Deadline
from ...outbound.failures import CallFailed
from ...outbound.http import Wire, trust
from .budget import Budget
from .envelope import write_envelope
from .export_stream import read_records
from .parts import Value, fill, has_log_in
from .reasons import meaning_of
from .reply import answer, raise_fault
from .wsdl import Wsdl, read_wsdl
from .xml import Node, read_tree

MIB = 1024 * 1024
LIMITS = {"listadministrations": 8 * MIB, "export": 256 * MIB}  # bytes; 10,000 administrations as Maps take 5 MiB
READING = {"listadministrations", "export", "gettransaction"}  # may be sent twice; a login or an import never
USER_AGENT = "outsmart-cash"

_T = TypeVar("_T")


class Soap:
    """One Cash server: its operations, and its WSDL as it was last read."""

    def __init__(self, wsdl: str, ca_file: str | None, connect_timeout: float) -> None:
        self._url = wsdl
        self._trust = trust(ca_file)
        self._connect_timeout = connect_timeout
        self.wsdl: Wsdl | None = None
        self._asked_for_wsdl = -inf  # when, by the monotonic clock

    def wire(self) -> Wire:
        """A fresh way to the server; close it."""
        return Wire(self._trust, self._connect_timeout, USER_AGENT)

    def read_wsdl(self, wire: Wire, deadline: Deadline) -> Wsdl:
        """Reads and remembers the WSDL; raises CallFailed, and then the one that is remembered stays."""
        self._asked_for_wsdl = monotonic()
        with wire.call(deadline, self._url, MIB, may_repeat=True) as reply:
            root = read_tree(reply.chunks, Budget(deadline.left), detailed=True)
        deadline.left()  # raises when reading took too long
        self.wsdl = wsdl = read_wsdl(root, self._url)
        return wsdl

    def wsdl_age(self) -> float:
        """Seconds since the WSDL was asked for; endless when it is known to be old."""
        return monotonic() - self._asked_for_wsdl

    def ask(
        self,
        wire: Wire,
        deadline: Deadline,
        wsdl: Wsdl,
        name: str,
        values: Mapping[str, Value],
        read: Callable[[Node], _T],
    ) -> _T:
        """What `read` finds in the answer; raises ResponseError for a code other than 1, CallFailed for no answer."""
        with self._call(wire, deadline, wsdl, name, values) as chunks:
            found = read(answer(read_tree(chunks, Budget(deadline.left))))
            deadline.left()  # raises when reading took too long
            return found

    def export(
        self, wire: Wire, deadline: Deadline, wsdl: Wsdl, values: Mapping[str, Value]
    ) -> Iterator[dict[str, str]]:
        """The records an Export answers with, as they arrive; raises like `ask`, possibly after some records."""
        with self._call(wire, deadline, wsdl, "Export", values) as chunks:
            yield from read_records(chunks, Budget(deadline.left))

    @contextmanager
    def _call(
        self, wire: Wire, deadline: Deadline, wsdl: Wsdl, name: str, values: Mapping[str, Value]
    ) -> Iterator[Iterator[bytes]]:
        try:
            operation = wsdl.operation(name)
            body = write_envelope(operation, fill(operation, values, has_log_in(wsdl)))
            headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.action}"'}
            limit, again = LIMITS.get(name.lower(), MIB), name.lower() in READING
            with wire.call(
                deadline, wsdl.address, limit, body, headers, also_read={500}, may_repeat=again, packed=name == "Export"
            ) as reply:
                if reply.status == 500:
                    raise_fault(reply.chunks, Budget(deadline.left))
                yield reply.chunks
        except CallFailed as failure:
            # Another caller may have read a newer one meanwhile.
            if meaning_of(failure.reason).stale and self.wsdl is wsdl:
                self._asked_for_wsdl = -inf
            raise
