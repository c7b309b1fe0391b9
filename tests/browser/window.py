"""A browser window on the host page, with our page in its frame: what a user does there, and what they see."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Locator, Request, TimeoutError, WebError, expect
from support.app import LONGEST_WAIT
from support.workers import wait_until

WORKING = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"
OUTLINE = """(each) => {
  const { outlineStyle: style, outlineWidth: width } = getComputedStyle(each);
  return each.matches(":focus-visible") ? { style, width } : { style: "not visible", width: "0px" };
}"""
HEIGHT = "(page) => Math.ceil(page.getBoundingClientRect().height)"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
LISTEN = """
if (window === window.top) {
  window.messages = [];
  window.addEventListener("message", (event) => window.messages.push({ ...event.data, origin: event.origin }));
}
"""


def fits(frame: Locator, page: Locator) -> bool:
    """Whether the frame is as high as our page is now: it grows without its styles, and with each notice."""
    return bool(frame.evaluate("(frame) => frame.clientHeight") == page.evaluate(HEIGHT))


class Window:
    """One user at the host page `host`, in whose frame our page `ours` is."""

    def __init__(self, context: BrowserContext, host: str, ours: str, *, javascript: bool = True) -> None:
        self._context, self._host, self._ours, self._javascript = context, host, ours, javascript
        self.broken: list[str] = []
        self.console: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", self._fail)
        context.set_default_timeout(LONGEST_WAIT * 1000)
        if javascript:
            context.add_init_script(LISTEN)
        self.tab = context.new_page()
        self.keyboard = self.tab.keyboard
        self.inside = self.tab.frame_locator('iframe[name="cash"]')

    def _hear(self, message: ConsoleMessage) -> None:
        self.console.append(message.text)

    def _fail(self, error: WebError) -> None:
        self.broken.append(f"uncaught: {error.error}")

    def look(self, width: int, dark: bool) -> Window:
        """As wide as this, in light or dark."""
        self.tab.set_viewport_size({"width": width, "height": 800})
        self.tab.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="null")
        return self

    # --- what a user does ---
    def open(self, lang: str = "en", account: str = "1001") -> Window:
        """Opens the settings area of the host; each time with a new launch."""
        self.tab.goto(f"{self._host}/?{urlencode({'lang': lang, 'account': account})}")
        if not self._javascript:
            self.tab.get_by_role("button", name="Show the Cash settings").click()
        expect(self["page"]).to_be_visible()
        if self._javascript:
            self.frame().wait_for_load_state("load")
        return self

    def type_login(self, relation_code: str = "25583", email: str = "api@example.nl", password: str = "geheim") -> None:
        self["relation_code"].fill(relation_code)
        self["email"].fill(email)
        self["password"].fill(password)

    def log_in(self, **login: str) -> None:
        """Types a login and presses Submit; returns when the answer is there."""
        self.type_login(**login)
        self.press("submit-login", "/login")

    def switch(self, *names: str) -> None:
        """Presses these switches."""
        for name in names:
            self.click(name)

    def choose_administration(self, id: str) -> None:
        """Chooses; with htmx that lists the warehouses."""
        if self.has_htmx():
            with self.answer_to("/administration"):
                self["administration"].select_option(id)
            self.settled()
        else:
            self["administration"].select_option(id)

    def save(self, *, told: bool = False) -> None:
        """Presses Save; once more where the page first tells what that sets in motion."""
        self.press("save", "/settings")
        if told:
            expect(self["question"]).to_be_visible()
            self.press("save", "/settings")

    def press(self, id: str, path: str) -> None:
        """Presses a button and waits until the answer from `path` is on the page."""
        sent: list[Request] = []
        hear = lambda request: sent.append(request)  # noqa: E731
        self.tab.on("request", hear)
        with self.answer_to(path):
            try:
                with self.tab.expect_event("request", self._to(path), timeout=3_000):
                    self.click(id)
            except TimeoutError:  # the frame moved under the pointer, and the click went nowhere; or all takes long
                if not any(map(self._to(path), sent)):
                    self.click(id)
        self.tab.remove_listener("request", hear)
        self.settled()

    def click(self, id: str, times: int = 1) -> None:
        """Presses once the frame has its height: until then what to press still moves."""
        if self._javascript:
            self.fits()
        self[id].click(click_count=times)

    def fits(self) -> None:
        """Returns when the frame has the height of the page, and shows it."""
        frame, page = self.tab.locator("iframe"), self["page"]
        if not fits(frame, page):
            wait_until(lambda: fits(frame, page))
            self.tab.evaluate(PAINTED)

    def answer_to(self, path: str) -> Any:
        """Waits at the end of its block until the answer from `path` is there."""
        return self.tab.expect_event("requestfinished", self._to(path))

    def _to(self, path: str) -> Callable[[Request], bool]:
        return lambda request: request.url == f"{self._ours}{path}"

    def settled(self) -> None:
        """Returns when nothing is on its way into the page any more."""
        expect(self["page"]).to_be_visible()
        expect(self.inside.locator(WORKING)).to_have_count(0)

    def tab_to(self, *ids: str, back: bool = False) -> None:
        """Presses Tab once for each of these controls, which follow each other, and sees where the focus is."""
        for id in ids:
            self.keyboard.press("Shift+Tab" if back else "Tab")
            self.has_visible_focus(id)

    def has_visible_focus(self, id: str) -> None:
        expect(self[id]).to_be_focused()
        style = self[id].evaluate(OUTLINE)
        assert style["style"] == "solid", (id, style)
        assert float(style["width"].removesuffix("px")) >= 2, (id, style)

    # --- what they see ---
    def __getitem__(self, id: str) -> Locator:
        """The element with this id in our page; `.name` for the one of that class."""
        return self.inside.locator(id if id.startswith(".") else f"#{id}")

    def text(self, selector: str) -> Locator:
        return self.inside.locator(selector)

    def is_connected(self, connected: bool = True) -> None:
        expect(self.text(".pill.on")).to_have_count(int(connected))

    def is_saved(self) -> None:
        expect(self["status"]).to_have_text(re.compile("^Saved"))

    def has(self, **choices: str | bool) -> None:
        """The form holds these choices."""
        for name, value in choices.items():
            if isinstance(value, bool):
                expect(self[name]).to_be_checked(checked=value)
            else:
                expect(self[name]).to_have_value(value)

    def log_lines(self, words: str) -> Locator:
        """The lines of the log that start with these words."""
        return self.text("#log li :is(p, .event)").filter(has_text=re.compile(f"^{re.escape(words)}"))

    def frame(self) -> Frame:
        """The frame itself, for what only a script can find out."""
        frame = self.tab.frame(name="cash")
        assert frame
        return frame

    def has_htmx(self) -> bool:
        return bool(self._javascript and self.frame().evaluate("'htmx' in window"))

    # --- what the host hears ---
    def messages(self, type: str) -> list[dict[str, Any]]:
        """What our page told the host so far."""
        heard: list[dict[str, Any]] = self.tab.evaluate("window.messages")
        assert all(each["origin"] == self._ours and each["v"] == 1 for each in heard)
        return [each for each in heard if each["type"] == f"cash:{type}"]

    def hears(self, condition: str) -> None:
        """Returns when a condition on `last(type)`, the last message of a type, is true."""
        last = "const last = (type) => messages.findLast((each) => each.type === `cash:${type}`);"
        self.tab.wait_for_function(f"() => {{ {last} return {condition}; }}")

    # --- what must never happen ---
    def leave(self) -> list[str]:
        """Leaves the page, so that another user can take the window; returns what went wrong in it."""
        self.tab.goto("about:blank")
        refused = [text for text in self.console if "content security policy" in text.lower() or "on hx-" in text]
        kept = [f"cookie {each.get('name')}" for each in self._context.cookies(self._ours)]
        wrong = [*self.broken, *refused, *kept]
        self.broken.clear()
        self.console.clear()
        return wrong
