"""`make audit`: scanners over the source, the pages and a running server, and the bill of materials.

Names of checks may be given.
"""

import logging
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import attack
import contract
import headers
import markup
import sbom
import source
import view
from served import Product

from webapp.demo.cash import CashSandbox

CHECKS = {
    "sbom": sbom.write,
    "bandit": source.bandit,
    "semgrep": source.semgrep,
    "html-validate": markup.check,
    "observatory": headers.observatory,
    "lighthouse": view.lighthouse,
    "wapiti": attack.wapiti,
    "schemathesis": contract.schemathesis,
}


def main(names: list[str]) -> int:
    """Runs the checks one after the other; 1 when one of them found something."""
    logging.disable(logging.CRITICAL)  # the refused logins of the walk
    rows, findings = [], []
    for name in names or CHECKS:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder, CashSandbox() as cash:
            result = CHECKS[name](Product(Path(folder), cash))
        rows.append(f"{name:14} {len(result.findings):3} found  {time.monotonic() - started:4.0f} s  {result.summary}")
        findings += [f"{name}: {each}" for each in result.findings]
        print(rows[-1], flush=True)
    print(*findings, sep="\n")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
