"""The tools of the audit: installed beside this file, at the versions named there, when they are not there yet."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
NPM = ("npm", "install", "--ignore-scripts", "--omit=optional", "--no-package-lock", "--no-audit", "--no-fund")


@dataclass
class Result:
    """What one check found; `summary` is what it looked at, or the score it gave."""

    summary: str
    findings: list[str] = field(default_factory=list)


def python_tool(name: str, wanted: str) -> Path:
    """A command of the packages in `wanted`, which have an environment of their own: their pins contradict ours."""
    place = HERE / ".venv" / wanted.removesuffix(".txt")

    def install() -> None:
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        pip = [place / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / wanted]
        subprocess.run(pip, check=True)

    _once(place, HERE / wanted, install)
    return place / "bin" / name


def node_modules() -> Path:
    """The packages of package.json. Their install scripts, which would fetch browsers and lists, do not run."""
    place = HERE / "node_modules"
    _once(place, HERE / "package.json", lambda: subprocess.run([*NPM, "--silent"], cwd=HERE, check=True))
    return place


def output(*command: str | Path, fails: tuple[int, ...] = (0, 1), **more: object) -> str:
    """What a tool prints; most end with 1 when they found something."""
    how = {"cwd": ROOT, **more}
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, **how)  # type: ignore[call-overload]
    if done.returncode not in fails:
        raise RuntimeError(f"{Path(command[0]).name} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return str(done.stdout)


def _once(place: Path, wanted: Path, install: "object") -> None:
    stamp = place / "installed"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        print(f"installing {wanted.name} …", flush=True)
        install()  # type: ignore[operator]
        stamp.write_text(wanted.read_text())
