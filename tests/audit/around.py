"""What stands around the page: the CDN and the host page, and the page itself; one server, three names.

A tool opens addresses in a tab of its own, so `/` is a launch, and the header by which the page refuses that is cut.
"""

from collections.abc import Callable

import brotli
from support.app import CLAIMS, HTMX_FILE, launch_token
from werkzeug.wrappers import Request, Response

from webapp import create_app
from webapp.demo.host import create_host


def cdn(_request: Request) -> Response:
    """htmx as a browser gets it."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Encoding": "br",
    }
    content = brotli.compress(HTMX_FILE.read_bytes(), quality=6)
    return Response(content, content_type="text/javascript; charset=utf-8", headers=headers)


def everything(page: str, host: str) -> Callable[..., object]:
    """The whole of it; `page` and `host` are origins."""
    product = create_app()
    keys = product.config["LAUNCH_KEYS"]
    host_page = create_host(page, host, keys)

    def ours(request: Request) -> Response:
        """The page as if it were in a frame; a frame asks for no icon."""
        if request.path == "/favicon.ico":
            return Response(status=204)
        request.environ.pop("HTTP_SEC_FETCH_DEST", None)
        if request.path == "/" and request.method == "GET":
            token = launch_token(keys, parent=host, account=request.args.get("account", CLAIMS["account"]))
            request.environ.update(PATH_INFO="/launch", QUERY_STRING=f"token={token}")
        return Response.from_app(product, request.environ)

    sites: dict[str, Callable[[Request], Response]] = {
        "cdn.jsdelivr.net": cdn,
        host.partition("//")[2]: lambda request: Response.from_app(host_page, request.environ),
        page.partition("//")[2]: ours,
    }
    return Request.application(lambda request: sites[request.host](request))
