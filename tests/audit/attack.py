"""wapiti against the running server, with the session of a connected account."""

import json

from served import Product
from tools import Result, output, python_tool

MODULES = (
    *("cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "methods", "permanentxss"),
    *("redirect", "shellshock", "sql", "timesql", "upload", "xss"),
)  # those that ask nobody but the server; not the ones for software that is not here
SECONDS = {"--max-scan-time": 20, "--max-attack-time": 8}  # for the crawl, and for each module
LEAST = 300  # answers with 200, or its session did not hold
# What an embedded page cannot do otherwise: it is for the host's frame. Observatory sees that nobody else may.
ANSWERED = ("X-Frame-Options is not set", 'CSP "frame-ancestors" value is not safe')


def wapiti(product: Product) -> Result:
    """Crawls and attacks everything but Disconnect, after which there would be little left to attack."""
    tool, report = python_tool("wapiti", "scanners.txt"), product.folder / "report.json"
    session = product.connected().session
    command = [
        *(tool, "--url", f"{product.address}/", "--scope", "folder", "--header", f"X-Cash-Session: {session}"),
        *("--exclude", f"{product.address}/connection/disconnect", "--skip", "session", "--skip", "csrf_token"),
        *("--module", ",".join(MODULES), "--tasks", "8", "--dns-endpoint", "127.0.0.1", "--verbose", "0"),
        *("--store-session", product.folder / "session", "--store-config", product.folder / "config"),
        *(part for option, seconds in SECONDS.items() for part in (option, str(seconds))),
        *("--no-bugreport", "--format", "json", "--output", report),
    ]
    with product.served():
        output(*command)
    found = json.loads(report.read_text())
    findings = [
        f"{kind}: {each['method']} {each['path']}: {each['info']}"
        for part in ("vulnerabilities", "anomalies")
        for kind, all_of_kind in found[part].items()
        for each in all_of_kind
        if not each["info"].startswith(ANSWERED)
    ]
    statuses, pages = product.statuses(), found["infos"]["crawled_pages_nbr"]
    findings += [f"{times} answers with {status}" for status, times in statuses.items() if status in ("500", "502")]
    if statuses["200"] < LEAST:
        findings.append(f"it did not see the pages of its session: {dict(statuses)}")
    told = ", ".join(f"{times} × {status}" for status, times in statuses.most_common())
    return Result(f"{len(MODULES)} modules, {pages} forms and addresses; answers: {told}", findings)
