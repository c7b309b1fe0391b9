"""Whom the gateway believes to be Cash."""

import pytest
from support.cash import LIST, TOKEN, Peer
from support.gateway import fails, submit
from support.tls import Certificates

from webapp.cash.client.errors import CashUnreachable


def test_certificate_of_our_own_authority_is_trusted(certificates: Certificates) -> None:
    with Peer(TOKEN, LIST, tls=certificates.good) as peer:
        assert submit(peer, ca_file=certificates.file)
        assert peer.connections == 1


@pytest.mark.parametrize("which", ["wrong_host", "expired", "self_signed"])
def test_certificate_that_proves_nothing_is_refused(which: str, certificates: Certificates) -> None:
    with Peer(TOKEN, tls=getattr(certificates, which)) as peer:
        fails(peer, CashUnreachable, "tls", ca_file=certificates.file)
        assert peer.requests == []


def test_the_usual_authorities_do_not_vouch_for_our_own(certificates: Certificates) -> None:
    with Peer(TOKEN, tls=certificates.good) as peer:
        fails(peer, CashUnreachable, "tls")


def test_server_without_tls_is_a_tls_failure() -> None:
    with Peer(TOKEN) as peer:
        peer.greet = lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        fails(peer.origin.replace("http", "https"), CashUnreachable, "tls")
