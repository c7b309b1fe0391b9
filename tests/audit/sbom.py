"""The bill of materials of what runs in production, in CycloneDX: tests/audit/sbom.json."""

import base64
import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from served import Product
from tools import HERE, ROOT, Result

from webapp.web.headers import HTMX, HTMX_HASH

FILE = HERE / "sbom.json"
PRODUCT = "cash-settings"
MIT = "Permission is hereby granted, free of charge"  # how the text of that licence begins, where only it is told


def write(_product: Product) -> Result:
    """Everything that is installed with the product, at the versions that are pinned, and htmx from the CDN."""
    parts = sorted(_installed_with(PRODUCT, set()), key=lambda each: each.name.lower())
    components = [*map(_component, parts), _htmx()]
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid4()}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "component": {"type": "application", "name": PRODUCT, "version": distribution(PRODUCT).version},
        },
        "components": components,
    }
    FILE.write_text(json.dumps(bill, indent=2) + "\n")
    pins = dict(line.split("==") for line in (ROOT / "constraints.txt").read_text().lower().split())
    pins = {canonicalize_name(name): version for name, version in pins.items()}
    findings = [
        f"{each.name} {each.version} is not what constraints.txt pins"
        for each in parts
        if each.name != "pip" and pins.get(canonicalize_name(each.name)) != each.version  # pip comes with the venv
    ]
    findings += [f"{each['name']} tells no licence" for each in components if not each["licenses"]]
    return Result(f"{len(components)} components in {FILE.relative_to(ROOT)}", findings)


def _installed_with(name: str, seen: set[str]) -> Iterator[Distribution]:
    """What a distribution needs in this environment, and what that needs; extras only where they are asked for."""
    for line in distribution(name).requires or ():
        needed = Requirement(line)
        key = canonicalize_name(needed.name)
        if key in seen or (needed.marker and not needed.marker.evaluate({"extra": ""})):
            continue
        seen.add(key)
        yield distribution(needed.name)
        yield from _installed_with(needed.name, seen)


def _component(part: Distribution) -> dict[str, Any]:
    name = canonicalize_name(part.name)
    return {
        "type": "library",
        "name": name,
        "version": part.version,
        "purl": f"pkg:pypi/{name}@{part.version}",
        "licenses": _licences(part),
    }


def _licences(part: Distribution) -> list[dict[str, Any]]:
    told = part.metadata
    if expression := told.get("License-Expression"):
        return [{"expression": expression}]
    names = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    names = names or [line for line in (told.get("License") or "").splitlines()[:1] if line]
    files = [file for file in part.files or () if file.name in told.get_all("License-File", [])]
    if not names and any(MIT in file.read_text() for file in files):
        names = ["MIT"]
    return [{"license": {"name": name}} for name in names]


def _htmx() -> dict[str, Any]:
    found = re.search(r"/npm/(.+)@([\d.]+)/", HTMX)
    assert found
    algorithm, _, digest = HTMX_HASH.partition("-")
    return {
        "type": "library",
        "name": found[1],
        "version": found[2],
        "purl": f"pkg:npm/{found[1]}@{found[2]}",
        "licenses": [{"license": {"id": "0BSD"}}],
        "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}],
        "externalReferences": [{"type": "distribution", "url": HTMX}],
    }
