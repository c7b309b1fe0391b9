"""Exports come packed, and are no larger for it."""

import gzip
from html import escape

import pytest
from support.cash import TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, gateway
from support.server import http

from webapp.cash.client import soap as limits
from webapp.cash.client.errors import CashUnreachable
from webapp.cash.model import Administration, Credentials
from webapp.demo.cash import CashSandbox
from webapp.demo.logins import LOGINS

ARTICLE = "<R2260><F2260 name='artikelcode'>A1</F2260><F2001 naam='omschrijving' x='y'>Buis</F2001></R2260>"
PLAIN = "<R2260><F2260>A1</F2260><F2001>Buis</F2001></R2260>"


def reply(articles: str) -> bytes:
    return soap(f"<exportResult>{escape(f'<cash>{articles}</cash>', quote=False)}</exportResult>").encode()


def export(peer: Peer) -> list[dict[str, str]]:
    with gateway(peer).session(LOGIN) as session:
        return list(session.export(BOOKS, "2260"))


def test_only_an_export_asks_for_a_packed_reply() -> None:
    with Peer(TOKEN, http(reply(PLAIN))) as peer:
        assert export(peer) == [{"record": "2260", "2260": "A1", "2001": "Buis"}]
        asked = [b"Accept-Encoding: gzip\r\n" in request for request in peer.requests]
        assert asked == [False, False, True]


def test_a_packed_export_is_read_as_it_arrives() -> None:
    with Peer(TOKEN, http(gzip.compress(reply(PLAIN * 5000)), Content_Encoding="gzip")) as peer:
        assert len(export(peer)) == 5000


def test_the_limit_counts_what_was_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(limits.LIMITS, "export", 100_000)
    with Peer(TOKEN, http(gzip.compress(reply(PLAIN * 5000)), Content_Encoding="gzip")) as peer:
        with pytest.raises(CashUnreachable) as failure:
            export(peer)
        assert failure.value.reason == "too_large"


def test_a_packed_export_that_is_cut_is_no_export() -> None:
    with Peer(TOKEN, http(gzip.compress(reply(PLAIN))[:-9], Content_Encoding="gzip")) as peer:
        with pytest.raises(CashUnreachable) as failure:
            export(peer)
        assert failure.value.reason == "reset"


def test_fields_come_with_the_names_that_cash_gives_them() -> None:
    with Peer(TOKEN, http(reply(ARTICLE))) as peer:
        assert export(peer) == [
            {"record": "2260", "2260": "A1", "@2260": "artikelcode", "2001": "Buis", "@2001": "omschrijving"}
        ]


def test_the_sandbox_packs_what_is_worth_it(cash: CashSandbox) -> None:
    login = LOGINS[1]
    own = Credentials(login.relation_code, login.email, login.password)
    with gateway(cash.wsdl).session(own) as session:
        assert len(list(session.export(Administration("2085", "demo", ""), "2260Z"))) == 60
