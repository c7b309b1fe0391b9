"""What stands around the page: the CDN and the host page, and the page itself; one server, three names.

A tool opens addresses in a tab of its own, so `/` is a launch, and the header by which the page refuses that is cut.
"""

import gzip
import os
from collections.abc import Callable

from served import HTMX_FILE
from werkzeug.wrappers import Request, Response

from webapp import create_app
from webapp.demo.cash import LOGINS
from webapp.demo.host import ACCOUNTS, create_host
from webapp.web.tokens import sign_launch

PAGE, HOST = os.environ["AUDIT_PAGE"], os.environ["AUDIT_HOST"]

page = create_app()
KEYS = page.config["LAUNCH_KEYS"]
host = create_host(PAGE, HOST, KEYS, LOGINS)


def launch() -> str:
    """A new launch of the connected account."""
    claims = {"account": "1001", "company": ACCOUNTS["1001"], "sub": "beheer", "lang": "nl", "parent": HOST}
    return sign_launch(KEYS, claims)


def cdn(_request: Request) -> Response:
    """htmx, compressed as far as gzip can; the CDN's brotli is smaller still."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Encoding": "gzip",
    }
    content = gzip.compress(HTMX_FILE.read_bytes(), 9)
    return Response(content, content_type="text/javascript; charset=utf-8", headers=headers)


def ours(request: Request) -> Response:
    """The page as if it were in a frame; a frame asks for no icon."""
    if request.path == "/favicon.ico":
        return Response(status=204)
    request.environ.pop("HTTP_SEC_FETCH_DEST", None)
    if request.path == "/" and request.method == "GET":
        request.environ.update(PATH_INFO="/launch", QUERY_STRING=f"token={launch()}")
    return Response.from_app(page, request.environ)


SITES: dict[str, Callable[[Request], Response]] = {
    "cdn.jsdelivr.net": cdn,
    HOST.partition("//")[2]: lambda request: Response.from_app(host, request.environ),
    PAGE.partition("//")[2]: ours,
}


@Request.application
def app(request: Request) -> Response:
    """The whole of it."""
    return SITES[request.host](request)
