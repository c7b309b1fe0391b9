"""The same by hand: `flask account put|delete|list|show`."""

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from support.host import Host
from support.visitor import Visitor


def test_an_account_is_put_shown_listed_and_deleted(flask: Callable[..., Result], host: Host) -> None:
    put = flask("put", "1001", given="geheim-token\n")
    assert (put.exit_code, "Created." in put.output, "geheim-token" in put.output) == (0, True, False)
    assert "Stored." in flask("put", "1001", "--token", "another").output
    assert json.loads(flask("show", "1001").output) == host.account()
    assert flask("list").output == "1001\twaits_for_user\tnot_connected\n"
    deleted = flask("delete", "1001", given="y\n")
    assert (deleted.exit_code, "1 of accounts" in deleted.output) == (0, True)
    assert host.get("/accounts/1001").status_code == 404
    assert flask("list").output == ""


def test_an_account_is_only_deleted_on_purpose(flask: Callable[..., Result], host: Host) -> None:
    host.put("1001")
    assert flask("delete", "1001", given="n\n").exit_code == 1
    assert host.get("/accounts/1001").status_code == 200
    assert flask("delete", "1001", "--yes").exit_code == 0


def test_the_sessions_of_an_account_that_is_deleted_end(flask: Callable[..., Result], connected: Visitor) -> None:
    flask("delete", "1001", "--yes")
    assert connected.get("/").status == 401


@pytest.mark.parametrize("words", [("show", "1001"), ("delete", "1001", "--yes")])
def test_an_account_that_is_not_known_is_named(flask: Callable[..., Result], words: tuple[str, ...]) -> None:
    answer = flask(*words)
    assert (answer.exit_code, "There is no account 1001." in answer.output) == (1, True)


@pytest.mark.parametrize("words", [("put", "1001", "--token", ""), ("put", "a/b", "--token", "t")])
def test_what_the_host_could_not_put_nobody_can(flask: Callable[..., Result], words: tuple[str, ...]) -> None:
    assert flask(*words).exit_code == 2
