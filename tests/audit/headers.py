"""MDN's HTTP Observatory on the page as it is served over TLS."""

import json
import os

from served import Product
from tools import HERE, Result, node_modules, output

LEAST = 130


def observatory(product: Product) -> Result:
    """The connected page, the refusal that a stranger gets at `/`, and the manual."""
    node_modules()
    token = product.connected().launch_token()
    with product.served():
        paths = (f"/launch?token={token}", "", "/manual")
        # The tool asks without TLS first, where nobody answers, so the launch is still unused.
        addresses = [product.address.removeprefix("https://") + path for path in paths]
        trust = {**os.environ, "NODE_EXTRA_CA_CERTS": str(product.authority)}
        scores = json.loads(output("node", HERE / "observatory.mjs", *addresses, fails=(0,), env=trust))
    names = [f"{name} ({each['status']})" for name, each in zip(("page", "refusal", "manual"), scores, strict=True)]
    findings = [
        f"{name}: {each['score']} of at least {LEAST}: {', '.join(each['failed'])}"
        for name, each in zip(names, scores, strict=True)
        if each["score"] < LEAST or each["failed"]
    ]
    told = [f"{name} {each['score']} {each['grade']}" for name, each in zip(names, scores, strict=True)]
    return Result(", ".join(told), findings)
