"""The real app over a real database file and a real Cash sandbox on a socket."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from support import database, reuse
from support.app import configure
from support.visitor import Visitor

from webapp import create_app
from webapp.demo.cash import CashSandbox
from webapp.demo.outsmart import OutSmartSandbox
from webapp.vault import Vault

LONG = {"browser", "reliability", "worker", "test_demo.py", "test_faults.py", "test_forgiving.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first: they would keep one process busy long after the others are done."""
    items.sort(key=lambda item: not LONG & set(item.path.parts))


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> None:
    """Nearly every test has an app of its own; to make one would take most of its time."""
    reuse.templates()
    reuse.catalogues()
    reuse.routes()
    gc.set_threshold(100_000)  # a page makes many objects and hardly any cycles


@pytest.fixture(scope="session")
def sandbox() -> Iterator[CashSandbox]:
    with CashSandbox() as cash:
        yield cash


@pytest.fixture
def cash(sandbox: CashSandbox) -> CashSandbox:
    """A Cash in its first state."""
    sandbox.reset()
    return sandbox


@pytest.fixture(scope="session")
def running_outsmart() -> Iterator[OutSmartSandbox]:
    with OutSmartSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def outsmart(running_outsmart: OutSmartSandbox) -> OutSmartSandbox:
    """An OutSmart in its first state."""
    running_outsmart.reset()
    return running_outsmart


@pytest.fixture
def configuration(tmp_path: Path, cash: CashSandbox) -> dict[str, object]:
    return configure(tmp_path / "app.db", CASH_WSDL=cash.wsdl)


@pytest.fixture
def app(configuration: dict[str, object]) -> Flask:
    database.create(str(configuration["DATABASE"]))
    return create_app(configuration)


@pytest.fixture
def close_database(app: Flask) -> Callable[[], None]:
    """Lets go of the database file, as when the server stops; the next request opens it again."""
    close: Callable[[], None] = app.extensions["connections"].close
    return close


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """An administrator of account 1001 who has the page open."""
    return Visitor(app).open()


@pytest.fixture
def connected(visitor: Visitor) -> Visitor:
    """The same, logged in to Cash and saved once."""
    visitor.log_in()
    visitor.save(administration=visitor.administrations()[0], import_relations=True)
    assert visitor.status == 200
    return visitor


@pytest.fixture
def make_vault() -> Callable[[], Vault]:
    """A vault whose key was never seen before."""
    return lambda: Vault((Fernet.generate_key().decode(),))


@pytest.fixture
def nightly() -> bool:
    """Whether there is time for the long way (environment variable NIGHTLY)."""
    return bool(os.environ.get("NIGHTLY"))
