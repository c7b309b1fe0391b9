"""bandit and semgrep over the source."""

import json
from typing import Any

from served import Product
from tools import HERE, ROOT, Result, output, python_tool

SOURCE = ("webapp", "templates", "static")
# The demo's worker is a process whose words are ours, and a setting without a default is empty.
ANSWERED = {("webapp/demo/run.py", "B404"), ("webapp/demo/run.py", "B603"), ("webapp/config.py", "B105")}
QUIET = ("--metrics", "off", "--disable-version-check", "--disable-nosem", "--no-git-ignore", "--quiet")


def bandit(_product: Product) -> Result:
    """Every severity, and no comment silences it; of SQL our own rule for semgrep knows more."""
    tool = python_tool("bandit", "scanners.txt")
    report = json.loads(
        output(tool, "--recursive", "webapp", "--ignore-nosec", "--skip", "B608", "--format", "json", "--quiet")
    )
    findings = [
        f"{each['filename']}:{each['line_number']}: {each['test_id']} {each['issue_text']}"
        for each in report["results"]
        if (each["filename"], each["test_id"]) not in ANSWERED
    ]
    return Result(f"{report['metrics']['_totals']['loc']} lines of Python", findings)


def semgrep(_product: Product) -> Result:
    """Our own rules; one that misses its example is a finding too."""
    found = _scan(*SOURCE)
    examples = _scan(*(str(each.relative_to(ROOT)) for each in sorted((HERE / "wrong").iterdir())))
    seen = {each["check_id"].rpartition(".")[2] for each in examples["results"]}
    rules = [line.split()[-1] for line in (HERE / "semgrep.yml").read_text().splitlines() if line.startswith("  - id:")]
    findings = [
        f"{each['path']}:{each['start']['line']}: {each['check_id'].rpartition('.')[2]}: {each['extra']['message']}"
        for each in found["results"]
    ]
    findings += [f"semgrep.yml: {rule} does not find its example" for rule in rules if rule not in seen]
    findings += [f"semgrep.yml: {each['message']}" for each in (*found["errors"], *examples["errors"])]
    return Result(f"{len(rules)} rules, {len(found['paths']['scanned'])} files", findings)


def _scan(*places: str) -> dict[str, Any]:
    tool = python_tool("semgrep", "semgrep.txt")
    report = output(tool, "scan", "--config", HERE / "semgrep.yml", *QUIET, "--json", *places, fails=(0, 1, 2, 3))
    scanned: dict[str, Any] = json.loads(report)
    return scanned
