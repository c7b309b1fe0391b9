"""The OutSmart of a test that says exactly what it is told to, and how a call fails there."""

import json
import socket
import ssl
import traceback
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import Any

import pytest
from support.server import Server, http

from webapp.outsmart.errors import OutSmartError
from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.model import RELATIONS

SOFTWARE, TOKEN = "software-token-4711", "customer-token-0815"
ROW = {"name": "Bakker BV", "debtor_number": "100", "street": "Havenweg", "postal_code": "4401 AB", "city": "Yerseke"}

Answer = bytes | Callable[[socket.socket], bytes | None]  # the connection ends when nothing is to be sent


class Scripted(Server):
    """Answers each request with the next of its answers, the last one for ever."""

    def __init__(self, *answers: Answer, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(tls)
        self._answers: Iterator[Answer] = chain(answers, repeat(answers[-1]))

    def always(self, answer: Answer) -> None:
        """From now on it has this answer only."""
        self._answers = repeat(answer)

    def answer(self, connection: socket.socket, head: bytes, body: bytes) -> bytes | None:
        answer = next(self._answers)
        return answer(connection) if callable(answer) else answer


def envelope(response: Any = None, code: int = 200, messages: Any = (), **headers: str) -> bytes:
    """A reply as OutSmart gives it."""
    body = json.dumps({"code": code, "messages": messages or [], "response": response})
    return http(body, Content_Type="application/json", **headers)


def gateway(peer: Server | str, software: str = SOFTWARE, **options: Any) -> OutSmartGateway:
    address = peer if isinstance(peer, str) else f"{peer.origin}/openapi/8"
    return OutSmartGateway(address, software, **{"deadline": 5.0, **options})


def fails(peer: Server | str, kind: type[OutSmartError], reason: str, **options: Any) -> OutSmartError:
    """Asks for relations; the failure is of this class and reason, and nothing hangs on it."""
    with gateway(peer, **options).session("1001", TOKEN) as session:
        return failure_of(lambda: list(session.get(RELATIONS)), kind, reason)


def failure_of(act: Callable[[], object], kind: type[OutSmartError], reason: str) -> OutSmartError:
    with pytest.raises(OutSmartError) as failure:
        act()
    assert (type(failure.value), failure.value.reason) == (kind, reason), str(failure.value)
    assert failure.value.__cause__ is failure.value.__context__ is None
    told = "".join(traceback.format_exception(failure.value)) + repr(failure.value)
    assert SOFTWARE not in told
    assert TOKEN not in told
    return failure.value
