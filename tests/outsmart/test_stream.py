"""A list is never held whole, and comes out the same wherever the wire cuts it."""

import gzip
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.outbound import packed
from webapp.outbound.failures import CallFailed
from webapp.outsmart import stream
from webapp.outsmart.envelope import Envelope, text

CHUNK = 64 * 1024
ROW = json.dumps({"code": "PMP-200", "description": "Circulatiepomp 200 é" * 4, "price": "189.50", "unit": "stuks"})
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


class Wire:
    """A reply of so many rows that is made while it is read; counts what was handed over."""

    def __init__(self, rows: int) -> None:
        self.rows, self.given = rows, 0

    def chunks(self) -> Iterator[bytes]:
        waiting = b'{"code":200,"messages":[],"response":['
        for n in range(self.rows):
            waiting += ROW.encode() + (b"," if n < self.rows - 1 else b"]}")
            while len(waiting) >= CHUNK:
                self.given += CHUNK
                yield waiting[:CHUNK]
                waiting = waiting[CHUNK:]
        self.given += len(waiting)
        yield waiting


@pytest.mark.parametrize("rows", [1_000, 50_000])
def test_at_no_time_is_more_held_than_a_few_chunks(rows: int) -> None:
    wire = Wire(rows)
    envelope = Envelope(wire.chunks())
    held = most = taken = 0
    for row in envelope.rows():
        assert row["code"] == "PMP-200"
        taken += 1
        held = wire.given - taken * len(ROW)
        most = max(most, held, len(envelope._stream._text))
    assert taken == rows
    assert envelope.code == 200
    assert most < 3 * CHUNK


@given(VALUES, VALUES, st.lists(VALUES, max_size=4), st.integers(1, 7))
def test_any_reply_reads_the_same_however_it_is_cut(
    first: object, extra: object, items: list[object], size: int
) -> None:
    for ascii_only in (True, False):
        reply = {"x": extra, "code": 200, "messages": [first], "response": items}
        body = json.dumps(reply, ensure_ascii=ascii_only, indent=1).encode("utf-8", "surrogatepass")
        chunks = [body[at : at + size] for at in range(0, len(body), size)]
        envelope = Envelope(chunks)
        assert list(envelope.rows()) == json.loads(body, parse_int=str)["response"]
        assert envelope.code == 200


@given(st.integers(0, 200))
def test_every_cut_body_is_an_error(at: int) -> None:
    body = json.dumps({"code": 200, "messages": [], "response": [{"id": "1", "n": 12}, {"id": "2"}]}).encode()
    with pytest.raises(CallFailed) as failure:
        list(Envelope([body[: at % len(body)]]).rows())
    assert failure.value.reason == "not_json"


def test_a_row_may_span_many_chunks_and_costs_no_more_than_a_few_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    class Counting:
        def raw_decode(self, text: str, at: int) -> object:
            tries.append(len(text) - at)
            return decoder.raw_decode(text, at)

    decoder = stream._DECODER
    monkeypatch.setattr(stream, "_DECODER", Counting())
    body = json.dumps({"code": 200, "messages": [], "response": [{"signature": "x" * 2_000_000}]}).encode()
    chunks = [body[at : at + 10_000] for at in range(0, len(body), 10_000)]
    assert [len(row["signature"]) for row in Envelope(chunks).rows()] == [2_000_000]
    assert sum(tries) < 4 * len(body)


def test_a_row_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "LONGEST_VALUE", 100_000)
    given = []

    def endless() -> Iterator[bytes]:
        yield b'{"code":200,"response":[{"a":"'
        for _ in range(1_000):
            given.append(1)
            yield b"x" * 10_000

    with pytest.raises(CallFailed, match="too large"):
        list(Envelope(endless()).rows())
    assert len(given) < 50


def test_half_a_character_is_no_error() -> None:
    assert text("a\ud800b") == "a?b"


@given(st.binary(max_size=300), st.integers(1, 40))
def test_what_is_packed_comes_out_the_same_however_it_is_cut(data: bytes, size: int) -> None:
    body = gzip.compress(data) + gzip.compress(data)
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    assert b"".join(packed.unpacked(chunks, 600)) == data * 2
    with pytest.raises(CallFailed, match="broke off"):
        list(packed.unpacked([body[:-1]], 600))
