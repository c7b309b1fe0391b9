"""axe in every state of the page, light and dark, narrow and wide, in two languages."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest
from browser.conftest import OpenWindow
from browser.sites import Site
from browser.window import Window
from flask import Flask
from playwright.sync_api import Error, Route, expect
from support.ledger import Ledger
from support.runs import FOUND, LOOKED, Worker
from support.visitor import Visitor

from webapp.cash.store.orders import State
from webapp.db import connect
from webapp.demo.cash import CashSandbox

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AROUND = 32  # what the host keeps free beside the frame
# All of WCAG 2.2 A and AA, and what axe calls best practice. The size of targets it leaves out unless told;
# what it cannot decide counts as wrong.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "runOnly": {"type": "tag", "values": TAGS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations", "incomplete"],
    "preload": False,
}
LOOKS = [(width, colours) for width in (320, 1000) for colours in ("light", "dark")]
BY_DAY = [LOOKS[0], LOOKS[3]]  # each width and each colour once
RUN = """async (options) => {
  // What stands over the page: what it covers is seen without it.
  const sheet = document.querySelector("#manual > *, .disconnect[open] > :not(summary)");
  const { violations, incomplete } = await axe.run(sheet || document, options);
  const told = ({ any, all, none }) => [...any, ...all, ...none].map((each) => each.message).join("; ");
  const where = (node) => `${node.target.join(" ")}: ${told(node)}`;
  const found = [...violations, ...(sheet ? [] : incomplete)];
  return found.flatMap(({ id, nodes }) => nodes.map((node) => `${id} at ${where(node)}`));
}"""
# What waits stood at the edge of what was seen before.
IN_PLACE = """() => {
  const { adoptedStyleSheets: [sheet] } = document;
  const down = sheet?.cssRules[0].style.getPropertyValue("--down") || "0px";
  return down === "0px" && !document.querySelector("#finish.held");
}"""
UNROLL = "for (const each of document.querySelectorAll('.events, .came')) each.style.maxHeight = 'none'"
PALE = """() => {
  const text = Object.assign(document.createElement("p"), { id: "pale", textContent: "Grey" });
  text.style.color = "#666";
  document.querySelector(".body").append(text);
}"""


def violations(window: Window, looks: Iterable[tuple[int, str]] = LOOKS) -> Iterator[str]:
    """What axe says of the page as it is now, in these widths and colours."""
    frame = window.frame()
    if not frame.evaluate("'axe' in window"):
        frame.evaluate(AXE.read_text())  # a debugger may do what the page itself may not
    with standing_still(window):
        for width, colours in looks:
            # So high that nothing is held over something else, nor scrolled away: of what is covered axe cannot tell.
            window.tab.set_viewport_size({"width": width + AROUND, "height": 4000})
            frame.evaluate(UNROLL)
            expect(window.tab.locator("iframe")).to_have_css("width", f"{width}px")
            frame.wait_for_function(IN_PLACE)
            window.tab.emulate_media(color_scheme=colours, reduced_motion="reduce")
            yield from (f"{colours}, {width} px: {each}" for each in frame.evaluate(RUN, RULES))


@contextmanager
def standing_still(window: Window) -> Iterator[None]:
    """No part of the page looks again by itself: one that is swapped while axe looks at it has no place any more."""
    held: list[Route] = []
    window.tab.route("**/sync", lambda route: held.append(route))
    try:
        yield
    finally:
        for each in held:
            with suppress(Error):  # the page has given it up meanwhile
                each.continue_()
        window.tab.unroute("**/sync")


class Story:
    """An administrator who comes through every state; each is named when it is there."""

    def __init__(self, window: Window, app: Flask, cash: CashSandbox, ours: Site, host: Site) -> None:
        self.window, self.app, self.cash, self.ours, self.host = window, app, cash, ours, host
        self.lang = "en"

    def walk(self, lang: str) -> Iterator[str]:
        """From nothing stored to the end."""
        self.lang = lang
        with connect(self.app.config["DATABASE"]) as db:
            for table in ("rate_events", "logins", "settings", "timeline", "runs", "accounts", "orders", "openings"):
                db.table(table).delete_where()
        for chapter in (
            *(self.logging_in, self.saving, self.conflicting, self.reading_the_log, self.synchronising),
            *(self.ordering, self.testing, self.failing, self.refused, self.ending),
        ):
            yield from chapter()

    def open(self, account: str = "1001") -> Window:
        return self.window.open(lang=self.lang, account=account)

    def logging_in(self) -> Iterator[str]:
        window = self.open()
        yield "not connected"
        window.log_in(relation_code="x", email="", password="")
        yield "wrong fields"
        window.log_in(password="verkeerd")
        yield "wrong login"
        window.log_in(email="geen@example.nl")
        yield "no administration"
        self.cash.go_down()
        window.log_in()
        yield "Cash down"
        self.cash.recover()
        window.log_in()
        yield "logged in, not saved"

    def saving(self) -> Iterator[str]:
        window = self.window
        window.save()
        yield "nothing chosen"
        window.switch("import_relations", "export_sales_orders")
        window.choose_administration("1571/a024")
        yield "read-only administration, unsaved choices"
        window.choose_administration("1571/x001")
        window.switch("export_sales_orders")
        window.save()
        expect(window["question"]).to_be_visible()
        yield "question asked"
        window.save()
        window.is_connected()
        yield "saved"

    def conflicting(self) -> Iterator[str]:
        window = self.open()
        yield "connected"
        Visitor(self.app).open(account="1001").save(export_hour_rounding="30")
        window["export_hour_rounding"].select_option("5")
        window.save()
        expect(window["question"]).to_be_visible()
        yield "conflict"
        window.click(".manual-link")
        expect(window["manual-title"]).to_be_visible()
        yield "manual opened"

    def reading_the_log(self) -> Iterator[str]:
        window = self.open()
        for words, line in (("a save", ".events li:not(.error)"), ("an error", ".events li.error")):
            window.text(f"{line} .event").first.click()
            expect(window.text('.event[aria-expanded="true"]')).to_be_visible()
            window.settled()
            yield f"log opened at {words}"
        window.press("errors-only", "/log")
        yield "errors only"
        window.press("show-diagnostics", "/diagnostics")
        yield "details for support"

    def synchronising(self) -> Iterator[str]:
        worker = Worker(self.app)
        worker.connect()
        window = self.open()
        window.press("sync-preview", "/sync/preview")
        yield "a run waits"
        worker.end(result=LOOKED)
        expect(window["sync-start"]).to_be_visible()
        window.press("sync-start", "/sync")
        worker.end(result=FOUND)
        expect(window["sync-start"]).to_be_visible()
        window.press("sync-details", "/sync")
        window.text("#sync summary").click()
        yield "what came of it"

    def ordering(self) -> Iterator[str]:
        ledger = Ledger(self.app)
        ledger.open(count=30)
        window = self.open()
        window.press("orders-open", "/orders")
        for summary in window.text("#orders summary").all():
            summary.click()
        yield "before the first export"
        ledger.open("open")
        for n, state in enumerate(State):
            ledger.put(str(n), state, reason="half", detail={"problems": [{"word": "no_debtor"}]})
        window.press("orders-refresh", "/orders")
        window.text('[formaction*="/there"]').click()
        expect(window["orders-said"]).to_be_visible()
        yield "the list of orders"

    def testing(self) -> Iterator[str]:
        window = self.open()
        window.press("test-connection", "/connection/test")
        yield "connection tested"
        self.cash.reject()
        window.press("test-connection", "/connection/test")
        yield "connection test failed"
        self.cash.recover()
        self.open()
        expect(window["refused"]).to_be_visible()
        yield "stored login refused"
        window.text(".another summary").click()
        window.log_in(relation_code="54852", password="welkom")
        yield "another environment"
        window.text(".disconnect summary").click()
        yield "disconnect opened"
        window.press("disconnect", "/connection/disconnect")
        yield "disconnected"

    def failing(self) -> Iterator[str]:
        window, elsewhere = self.open(account="1002"), Visitor(self.app).open(account="1002")
        for attempt in range(5):
            elsewhere.log_in(email="wie@example.nl", password=f"verkeerd {attempt}")
        window.log_in(email="wie@example.nl")
        expect(window.text("[data-wait]")).to_be_visible()
        yield "too many logins"
        with self.ours.gone():
            window.type_login()
            window.click("submit-login")
            expect(window.text("#alert .notice")).to_be_visible()
            yield "no answer"

    def refused(self) -> Iterator[str]:
        frame, visitor = self.window.frame(), Visitor(self.app)
        here = {"lang": self.lang, "parent": self.host.address}
        spent = visitor.launch_token(**here)
        visitor.post("/launch", {"token": spent}, plain=True)
        for status, path in (
            (401, f"/?lang={self.lang}"),
            (403, f"/launch?token={visitor.launch_token(role='user', **here)}"),
            (409, f"/launch?token={spent}"),
            (200, f"/manual?lang={self.lang}"),
        ):
            response = frame.goto(f"{self.ours.address}{path}")
            assert response
            assert response.status == status
            yield f"{status} on {path.partition('?')[0]}"

    def ending(self) -> Iterator[str]:
        for words, seconds, shown in (("ends in a minute", 60, "#extend"), ("has ended", 1, "#alert .error")):
            with patch("webapp.web.tokens.SESSION_SECONDS", seconds):
                window = self.open()
                expect(window.text(shown)).to_be_visible()
                yield f"the session {words}"


pytestmark = pytest.mark.usefixtures("silent_host")


@pytest.fixture
def story(open_window: OpenWindow, app: Flask, cash: CashSandbox, our_site: Site, host_site: Site) -> Story:
    return Story(open_window(), app, cash, our_site, host_site)


def test_axe_finds_nothing_in_any_state(story: Story, nightly: bool) -> None:
    """In Dutch, which has the longest words; at night in English too, and in all four looks."""
    assert AXE.exists(), "axe is missing: `make test` fetches it"
    languages, looks = (("nl", "en"), LOOKS) if nightly else (("nl",), BY_DAY)
    found = []
    for lang in languages:
        for state in story.walk(lang):
            found += [f"{lang}, {state}, {each}" for each in violations(story.window, looks)]
            looks = looks[::-1]  # the next state is first looked at as this one is left: changing it takes long
    assert not found, "\n".join(found)


def test_axe_sees_the_colours_that_are_shown(window: Window) -> None:
    window.frame().evaluate(PALE)
    found = list(violations(window))
    assert [each.partition(":")[0] for each in found] == ["dark, 320 px", "dark, 1000 px"]
    assert all("color-contrast at #pale" in each for each in found)
