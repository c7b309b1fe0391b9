"""`make run`: three servers, the whole flow through the host's page, a clean stop, and everything kept."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from selectolax.lexbor import LexborHTMLParser
from support.app import LONGEST_WAIT

from webapp.demo.run import free_port


def has_ipv6() -> bool:
    """Whether this machine has an address ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@contextmanager
def running(instance: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo in a process of its own with these environment variables, and all it printed until it was up."""
    code = (
        "import pathlib, webapp.demo.run as run\n"
        f"run.INSTANCE = pathlib.Path({str(instance)!r})\n"
        "run.demo.main(args=[], standalone_mode=False)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FLASK_")} | settings
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert process.stdout
    text = ""
    try:
        for line in process.stdout:
            text += line
            if "Ctrl-C" in line:
                break
        yield process, text
    finally:
        process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=LONGEST_WAIT)
        finally:
            process.terminate()  # where it ignores an interrupt, as what a script started in the background does
        assert "Stopped." in rest
        assert "Traceback" not in text + rest
        assert process.returncode == 0


def launch(host: str, **query: str) -> tuple[str, LexborHTMLParser]:
    """Opens the host's page and posts its launch, as a browser would; the page's address and the page."""
    form = LexborHTMLParser(requests.get(host, params=query, timeout=LONGEST_WAIT).text).css_first("form#launch")
    address, token = form.attributes["action"], form.css_first("input").attributes["value"]
    answer = requests.post(address, {"token": token}, headers={"Origin": host}, timeout=LONGEST_WAIT)
    assert answer.status_code == 200
    return address.removesuffix("/launch"), LexborHTMLParser(answer.text)


def fill(page: LexborHTMLParser, form: str, **values: str) -> dict[str, str]:
    hidden = [each.attributes for each in page.css_first(f"#{form}").css("input[type=hidden]")]
    return {**{each["name"]: each.get("value") or "" for each in hidden}, **values}


@pytest.mark.skipif(not has_ipv6(), reason="there is no IPv6 on this machine")
def test_a_port_that_another_program_has_at_ipv6_is_taken() -> None:
    # Not one of those that the system gives away, so that nobody takes it meanwhile.
    port = next(port for port in range(21_000, 22_000) if free_port(port) == port)
    with socket.create_server(("::1", port), family=socket.AF_INET6):
        assert free_port(port) != port
    assert free_port(port) == port


@pytest.fixture
def taken() -> Iterator[None]:
    """The demo's usual ports are taken."""
    with closing(socket.socket()) as one, closing(socket.socket()) as two, closing(socket.socket()) as three:
        for port, held in zip((5000, 5001, 5002), (one, two, three), strict=True):
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                held.bind(("127.0.0.1", port))
                held.listen()
            except OSError:
                pass  # something else holds it: just as well
        yield


@pytest.mark.usefixtures("taken")
def test_the_demo_runs_on_other_ports_when_its_own_are_taken_and_keeps_what_was_saved(tmp_path: Path) -> None:
    for first in (True, False):
        with running(tmp_path / "instance", FLASK_CASH_SERVICE="ANOTHER") as (_process, text):
            host = re.search(r"Open (\S+)/ in a browser", text)[1]  # type: ignore[index]
            assert host.startswith("http://127.0.0.1:")
            assert not host.endswith(":5001")
            assert "25583  api@example.nl" in text
            page_address, page = launch(host, account="1002", lang="en")
            assert page_address.startswith("http://localhost:")
            if first:
                login = {"relation_code": "25583", "email": "api@example.nl", "password": "geheim"}
                answer = requests.post(f"{page_address}/login", fill(page, "login", **login), timeout=LONGEST_WAIT)
                page = LexborHTMLParser(answer.text)
                choices = {"administration": "1571/x001", "import_relations": "on", "export_work_status": "1"}
                filled = fill(page, "settings", **choices)
                answer = requests.post(f"{page_address}/settings", filled, timeout=LONGEST_WAIT)
                assert answer.status_code == 200
                assert "Werkzeug" not in answer.headers["Server"]
            else:
                assert "checked" in page.css_first("#import_relations").attributes
    keys = tmp_path / "instance" / "demo.env"
    assert keys.stat().st_mode & 0o077 == 0, "the demo's keys are for its owner only"
    for file in filter(Path.is_file, (tmp_path / "instance").rglob("*")):
        assert b"geheim" not in file.read_bytes()


def ask_host(instance: Path, page: str, method: str, path: str, **more: Any) -> Any:
    """What the host's own server asks over the API."""
    keys = dict(line.split("=", 1) for line in (instance / "demo.env").read_text().splitlines())
    headers = {"Authorization": f"Bearer {keys['FLASK_API_TOKENS']}"}
    answer = requests.request(method, f"{page}/api/v1/accounts/1002{path}", headers=headers, timeout=10, **more)
    assert answer.status_code < 300, answer.text
    return answer.json()


def run_to_its_end(instance: Path, page: str, kind: str) -> dict[str, Any]:
    """A run of the account, carried out by the demo's worker; what was open before is waited for."""
    until = time.monotonic() + 30
    run = {"state": "waiting", "id": "", "kind": ""}
    while run["state"] in ("waiting", "running") or run["kind"] != kind:
        assert time.monotonic() < until, run
        if not run["id"] or run["state"] in ("done", "failed"):
            run = ask_host(instance, page, "POST", "/runs", json={"kind": kind})
        else:
            time.sleep(0.1)
            run = ask_host(instance, page, "GET", f"/runs/{run['id']}")
    assert run["state"] == "done", run
    return run


def test_an_article_that_is_changed_in_cash_is_changed_in_outsmart(tmp_path: Path) -> None:
    with running(instance := tmp_path / "instance") as (_process, text):
        host, cash, outsmart = (
            re.search(pattern, text)[1]  # type: ignore[index]
            for pattern in (r"Open (\S+)/ in", r"Cash +(http\S+)", r"OutSmart +(http\S+)")
        )
        page_address, page = launch(host, account="1002", lang="en")
        login = {"relation_code": "25583", "email": "api@example.nl", "password": "geheim"}
        answer = requests.post(f"{page_address}/login", fill(page, "login", **login), timeout=10)
        page = LexborHTMLParser(answer.text)
        choices = {"administration": "1571/x001", "import_materials": "on", "export_work_status": "1"}
        requests.post(f"{page_address}/settings", fill(page, "settings", **choices), timeout=10)
        assert run_to_its_end(instance, page_address, "all")["counts"]["materials"]["sent"] > 0
        rows = requests.get(f"{cash}/1571/x001", timeout=5).text
        article = LexborHTMLParser(rows).css_first("form[id^='2260-A'] input[name=key]").attributes["value"]
        form = {"record": "2260", "key": article, "Omschrijving": "Een nieuwe naam", "Verkoopprijs": "12,34"}
        requests.post(f"{cash}/1571/x001", form, timeout=5)
        assert "Een nieuwe naam" not in requests.get(f"{outsmart}/1002", timeout=5).text
        assert run_to_its_end(instance, page_address, "changed")["counts"]["materials"]["sent"] == 1
        assert "Een nieuwe naam" in requests.get(f"{outsmart}/1002", timeout=5).text


def test_the_host_offers_both_accounts_and_all_languages(tmp_path: Path) -> None:
    with running(tmp_path / "instance") as (_process, text):
        host = re.search(r"Open (\S+)/ in a browser", text)[1]  # type: ignore[index]
        for account, company in (("1001", "Demo Installatie B.V."), ("1002", "Tweede Demo Techniek")):
            _address, page = launch(host, account=account, lang="de")
            assert company in page.root.text()
            assert page.css_first("html").attributes["lang"] == "de"
