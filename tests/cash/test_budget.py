"""An answer costs no more than it may, however it refers to itself or hides one document in another."""

import time
import tracemalloc
from collections.abc import Iterator
from html import escape

import pytest
from support.cash import TOKEN, Peer, soap
from support.gateway import BOOKS, LOGIN, gateway
from support.server import http

from webapp.cash.client.answers import read_administrations
from webapp.cash.client.budget import MAX_NAMES, Budget
from webapp.cash.client.calls import CallRecord
from webapp.cash.client.errors import CashError, CashFault, CashUnreachable
from webapp.cash.client.export_stream import read_records
from webapp.cash.client.reply import answer
from webapp.cash.client.session import CashSession
from webapp.cash.client.xml import read_text, read_tree
from webapp.cash.model import Administration
from webapp.outbound.failures import CallFailed

BOOK = "<Adm><Code>x{0}</Code><Name>Demo {0}</Name></Adm>"


def books(number: int) -> str:
    """A list as text, as XML in XML."""
    listed = "".join(BOOK.format(each) for each in range(number))
    return escape(f"<x><Dir><Name>1571</Name><Adms>{listed}</Adms></Dir></x>", quote=False)


def referring(references: int, text: str) -> bytes:
    """A list that refers so often to one multiRef."""
    listed = "<item href='#m'/>" * references
    return (
        "<Envelope><Body><r><response><code>1</code></response>"
        f"<administrationList>{listed}</administrationList></r><multiRef id='m'>{text}</multiRef></Body></Envelope>"
    ).encode()


def read(reply: bytes, budget: Budget | None = None) -> list[Administration]:
    return read_administrations(answer(read_tree([reply], budget)))


def test_a_text_that_is_referred_to_often_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []

    def counted(text: str, budget: Budget) -> object:
        parsed.append(len(text))
        return read_text(text, budget)

    monkeypatch.setattr("webapp.cash.client.xml.read_text", counted)
    assert len(read(referring(10, books(3)))) == 3
    assert len(parsed) == 1


def test_references_to_a_large_text_are_too_large_and_not_slow() -> None:
    started = time.thread_time()
    with pytest.raises(CallFailed, match="too_large"):
        read(referring(400, books(500)))
    assert time.thread_time() - started < 8


def test_elements_count_through_all_documents_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cash.client.budget.MAX_ELEMENTS", 1_000)
    text = escape("<x>" + "<y/>" * 250 + "</x>")
    whole = "<Envelope><Body><r><response><code>1</code></response><administrationList>{}</administrationList></r>"
    assert read(f"{whole.format(f'<item>{text}</item>' * 3)}</Body></Envelope>".encode()) == []
    with pytest.raises(CallFailed, match="too_large"):
        read(f"{whole.format(f'<item>{text}</item>' * 4)}</Body></Envelope>".encode())


def test_text_counts_through_all_documents_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cash.client.budget.MAX_TEXT", 10_000)
    inner = read_tree([b"<a><b>", escape(f"<x>{'y' * 6_000}</x>").encode(), b"</b></a>"]).child("b")
    assert inner
    with pytest.raises(CallFailed, match="too_large"):
        inner.document()
    with pytest.raises(CallFailed, match="too_large"):
        read_tree([b"<a>", b"y" * 10_001, b"</a>"])


def late() -> float:
    raise CallFailed("deadline", "the reply came too slowly")


def test_time_counts_while_reading_and_while_looking() -> None:
    with pytest.raises(CallFailed, match="deadline"):
        read_tree([b"<a>" + b"<b/>" * 5_000 + b"</a>"], Budget(late))
    with pytest.raises(CallFailed, match="deadline"):
        read(referring(900, "<x/>"), Budget(late))
    with pytest.raises(CallFailed, match="deadline"):
        read_text("<a>" + "<b/>" * 5_000 + "</a>", Budget(late))


# Names: the parser keeps each of them


def flood(kind: str, number: int) -> bytes:
    parts = {
        "prefixes of one element": "<b " + "".join(f" xmlns:a{n}='u'" for n in range(number)) + "/>",
        "prefixes of many elements": "".join(f"<b xmlns:a{n}='u'/>" for n in range(number)),
        "prefixes within each other": "".join(f"<b xmlns:a{n}='u'>" for n in range(40)) + "</b>" * 40
        + "".join(f"<b xmlns:b{n}='u'/>" for n in range(number)),
        "attributes": "<b " + "".join(f" a{n}=''" for n in range(number)) + "/>",
        "elements": "".join(f"<b{n}/>" for n in range(number)),
    }  # fmt: skip
    return f"<Envelope><Body><r>{parts[kind]}</r></Body></Envelope>".encode()


KINDS = ["prefixes of one element", "prefixes of many elements", "prefixes within each other", "attributes", "elements"]


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_of_names_is_cut_off_before_it_fills_the_memory(kind: str, detailed: bool) -> None:
    document = flood(kind, 60_000)
    chunks = [document[at : at + 65_536] for at in range(0, len(document), 65_536)]
    tracemalloc.start()
    with pytest.raises(CallFailed, match="too_large"):
        read_tree(chunks, detailed=detailed)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16_000_000  # bytes


def exported(kind: str) -> list[bytes]:
    document = flood(kind, 60_000).decode().replace("Envelope", "cash").replace("Body", "R2209")
    if "one" not in kind and kind != "attributes":
        document = document.replace("<r>", "").replace("</r>", "")  # each element is a field
    inner = escape(document)
    whole = soap(f"<exportResult>{inner}</exportResult>").encode()
    return [whole[at : at + 65_536] for at in range(0, len(whole), 65_536)]


@pytest.mark.parametrize("kind", ["prefixes of many elements", "elements"])
def test_a_flood_of_names_in_an_export_is_cut_off_too(kind: str) -> None:
    with pytest.raises(CallFailed, match="too_large"):
        list(read_records(exported(kind)))


@pytest.mark.parametrize("kind", ["prefixes of one element", "attributes"])
def test_what_is_longer_than_any_tag_in_an_export_is_text(kind: str) -> None:
    (record,) = read_records(exported(kind))
    assert record["r"].startswith("<b ")


def test_a_flood_around_an_export_is_cut_off_too() -> None:
    whole = flood("prefixes of many elements", 60_000)
    with pytest.raises(CallFailed, match="too_large"):
        list(read_records([whole[at : at + 65_536] for at in range(0, len(whole), 65_536)]))


def test_the_same_namespace_may_be_declared_again_and_again() -> None:
    items = "<b xmlns:soapenc='urn:s' xmlns:xsi='urn:x' xsi:type='soapenc:string'>x</b>" * (MAX_NAMES * 3)
    assert len(read_tree([f"<a>{items}</a>".encode()]).children) == MAX_NAMES * 3


# What is told of a call


UNUSABLE: dict[str, tuple[str, type[CashError], str, str]] = {
    "a list of unknown fields": (
        "<administrationList><i><boek>1</boek></i></administrationList>", CashFault, "unknown_list", "list",
    ),
    "a list whose text is damaged": (
        "<administrationList>&lt;x></administrationList>", CashUnreachable, "not_xml", "list",
    ),
    "a transaction of unknown status": (
        "<transaction><status>9</status></transaction>", CashFault, "unknown_status", "transaction",
    ),
    "an export of something else": ("<exportResult>geen</exportResult>", CashUnreachable, "not_xml", "export"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNUSABLE)
def test_ok_is_told_only_of_an_answer_that_could_be_used(case: str) -> None:
    parts, kind, reason, what = UNUSABLE[case]
    heard: list[CallRecord] = []

    def ask(session: CashSession) -> object:
        if what == "list":
            return session.administrations()
        return session.transaction("a1") if what == "transaction" else list(session.export(BOOKS, "2209"))

    with (
        Peer(TOKEN, http(soap(parts))) as peer,
        gateway(peer, observer=heard.append).session(LOGIN) as session,
        pytest.raises(kind),
    ):
        ask(session)
    assert [call.outcome for call in heard] == ["ok", "ok", reason]


def test_ok_is_not_told_of_a_login_without_a_token() -> None:
    heard: list[CallRecord] = []
    with (
        Peer(http(soap())) as peer,
        gateway(peer, observer=heard.append).session(LOGIN) as session,
        pytest.raises(CashUnreachable, match="no_token"),
    ):
        session.log_in()
    assert [call.outcome for call in heard] == ["ok", "no_token"]


def test_a_list_that_takes_too_long_to_read_ends_at_the_deadline() -> None:
    heard: list[CallRecord] = []
    with (
        Peer(TOKEN, http(referring(400, books(500)))) as peer,
        gateway(peer, observer=heard.append, deadline=0.2).session(LOGIN) as session,
        pytest.raises(CashUnreachable),
    ):
        session.administrations()
    assert heard[-1].outcome in ("deadline", "too_large", "read_timeout")


def test_an_export_of_any_length_is_within_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.cash.client.budget.MAX_ELEMENTS", 100)
    monkeypatch.setattr("webapp.cash.client.budget.MAX_TEXT", 1_000)
    record = escape("<R2209><F2209>M1</F2209><F2001>Magazijn</F2001></R2209>").encode()

    def chunks() -> Iterator[bytes]:
        head, tail = soap("<exportResult>&lt;cash>|&lt;/cash></exportResult>").encode().split(b"|")
        yield head
        for _ in range(20):
            yield record * 100
        yield tail

    assert sum(1 for _ in read_records(chunks(), Budget())) == 2_000
