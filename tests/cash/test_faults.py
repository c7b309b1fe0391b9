"""The fault table: whatever Cash suffers, the user reads what to do next, and nothing is lost."""

import gc
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple

import pytest
from support.app import LONGEST_WAIT, UNLIMITED, configure
from support.cash import FaultyCash
from support.database import create, rows
from support.faults import CONNECTIONS
from support.visitor import ONE_ADMINISTRATION, Visitor

from webapp import create_app

DEADLINE = 0.7  # seconds, for a Cash that hangs; any other fault is noticed sooner
DEADLINE_OTHERWISE = 10  # which nothing is to wait for
WSDL, LOGIN, LIST, EXPORT = "WSDL", "Authenticate", "ListAdministrations", "Export"
OPERATIONS = (LOGIN, LIST, EXPORT)
EVERYWHERE = (WSDL, *OPERATIONS)
ACCOUNT = {**ONE_ADMINISTRATION, "password": 'zonne&schijn‹nacht"é'}  # a password that is written in many ways


class Told(NamedTuple):
    """What the user gets to see."""

    status: int
    title: str
    next_step: str = "Nothing was changed. Try again in a few minutes."
    retry_after: str | None = None


UNREACHED = Told(503, "Cash cannot be reached")
SLOW = Told(503, "Cash takes too long to answer")
INSECURE = Told(503, "The secure connection to Cash failed")
DOWN = Told(503, "Cash is down or under maintenance")
UNUSABLE = Told(503, "Cash gave an answer we cannot use")
BUSY = Told(429, "Cash is busy", retry_after="60")
OURS = Told(503, "The link does not work now. It is up to us to solve this.", "Give the code below to support.")
INVALID = Told(422, "Gegevens API gebruiker niet geldig", "Check the relation code, email address and password")
SEES_NOTHING = Told(422, "This login sees no administration", "give the department of this user access")

TABLE: dict[str, tuple[Told, tuple[str, ...]]] = {
    "refused": (UNREACHED, (WSDL, EXPORT)),
    "DNS failure": (UNREACHED, (WSDL, EXPORT)),
    "connect timeout": (UNREACHED, (WSDL, EXPORT)),
    "read timeout": (SLOW, EVERYWHERE),
    "one byte a second": (SLOW, EVERYWHERE),
    "reset in mid-body": (UNREACHED, EVERYWHERE),
    "truncated XML": (UNUSABLE, EVERYWHERE),
    "empty 200": (UNUSABLE, EVERYWHERE),
    "HTML maintenance page with 200": (DOWN, EVERYWHERE),
    "redirect to another host": (UNUSABLE, EVERYWHERE),
    "401": (UNUSABLE, EVERYWHERE),
    "403": (UNUSABLE, EVERYWHERE),
    "429": (BUSY, EVERYWHERE),
    "429 with Retry-After": (BUSY._replace(retry_after="45", next_step="Try again in 45 seconds."), (LOGIN,)),
    "500 with a SOAP fault": (UNUSABLE, EVERYWHERE),
    "502": (UNUSABLE, EVERYWHERE),
    "503": (DOWN, (LOGIN,)),
    "503 with Retry-After": (DOWN._replace(retry_after="120", next_step="Try again in 2 minutes."), EVERYWHERE),
    "wrong charset": (UNUSABLE, EVERYWHERE),
    "50 MB body": (UNUSABLE, EVERYWHERE),
    "gzip bomb": (UNUSABLE, EVERYWHERE),
    "entity bomb": (UNUSABLE, EVERYWHERE),
    "DTD": (UNUSABLE, EVERYWHERE),
    "self-signed certificate": (INSECURE, (WSDL, EXPORT)),
    "expired certificate": (INSECURE, (WSDL, EXPORT)),
    "wrong-host certificate": (INSECURE, (WSDL, EXPORT)),
    "code 2": (INVALID, (LOGIN,)),
    "code 3": (UNUSABLE, OPERATIONS),
    "code 4": (UNUSABLE, OPERATIONS),
    "code 5": (UNUSABLE, OPERATIONS),
    "code 6": (UNUSABLE, OPERATIONS),
    "code 7": (OURS, OPERATIONS),
    "unknown code": (OURS, OPERATIONS),
    "no administration": (SEES_NOTHING, (LIST,)),
    "export that is a web page": (DOWN, (EXPORT,)),
    "export that is a list of errors": (UNUSABLE, (EXPORT,)),
    "export that is not escaped": (UNUSABLE, (EXPORT,)),
    "WSDL gone": (UNUSABLE, (WSDL,)),
    "WSDL without Authenticate": (OURS, (WSDL,)),
    "WSDL with an unknown part": (OURS, (WSDL,)),
    "WSDL with an action that cannot be sent": (OURS, (WSDL,)),
}


class Office:
    """A worker that runs, and account 1001 that saved once. One call may be in flight, so none may be forgotten."""

    def __init__(self, cash: FaultyCash, database: str) -> None:
        self.cash, self.database = cash, database
        configuration = configure(
            database,
            **cash.settings,
            CASH_CONNECT_TIMEOUT=1.0,
            CASH_CALLS_IN_FLIGHT=1,
            **UNLIMITED,
        )
        create(database)
        self.app = create_app(configuration)
        cash.sandbox.change_password(**ACCOUNT)
        visitor = Visitor(self.app).open().log_in()
        assert visitor.save(administration=visitor.administrations()[0]).status == 200
        assert submit(visitor, EXPORT).options("export_default_warehouse"), "there are warehouses to lose"

    def visitor(self, at: str) -> Visitor:
        """Somebody whose request gets to this point; only a worker that just started reads the WSDL."""
        if at == WSDL:
            self.app.extensions["cash"].soap.wsdl = None
        return Visitor(self.app).open(lang="en")

    @contextmanager
    def in_a_hurry(self) -> Iterator[None]:
        """With a shorter deadline than the ten seconds that are usual."""
        gateway, usual = self.app.extensions["cash"], self.app.config["CASH_DEADLINE"]
        gateway.deadline = self.app.config["CASH_DEADLINE"] = DEADLINE
        try:
            yield
        finally:
            gateway.deadline = self.app.config["CASH_DEADLINE"] = usual

    def rows(self, *tables: str) -> list[list[tuple[object, ...]]]:
        """The tables byte for byte."""
        return rows(self.database, *tables)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    with FaultyCash(folder) as cash:
        yield Office(cash, str(folder / "app.db"))


@pytest.fixture
def cash(office: Office) -> Iterator[FaultyCash]:
    """It does not wait for the garbage collector to be left alone."""
    gc.disable()
    yield office.cash
    gc.enable()
    office.cash.recover()


def submit(visitor: Visitor, at: str, password: str = ACCOUNT["password"]) -> Visitor:
    """The form that makes Cash do this: another login than the stored one, or what an administration holds."""
    if at == EXPORT:
        choices = {"administration": visitor.administrations()[1], "import_employees": True}
        return visitor.list_warehouses(**choices)
    return visitor.log_in(**{**ACCOUNT, "password": password})


def what_is_stored(office: Office) -> list[list[tuple[object, ...]]]:
    """Logins and settings; the last three columns of a login tell how it fares, and nothing of what it is."""
    logins, settings = office.rows("logins", "settings")
    return [[row[:-3] for row in logins], settings]


@pytest.mark.parametrize(("fault", "at"), [(fault, at) for fault, (_, places) in TABLE.items() for at in places])
def test_the_user_reads_what_to_do_and_nothing_is_lost(
    fault: str, at: str, office: Office, cash: FaultyCash, caplog: pytest.LogCaptureFixture
) -> None:
    told, visitor = TABLE[fault][0], office.visitor(at)
    password = "verkeerd" if fault == "code 2" else ACCOUNT["password"]
    stored, threads = what_is_stored(office), threads_alive()
    caplog.set_level(logging.DEBUG)
    cash.suffer(fault, at)
    with office.in_a_hurry() if told is SLOW else nullcontext():
        seconds = timed(lambda: submit(visitor, at, password))

    assert (visitor.status, visitor.response.headers.get("Retry-After")) == (told.status, told.retry_after)
    reads_as(told, visitor)
    keeps_what_was_typed(visitor, at)
    assert what_is_stored(office) == stored
    assert cash.asked.count(at) == times_asked(fault, at)
    assert not cash.was_left_for_another()
    logged = caplog.text + str([vars(record) for record in caplog.records])
    assert visitor.page.css_first("#problem code").text() in logged, "support finds what happened"
    everything_said = logged + visitor.response.text + str(office.rows("timeline"))
    pieces = re.findall("[a-z]{5,}", password)  # which are the same in every writing
    assert not [secret for secret in (*pieces, "geheim", *cash.tokens) if secret in everything_said]
    becomes(lambda: threads_alive() <= threads)

    cash.recover()
    submit(visitor, at)
    assert visitor.status == 200, visitor.says("problem")
    assert seconds < DEADLINE_OTHERWISE
    assert not visitor.says("problem")
    assert visitor.options("export_default_warehouse") if at == EXPORT else visitor.administrations() == ["2085/demo"]


def reads_as(told: Told, visitor: Visitor) -> None:
    """One notice, with its title, its next step and the code for support; nothing else blames the login."""
    (notice,) = visitor.page.css(".notice.error")
    assert notice.attributes["id"] == "problem"
    assert notice.css_first("h3").text() == told.title
    assert told.next_step in visitor.says("problem")
    assert "Support code:" in visitor.says("problem")
    elsewhere = visitor.text.replace(visitor.says("log"), "")
    assert ("niet geldig" in elsewhere) == (told is INVALID)


def keeps_what_was_typed(visitor: Visitor, at: str) -> None:
    if at == EXPORT:
        fields = visitor.values("settings")
        assert (fields["administration"], fields.get("import_employees")) == (visitor.administrations()[1], "on")
    typed = visitor.values("login")
    if at != EXPORT:
        assert typed["relation_code"] == ACCOUNT["relation_code"]
        assert typed["email"] == ACCOUNT["email"]
    assert typed["password"] == ""


def times_asked(fault: str, at: str) -> int:
    """Nobody asks again after a failure, but once with a new token."""
    if fault in CONNECTIONS:
        return 0
    return 2 if fault in ("code 5", "code 6") and at != LOGIN else 1


def timed(act: Callable[[], object]) -> float:
    """The seconds it takes."""
    started = time.monotonic()
    act()
    return time.monotonic() - started


def threads_alive() -> set[threading.Thread]:
    return set(threading.enumerate())


def becomes(holds: Callable[[], bool]) -> None:
    """Waits for a condition."""
    until = time.monotonic() + LONGEST_WAIT
    while not holds():
        assert time.monotonic() < until, threading.enumerate()
        time.sleep(0.005)
