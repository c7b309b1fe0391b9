"""Who may import whom, and who owns what: the rules of the house, kept by reading the source."""

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

WEBAPP = Path(__file__).parents[1] / "webapp"
MODULES = {path.relative_to(WEBAPP).with_suffix("").as_posix(): path for path in WEBAPP.rglob("*.py")}

# A matter and the only modules that may touch it.
OWNERS = {
    "requests": {"outbound/http"},
    "urllib3": {"outbound/http"},
    "sqlite3": {"db"},
    "sqlite_utils": {"accounts", "db", "rates", "throttle", "web/launches"},
    "cryptography": {"vault", "config", "demo/run"},
    "itsdangerous": {"web/tokens"},
    "idna": {"origins"},
    "click": {"api/commands", "config", "db", "cli", "cash/commands", "worker/commands", "logs", "demo/run"},
    "prometheus_client": {"observe"},
    "pythonjsonlogger": {"logs"},
    "huey": {"worker/queue"},
}
# Beyond what SQLite and PostgreSQL have in common.
SQLITE_ONLY = re.compile(r"\browid\b|lastrowid|\bOR (REPLACE|IGNORE)\b|\bifnull\b|\bGLOB\b|replace=True")
# A room and what it may import of ours, beside itself. What is no room is a flat module; the house sees all.
ALLOWED = {
    "outbound": set(),
    "outsmart": {"outbound"},
    "cash/client": {"outbound", "cash/model"},
    "cash/model": set(),
    "cash/choices": set(),
    "cash/store": {"accounts", "db", "vault", "cash/model", "cash/choices"},
    "cash/actions": {"flat", "outbound", "outsmart", "cash/model", "cash/choices", "cash/client", "cash/store"},
    "cash/sync": {"flat", "outbound", "outsmart", "cash/model", "cash/choices", "cash/client", "cash/store"},
    "cash/page": {
        "flat",
        "web",
        "outbound",
        "outsmart",
        "cash/model",
        "cash/choices",
        "cash/client",
        "cash/store",
        "cash/actions",
    },
    "cash": {
        "flat",
        "web",
        "outbound",
        "outsmart",
        "cash/model",
        "cash/choices",
        "cash/client",
        "cash/store",
        "cash/page",
        "cash/sync",
    },
    "worker": {"flat", "cash", "cash/store"},
    "api": {"flat", "web", "cash/model", "cash/choices", "cash/store", "cash/actions"},
    "web": {"flat"},
    "flat": {"outbound"},
    "demo": {"flat", "web", "cash/model", "cash/actions", "cash/page"},
}


@cache
def nodes(module: str) -> list[ast.AST]:
    return list(ast.walk(ast.parse(MODULES[module].read_text())))


def imports(module: str) -> Iterator[str]:
    """What a module imports, ours as a path such as `cash/gateway`."""
    package = Path(module).parent
    for node in nodes(module):
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


def test_each_matter_has_one_owner() -> None:
    for module in MODULES:
        for name in imports(module):
            owners = OWNERS.get(name, {module})
            stores = name == "sqlite_utils" and module.startswith(("cash/store/", "cash/actions/", "migrations/"))
            assert module in owners or stores, f"{module} imports {name}"


def ours(module: str) -> set[str]:
    return {name for name in imports(module) if (WEBAPP / name).exists() or (WEBAPP / f"{name}.py").exists()}


def test_nothing_but_the_demo_knows_the_demo() -> None:
    for module in MODULES:
        if not module.startswith("demo/"):
            assert not [name for name in ours(module) if name.startswith("demo")], module


def test_nobody_looks_up_the_house() -> None:
    for module in MODULES:
        if (here := room(module)) != "house":
            for name in ours(module):
                assert {name, room(name)} & {here, *ALLOWED[here]}, f"{module} imports {name}"


def modules_imported(module: str) -> set[str]:
    """The modules of ours that a module names, also those it names for their types only."""
    found = set()
    for node in nodes(module):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = Path(module).parents[node.level - 1] / (node.module or "").replace(".", "/")
            for alias in node.names:
                paths = (base / alias.name, base / alias.name / "__init__", base, base / "__init__")
                found.add(next(path.as_posix() for path in paths if path.as_posix() in MODULES))
    return found


def circles() -> Iterator[str]:
    """The ways from a module back to itself; each is cut before the next is looked for."""
    graph = {module: modules_imported(module) for module in MODULES}
    while True:
        try:
            return TopologicalSorter(graph).prepare()
        except CycleError as error:
            way = error.args[1][::-1]
            graph[way[0]].discard(way[1])
            yield " → ".join(way)


def test_no_two_modules_import_each_other_in_a_circle() -> None:
    found = list(circles())
    assert not found, "circles:\n" + "\n".join(found)


def test_the_rooms_stand_in_no_circle() -> None:
    TopologicalSorter(ALLOWED).prepare()


def test_statements_are_understood_by_postgresql_too() -> None:
    for module, path in MODULES.items():
        assert not SQLITE_ONLY.search(path.read_text()), module


def test_no_file_is_too_long_to_be_read_at_once() -> None:
    assert [module for module, path in MODULES.items() if len(path.read_text().splitlines()) > 250] == []


def test_actions_and_stores_know_neither_requests_nor_pages() -> None:
    for module in MODULES:
        if room(module) in ("cash/actions", "cash/store", "cash/model", "cash/choices"):
            assert not {"flask", "flask_babel", "flask_wtf", "wtforms"} & set(imports(module)), module


def test_how_a_vendor_is_asked_knows_neither_flask_nor_storage() -> None:
    for module in MODULES:
        if room(module) in ("cash/client", "outbound", "outsmart"):
            assert not {"flask", "flask_babel", "sqlite3", "sqlite_utils"} & set(imports(module)), module


def test_a_call_out_may_be_to_any_vendor() -> None:
    for module, path in MODULES.items():
        assert room(module) != "outbound" or "cash" not in path.read_text().lower(), module


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


def test_every_room_is_installed() -> None:
    project = tomllib.loads((WEBAPP.parent / "pyproject.toml").read_text())
    rooms = {path.parent.relative_to(WEBAPP.parent) for path in WEBAPP.rglob("__init__.py")}
    assert set(project["tool"]["setuptools"]["packages"]) == {".".join(room.parts) for room in rooms}


def test_no_function_is_named_like_its_module() -> None:
    for module in MODULES:
        names = [node.name for node in nodes(module) if isinstance(node, ast.FunctionDef)]
        assert Path(module).name.removeprefix("__init__") not in names or module.startswith("demo/"), module
