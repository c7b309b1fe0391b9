"""A connection test that goes wrong behind its first byte still ends in words."""

from contextlib import closing
from pathlib import Path

from reliability.test_storage_fails import BOUND_BY_MODES, connected_to, mode
from support.app import Serve
from support.visitor import Visitor

from webapp.db import connect
from webapp.demo.cash import CashSandbox


def test_a_login_that_lost_its_rights(connected: Visitor, cash: CashSandbox) -> None:
    cash.show_administrations("25583", "api@example.nl", [])
    connected.submit("test-form")
    assert connected.says("problem")


def test_storage_that_fails(serve: Serve) -> None:
    server = serve(before=BOUND_BY_MODES)
    visitor, path = connected_to(server), Path(server.config["DATABASE"])
    with closing(connect(str(path)).conn) as other:
        other.execute("INSERT INTO attempts (key, at) VALUES ('x', 1.0)")
        with mode([path], 0o444):
            visitor.submit("test-form")
            assert visitor.says("problem")
