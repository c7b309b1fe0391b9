"""Two accounts with two sessions each do anything in any order: the database holds what a plain model of it holds."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from reliability.machine import PASSWORDS, Accounts

from webapp.cash.model import Login
from webapp.cash.store.activity import Activity
from webapp.cash.store.logins import LoginStore
from webapp.cash.store.settings import SettingsStore
from webapp.db import connect
from webapp.demo.cash import CashSandbox
from webapp.vault import Vault, VaultError

STEPS = 50
MUST_HAPPEN = {
    *("login_refused", "login_proven", "login_replaced", "connected", "disconnected"),
    *("saved", "restored", "tested", "administration_gone", "cash_failed"),
    *[("/login", 422), ("/settings", 409), ("/settings", 422), ("/log/1/restore", 404), ("/log/1/restore", 409)],
    *[("asked", "/settings"), ("asked", "/log/1/restore"), "pressed again"],
}


class Compared(Accounts):
    """The machine, compared with its model after each step."""

    @invariant()
    def the_database_holds_what_the_model_holds(self) -> None:
        type(self).taken += 1
        vault = Vault(tuple(self.model.keys))
        with connect(str(self.database)) as db:
            for name, account in self.model.accounts.items():
                store, history = SettingsStore(db), [*Activity(db).latest(name, most=10_000)][::-1]
                assert [(event.kind, event.user) for event in history] == account.events
                self.happened.update(kind for kind, _ in account.events)
                assert [event.facts.get("version", 0) for event in history] == list(account.version_of.values())
                saved = [store.version(name, number + 1) for number in range(len(account.versions))]
                assert [(asdict(each.settings), each.user) for each in saved if each] == account.versions
                assert store.current(name).version == len(account.versions)
                connections = LoginStore(db, vault)
                for sid, login in {"": account.stored, **account.waiting}.items():
                    waiting, stored = connections.both(name, sid)
                    kept = waiting if sid else stored
                    agree(kept, login)
                    if login and kept:
                        readable = self.opens(connections, name, kept) == PASSWORDS[login.at_cash]
                        assert readable == (login.key in self.model.keys)
                rows = db.execute("SELECT count(*) FROM logins WHERE account = ?", [name]).fetchone()[0]
                assert rows == len(account.waiting) + (account.stored is not None)

    def opens(self, connections: LoginStore, account: str, kept: Login) -> str:
        try:
            return connections.credentials(account, kept).password
        except VaultError:
            return ""


def agree(kept: Login | None, login: Any) -> None:
    assert (kept is None) == (login is None)
    if kept and login:
        assert (kept.relation_code, kept.email, kept.user) == (*login.at_cash, login.user)
        assert tuple(each.id for each in kept.administrations) == login.administrations
        assert tuple(sorted(kept.warehouse_lists)) == login.listed
        assert kept.refused_since == 0


def test_the_database_and_the_model_agree(
    cash: CashSandbox,
    tmp_path: Path,
    nightly: bool,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = 10_000 if nightly else 1_000
    monkeypatch.setattr("webapp.throttle.SAME_AGAIN_SECONDS", 10_000)  # however slow this machine is
    monkeypatch.setattr("webapp.cash.actions.saving.SAVES_PER_MINUTE", 1_000_000)  # and however fast
    machine = type("Machine", (Compared,), {"cash": cash, "folder": tmp_path, "taken": 0, "happened": set()})
    with caplog.at_level("CRITICAL"):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=steps // STEPS * 5 // 4,  # some are shorter
                stateful_step_count=STEPS,
                derandomize=True,
                database=None,
                deadline=None,
                phases=[Phase.generate],  # shrinking takes minutes: add Phase.shrink where it is worth that
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert machine.taken >= steps
    assert machine.happened >= MUST_HAPPEN, "it went everywhere"
