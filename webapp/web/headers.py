"""The security headers, on every response."""

from flask import Flask, Response, current_app, request, session

from .pages import is_current

HTMX = "https://cdn.jsdelivr.net/npm/htmx.org@2.0.11/dist/htmx.min.js"
HTMX_HASH = "sha384-2OatzQy1H+Zd/IIrjr1TcuDGqLXeHhbooAyJY1KdQMKnr4LZ22k31GBLdYKHmVjg"
NOBODY = "'none'"
YEARS_OF_TLS = "max-age=63072000"
FIXED_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def security_headers(frame_ancestors: str, *, secure: bool, subdomains: bool) -> dict[str, str]:
    """What each answer says: `frame_ancestors` in the words of the Content-Security-Policy, NOBODY for no frame at all.

    `secure`: it was asked for over TLS; `subdomains`: our subdomains have TLS too.
    """
    headers = {
        **FIXED_HEADERS,
        "Content-Security-Policy": f"default-src 'none'; script-src 'self' {HTMX}; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
        f"frame-ancestors {frame_ancestors}",
    }
    if frame_ancestors == NOBODY:
        headers["X-Frame-Options"] = "DENY"
    if secure:
        headers["Strict-Transport-Security"] = f"{YEARS_OF_TLS}; includeSubDomains" if subdomains else YEARS_OF_TLS
    return headers


def protect(response: Response) -> Response:
    """Adds them to the answer of a request, and how long it may be kept."""
    subdomains = current_app.config["HSTS_SUBDOMAINS"]
    # All or none: from one that is there the last resort takes the others to be there.
    headers = security_headers(_frame_ancestors(), secure=request.is_secure, subdomains=subdomains)
    response.headers.update({**headers, "Cache-Control": _cache_control(response)})
    return response


def _cache_control(response: Response) -> str:
    if request.endpoint != "static" or response.status_code not in (200, 304):
        return "no-store"
    # While two versions serve side by side, a page of the one asks the other for its files.
    return "public, max-age=31536000, immutable" if is_current(request) else "no-cache"


def _frame_ancestors() -> str:
    frames: tuple[str, ...] = current_app.config["FRAME_ANCESTORS"]
    if session.get("parent") in frames:
        return str(session["parent"])
    # A reloaded frame asks for "/" with nothing in hand. Without this the browser would show its own
    # error there; the page that tells the user to reopen has nothing on it to be tricked into clicking.
    if "sid" not in session and request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame"):
        return " ".join(frames)
    return NOBODY


def init_app(app: Flask) -> None:
    """Protects every response."""
    app.after_request(protect)
    app.jinja_env.globals.update(HTMX=HTMX, HTMX_HASH=HTMX_HASH)
