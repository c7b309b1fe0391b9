"""What Prometheus gets to read, and who may read it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from support.visitor import Visitor

from webapp import create_app
from webapp.cash.client.reasons import is_down, is_rejection
from webapp.demo.cash import CashSandbox
from webapp.observe import CashCalls
from webapp.web import embed

TOKEN, NEWER_TOKEN = "a-token-for-prometheus", "its-successor-in-a-rotation"


@pytest.fixture
def measured(configuration: dict[str, object], app: Flask) -> Flask:
    """The same app, with its metrics on."""
    return create_app({**configuration, "METRICS_TOKENS": [NEWER_TOKEN, TOKEN]})


def numbers(app: Flask) -> dict[str, float]:
    """Every number, by its name and labels as Prometheus writes them."""
    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    found = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name.removeprefix('cash_settings_')}{{{labels}}}".removesuffix("{}")] = sample.value
    return found


def growth(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


def test_there_are_no_metrics_without_a_token(app: Flask) -> None:
    for given in ("", "Bearer ", "Bearer x"):
        assert Visitor(app).get("/metrics", Authorization=given).status == 404


@pytest.mark.parametrize("given", ["", "Bearer ", TOKEN, f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer \xe9"])
def test_whoever_does_not_know_the_token_finds_no_metrics(measured: Flask, given: str) -> None:
    assert Visitor(measured).get("/metrics", Authorization=given).status == 404


def test_metrics_can_be_read_while_their_token_rotates(measured: Flask) -> None:
    for token in (TOKEN, NEWER_TOKEN):
        assert measured.test_client().get("/metrics", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_the_numbers_count_requests_calls_logins_and_saves(measured: Flask, cash: CashSandbox) -> None:
    before = numbers(measured)
    visitor = Visitor(measured).open()
    visitor.log_in(password="fout")
    visitor.log_in()
    visitor.save(administration=visitor.administrations()[0], import_relations=True)
    grown = growth(before, numbers(measured))
    assert grown["requests_total{method=POST,route=/login,status=200}"] == 1
    assert grown["requests_total{method=POST,route=/login,status=422}"] == 1
    assert grown["request_seconds_count{route=/login}"] == 2
    assert grown["cash_calls_total{operation=Authenticate,outcome=ok}"] == 1
    assert grown["cash_calls_total{operation=Authenticate,outcome=code_2}"] == 1
    assert grown["cash_call_seconds_count{operation=Authenticate}"] == 2
    assert grown["logins_refused_total"] == 1
    assert grown["saves_total"] == 1
    assert "1001" not in "".join(grown)
    after = numbers(measured)
    assert after["cash_up"] == 1
    assert after["cash_calls_in_flight"] == before["cash_calls_in_flight"]
    cash.go_down()
    visitor.log_in()
    assert numbers(measured)["cash_up"] == 0


def test_a_question_before_a_save_is_no_save(measured: Flask) -> None:
    visitor = Visitor(measured).open()
    visitor.log_in()
    one, other = visitor.administrations()[:2]
    visitor.save(administration=one, import_relations=True)
    before = numbers(measured)
    visitor.press_save(administration=other)
    assert visitor.status == 200
    asked = numbers(measured)
    assert growth(before, asked)["requests_total{method=POST,route=/settings,status=200}"] == 1
    assert asked["saves_total"] == before["saves_total"]
    visitor.press_save()
    assert numbers(measured)["saves_total"] == before["saves_total"] + 1


def test_calls_under_way_are_counted(measured: Flask) -> None:
    calls = CashCalls(is_down, is_rejection)
    before = numbers(measured)["cash_calls_in_flight"]
    calls.begin()
    calls.begin()
    assert numbers(measured)["cash_calls_in_flight"] == before + 2
    calls.end("Export", "ok", 1.0)
    calls.end("Export", "stopped", 1.0)
    assert numbers(measured)["cash_calls_in_flight"] == before


def test_a_cash_that_invents_codes_cannot_fill_our_memory(measured: Flask) -> None:
    before = numbers(measured)
    for code in range(1000, 1020):
        CashCalls(is_down, is_rejection).end("WSDL", f"code_{code}", 1.0)
    grown = growth(before, numbers(measured))
    assert grown["cash_calls_total{operation=WSDL,outcome=code_other}"] == 20


def test_the_numbers_are_over_all_workers(configuration: dict[str, object], app: Flask, tmp_path: Path) -> None:
    shared = tmp_path / "metrics"
    shared.mkdir()
    settings = {**configuration, "METRICS_TOKENS": [NEWER_TOKEN, TOKEN]}
    worker = (
        "import json, sys; from webapp import create_app\n"
        "app = create_app(json.loads(sys.argv[1])); client = app.test_client()\n"
        "assert client.get('/manual').status_code == 200\n"
        "from webapp.observe import CashCalls; calls = CashCalls(bool, bool)\n"
        "calls.begin(); calls.end('Export', sys.argv[2], 1.0); calls.begin()\n"
        f"print(client.get('/metrics', headers={{'Authorization': 'Bearer {TOKEN}'}}).text)\n"
    )

    def run(outcome: str) -> str:
        command = [sys.executable, "-W", "error", "-c", worker, json.dumps(settings), outcome]
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(shared)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert 'requests_total{method="GET",route="/manual",status="200"} 1.0' in run("ok")
    second = run("refused")
    assert 'requests_total{method="GET",route="/manual",status="200"} 2.0' in second
    assert "cash_up 0.0" in second
    assert "cash_calls_in_flight 1.0" in second, "the first worker is dead and calls nobody"


def test_metrics_need_no_session(measured: Flask) -> None:
    assert measured.view_functions["observe.metrics"].public  # type: ignore[attr-defined]
    assert embed.SESSION_HEADER not in Visitor(measured).get("/metrics").response.headers
