"""The gateway that asks a Cash of ours, without the page around it."""

import threading

import pytest
from support.server import Server

from webapp.cash.client.errors import CashError
from webapp.cash.client.gateway import CashGateway
from webapp.cash.model import Administration, Credentials

LOGIN = Credentials("25583", "api@example.test", "Geheim-42")
BOOKS = Administration("1571", "x001", "Demo B.V.")


def gateway(peer: Server | str, **options: object) -> CashGateway:
    address = peer if isinstance(peer, str) else f"{peer.origin}/?api/wsdl"
    return CashGateway(address, "OUTSMART", **{"deadline": 5.0, **options})  # type: ignore[arg-type]


def submit(peer: Server | str, **options: object) -> list[Administration]:
    with gateway(peer, **options).session(LOGIN) as session:
        return session.administrations()


def fails(peer: Server | str, kind: type[CashError], reason: str, **options: object) -> CashError:
    """Submits; the failure is of this class, tells no secret, and leaves no thread."""
    threads = set(threading.enumerate())
    with pytest.raises(CashError) as failure:
        submit(peer, **options)
    assert (type(failure.value), failure.value.reason) == (kind, reason), str(failure.value)
    assert LOGIN.password not in str(failure.value) + repr(failure.value)
    assert "tok-1" not in str(failure.value) + repr(failure.value)
    assert failure.value.__cause__ is None
    assert not [each for each in set(threading.enumerate()) - threads if each.name != "peer"]
    return failure.value
