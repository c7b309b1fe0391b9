"""No table grows without end: what each of them keeps, and that a launch clears away the rest."""

from collections.abc import Callable

import pytest
from flask import Flask
from support.visitor import Visitor

from webapp.db import connect, now

DAY = 24 * 60 * 60

# How rows that nobody needs any more come into each table, and how many of them a launch may leave.
# A new table needs a line here, and so a bound.
OLD_ROWS = {
    "accounts": (  # one an account
        "INSERT INTO accounts (account, token, since, changed) SELECT value, x'', {old}, value FROM generate",
        300,
    ),
    "launches": (
        'INSERT INTO launches (jti, sid, account, "user", at, revoked) '
        "SELECT 'j' || value, 's' || value, '1001', 'u', {old}, 0 FROM generate",
        0,
    ),
    "logins": (
        "INSERT INTO logins (account, sid, proof, relation_code, email, password, administrations, seen, warehouses, "
        "since, \"user\") SELECT value, 's', 'p', '1', 'e', x'00', '[]', 0, '{{}}', {old}, 'u' FROM generate",
        0,
    ),
    "openings": (  # one an administration of an account
        "INSERT INTO openings (account, relation_code, administration, state, at, survey) "
        "SELECT value, 'r', 'a', 'open', {old}, '' FROM generate",
        300,
    ),
    "order_books": (  # one an administration
        "INSERT INTO order_books (relation_code, administration, last_number, reads) "
        "SELECT 'r', value, 1, 'untried' FROM generate",
        300,
    ),
    "orders": (  # one a work order: what is in Cash must never be sent again
        "INSERT INTO orders (account, work_order, relation_code, administration, state, owner, detail, reference, "
        "digest, order_nr, customer, amount, outcome, transaction_id, said, reason, lines, attempt, changed, looks, "
        "absent_since, resends, next_look, seen) SELECT '1001', value, 'r', 'a', 'done', '', '{{}}', value, '', '', "
        "'', '', '', '', '', '', 1, 1, {old}, 0, 0, 0, 0, 1 FROM generate",
        300,
    ),
    "sent_rows": (  # one a row that OutSmart has or refused
        "INSERT INTO sent_rows (account, kind, key, spelled, administration, hash, refused, code, message, gone) "
        "SELECT '1001', 'relations', value, value, 'a', 'h', '', 0, '', 1 FROM generate",
        300,
    ),
    "skipped_rows": (  # one a record of Cash
        "INSERT INTO skipped_rows (account, kind, key, label, reason) "
        "SELECT '1001', 'relations', value, 'l', 'no_city' FROM generate",
        300,
    ),
    "sync_marks": ("INSERT INTO sync_marks (account, marks, agreed) SELECT value, '{{}}', '{{}}' FROM generate", 300),
    "settings": (
        'INSERT INTO settings (account, version, choices, at, "user") '
        "SELECT '1001', value, '{{}}', {recent}, 'u' FROM generate",
        200,
    ),
    "timeline": (
        'INSERT INTO timeline (account, at, "user", kind, error, facts) '
        "SELECT '1001', {old}, 'u', 'tested', 0, '{{}}' FROM generate",
        0,
    ),
    "attempts": ("INSERT INTO attempts (key, at) SELECT 'k', {old} FROM generate", 0),
    "rate_events": (
        "INSERT INTO rate_events (id, account, login, address, sent, at) "
        "SELECT 'i' || value, '1001', 'l', 'a', 's', {old} FROM generate",
        0,
    ),
    "rates": ("INSERT INTO rates (key, until) SELECT 'k' || value, {old} FROM generate", 0),
    "runs": (
        'INSERT INTO runs (id, account, kind, state, "user", asked, due, ended) '
        "SELECT value, '1001', 'changed', 'done', '', {old}, {old}, {old} + value FROM generate",
        1,
    ),
    "schedules": ("INSERT INTO schedules (account, due) SELECT value, {old} FROM generate", 300),  # one an account
    "workers": ("INSERT INTO workers (id, beat) SELECT value, {old} + value FROM generate", 1),
}
GENERATE = "WITH RECURSIVE generate (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM generate WHERE value < 300) "


def tables(app: Flask) -> set[str]:
    with connect(app.config["DATABASE"]) as db:
        return {name for name in db.table_names() if not name.startswith(("_", "sqlite_"))}


def test_every_table_has_a_bound(app: Flask) -> None:
    assert tables(app) == set(OLD_ROWS)


@pytest.mark.parametrize("table", sorted(OLD_ROWS))
def test_a_launch_clears_away_what_nobody_needs(table: str, app: Flask, close_database: Callable[[], None]) -> None:
    insert, kept = OLD_ROWS[table]
    with connect(app.config["DATABASE"]) as db:
        db.execute(GENERATE + insert.format(old=now() - 100 * DAY, recent=now() - DAY))
        assert db.table(table).count == 300
    Visitor(app).open()
    with connect(app.config["DATABASE"]) as db:
        mine = 1 if table == "launches" else 0
        assert db.table(table).count == kept + mine
