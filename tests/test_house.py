"""Who may import whom, and who owns what: the rules of the house, kept by reading the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WEBAPP = Path(__file__).parents[1] / "webapp"
MODULES = {path.relative_to(WEBAPP).with_suffix("").as_posix(): path for path in WEBAPP.rglob("*.py")}

# A matter and the only modules that may touch it.
OWNERS = {
    "requests": {"outbound/http"},
    "urllib3": {"outbound/http"},
    "sqlite3": {"db", "cli", "health", "web/errors", "web/launches"},
    "sqlite_utils": {"db", "migrations", "throttle", "web/launches"},
    "cryptography": {"vault", "config", "demo/run"},
    "itsdangerous": {"web/tokens"},
    "prometheus_client": {"observe"},
    "pythonjsonlogger": {"logs"},
}
# A room and what it may import of ours, beside itself. What is no room is a flat module.
ALLOWED = {
    "outbound": set(),
    "cash/client": {"outbound", "cash/model"},
    "cash/model": set(),
    "cash/store": {"db", "vault", "cash/model"},
    "cash/page": {"flat", "web", "cash/model", "cash/client", "cash/store"},
    "cash": {"flat", "web", "outbound", "cash/client", "cash/store", "cash/page"},
    "web": {"flat"},
    "flat": {"web", "outbound"},
    "demo": {"flat", "web"},
}


def imports(module: str) -> Iterator[str]:
    """What a module imports, ours as a path such as `cash/gateway`."""
    package = Path(module).parent
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]
        elif isinstance(node, ast.ImportFrom):
            base = package
            for _ in range(node.level - 1):
                base = base.parent
            if node.module:
                yield (base / node.module.replace(".", "/")).as_posix()
            else:
                yield from ((base / alias.name).as_posix() for alias in node.names)


def room(module: str) -> str:
    """`cash/client` for `cash/client/gateway`, `flat` for `db`; the app itself is the whole house."""
    path = module.removesuffix("/__init__")
    found = next((name for name in ALLOWED if path == name or path.startswith(f"{name}/")), "flat")
    return "house" if path in ("__init__", "cli") else found


@pytest.mark.parametrize("module", sorted(MODULES))
def test_each_matter_has_one_owner(module: str) -> None:
    for name in imports(module):
        owners = OWNERS.get(name, {module})
        stores = name == "sqlite_utils" and module.startswith("cash/store/")
        assert module in owners or stores, f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nobody_looks_up_the_house(module: str) -> None:
    ours = {name for name in imports(module) if (WEBAPP / name).exists() or (WEBAPP / f"{name}.py").exists()}
    if not module.startswith("demo/"):
        assert not [name for name in ours if name.startswith("demo")], "nothing but the demo knows the demo"
    if (here := room(module)) != "house":
        for name in ours:
            assert {name, room(name)} & {here, *ALLOWED[here]}, f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(each for each in MODULES if room(each) in ("cash/client", "outbound")))
def test_how_cash_is_asked_knows_neither_flask_nor_storage(module: str) -> None:
    assert not {"flask", "flask_babel", "sqlite3", "sqlite_utils"} & set(imports(module))


def test_only_pages_asks_who_is_asking() -> None:
    readers = [name for name, path in MODULES.items() if 'headers.get("HX-' in path.read_text()]
    assert readers == ["web/pages"]


def test_no_secret_and_no_machine_is_named_in_any_file() -> None:
    root = WEBAPP.parent
    for path in [
        *root.rglob("*.py"),
        *root.rglob("*.toml"),
        *root.rglob("*.txt"),
        *root.rglob("*.md"),
        root / "Makefile",
    ]:
        if ".venv" not in path.parts and "node_modules" not in path.parts and path != Path(__file__):
            text = path.read_text()
            assert "index-url" not in text, path
            assert "/" + "root/" not in text, path
