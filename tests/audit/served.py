"""The product with a Cash sandbox and a connected account, served by gunicorn under a certificate of its own."""

import os
import secrets
import ssl
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme
from cryptography.fernet import Fernet
from visitor import HOST, Visitor

from webapp import create_app
from webapp.db import migrate
from webapp.demo.cash import CashSandbox
from webapp.demo.run import free_port

ROOT = Path(__file__).parents[2]
HTMX_FILE = ROOT / "tests/browser/vendor/htmx.min.js"
LONGEST_START = 30  # seconds


class Product:
    """One configuration with its database in `folder`; `app` is the product in this process."""

    def __init__(self, folder: Path, cash: CashSandbox) -> None:
        self.folder, self.cash, port = folder, cash, free_port(0)
        self.address = f"https://localhost:{port}"
        self.host = f"https://127.0.0.1:{port}"  # another site than ours
        self.settings = {
            "DATABASE": str(folder / "app.db"),
            "LAUNCH_KEYS": secrets.token_urlsafe(32),
            "SESSION_KEYS": secrets.token_urlsafe(32),
            "VAULT_KEYS": Fernet.generate_key().decode(),
            "FRAME_ANCESTORS": f"{HOST} {self.host}",
            "CASH_WSDL": cash.wsdl,
            "CASH_CALLS_PER_MINUTE": "1000000",
            "CASH_CALLS_PER_ACCOUNT": "1000000",
            "LOG_FORMAT": "text",
        }
        migrate(self.settings["DATABASE"])
        self.app = create_app(self.settings)
        self._log, self._accesses = folder / "server.log", folder / "accesses"
        self.authority = folder / "authority.pem"
        self._certificate = folder / "server.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        certificate = authority.issue_cert("localhost", "127.0.0.1", "cdn.jsdelivr.net")
        certificate.private_key_and_cert_chain_pem.write_to_path(self._certificate)

    def connected(self) -> Visitor:
        """An administrator who logged in, saved, and has something in the log."""
        visitor = Visitor(self.app).open()
        visitor.log_in(password="verkeerd")
        visitor.log_in()
        visitor.save(administration="1571/x001", import_relations=True, export_sales_orders=True)
        visitor.save(import_materials=True)
        assert visitor.status == 200, visitor.text
        return visitor

    def statuses(self) -> Counter[str]:
        """How often the server answered with which status."""
        return Counter(self._accesses.read_text().split())

    @contextmanager
    def served(self, wsgi: str = "webapp:create_app()") -> Iterator[None]:
        """A gunicorn serves the product at `address` as long as the block runs."""
        command = [
            *(
                sys.executable,
                "-m",
                "gunicorn",
                wsgi,
                "--bind",
                self.address.removeprefix("https://"),
                "--threads",
                "8",
            ),
            *("--certfile", self._certificate, "--keyfile", self._certificate, "--no-control-socket"),
            *("--pythonpath", Path(__file__).parent, "--log-level", "error"),
            *("--access-logfile", self._accesses, "--access-logformat", "%(s)s"),
        ]
        environment = {
            **os.environ,
            **{f"FLASK_{name}": value for name, value in self.settings.items()},
            "AUDIT_PAGE": self.address,
            "AUDIT_HOST": self.host,
            "PYTHONPATH": str(ROOT / "tests"),
        }
        with self._log.open("ab") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            try:
                self._wait_for(server)
                yield
            finally:
                server.terminate()
                server.wait()

    def _wait_for(self, server: subprocess.Popen[bytes]) -> None:
        trust = ssl.create_default_context(cafile=self.authority)
        for _ in range(LONGEST_START * 20):
            try:
                urllib.request.urlopen(f"{self.address}/readyz", context=trust).close()
                return
            except OSError:
                if server.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-2000:]}")
