"""Origins as a browser writes them: the one spelling in which they can be compared."""

import re
import socket
from ipaddress import IPv6Address

import idna

ADDRESS = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[^\s/?#@\\:\[\]]+)(?::([0-9]{0,5}))?/?", re.IGNORECASE)
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?")
IPV4 = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)\.?")
MATCHED_IN_POLICY = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]+)?")  # host-source of CSP level 3
DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(address: str) -> str:
    """`HTTPS://Bücher.example:443` as `https://xn--bcher-kva.example`; raises ValueError for what is no http origin."""
    match = ADDRESS.fullmatch(address)
    if match is None:
        raise ValueError(f"{address!r} is not an origin")
    scheme, host, port = match[1].lower(), _host(match[2]), int(match[3] or 0)
    if port > 65535:
        raise ValueError(f"{address!r} has no port that exists")
    return f"{scheme}://{host}" if port in (0, DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def _host(name: str) -> str:
    if name.startswith("["):
        return f"[{IPv6Address(name[1:-1]).compressed}]"
    host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode()
    if not HOST.fullmatch(host):
        raise ValueError(f"{name!r} is not the name of a host")
    return _ipv4(host) if IPV4.fullmatch(host) else host


def _ipv4(host: str) -> str:
    try:
        return socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))  # 127.1 and 0x7f.1 too, as browsers do
    except OSError:
        raise ValueError(f"{host!r} is no IPv4 address") from None


def misspelled(address: str) -> str:
    """Why no browser ever matches this as an origin in a policy, with the right spelling; empty when it does."""
    try:
        right = origin(address)
    except ValueError:
        return f"{address!r} is not an origin such as https://app.example"
    if not MATCHED_IN_POLICY.fullmatch(right):
        dotless = right.replace(".:", ":").removesuffix(".")
        if not MATCHED_IN_POLICY.fullmatch(dotless):
            return f"{address!r} has a host that no browser matches: only letters, digits, hyphens and dots"
        right = dotless
    return "" if address == right else f"{address!r} is written {right!r} by browsers"
