"""The other half of the fault table: what Cash does oddly and we take as it is, and what mends itself."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from support.app import LONGEST_WAIT
from support.cash import FaultyCash
from support.faults import Fault
from support.server import http
from support.visitor import GOOD_LOGIN, ONE_ADMINISTRATION, Visitor

from webapp import create_app, throttle
from webapp.db import connect
from webapp.demo.envelopes import Value, write_reply
from webapp.demo.operations import response

INVALID = "Gegevens API gebruiker niet geldig"
TEN_THOUSAND = [("3001", f"k{n:04d}", f"Klant {n} B.V.") for n in range(10_000)]


@pytest.fixture
def faulty(tmp_path: Path) -> Iterator[FaultyCash]:
    with FaultyCash(tmp_path) as cash:
        yield cash


@pytest.fixture
def configuration(configuration: dict[str, object], faulty: FaultyCash) -> dict[str, object]:
    return {**configuration, **faulty.settings, "CASH_CALLS_IN_FLIGHT": 1}


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app).open(lang="en")


def lists(*administrations: tuple[str, str, str]) -> Fault:
    """An answer with these administrations: map, code, name."""
    items = [{"admMap": map, "admCode": code, "admName": name, "ReadOnly": "N"} for map, code, name in administrations]
    parts: dict[str, Value] = {**response(1), "administrationList": items}
    return lambda call: http(write_reply(call.operation, parts, "encoded"))


def names(visitor: Visitor) -> list[str]:
    """The administrations as they are written."""
    return [each.text() for each in visitor.page.css("#administration option[value]") if each.attributes["value"]]


def list_warehouses(visitor: Visitor) -> Visitor:
    return visitor.list_warehouses(**{"administration": visitor.administrations()[1]})


def title(visitor: Visitor) -> str:
    """What went wrong."""
    return visitor.page.css_first(":is(#problem, #refused) h3").text()


def refused_since(app: Flask) -> Any:
    with connect(app.config["DATABASE"]) as db:
        return db.execute("SELECT refused_since FROM logins WHERE account = '1001' AND sid = ''").fetchone()[0]


@pytest.mark.parametrize("oddity", ["wrong charset in the header", "Content-type before the XML"])
def test_an_oddity_that_harms_nobody_is_not_noticed(oddity: str, visitor: Visitor, faulty: FaultyCash) -> None:
    for operation in ("WSDL", "Authenticate", "ListAdministrations", "Export"):
        faulty.suffer(oddity, operation)
    assert visitor.log_in().status == 200
    assert len(visitor.administrations()) == 4
    assert list_warehouses(visitor).status == 200
    assert visitor.options("export_default_warehouse")


def test_a_control_character_in_a_name_locks_nobody_out(visitor: Visitor, faulty: FaultyCash) -> None:
    faulty.suffer("control character", "ListAdministrations")
    assert visitor.log_in().status == 200
    assert len(names(visitor)) == 4
    assert "\x07" not in visitor.response.text


@pytest.mark.parametrize("code", ["code 5", "code 6"])
def test_a_lost_token_costs_one_more_login_and_nobody_notices(code: str, visitor: Visitor, faulty: FaultyCash) -> None:
    again = ["Authenticate", "ListAdministrations"] * 2
    faulty.suffer(code, "ListAdministrations", times=1)
    assert visitor.log_in().status == 200
    assert faulty.asked == ["WSDL", *again]
    faulty.suffer(code, "Export", times=1)
    assert list_warehouses(visitor).status == 200
    assert faulty.asked == ["Authenticate", "Export"] * 2
    assert not visitor.says("problem")


def test_cash_that_drips_one_byte_a_second_is_given_up_within_ten_seconds(
    connected: Visitor, app: Flask, faulty: FaultyCash
) -> None:
    faulty.pace = 1.0
    faulty.suffer("one byte a second", "ListAdministrations")
    started = time.monotonic()
    assert connected.log_in(**ONE_ADMINISTRATION).status == 503
    assert 9.5 < time.monotonic() - started < LONGEST_WAIT
    assert title(connected) == "Cash takes too long to answer"
    faulty.recover()
    assert connected.log_in(**ONE_ADMINISTRATION).status == 200


# The stored login


def a_minute_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """When a login that Cash refused may be sent again."""
    here = time.time() + throttle.SAME_AGAIN_SECONDS + 1
    monkeypatch.setattr(throttle, "time", lambda: here)


def test_a_stored_login_that_cash_refuses_is_asked_for_again_and_works_once_cash_takes_it(
    connected: Visitor, app: Flask, faulty: FaultyCash, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty.suffer("code 2", "Authenticate")
    list_warehouses(connected)
    assert connected.status == 422
    assert title(connected) == INVALID
    assert refused_since(app)
    faulty.recover()
    a_minute_later(monkeypatch)
    list_warehouses(connected)
    assert connected.status == 200
    assert connected.options("export_default_warehouse")
    assert not refused_since(app), "Cash accepted the stored login"
    assert connected.page.css_first(".pill").attributes["class"] == "pill on"


@pytest.mark.parametrize(
    ("fault", "at", "status", "told"),
    [
        ("refused", "", 503, "Cash cannot be reached"),
        ("expired certificate", "", 503, "The secure connection to Cash failed"),
        ("reset in mid-body", "ListAdministrations", 503, "Cash cannot be reached"),
        ("HTML maintenance page with 200", "Authenticate", 503, "Cash is down or under maintenance"),
        ("code 7", "Authenticate", 503, "The link does not work now. It is up to us to solve this."),
        ("code 2", "Authenticate", 422, INVALID),
    ],
)
def test_a_connection_test_tells_the_same(
    fault: str,
    at: str,
    status: int,
    told: str,
    app: Flask,
    connected: Visitor,
    faulty: FaultyCash,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor = Visitor(app).open(lang="en")
    faulty.suffer(fault, at)
    visitor.submit("test-form")
    assert visitor.status == status
    assert title(visitor) == told
    faulty.recover()
    a_minute_later(monkeypatch)
    visitor.submit("test-form")
    assert visitor.page.css_first("#problem") is None
    assert visitor.page.css("#tested .done")


# The WSDL


def test_a_wsdl_that_is_gone_once_it_was_read_harms_nobody(visitor: Visitor, faulty: FaultyCash) -> None:
    visitor.log_in()
    faulty.suffer("WSDL gone", "WSDL")
    assert visitor.log_in().status == 200


def test_a_wsdl_without_authenticate_sends_the_login_with_every_call(visitor: Visitor, faulty: FaultyCash) -> None:
    faulty.dialect = "3.0"
    assert visitor.log_in(password="verkeerd").status == 422
    assert title(visitor) == INVALID
    assert visitor.log_in().status == 200
    assert list_warehouses(visitor).status == 200
    assert faulty.asked == ["WSDL", "ListAdministrations", "ListAdministrations", "Export"]


# Administrations


def test_one_administration_is_chosen_already(visitor: Visitor, faulty: FaultyCash) -> None:
    faulty.suffer(lists(("2085", "demo", "Oosterbeek")), "ListAdministrations")
    assert visitor.log_in().status == 200
    assert visitor.values("settings")["administration"] == "2085/demo"


def test_ten_thousand_administrations_can_be_chosen_from(
    visitor: Visitor, configuration: dict[str, object], faulty: FaultyCash
) -> None:
    faulty.suffer(lists(*TEN_THOUSAND), "ListAdministrations")
    patient = create_app({**configuration, "CASH_DEADLINE": 60.0})  # however slow this machine is
    page = patient.test_client().post("/login", data={**visitor.values("login"), **GOOD_LOGIN})
    assert page.status_code == 200
    assert page.text.count('<option value="3001/k') == 10_000
    assert len(page.data) < 1_500_000, "bytes"


def test_the_same_code_in_two_maps_is_two_choices_told_apart(visitor: Visitor, faulty: FaultyCash) -> None:
    twins = ("1571", "x001", "Demo B.V."), ("1702", "x001", "Demo B.V.")
    faulty.suffer(lists(*twins), "ListAdministrations")
    assert visitor.log_in().status == 200
    assert visitor.administrations() == ["1571/x001", "1702/x001"]
    assert names(visitor) == ["Demo B.V. (x001, 1571)", "Demo B.V. (x001, 1702)"]
    visitor.save(administration="1702/x001")
    assert visitor.values("settings")["administration"] == "1702/x001"


ODD = [("c", "a/b"), ("c/a", "b"), ("  12", "  x\u00a001"), ("12", "x 01"), ("12", "x\n01"), ("é", "%2F")]


def test_odd_codes_are_choices_of_their_own_and_survive_form_and_store(visitor: Visitor, faulty: FaultyCash) -> None:
    faulty.suffer(lists(*[(map, code, f"Boek {n}") for n, (map, code) in enumerate(ODD)]), "ListAdministrations")
    assert visitor.log_in().status == 200
    ids = visitor.administrations()
    assert len(set(ids)) == len(ODD)
    for id in ids:
        visitor.save(administration=id)
        assert visitor.status == 200
        assert visitor.get("/").values("settings")["administration"] == id


def test_hostile_names_are_only_text(visitor: Visitor, faulty: FaultyCash) -> None:
    hostile = ("66", "m1", "<img src=x onerror=alert(1)>"), ("66", "m2", "Re\x85gel\x9b\u202e.V.B\x7f")
    faulty.suffer(lists(*hostile), "ListAdministrations")
    assert visitor.log_in().status == 200
    for administration in visitor.administrations():
        visitor.save(administration=administration)
        assert visitor.status == 200
        assert visitor.page.css_first("img") is None
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", visitor.response.text)
    assert names(visitor) == ["<img src=x onerror=alert(1)> (m1)", "Re gel.V.B (m2)"]
