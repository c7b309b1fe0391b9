"""The page in every state it has, as HTML: whole, as a browser without JavaScript gets it, and as htmx does."""

from flask import Flask
from support.visitor import Visitor
from werkzeug.test import TestResponse

from webapp.accounts import AccountStore
from webapp.cash.store.runs import RunStore
from webapp.config import LANGUAGES
from webapp.db import connect
from webapp.demo.cash import CashSandbox
from webapp.vault import Vault


class Recorder(Visitor):
    """Keeps every page it gets, by the state it was in."""

    def __init__(self, app: Flask, account: str, *, htmx: bool) -> None:
        super().__init__(app, htmx=htmx)
        self.pages: dict[str, str] = {}
        self._account, self._state = account, ""

    def at(self, state: str, **claims: str) -> Visitor:
        """Opens the page anew; what it gets from now on shows this state."""
        self._state, self.session = state, ""
        return self.open(**{"account": self._account, **claims})

    def _take(self, response: TestResponse) -> Visitor:
        if response.mimetype == "text/html":
            self.pages[f"{len(self.pages):02} {self._state} {response.status_code}"] = response.text
        return super()._take(response)


def every_state(app: Flask, cash: CashSandbox, *, htmx: bool) -> dict[str, str]:
    """Walks through them; the pages by name."""
    recorder = Recorder(app, "2002" if htmx else "2001", htmx=htmx)
    before_saving(recorder, cash)
    synchronised(recorder)
    after_saving(recorder, cash, Visitor(app))
    refused(recorder)
    return recorder.pages


def before_saving(page: Recorder, cash: CashSandbox) -> None:
    page.at("not connected")
    page.at("field errors").log_in(relation_code="x", email="", password="")
    page.at("wrong login").log_in(password="verkeerd")
    page.at("no administration").log_in(email="geen@example.nl")
    cash.go_down()
    page.at("Cash down").log_in()
    cash.recover()
    for attempt in range(6):
        page.at("too many logins", account="2009").log_in(email="wie@example.nl", password=f"verkeerd {attempt}")
    page.at("markup in names").log_in(email="opmaak@example.nl")
    page.at("nothing chosen").log_in()
    page.save()
    page.at("saved").log_in()
    page.save(administration="1571/x001", import_relations=True)


def after_saving(page: Recorder, cash: CashSandbox, other: Visitor) -> None:
    page.at("connected")
    page.at("warehouses").list_warehouses()
    page.at("read-only").save(administration="1571/a024", export_sales_orders=True)
    page.at("question").press_save(administration="1571/x002", export_sales_orders=True)
    page.at("conflict")
    other.open(account=page._account).save(export_hour_rounding="30")
    page.press_save(export_hour_rounding="5")
    for event in range(1, 12):
        if page.at("log opened").submit("log-form", action=f"/log/{event}").status == 200 and "restore" in page.text:
            break
    page.at("errors only").submit("log-form", {"show": "errors"})
    page.at("details for support").submit("log-form", action="/diagnostics")
    page.at("connection tested").submit("test-form")
    cash.go_down()
    page.at("connection test failed").submit("test-form")
    cash.recover()
    cash.reject()
    page.at("login refused").submit("test-form")
    cash.recover()
    page.at("login refused, later")
    page.at("another environment").log_in(relation_code="54852", password="welkom")
    page.at("disconnected").submit("disconnect-form")


def synchronised(page: Recorder) -> None:
    """What a run left out, and found no longer in Cash."""
    with connect(page.app.config["DATABASE"]) as db, db.conn:
        rows = [(page._account, "relations", f"{n}", f"Klant <{n}>", "no_street") for n in range(120)]
        db.conn.executemany("INSERT INTO skipped_rows VALUES (?, ?, ?, ?, ?)", rows)
        accounts = AccountStore(db, Vault(page.app.config["VAULT_KEYS"]))
        accounts.put(page._account, "a token of OutSmart")
        runs = RunStore(db)
        run, _ = runs.ask(page._account, "changed", "")
        runs.start(run.id, "w")
        runs.finish(run.id, "w", "done", {"kinds": {"relations": {"skipped": {"no_street": 120}}}})
    page.at("after a run").submit("sync-form", {"details": "1"})
    page.at("all rows").submit("sync-form", {"page": "2"}, action="/sync/rows")


def refused(page: Recorder) -> None:
    for lang in LANGUAGES:
        page.at(f"manual {lang}", lang=lang).get(f"/manual?lang={lang}")
        page.at(f"only administrators {lang}", lang=lang, role="user")
    spent = page.launch_token()
    page.at("link used before").post("/launch", {"token": spent}, plain=True)
    page.post("/launch", {"token": spent}, plain=True)
    page.at("link too old").post("/launch", {"token": page.launch_token(seconds_ago=600)}, plain=True)
    page.at("no such page").get("/nothing")
    page.at("no form token").post("/settings", {})
    page.session = "x"
    page.get("/")
