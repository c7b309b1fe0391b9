"""What OutSmart, or whatever is in its place, may answer with."""

import gzip
import json
import socket
from pathlib import Path

import pytest
from support.outsmart import ROW, SOFTWARE, TOKEN, Answer, Scripted, envelope, fails, failure_of, gateway
from support.server import http
from support.tls import Certificates

from webapp.outbound import packed
from webapp.outsmart import session as session_module
from webapp.outsmart.errors import OutSmartBusy, OutSmartError, OutSmartFault, OutSmartUnreachable
from webapp.outsmart.model import RELATIONS, Posted

GOOD = envelope([ROW])
BODY = GOOD.partition(b"\r\n\r\n")[2]


def rows(answer: Answer) -> list[dict[str, str]]:
    with Scripted(answer) as peer, gateway(peer).session("1001", TOKEN) as session:
        return list(session.get(RELATIONS))


def posted(answer: Answer) -> Posted:
    with Scripted(answer) as peer, gateway(peer).session("1001", TOKEN) as session:
        return session.post(RELATIONS, [ROW])


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(""), "not_json"),
        (http("  \n"), "not_json"),
        (http("OK"), "not_json"),
        (http("<br />\n<b>Warning</b>: mysql"), "maintenance"),
        (http("<!doctype html><h1>Onderhoud</h1>"), "maintenance"),
        (http(BODY[:-1]), "not_json"),
        (http(BODY[:-20]), "not_json"),
        (http(BODY + b"x"), "not_json"),
        (http(BODY.replace(b":", b"", 1)), "not_json"),
        (http(BODY.replace(b"Bakker", b"\xe9")), "not_json"),
        (http(BODY.replace(b'"Bakker BV"', b"NaN")), "not_json"),
        (http('{"code":200,"messages":[],"response":[' + "[" * 100_000), "not_json"),
        (http('{"code":200,"messages":[],}'), "not_json"),
        (http('{"code":200,"response":[{}'), "not_json"),
        (http("{7:8}"), "not_envelope"),
        (http("{[]:8}"), "not_envelope"),
        (http("{}"), "not_envelope"),
        (http("[]"), "not_envelope"),
        (http("null"), "not_envelope"),
        (http('{"messages":[],"response":[]}'), "not_envelope"),
        (http('{"code":null,"response":[]}'), "not_envelope"),
        (http('{"code":true,"response":[]}'), "not_envelope"),
        (http('{"code":[200],"response":[]}'), "not_envelope"),
        (http('{"code":"\u00b2","response":[]}'), "not_envelope"),
        (http('{"code":12345678,"response":[]}'), "not_envelope"),
        (envelope(["x"]), "not_envelope"),
        (envelope([None]), "not_envelope"),
        (envelope(None), "no_list"),
        (envelope({}), "no_list"),
        (envelope(60), "no_list"),
        (envelope(""), "no_list"),
        (http("", "204 No Content"), "not_json"),
        (http("", "301 Moved Permanently", Location="/openapi/8/relations/"), "redirect"),
        (http(BODY, "400 Bad Request"), "http_400"),
        (http(BODY, "401 Unauthorized"), "http_401"),
        (http(BODY, "404 Not Found"), "http_404"),
        (http(BODY, "500 Internal Server Error"), "http_500"),
        (http("", "502 Bad Gateway"), "http_502"),
        (http(BODY, Content_Encoding="br"), "compressed"),
        (http(BODY, Content_Encoding="gzip"), "reset"),
        (http(gzip.compress(BODY)[:-9], Content_Encoding="gzip"), "reset"),
        (http(gzip.compress(BODY[:-9]), Content_Encoding="gzip"), "not_json"),
    ],
)
def test_what_is_no_list_is_an_error_and_never_an_empty_list(answer: bytes, reason: str) -> None:
    with Scripted(answer) as peer:
        fails(peer, OutSmartUnreachable, reason)


@pytest.mark.parametrize(
    "said", [http(BODY, Content_Length="100000"), BODY, b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_connection_that_breaks_is_an_error(said: bytes) -> None:
    def last_words(connection: socket.socket) -> None:
        connection.sendall(said)

    with Scripted(last_words) as peer:
        fails(peer, OutSmartUnreachable, "reset")


def test_silence_and_a_slow_reply_end_in_time() -> None:
    with Scripted(lambda connection: connection.recv(1) and None) as peer:
        fails(peer, OutSmartUnreachable, "read_timeout", deadline=0.2)

    def drip(connection: socket.socket) -> None:
        for byte in GOOD:
            connection.sendall(bytes([byte]))
            peer.over.wait(0.02)

    with Scripted(drip) as peer:
        fails(peer, OutSmartUnreachable, "deadline", deadline=0.2)


def test_nobody_there_and_the_wrong_certificate(tmp_path: Path) -> None:
    with Scripted(GOOD) as peer:
        peer.stop_listening()
        fails(peer, OutSmartUnreachable, "refused")
    certificates = Certificates(tmp_path)
    with Scripted(GOOD, tls=certificates.wrong_host) as peer:
        fails(peer, OutSmartUnreachable, "tls", ca_file=certificates.file)
    with Scripted(GOOD, tls=certificates.good) as peer:
        way = gateway(peer, ca_file=certificates.file)
        with way.session("1001", TOKEN) as session:
            assert list(session.get(RELATIONS)) == [ROW]


def test_wish_of_outsmart_to_wait_is_passed_on() -> None:
    for status, kind in (("429 Too Many Requests", OutSmartBusy), ("503 Service Unavailable", OutSmartUnreachable)):
        with Scripted(http("", status, Retry_After="45")) as peer:
            assert fails(peer, kind, f"http_{status[:3]}").retry_after == 45


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1005, 1006, 1008, 1009, 1100, 1400, 1600, 2801, 4711])
def test_other_codes_than_200_are_errors_with_what_outsmart_says(code: int) -> None:
    for answer in (envelope(None, code, ["Zo niet\x00!"]), envelope([ROW], code, "Zo niet!")):
        with Scripted(answer) as peer:
            assert "Zo niet!" in fails(peer, OutSmartFault, f"code_{code}").detail


def test_no_row_is_given_of_a_reply_that_says_first_that_it_failed() -> None:
    with Scripted(envelope([ROW], 1007)) as peer, gateway(peer).session("1001", TOKEN) as session:
        given = session.get(RELATIONS)
        failure_of(lambda: next(given), OutSmartUnreachable, "code_1007")


def test_where_the_code_comes_last_rows_come_first_and_then_the_error() -> None:
    late = http(json.dumps({"response": [ROW], "messages": [], "code": 1007}))
    with Scripted(late) as peer, gateway(peer).session("1001", TOKEN) as session:
        given = session.get(RELATIONS)
        assert next(given) == ROW
        failure_of(lambda: next(given), OutSmartUnreachable, "code_1007")


@pytest.mark.parametrize(
    "answer",
    [
        GOOD,
        http(b"\xef\xbb\xbf" + BODY),
        http(b"\r\n\t " + BODY + b"\n"),
        http(BODY, Content_Type="text/html; charset=latin-1"),
        http(gzip.compress(BODY), Content_Encoding="GZIP"),
        http(gzip.compress(BODY[:30]) + gzip.compress(BODY[30:]), Content_Encoding="gzip"),
        http(json.dumps({"extra": {"a": [1]}, "response": [ROW], "messages": None, "code": "200"})),
        http(BODY, "201 Created"),
    ],
)
def test_a_good_list_is_read_however_it_is_wrapped(answer: bytes) -> None:
    assert rows(answer) == [ROW]


def test_an_empty_list_is_a_list() -> None:
    assert rows(envelope([])) == []
    assert rows(http('{"code":200,"messages":[],"response":[ ]}')) == []


def test_values_become_texts_and_numbers_stay_as_written() -> None:
    body = (
        '{"code":200,"messages":[],"response":[{"id":1919,"price":4.50,"comma":"4,55","big":123456789012345678901,'
        '"e":1e3,"unset":null,"yes":true,"no":false,"list":[1],"free":{"a":"b"},"half":"a\\ud83d","smile":"\\ud83d\\ude00",'
        '"slash":"a\\/b"}]}'
    )
    assert rows(http(body)) == [
        {
            **{"id": "1919", "price": "4.50", "comma": "4,55", "big": "123456789012345678901", "e": "1e3"},
            **{"unset": "", "yes": "1", "no": "0", "half": "a?", "smile": "😀", "slash": "a/b"},
        }
    ]


@pytest.mark.parametrize(
    ("response", "taken"), [(1, 1), ("1", 1), (0, 0), (None, None), ({"a": 1}, None), ([1, 2], None), (-1, None)]
)
def test_how_many_rows_outsmart_took_is_known_where_it_says_so(response: object, taken: int | None) -> None:
    assert posted(envelope(response)) == Posted(200, (), taken)


@pytest.mark.parametrize("code", [1007, 1300, 1301, 1200, 2501, 2901])
def test_codes_about_rows_are_an_outcome_of_a_post(code: int) -> None:
    messages = ["Required field missing: street", "", None, "Required field missing: city"]
    assert posted(envelope(None, code, messages)) == Posted(code, (messages[0], messages[3]))


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1005, 1006, 1008, 1009, 1400, 1500, 1501, 1600, 1302, 99999])
def test_other_codes_are_errors_of_a_post(code: int) -> None:
    with pytest.raises(OutSmartError, match=f"code_{code}"):
        posted(envelope(None, code))


def test_a_post_is_an_array_in_json_with_the_tokens_in_the_address_only() -> None:
    strange = ROW | {"name": 'Café "Zoë" \\ 😀\n<é>'}
    with Scripted(envelope(1)) as peer, gateway(peer).session("1001", TOKEN) as session:
        session.post(RELATIONS, [strange, ROW])
        head, _, body = peer.requests[0].partition(b"\r\n[")
    line = f"POST /openapi/8/relations?token={TOKEN}&software_token={SOFTWARE} HTTP/1.1"
    assert head.decode().splitlines()[0] == line
    assert b"Content-Type: application/json" in head
    assert json.loads(b"[" + body) == [strange, ROW]
    assert head.count(TOKEN.encode()) == head.count(SOFTWARE.encode()) == 1


def test_a_list_that_is_larger_than_it_may_be_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "LARGEST_LIST", 200_000)
    large = json.dumps({"code": 200, "messages": [], "response": [ROW] * 10_000})
    with Scripted(http(large)) as peer:
        fails(peer, OutSmartUnreachable, "too_large")
    bomb = http(gzip.compress(large.encode()), Content_Encoding="gzip")
    assert len(bomb) < 100_000
    with Scripted(bomb) as peer:
        fails(peer, OutSmartUnreachable, "too_large")


def test_a_bomb_is_never_unpacked_further_than_it_may() -> None:
    bomb = gzip.compress(b" " * 20_000_000)
    pieces = packed.unpacked(iter([bomb]), 1_000_000)
    assert max(len(piece) for _, piece in zip(range(15), pieces, strict=False)) <= packed.PIECE
