"""The state of an account and what is to be mended, for each thing that can be stored."""

from dataclasses import replace

import pytest

from webapp.cash.actions.standing import STATES, Facts, missing, next_run, standing_of
from webapp.cash.choices import SavedSettings, Settings
from webapp.cash.model import NOT_CONNECTED
from webapp.cash.store.runs import Run
from webapp.cash.store.schedules import Schedule

LOGIN = replace(NOT_CONNECTED, relation_code="25583", since=100)
SAVED = SavedSettings(3, Settings(import_relations=True), at=100)
GOOD = Facts(SAVED, LOGIN, "stored", token_since=100)


def run(state: str, reason: str = "", ended: int = 200, waits: str | None = None) -> Run:
    result = {} if waits is None else {"kinds": {"relations": {"waits": waits}}}
    return Run("r", "1001", "changed", state, "", 0, 500, 0, ended, "", 0, result=result, reason=reason)


def failed(reason: str, ended: int = 200) -> dict[str, object]:
    return {"ended": run("failed", reason, ended)}


def not_exported(reason: str, ended: int = 200) -> dict[str, object]:
    return {"ended": run("done"), "exported": run("failed", reason, ended)}


@pytest.mark.parametrize(
    ("changes", "state", "problem"),
    [
        ({}, "ok", ""),
        ({"open": run("waiting")}, "ok", ""),
        ({"open": run("running")}, "running", ""),
        ({"open": run("running"), **failed("http_503")}, "running", ""),
        ({"ended": run("done")}, "ok", ""),
        ({"login": None, "saved": SavedSettings(0, Settings())}, "waits_for_user", "not_connected"),
        ({"saved": SavedSettings(0, Settings())}, "waits_for_user", "not_saved"),
        ({"login": None}, "paused", "disconnected"),
        ({"login": replace(LOGIN, refused_since=150)}, "waits_for_user", "login_refused"),
        ({"saved": SavedSettings(1, Settings())}, "paused", "nothing_chosen"),
        ({"saved": SavedSettings(1, Settings(export_sales_orders=True))}, "ok", ""),
        ({"outsmart": "missing"}, "problem", "outsmart_token_missing"),
        ({"outsmart": "unreadable"}, "problem", "outsmart_token_unreadable"),
        ({"schedule": Schedule(900, 900, "many_changes")}, "waits_for_user", "many_changes"),
        ({"good": run("done", waits="many_gone")}, "waits_for_user", "many_gone"),
        ({"good": run("done", waits="")}, "ok", ""),
        (failed("administration_gone"), "waits_for_user", "administration_gone"),
        (failed("vault"), "waits_for_user", "vault"),
        (failed("code_2"), "waits_for_user", "login_refused"),
        (failed("no_administration"), "waits_for_user", "no_administration"),
        (failed("code_1004"), "problem", "outsmart_token_refused"),
        (failed("code_1005"), "problem", "code_1005"),
        (failed("http_503"), "problem", "http_503"),
        (failed("code_7"), "problem", "code_7"),
        (failed("stopped"), "problem", "stopped"),
        (failed("a word of a later version"), "problem", "a word of a later version"),
        (failed("code_1004", ended=99), "ok", ""),
        ({**failed("code_1004"), "token_since": 201}, "ok", ""),
        ({**failed("no_administration"), "saved": replace(SAVED, at=201)}, "ok", ""),
        ({**failed("code_2"), "login": replace(LOGIN, since=201)}, "ok", ""),
        (not_exported("code_800"), "problem", "code_800"),
        (not_exported("no_administration"), "waits_for_user", "no_administration"),
        (not_exported("code_2"), "waits_for_user", "login_refused"),
        (not_exported("code_1004"), "problem", "outsmart_token_refused"),
        (not_exported("vault"), "waits_for_user", "vault"),
        ({**not_exported("code_800"), "orders_wait": True}, "problem", "code_800"),
        ({**not_exported("code_800"), **failed("http_503")}, "problem", "http_503"),
        ({**not_exported("code_800"), "exported": run("done")}, "ok", ""),
        (not_exported("code_800", ended=99), "ok", ""),
        ({**not_exported("code_800"), "token_since": 201}, "ok", ""),
        ({**not_exported("code_800"), "saved": replace(SAVED, at=201)}, "ok", ""),
        ({**not_exported("code_800"), "login": replace(LOGIN, since=201)}, "ok", ""),
    ],
)
def test_the_state_follows_from_what_is_stored(changes: dict[str, object], state: str, problem: str) -> None:
    found = standing_of(replace(GOOD, **changes))  # type: ignore[arg-type]
    assert found == (state, problem)
    assert found.state in STATES


def test_what_a_run_lacks_is_listed() -> None:
    assert missing(GOOD) == []
    assert missing(replace(GOOD, login=replace(LOGIN, refused_since=1))) == ["login"]
    nothing = Facts(SavedSettings(0, Settings()), None, "missing", 0)
    assert missing(nothing) == ["settings", "login", "outsmart_token"]


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, 0),
        ({"schedule": Schedule(900, 900)}, 900),
        ({"schedule": Schedule(900, 900, "doubles")}, 0),
        ({"schedule": Schedule(900, 900), "login": None}, 0),
        ({"schedule": Schedule(900, 900), "open": run("waiting")}, 500),
        ({"schedule": Schedule(900, 900), "open": run("running")}, 0),
    ],
)
def test_the_next_run_is_told_where_one_will_come(changes: dict[str, object], due: int) -> None:
    assert next_run(replace(GOOD, **changes)) == due  # type: ignore[arg-type]
