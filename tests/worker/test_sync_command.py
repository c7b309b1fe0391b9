"""`flask sync` as an operator runs it, between the two sandboxes."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from support.app import command
from support.workers import make_ready

from webapp.cash.store.runs import RunStore
from webapp.db import connect
from webapp.demo.outsmart import OutSmartSandbox

ACCOUNT = "1002"


@pytest.fixture
def configuration(configuration: dict[str, object], outsmart: OutSmartSandbox) -> dict[str, object]:
    return {**configuration, "OUTSMART_URL": outsmart.api, "OUTSMART_SOFTWARE_TOKEN": outsmart.software_token}


def sync(app: Flask, *options: str) -> Result:
    """The command in this process, which saves the start of one; signals and all come to it here, too."""
    return app.test_cli_runner().invoke(args=["sync", ACCOUNT, *options])


def test_it_brings_what_is_chosen_to_outsmart_and_prints_what_it_did(
    app: Flask, configuration: dict[str, Any], outsmart: OutSmartSandbox
) -> None:
    make_ready(app, ACCOUNT, token=outsmart.token(ACCOUNT), import_relations=True)
    said = command("sync", ACCOUNT, "--all", configuration=configuration)
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert (told["account"], told["kind"], told["state"], told["reason"]) == (ACCOUNT, "all", "done", "")
    assert told["result"]["kinds"]["relations"]["sent"] > 0
    again = json.loads(sync(app).stdout)
    assert (again["kind"], again["result"]["kinds"]["relations"]["sent"]) == ("changed", 0)
    assert outsmart.token(ACCOUNT) not in said.stdout + said.stderr


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("accounts", "outsmart_token_missing"),
        ("logins", "no_login"),
        ("settings", "no_settings"),
    ],
)
def test_it_names_what_is_missing(app: Flask, missing: str, reason: str) -> None:
    make_ready(app, ACCOUNT)
    with connect(app.config["DATABASE"]) as db:
        db.execute(f"DELETE FROM {missing}")
    said = sync(app)
    told = json.loads(said.stdout)
    assert (said.exit_code, told["state"], told["reason"]) == (1, "failed", reason)


def test_a_token_that_outsmart_refuses_is_the_reason_of_the_failure(app: Flask) -> None:
    make_ready(app, ACCOUNT, token="a token of nobody", import_relations=True)
    said = sync(app, "--all")
    assert (said.exit_code, json.loads(said.stdout)["reason"]) == (1, "code_1004")
    assert "a token of nobody" not in said.stdout + said.stderr


def test_a_run_that_is_under_way_elsewhere_is_left_alone(app: Flask) -> None:
    make_ready(app, ACCOUNT)
    with connect(app.config["DATABASE"]) as db:
        runs = RunStore(db)
        elsewhere = runs.start(runs.ask(ACCOUNT, "all", "beheer")[0].id, "a worker")
        said = sync(app)
        assert elsewhere
        assert (said.exit_code, json.loads(said.stdout)["id"]) == (1, elsewhere.id)
        assert runs.owns(elsewhere.id, "a worker")
    assert "under way" in said.stderr
