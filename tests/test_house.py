"""Who may import whom, and who owns what: the rules of the house, kept by reading the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

WEBAPP = Path(__file__).parents[1] / "webapp"
MODULES = {path.relative_to(WEBAPP).with_suffix("").as_posix(): path for path in WEBAPP.rglob("*.py")}

# A matter and the only modules that may touch it.
OWNERS = {
    "requests": {"cash/soap/wire"},
    "sqlite3": {"db", "cli", "errors", "health", "launches"},
    "sqlite_utils": {"db", "migrations", "launches", "throttle", "cash/connections", "cash/settings", "cash/timeline"},
    "cryptography": {"vault", "config", "demo/run"},
    "itsdangerous": {"tokens"},
    "prometheus_client": {"observe"},
    "pythonjsonlogger": {"logs"},
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


@pytest.mark.parametrize("module", sorted(MODULES))
def test_each_matter_has_one_owner(module: str) -> None:
    for name in imports(module):
        assert module in OWNERS.get(name, {module}), f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_nobody_looks_up_the_house(module: str) -> None:
    ours = {name for name in imports(module) if (WEBAPP / name).exists() or (WEBAPP / f"{name}.py").exists()}
    shared = "/" not in module
    if shared and module not in ("__init__", "cli"):
        assert not [name for name in ours if name.startswith(("cash", "demo"))], "shared modules know no integration"
    if not module.startswith("demo/"):
        assert not [name for name in ours if name.startswith("demo")], "nothing but the demo knows the demo"


def test_the_gateway_knows_neither_flask_nor_storage() -> None:
    seen: set[str] = set()
    todo = {"cash/gateway"}
    while todo:
        module = todo.pop()
        seen.add(module)
        assert not {"flask", "sqlite3", "sqlite_utils", "flask_babel"} & set(imports(module)), module
        names = {name if name in MODULES else f"{name}/__init__" for name in imports(module)}
        todo |= (names & set(MODULES)) - seen
    assert seen <= {module for module in MODULES if module.startswith("cash/")}


def test_only_pages_asks_who_is_asking() -> None:
    readers = [name for name, path in MODULES.items() if 'headers.get("HX-' in path.read_text()]
    assert readers == ["pages"]


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
