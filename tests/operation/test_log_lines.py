"""What may not be in a line of the log, whoever writes it: control characters, and what was sent to a server."""

import json
import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from support.app import LONGEST_WAIT, Served
from support.visitor import Visitor

from webapp import create_app
from webapp.logs import formatter

SECRET = "kanarie-geheim"
FORGED = '\n2026-01-01 ERROR cash is down\r\x1b[2J\x7f\x85\u202e\u2028{"level": "ERROR"}'


@pytest.mark.parametrize("form", ["json", "text"])
def test_no_control_character_reaches_a_line(form: str) -> None:
    record = logging.LogRecord("webapp", logging.ERROR, "", 0, "about %s", (FORGED,), None)
    record.account = FORGED
    line = formatter(form).format(record)
    assert line.isprintable()
    assert "cash is down" in line
    if form == "json":
        assert json.loads(line)["account"] == FORGED


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_that_another_handler_wrote_down_is_told_without_its_text(form: str) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.LogRecord(
            "webapp", logging.ERROR, "", 0, "it broke", (), (ValueError, error, error.__traceback__)
        )
    assert SECRET in logging.Formatter().format(record)
    line = formatter(form).format(record)
    assert "builtins.ValueError" in line
    assert SECRET not in line


def test_the_request_line_tells_the_address_of_the_client(
    configuration: dict[str, object], app: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    client = create_app({**configuration, "PROXY_HOPS": 1}).test_client()
    client.get("/manual", headers={"X-Forwarded-For": "192.0.2.7"})
    assert json.loads(capsys.readouterr().err)["client"] == "192.0.2.7"


@pytest.fixture
def server(configuration: dict[str, object], app: Flask, tmp_path: Path) -> Iterator[Served]:
    """A gunicorn that logs as the README says."""
    options = ["env", "GUNICORN_CMD_ARGS=--logger-class webapp.server_log.ServerLog"]
    with Served(configuration, tmp_path / "server.log", before=options) as served:
        yield served


def send(server: Served, *pieces: bytes) -> bytes:
    """Raw bytes, and what comes back until the server hangs up."""
    with socket.create_connection(server.address, LONGEST_WAIT) as connection:
        connection.sendall(b"".join(pieces))
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_the_servers_own_lines_are_ours_and_quote_no_client(server: Served) -> None:
    secret, length = SECRET.encode(), b"Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    chunked = length + b"Transfer-Encoding: chunked\r\n\r\n"
    for request in (
        b"GET /launch?token=" + secret + b" HTTP/9.9\r\n\r\n",
        b"G@T /launch?token=" + secret + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Cash-Session : " + secret + b"\r\n\r\n",
        b"POST /login HTTP/1.1\r\n" + chunked + b"password=" + secret + b"\r\n",
        b"POST /launch HTTP/1.1\r\n" + chunked + b"5\r\ntoken\r\npassword=" + secret + b"\r\n",
        b"POST /login HTTP/1.1\r\n" + length + b"Content-Length: 5000\r\n\r\npassword=" + secret,
        b"GET /%0a%7b%22level%22%3a%22ERROR%22%7d?token="
        + secret
        + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ):
        assert send(server, request).startswith(b"HTTP/1.1 4"), request
    assert Visitor(server).open().status == 200  # type: ignore[arg-type]
    server.stop()
    text = server.log.read_text()
    assert SECRET not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert {"gunicorn.error", "webapp.observe"} <= {line["logger"] for line in lines}
    assert {line["level"] for line in lines} <= {"INFO", "WARNING"}
    assert any(line["message"] == "Invalid request from ip=127.0.0.1" for line in lines)
