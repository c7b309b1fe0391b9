"""A user who is no administrator any more is out at once."""

from flask import Flask
from support.host import Host
from support.visitor import Visitor


def test_the_sessions_of_one_user_end(host: Host, app: Flask) -> None:
    annet, bert = Visitor(app).open(sub="annet"), Visitor(app).open(sub="bert")
    assert host.post("/accounts/1001/sessions/end", {"user": "annet"}).json == {"ended": 1}
    assert (annet.get("/").status, bert.get("/").status) == (401, 200)
    assert host.post("/accounts/1001/sessions/end").json == {"ended": 1}
    assert bert.get("/").status == 401


def test_where_none_is_open_none_ends(host: Host, connected: Visitor) -> None:
    assert host.post("/accounts/1001/sessions/end", {"user": "nobody"}).json == {"ended": 0}
    assert host.post("/accounts/1001/sessions/end", {}).json == {"ended": 1}
    assert host.post("/accounts/1001/sessions/end").json == {"ended": 0}


def test_an_account_that_is_not_known_has_none(host: Host) -> None:
    assert host.post("/accounts/2002/sessions/end").status_code == 404
