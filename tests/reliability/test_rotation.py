"""Rotating the vault keys: killed half-way and run again, with the page in use all the time."""

import signal
import subprocess
import sys
import time

from cryptography.fernet import Fernet
from flask import Flask
from support.app import ROOT, command, environment
from support.visitor import Visitor

from webapp import create_app
from webapp.cash.model import NOT_CONNECTED, Credentials
from webapp.cash.store.logins import LoginStore
from webapp.db import connect, write
from webapp.vault import Vault, VaultError

LOGINS = 3000
KILLS = 2


def test_a_rotation_killed_half_way_loses_no_password_and_ends_when_run_again(
    connected: Visitor, app: Flask, configuration: dict[str, object]
) -> None:
    old, new = app.config["VAULT_KEYS"][0], Fernet.generate_key().decode()
    path, rotating = app.config["DATABASE"], {**configuration, "VAULT_KEYS": [new, old]}
    add_logins(path, Vault((old,)))
    page = create_app(rotating)
    done = [0]
    for _ in range(KILLS):
        kill_after_a_batch(path, rotating, done[-1])
        done.append(opens_with(path, Vault((new,))))
        assert opens_with(path, Vault((new, old))) == LOGINS + 1, "none is lost, none is torn"
        visitor = Visitor(page).open()
        assert visitor.list_warehouses().status == 200, "the page works meanwhile"
    assert done == sorted(done)
    assert 0 < done[1] < LOGINS, "it was killed half-way"
    Visitor(page).open(account="newcomer").log_in()
    answer = command("rotate-vault-keys", configuration=rotating)
    assert f"{LOGINS + 1 - done[-1]} passwords re-encrypted, 0 that no key opens" in answer.stdout
    assert opens_with(path, Vault((new,))) == LOGINS + 2, "the old key can go"
    assert "0 passwords re-encrypted, 0" in command("rotate-vault-keys", configuration=rotating).stdout


def add_logins(path: str, vault: Vault) -> None:
    with connect(path) as db, write(db):
        for number in range(LOGINS):
            account = f"4{number:04}"
            login = Credentials("25583", "a@b.nl", f"geheim {account}")
            LoginStore(db, vault).replace(account, NOT_CONNECTED, login, [], "x")


def opens_with(path: str, vault: Vault) -> int:
    """How many of the passwords open."""
    with connect(path) as db:
        rows = db.execute("SELECT account, password FROM logins").fetchall()
    right = {account: f"geheim {account}" for account, _ in rows} | {"1001": "geheim", "newcomer": "geheim"}
    return sum(opens(vault, account, password) == right[account] for account, password in rows)


def opens(vault: Vault, account: str, password: bytes) -> str:
    try:
        return vault.open(account, password)
    except VaultError:
        return ""


def kill_after_a_batch(path: str, configuration: dict[str, object], done: int) -> None:
    """Starts the command and kills it when more is done than before."""
    line = [sys.executable, "-m", "flask", "--app", "webapp", "rotate-vault-keys"]
    process = subprocess.Popen(line, cwd=ROOT, env=environment(configuration), stdout=subprocess.DEVNULL)
    with connect(path) as db:
        query = "SELECT account, password FROM logins ORDER BY rowid LIMIT 1 OFFSET ?"
        account, before = db.execute(query, [done]).fetchone() or ("", b"")
        until = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < until:
            if db.execute("SELECT password FROM logins WHERE account = ?", [account]).fetchone() != (before,):
                break
    process.send_signal(signal.SIGKILL)
    process.wait()
