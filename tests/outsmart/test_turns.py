"""One call at a time for each account, however many sessions and threads it has."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.outsmart import ROW, TOKEN, Scripted, envelope, failure_of, gateway

from webapp.demo.outsmart import OutSmartSandbox
from webapp.outsmart.errors import OutSmartBusy
from webapp.outsmart.gateway import OutSmartGateway
from webapp.outsmart.model import RELATIONS
from webapp.outsmart.turns import Turns


class Counting(Scripted):
    """Knows how many requests it works at, and the most there were at once."""

    def __init__(self) -> None:
        super().__init__(self._slowly)
        self.lock, self.working, self.most = threading.Lock(), 0, 0

    def _slowly(self, connection: object) -> None:
        with self.lock:
            self.working += 1
            self.most = max(self.most, self.working)
        self.over.wait(0.02)
        with self.lock:
            self.working -= 1
        connection.sendall(envelope(1))  # type: ignore[attr-defined]


def post(way: OutSmartGateway, account: str) -> None:
    with way.session(account, TOKEN) as session:
        assert session.post(RELATIONS, [ROW]).ok


def test_calls_of_one_account_never_overlap() -> None:
    with Counting() as peer, ThreadPoolExecutor(8) as pool:
        list(pool.map(post, [gateway(peer)] * 16, ["1001"] * 16))
        assert len(peer.requests) == 16
        assert peer.most == 1


def test_accounts_do_not_wait_for_each_other() -> None:
    together = threading.Barrier(4)

    def all_at_once(connection: object) -> None:
        together.wait(10)
        connection.sendall(envelope(1))  # type: ignore[attr-defined]

    with Scripted(all_at_once) as peer, ThreadPoolExecutor(4) as pool:
        list(pool.map(post, [gateway(peer)] * 4, "abcd"))


def test_whoever_waits_too_long_is_told_so_and_nothing_is_sent(outsmart: OutSmartSandbox) -> None:
    way = gateway(outsmart.api, outsmart.software_token, deadline=2.0)
    token = outsmart.token("1001")
    with way.session("1001", token) as one, way.session("1001", token) as other, ThreadPoolExecutor() as pool:
        given = one.get(RELATIONS)
        next(given)
        waiting = pool.submit(lambda: failure_of(lambda: other.post(RELATIONS, [ROW]), OutSmartBusy, "in_flight"))
        assert waiting.result().retry_after == 2
        assert outsmart.count("POST relations") == 0
        given.close()
        assert other.post(RELATIONS, [ROW]).ok


def test_a_call_in_the_middle_of_a_list_is_a_mistake_that_is_found_at_once(outsmart: OutSmartSandbox) -> None:
    with gateway(outsmart.api, outsmart.software_token).session("1001", outsmart.token("1001")) as session:
        given = session.get(RELATIONS)
        next(given)
        with pytest.raises(RuntimeError, match="neither all taken nor closed"):
            session.post(RELATIONS, [ROW])
        list(given)
        assert session.post(RELATIONS, [ROW]).ok


def test_a_failed_call_gives_the_turn_back(outsmart: OutSmartSandbox) -> None:
    way = gateway(outsmart.api, outsmart.software_token)
    outsmart.go_down()
    for _ in range(2):
        with pytest.raises(Exception, match="http_503"):
            post_as(way, outsmart)
    outsmart.recover()
    post_as(way, outsmart)


def post_as(way: OutSmartGateway, outsmart: OutSmartSandbox) -> None:
    with way.session("1001", outsmart.token("1001")) as session:
        session.post(RELATIONS, [ROW])


def test_an_account_that_nobody_asks_for_takes_no_room() -> None:
    turns = Turns()
    held = turns.of("1001")
    assert turns.of("1001") is held
    for n in range(1_000):
        turns.of(str(n))
    assert len(turns._of) == 1


def test_an_interrupted_list_frees_its_connection(outsmart: OutSmartSandbox) -> None:
    with gateway(outsmart.api, outsmart.software_token).session("1001", outsmart.token("1001")) as session:
        for _ in session.get(RELATIONS):
            break
        assert session.post(RELATIONS, [ROW]).taken == 1
        assert outsmart.written("relations") == {"100": 1}
