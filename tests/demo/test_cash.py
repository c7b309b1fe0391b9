"""What the sandbox says to who logs in, and how it fails on request."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from support.app import LONGEST_WAIT

from webapp.demo.cash import LOGINS, CashSandbox

X001 = {"admCode": "x001", "admMap": "1571"}


def get(address):
    return requests.get(address, timeout=LONGEST_WAIT)


def test_a_login_gives_a_token_that_lists_administrations(ask):
    assert ask.login()["code"] == 1
    seen = [(a["admMap"], a["admCode"], a["ReadOnly"]) for a in ask.administrations()]
    assert seen == [("1571", "x001", "N"), ("1571", "x002", "N"), ("1571", "a024", "J"), ("1702", "x001", "N")]


def test_each_login_of_relation_and_email_is_its_own(ask):
    assert ask.login(relation="54852")["code"] == 2
    ask.login(relation="54852", password="welkom")
    assert [a["admCode"] for a in ask.administrations()] == ["demo"]


@pytest.mark.parametrize(
    ("email", "password", "relation"),
    [("api@example.nl", "fout", "25583"), ("wie@example.nl", "geheim", "25583"), ("api@example.nl", "geheim", "1")],
)
def test_wrong_credentials_give_code_2_and_no_token(ask, email, password, relation):
    reply = ask.login(email, relation, password)
    assert reply["response"] == {"code": "2", "message": "Error during login"}
    assert "token" not in reply


def test_an_unknown_service_gives_code_7(ask):
    reply = ask("Authenticate", relation="25583", email="api@example.nl", password="geheim", service="ANDERS")
    assert reply["code"] == 7


@pytest.mark.parametrize(
    ("email", "code", "message"),
    [
        ("inactief@example.nl", 2, "Error during login"),
        ("dienst@example.nl", 7, "Unrecognized service"),
        ("token@example.nl", 4, "Error while issuing token"),
        ("vreemd@example.nl", 1234, "Unknown error (1234)"),
    ],
)
def test_logins_that_fail_with_their_own_code(ask, email, code, message):
    assert ask.login(email)["response"] == {"code": str(code), "message": message}


@pytest.mark.parametrize(("email", "visible"), [("geen@example.nl", 0), ("veel@example.nl", 60)])
def test_logins_that_see_none_and_very_many(ask, email, visible):
    ask.login(email)
    assert len(ask.administrations()) == visible


def test_names_with_markup_and_odd_characters_arrive_as_they_are(ask):
    ask.login("opmaak@example.nl")
    names = [a["admName"] for a in ask.administrations()]
    assert "<img src=x onerror=alert(1)>" in names
    assert {"Regel\u0085einde", "Tab\tnaam\nmet regel", "Omgekeerd \u202e.V.B omeD"} <= set(names)


def test_logins_that_find_cash_down_or_busy(ask):
    login = {"relation": "25583", "password": "geheim", "service": "OUTSMART"}
    down = ask.post("Authenticate", email="storing@example.nl", **login)
    assert (down.status_code, down.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    busy = ask.post("Authenticate", email="druk@example.nl", **login)
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "30")


def test_a_slow_login_keeps_waiting(ask):
    login = "<Envelope><Body><Authenticate>{}<email>traag@example.nl</email></Authenticate></Body></Envelope>"
    parts = "<relation>25583</relation><password>geheim</password><service>OUTSMART</service>"
    with pytest.raises(requests.ReadTimeout):
        ask.session.post(ask.endpoint, data=login.format(parts), timeout=0.2)


def test_a_locked_administration_fails_its_exports_only(ask):
    ask.login("slot@example.nl")
    assert len(ask.administrations()) == 4
    assert ask("Export", token=ask.token, export="2209", administration=X001)["code"] == 300


def test_every_login_has_a_distinct_outcome_and_hides_its_password_when_printed():
    assert len({login.outcome for login in LOGINS}) == len(LOGINS)
    assert (LOGINS[0].relation_code, LOGINS[0].email, LOGINS[0].password) == ("25583", "api@example.nl", "geheim")
    assert "geheim" not in repr(LOGINS)


def test_tokens_end_and_garbage_is_told_from_old(in_demo, cash):
    assert in_demo("ListAdministrations", token="garbage")["code"] == 6
    cash.expire_tokens()
    assert in_demo("ListAdministrations", token=in_demo.token)["code"] == 5
    with CashSandbox(token_seconds=0) as short, requests.Session() as session:
        caller = type(in_demo)(session, f"{short.url}/?api/soap")
        caller.login()
        assert caller("ListAdministrations", token=caller.token)["code"] == 5


def test_in_3_0_each_call_carries_credentials_or_a_token(caller, in_demo):
    ask_3 = caller("api/3.0/soap")
    login = {"token": "", "relatie": "25583", "email": "api@example.nl", "pass": "geheim"}
    call = {"export": "2209", "administration": X001, "formaat": "0"}
    assert ask_3("export", **login, **call)["code"] == 1
    assert ask_3("export", **login | {"pass": "fout"}, **call)["code"] == 2
    assert ask_3("export", **login | {"token": in_demo.token, "pass": ""}, **call)["code"] == 1
    assert ask_3("export", **login, **call | {"formaat": "1"})["code"] == 800
    assert ask_3.post("Authenticate", **login).status_code == 500


def test_the_verbs_switch_every_answer_until_recover(in_demo, cash):
    cash.reject()
    assert in_demo.login()["code"] == 2
    cash.answer(600)
    assert in_demo.login()["code"] == 600
    cash.answer(700, "ListAdministrations")
    assert in_demo("ListAdministrations", token="")["code"] == 700
    cash.go_down()
    assert in_demo.post("Authenticate").status_code == 503
    assert get(cash.wsdl).status_code == 503
    cash.recover()
    assert in_demo.login()["code"] == 1
    assert get(cash.wsdl).status_code == 200


def test_administrations_can_disappear_and_passwords_change(in_demo, cash):
    cash.show_administrations("25583", "api@example.nl", ["1702/x001"])
    assert cash.administrations_of(LOGINS[0]) == ["1702/x001"]
    assert in_demo("Export", token=in_demo.token, export="2209", administration=X001)["code"] == 800
    cash.change_password("25583", "api@example.nl", "nieuw")
    assert in_demo("ListAdministrations", token=in_demo.token)["code"] == 5
    assert in_demo.login()["code"] == 2
    assert in_demo.login(password="nieuw")["code"] == 1
    with pytest.raises(KeyError):
        cash.show_administrations("25583", "api@example.nl", ["1571/none"])
    cash.reset()
    assert in_demo.login()["code"] == 1


def test_calls_are_kept_in_order_by_their_wsdl_names(in_demo, cash):
    in_demo("listadministrations", token=in_demo.token)
    get(cash.wsdl)
    assert cash.calls == ["Authenticate", "ListAdministrations"]
    assert (cash.count("Authenticate"), cash.wsdl_reads) == (1, 1)
    cash.forget_calls()
    assert (cash.calls, cash.wsdl_reads) == ([], 0)


def test_other_addresses_and_methods_say_where_to_go(cash):
    assert get(cash.url).status_code == 404
    assert get(f"{cash.url}/?api/soap").status_code == 405
    assert requests.post(cash.wsdl, data="x", timeout=LONGEST_WAIT).status_code == 404
    assert requests.post(f"{cash.url}/?api/soap", data=iter([b"x"]), timeout=LONGEST_WAIT).status_code == 411


def test_stop_ends_slow_answers_and_start_listens_at_the_same_address(capfd):
    cash = CashSandbox().start()
    url = cash.url
    cash.slow(60)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(get, cash.wsdl)
        while not cash.wsdl_reads:
            time.sleep(0.01)
        began = time.monotonic()
        cash.stop()
        assert isinstance(waiting.exception(), requests.ConnectionError)
    assert time.monotonic() - began < LONGEST_WAIT
    cash.recover()
    with cash:
        assert cash.url == url
        assert get(cash.wsdl).status_code == 200
    assert capfd.readouterr() == ("", "")


def test_stop_closes_connections_that_are_kept_open():
    with requests.Session() as session:
        with CashSandbox() as cash:
            session.get(cash.wsdl, timeout=LONGEST_WAIT)
            began = time.monotonic()
        assert time.monotonic() - began < LONGEST_WAIT
        with pytest.raises(requests.ConnectionError):
            session.get(cash.wsdl, timeout=LONGEST_WAIT)


def test_a_taken_port_is_an_os_error(cash):
    with pytest.raises(OSError, match="in use"):
        CashSandbox(port=int(cash.url.rpartition(":")[2])).start()


def test_many_clients_at_once_are_all_served(cash, ask):
    def visit(_):
        with requests.Session() as session:
            caller = type(ask)(session, ask.endpoint)
            caller.login()
            return len(caller.export("0101"))

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(visit, range(16))) == {200}
    assert cash.count("Export") == 16
