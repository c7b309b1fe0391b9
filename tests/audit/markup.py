"""html-validate on every page and fragment there is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pages import every_state
from served import Product
from tools import HERE, Result, node_modules, output


def check(product: Product) -> Result:
    """Fragments are judged by the same rules, but for what the page around them has."""
    pages, findings = 0, {}
    for kind in ("page", "fragment"):
        folder = product.folder / kind
        folder.mkdir()
        for name, html in every_state(product.app, product.cash, htmx=kind == "fragment").items():
            (folder / f"{name}.html").write_text(html)
            pages += 1
        for what, where in judge(folder, HERE / f"{kind}.json"):
            findings.setdefault(what, f"{what}, first on: {kind} {where}")
    return Result(f"{pages} pages and fragments", list(findings.values()))


def judge(folder: Path, rules: Path) -> Iterator[tuple[str, str]]:
    """What is wrong and where, the number of a line of the log left out."""
    report = folder / "report.json"  # what the tool prints into a pipe is cut off
    tool = node_modules() / ".bin/html-validate"
    output(tool, "--config", rules, "--formatter", f"json={report}", folder / "*.html")
    for page in json.loads(report.read_text()):
        for each in page["messages"]:
            place = re.sub(r"(event|tr:nth-child)\W\d+\)?", r"\1", each["selector"] or f"line {each['line']}")
            yield f"{each['ruleId']}: {each['message']} ({place})", Path(page["filePath"]).stem
