"""Starts the demo: our page and a worker, the host that frames the page, and sandboxes of Cash and OutSmart."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import click
from cryptography.fernet import Fernet
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from .. import create_app
from ..db import migrate

ROOT = Path(__file__).parents[2]
INSTANCE = ROOT / "instance"
PAGE_PORT, HOST_PORT, CASH_PORT, OUTSMART_PORT = 5000, 5001, 5002, 5003


class QuietHandler(WSGIRequestHandler):
    """No access log (launch tokens stand in addresses) and no version of the server."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Says nothing."""

    def version_string(self) -> str:
        return "demo"


def demo_keys(file: Path) -> dict[str, str]:
    """The demo's own keys, made at its first start and kept, so that what was saved can be read again."""
    file.parent.mkdir(exist_ok=True)
    file.touch(mode=0o600)
    kept = dict(line.split("=", 1) for line in file.read_text().splitlines() if line)
    new = {name: secrets.token_urlsafe(32) for name in ("FLASK_LAUNCH_KEYS", "FLASK_SESSION_KEYS", "FLASK_API_TOKENS")}
    keys = {**new, "FLASK_VAULT_KEYS": Fernet.generate_key().decode(), **kept}
    file.write_text("".join(f"{name}={value}\n" for name, value in keys.items()))
    return keys


def free_port(preferred: int) -> int:
    """The preferred port, or another one when it is taken; also at ::1, where browsers look first for localhost."""
    for port in (preferred, 0, 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            found = int(probe.getsockname()[1])
        if not _listens_at_ipv6(found):
            return found
    raise click.ClickException("There is no free port on 127.0.0.1.")


def _listens_at_ipv6(port: int) -> bool:
    try:
        socket.create_connection(("::1", port), timeout=1).close()
    except OSError:  # also where there is no IPv6
        return False
    return True


def serve(stack: ExitStack, app: Flask, port: int) -> None:
    """Serves an app in a thread until the stack unwinds."""
    server: BaseWSGIServer = make_server(
        "127.0.0.1",
        port,
        app,
        threaded=True,
        request_handler=QuietHandler,
    )
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)


def work(stack: ExitStack, settings: Mapping[str, object]) -> None:
    """A worker with these settings, in a process of its own, until the stack unwinds."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in settings.items()}
    environment = {**os.environ, **{f"FLASK_{name}": text for name, text in texts.items()}}
    line = [sys.executable, "-m", "flask", "--app", "webapp", "worker", "--threads", "4"]
    # A group of its own: Ctrl-C is for the demo, which then tells the worker.
    worker = subprocess.Popen(line, cwd=ROOT, env=environment, start_new_session=True)
    stack.callback(worker.wait)
    stack.callback(worker.terminate)


@click.command("demo")
def demo() -> None:
    """Run the page, a worker, a stand-in OutSmart and the sandboxes on this machine."""
    # Every flask command loads this file; only this one waits for the sandboxes.
    from .cash import LOGINS, CashSandbox
    from .host import create_host
    from .operations import SERVICE
    from .outsmart import OutSmartSandbox
    from .past import DAYS_KEPT
    from .showcase import Showcase

    keys = demo_keys(INSTANCE / "demo.env")
    page = f"http://localhost:{free_port(PAGE_PORT)}"
    host_port = free_port(HOST_PORT)
    host = f"http://127.0.0.1:{host_port}"
    database = os.environ.get("FLASK_DATABASE") or str(INSTANCE / "demo.db")
    migrate(database)
    with ExitStack() as stack:
        cash = stack.enter_context(CashSandbox(port=free_port(CASH_PORT)))
        settings: dict[str, object] = {
            name.removeprefix("FLASK_"): os.environ.get(name, value) for name, value in keys.items()
        }
        outsmart = stack.enter_context(OutSmartSandbox(port=free_port(OUTSMART_PORT)))
        settings |= {
            "LOG_FORMAT": "text",
            "LOG_DAYS": DAYS_KEPT,
            "FRAME_ANCESTORS": [host],
            "CASH_WSDL": cash.wsdl,
            "CASH_SERVICE": SERVICE,
            "OUTSMART_URL": outsmart.api,
            "OUTSMART_SOFTWARE_TOKEN": outsmart.software_token,
            "DATABASE": database,
        }
        app = create_app(settings)
        links = {
            "The books of the Cash sandbox": f"{cash.url}/books",
            "The rows of the OutSmart sandbox": outsmart.url,
            "WSDL of the Cash sandbox": cash.wsdl,
        }
        showcase = Showcase(app, cash, links, outsmart)
        work(stack, settings)
        serve(stack, app, int(page.rsplit(":", 1)[1]))
        serve(stack, create_host(page, host, app.config["LAUNCH_KEYS"], showcase), host_port)
        click.echo(f"\nOpen {host}/ in a browser: the Cash settings page inside a stand-in for OutSmart.\n")
        click.echo(f"  page      {page}\n  Cash      {cash.url}/books\n  OutSmart  {outsmart.url}\n")
        click.echo("Logins of the sandbox (relation code, email address, password):")
        for login in LOGINS:
            click.echo(f"  {login.relation_code}  {login.email:28} {login.password:12} {login.outcome}")
        click.echo("\nCtrl-C stops it; what was saved is there the next time.")
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("\nStopped.")
