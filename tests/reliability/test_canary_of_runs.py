"""The tokens of OutSmart and the password of Cash go through everything that can happen to a run: they stay secret."""

import json
from collections.abc import Iterator

import pytest
from reliability.canary import Canary
from reliability.story import Story
from support.host import Host

from webapp import create_app
from webapp.cash.jobs import scratch_folder
from webapp.demo.outsmart import OutSmartSandbox

ACCOUNT, HOST_TOKEN = "1001", "a-token-of-the-host"
BROKEN = [
    "webapp.api.shown.run",
    "webapp.cash.jobs.conversations_of",
    "webapp.cash.store.runs.RunStore.progress",
    "webapp.cash.store.sent.SentStore.known",
    "webapp.cash.store.marks.MarkStore.last",
    "webapp.cash.sync.reading._Reader._put",
    "webapp.cash.sync.sending.Sending.confirmed",
    "webapp.cash.sync.spelling.read_others",
    "webapp.outsmart.gateway.OutSmartGateway.session",
    "webapp.outsmart.session.write_rows",
    "webapp.outsmart.session._judge",
    "webapp.worker.foreground._beating",
]


@pytest.fixture
def outsmart() -> Iterator[OutSmartSandbox]:
    with OutSmartSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def told(story: Story, outsmart: OutSmartSandbox) -> Story:
    """A story whose account can be synchronised, with tokens that are searched for like passwords."""
    customer, software = Canary(), Canary()
    story.watch.canaries += [customer, software]
    outsmart.connect(ACCOUNT, customer.middle)
    outsmart.software_token = software.middle
    story.restart(
        OUTSMART_URL=outsmart.api, OUTSMART_SOFTWARE_TOKEN=software.middle, API_TOKENS=[HOST_TOKEN], CASH_DEADLINE=5.0
    )
    visitor = story.connected()
    visitor.save(administration="1571/x001", import_relations=True, import_warehouses=True)
    answer = Host(story.app, HOST_TOKEN).put(ACCOUNT, customer.middle)
    assert answer.status_code == 201 or answer.status_code == 200
    story.watch.answer("PUT account", answer)
    return story


def state_of(told: Story, *, exit_code: int = 0) -> tuple[str, str]:
    """What `flask sync` says became of a run, which the host sees too."""
    said = json.loads(told.run("sync", ACCOUNT, "--all", exit_code=exit_code).splitlines()[-1])
    host = Host(told.app, HOST_TOKEN)
    for path in (f"/accounts/{ACCOUNT}", f"/accounts/{ACCOUNT}/runs/{said['id']}", "/accounts"):
        told.watch.answer(f"GET {path}", host.get(path))
    return said["state"], said["reason"]


def test_a_run_that_goes_well(told: Story, outsmart: OutSmartSandbox) -> None:
    assert state_of(told) == ("done", "")
    assert outsmart.written("relations", ACCOUNT).total() > 0
    told.run("account", "show", ACCOUNT)
    told.run("account", "put", ACCOUNT, typed=f"{Canary().middle}\n")
    told.run("account", "delete", ACCOUNT, "--yes")


@pytest.mark.parametrize("fault", ["refuse_tokens", "refuse_rows", "go_down", "cut_answers", "break_off_answers"])
def test_whatever_outsmart_suffers(
    told: Story, outsmart: OutSmartSandbox, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.cash.sync.parts.WAITS", (0.01,))
    monkeypatch.setattr("webapp.cash.sync.parts.LONGEST_WAIT", 0.01)
    if fault == "refuse_rows":
        state_of(told)
        outsmart.refuse_rows("relations", *(row["debtor_number"] for row in outsmart.rows("relations", ACCOUNT)[:2]))
    else:
        getattr(outsmart, fault)()
    state, reason = state_of(told, exit_code=0 if fault == "refuse_rows" else 1)
    assert (state, bool(reason)) == (("done", False) if fault == "refuse_rows" else ("failed", True))


def test_a_password_and_a_token_that_no_key_opens(told: Story) -> None:
    told.restart(VAULT_KEYS=["YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE="])
    assert state_of(told, exit_code=1) == ("failed", "vault")
    told.run("rotate-vault-keys")


@pytest.mark.parametrize("broken", BROKEN)
def test_an_exception_that_nobody_expected(told: Story, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    explosions = []

    def explode(*_: object, **__: object) -> None:
        explosions.append(broken)
        raise LookupError("something that nobody thought of")

    monkeypatch.setattr(broken, explode)
    told.app = create_app(told.configuration)
    result = told.app.test_cli_runner().invoke(args=["sync", ACCOUNT, "--all"])
    told.watch.look("output of sync", result.output.encode())
    answer = Host(told.app, HOST_TOKEN).post(f"/accounts/{ACCOUNT}/runs", {"kind": "all"})
    told.watch.answer("POST run", answer)
    assert explosions, "it was reached"
    assert result.exit_code == 1 or answer.status_code == 500
    with told.app.app_context():
        assert not [*scratch_folder().glob("*")]
