"""The product with a Cash sandbox and a connected account, served by gunicorn under a certificate of its own."""

import ssl
from collections import Counter
from http.client import HTTPSConnection
from pathlib import Path

import trustme
from support import database
from support.app import HOST, LONGEST_WAIT, PAGE, ROOT, UNLIMITED, Served, configure
from support.visitor import Visitor

from webapp import create_app
from webapp.demo.cash import CashSandbox
from webapp.demo.run import free_port


class Product:
    """One configuration with its database in `folder`; `app` is the product in this process."""

    def __init__(self, folder: Path, cash: CashSandbox) -> None:
        self.folder, self.cash, self.port = folder, cash, free_port(0)
        self.address = f"https://localhost:{self.port}"
        self.host = f"https://127.0.0.1:{self.port}"  # another site than ours
        self.settings = configure(
            folder / "app.db",
            FRAME_ANCESTORS=[HOST, self.host],
            CASH_WSDL=cash.wsdl,
            **UNLIMITED,
            LOG_FORMAT="text",
        )
        database.create(self.settings["DATABASE"])
        self.app = create_app(self.settings)
        self.accesses = folder / "accesses"
        self.authority, self.certificate = folder / "authority.pem", folder / "server.pem"
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        certificate = authority.issue_cert("localhost", "127.0.0.1", "cdn.jsdelivr.net")
        certificate.private_key_and_cert_chain_pem.write_to_path(self.certificate)

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
        return Counter(self.accesses.read_text().split())

    def served(self, app: str = PAGE) -> Served:
        """A gunicorn that serves the product at `address` as long as a block runs."""
        return _OverTls(self, app)


class _OverTls(Served):
    def __init__(self, product: Product, app: str) -> None:
        options = [
            *("--certfile", product.certificate, "--keyfile", product.certificate, "--threads", "8"),
            *("--pythonpath", f"{Path(__file__).parent},{ROOT / 'tests'}", "--log-level", "error"),
            *("--access-logfile", product.accesses, "--access-logformat", "%(s)s"),
        ]
        log = product.folder / "server.log"
        super().__init__(product.settings, log, app=app, port=product.port, options=options)
        self._trust = ssl.create_default_context(cafile=product.authority)

    def connect(self) -> HTTPSConnection:
        return HTTPSConnection("localhost", self.port, timeout=LONGEST_WAIT, context=self._trust)
