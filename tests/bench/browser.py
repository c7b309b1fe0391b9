"""An administrator's browser on a kept connection; every request says how long it took, in seconds."""

import gzip
import http.client
from collections.abc import Callable
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser
from server import Server
from stopwatch import by_clock, timed
from support.app import launch_token
from support.visitor import GOOD_LOGIN, held_by


class Browser:
    """One page of one account. What it got last: `status`, `headers`, `body`."""

    def __init__(
        self,
        server: Server,
        account: str = "1001",
        *,
        address: str = "192.0.2.1",
        htmx: bool = True,
        alone: bool = True,
    ) -> None:
        """`alone`: no one else asks the server meanwhile, so that the time can be told from that of other work."""
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._servers, self._timed = [server.worker()], timed if alone else by_clock
        self._sent = {"X-Forwarded-For": address, "Accept-Encoding": "gzip, deflate"}
        self._htmx = {"HX-Request": "true"} if htmx else {}
        self.session, self._on = "", False
        token = launch_token(server.config["LAUNCH_KEYS"], account=account)
        self._request("POST", "/launch", {"token": token}, {})
        if self.status != 200:
            raise RuntimeError(f"launch answered {self.status}")

    def get(self, path: str) -> float:
        """Gets a page or a file."""
        return self._request("GET", path, None, self._htmx)

    def submit(self, form: str, changes: dict[str, str]) -> float:
        """Fills in what changes (an empty text switches a switch off) and sends the form as htmx does."""
        seconds = self.filled_in(form, changes)()
        if self.status != 200:
            raise RuntimeError(f"{form} answered {self.status}: {self.text[:2000].decode()}")
        return seconds

    def filled_in(self, form: str, changes: dict[str, str]) -> Callable[[], float]:
        """The same, still to be sent by calling what this returns; any answer is fine."""
        element = LexborHTMLParser(self.text).css_first(f"form#{form}")
        assert element, f"no form {form!r} in the answer"
        fields = {**held_by(element), **changes}
        fields = {name: value for name, value in fields.items() if value}
        return lambda: self._request("POST", str(element.attributes["action"]), fields, self._htmx)

    def log_in(self, **login: str) -> float:
        """Submit."""
        return self.submit("login", {**GOOD_LOGIN, **login})

    def save(self, **changes: str) -> float:
        """Save, and once more where the page asks first."""
        seconds = self.submit("settings", changes)
        return self.submit("settings", {}) if b'id="question"' in self.text else seconds

    def toggle(self) -> float:
        """Save, with one switch the other way than the last time."""
        self._on = not self._on
        return self.save(import_materials="on" if self._on else "")

    @property
    def text(self) -> bytes:
        """The last body, unpacked."""
        return gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body

    def _request(self, method: str, path: str, fields: dict[str, str] | None, more: dict[str, str]) -> float:
        headers = {**self._sent, **more}
        if self.session:
            headers["X-Cash-Session"] = self.session
        content = urlencode(fields) if fields is not None else None
        if content is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        seconds = self._timed(lambda: self._exchange(method, path, content, headers), *self._servers)
        self.session = self.headers.get("X-Cash-Session", self.session)
        return seconds

    def _exchange(self, method: str, path: str, content: str | None, headers: dict[str, str]) -> None:
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        self.body = answer.read()
        self.status, self.headers = answer.status, answer.headers


def connect(server: Server, account: str = "1001", *, saves: int = 10, alone: bool = True) -> Browser:
    """A page of an account that logged in and saved so often."""
    browser = Browser(server, account, alone=alone)
    browser.log_in()
    browser.save(administration="1571/x001", import_relations="on", export_sales_orders="on")
    for _ in range(saves - 1):
        browser.toggle()
    return browser
