"""What machines ask for: probes, files, and where to tell of a fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from support.visitor import Visitor

from webapp import create_app
from webapp.config import ConfigurationError
from webapp.db import connect


# --- probes ---
@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Somebody holds the whole file, and lets nobody read."""
    app.extensions["connections"].close()
    with connect(app.config["DATABASE"]) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM attempts")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_holds_no_probe(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "__defaults__", (3600.0,))
    client = app.test_client()
    with locked(app):
        assert client.get("/healthz").status_code == 200
        assert client.get("/healthz", headers={"X-Cash-Session": Visitor(app).session}).status_code == 200
        assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").status_code == 200


def tables(app: Flask) -> list[str]:
    with connect(app.config["DATABASE"]) as file:
        return [table for table in file.table_names() if not table.startswith("sqlite_")]


def test_it_is_not_ready_without_each_of_its_tables(app: Flask) -> None:
    client = app.test_client()
    assert len(tables(app)) >= 6
    for table in tables(app):
        with connect(app.config["DATABASE"]) as file:
            file.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
        assert client.get("/readyz").status_code == 503, table
        with connect(app.config["DATABASE"]) as file:
            file.execute(f"ALTER TABLE elsewhere RENAME TO {table}")
        assert client.get("/readyz").status_code == 200, table


def test_it_is_not_ready_without_a_column(app: Flask) -> None:
    with connect(app.config["DATABASE"]) as file:
        file.execute("ALTER TABLE launches RENAME COLUMN revoked TO over")
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert "revoked" in answer.json["reason"]


# --- files ---
def test_a_file_is_kept_for_ever_only_under_the_address_of_its_content(visitor: Visitor) -> None:
    link = visitor.page.css_first("link[rel=stylesheet]")
    address = str(link.attributes["href"]) if link else ""
    visitor.session = ""
    for wrong in ("/static/app.css", "/static/app.css?v=", f"{address[:-1]}x", "/static/app.js?v=0"):
        assert visitor.get(wrong).status == 200
        assert visitor.response.headers["Cache-Control"] == "no-cache"
    right = visitor.get(address).response
    assert "immutable" in right.headers["Cache-Control"]
    again = visitor.get(address, If_None_Match=right.headers["ETag"]).response
    assert again.status_code == 304
    assert "immutable" in again.headers["Cache-Control"]


# --- faults in security ---
def test_whom_to_tell_of_a_fault_in_security(configuration: dict[str, object], app: Flask) -> None:
    assert Visitor(app).get("/.well-known/security.txt").status == 404
    told = Visitor(create_app({**configuration, "SECURITY_CONTACT": "mailto:security@cash.example"}))
    assert told.get("/.well-known/security.txt").status == 200
    assert told.response.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in told.response.text.splitlines())
    assert fields["Contact"] == "mailto:security@cash.example"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)
    assert told.get("/.well-known/security.txt", Sec_Fetch_Dest="document").status == 200


@pytest.mark.parametrize("contact", ["security@cash.example", "http://cash.example", "mailto:", "mailto:a@b\nX: y"])
def test_a_contact_that_is_no_address_is_refused(configuration: dict[str, object], contact: str) -> None:
    with pytest.raises(ConfigurationError, match="FLASK_SECURITY_CONTACT: must be an address"):
        create_app({**configuration, "SECURITY_CONTACT": contact})


# --- TLS ---
@pytest.mark.parametrize(
    ("said", "subdomains"), [("", False), ("0", False), ("no", False), ("1", True), ("True", True)]
)
def test_browsers_insist_on_tls_for_subdomains_where_that_is_set(
    configuration: dict[str, object], app: Flask, said: str, subdomains: bool
) -> None:
    client = create_app({**configuration, "HSTS_SUBDOMAINS": said}).test_client()
    policy = client.get("/healthz", base_url="https://cash.example").headers["Strict-Transport-Security"]
    assert ("includeSubDomains" in policy) == subdomains
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


@pytest.mark.parametrize(
    ("name", "value"),
    [("HSTS_SUBDOMAINS", "perhaps"), ("SESSION_HOURS", "9"), ("SESSION_HOURS", "0"), ("SESSION_HOURS", "nan")],
)
def test_a_wrong_setting_is_named(configuration: dict[str, object], name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"FLASK_{name}"):
        create_app({**configuration, name: value})
