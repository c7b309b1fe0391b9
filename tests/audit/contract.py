"""schemathesis against the running API of the host: does it do what its OpenAPI document says, whatever is sent?"""

import re
import secrets

from served import Product
from support.host import PREFIX, Host
from tools import HERE, Result, output, python_tool

from webapp import create_app

EXAMPLES = 40  # made up for each operation, beside those that follow from the document


def schemathesis(product: Product) -> Result:
    """Valid and wrong requests for each operation, alone and one after the other."""
    token = product.settings["API_TOKENS"] = secrets.token_urlsafe(16)
    product.connected()
    Host(create_app(product.settings), token).put("1001")
    command = [
        *(python_tool("schemathesis", "contract.txt"), "--config-file", HERE / "contract.toml"),
        *("run", f"{product.address}{PREFIX}/openapi.json", "--header", f"Authorization: Bearer {token}"),
        *("--tls-verify", str(product.authority), "--max-examples", str(EXAMPLES), "--seed", "1"),
        "--continue-on-failure",
    ]
    with product.served():
        told = output(*command, cwd=product.folder)  # where it writes down what it did
    findings = [told] if re.search(r"^- ST", told, re.MULTILINE) else []
    cases = re.search(r"(\d+) generated", told)
    if not cases or not re.search(r"\b[78]/[78]\b", told):
        findings.append(f"it did not try every operation:\n{told}")
    return Result(f"{cases[1] if cases else 0} requests", findings)
