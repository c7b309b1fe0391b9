"""What a browser with an empty cache fetches to show the page."""

import gzip
from pathlib import Path

from browser import Browser, connect
from selectolax.lexbor import LexborHTMLParser
from server import Server
from support.app import HTMX_FILE
from table import Row

from webapp.demo.cash import CashSandbox

MOST_REQUESTS, MOST_KB = 4, 30


def rows(folder: Path) -> list[Row]:
    """A new account sees the login only; a connected one sees everything."""
    with CashSandbox() as cash, Server(database=folder / "view.db", cash=cash.wsdl) as page:
        connect(page)
        return [
            view("first view, new account", Browser(page, "1002", htmx=False)),
            view("first view, connected, 20 lines of log", Browser(page, "1001", htmx=False)),
        ]


def view(name: str, browser: Browser) -> Row:
    """Bodies as they come over the wire; of the CDN's file the gzip that it is served as."""
    html = LexborHTMLParser(browser.text)
    addresses = [str(each.attributes["href"]) for each in html.css("link[rel~=stylesheet]")]
    addresses += [str(each.attributes["src"]) for each in html.css("script[src], img[src], iframe[src]")]
    sent, squeezed = len(browser.body), packed(browser.text)
    plain = not browser.headers.get("Content-Encoding")
    for address in addresses:
        if "://" in address:
            sent, squeezed = sent + packed(HTMX_FILE.read_bytes()), squeezed + packed(HTMX_FILE.read_bytes())
        else:
            browser.get(address)
            assert browser.status == 200, address
            sent, squeezed = sent + len(browser.body), squeezed + packed(browser.text)
    requests = 1 + len(addresses)
    return Row(
        name,
        f"{requests} requests, {sent / 1024:.1f} KB{' (we do not compress)' if plain else ''}",
        f"all of it as gzip: {squeezed / 1024:.1f} KB",
        f"{sent / squeezed:.1f}",
        f"≤ {MOST_REQUESTS}, ≤ {MOST_KB} KB",
        requests <= MOST_REQUESTS and sent <= MOST_KB * 1024,
    )


def packed(content: bytes) -> int:
    """Its size as gzip."""
    return len(gzip.compress(content, 6))
