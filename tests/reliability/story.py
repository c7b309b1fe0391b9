"""An app whose every answer, line and file is searched for secrets."""

from pathlib import Path
from typing import Any

from flask import Flask
from reliability.canary import Canary, Watch
from support.app import UNLIMITED, configure
from support.cash import FaultyCash
from support.database import create
from support.visitor import Visitor

from webapp import create_app

LOGIN = {"relation_code": "25583", "email": "api@example.nl"}


class Watched(Visitor):
    """A visitor whose every answer is searched."""

    def __init__(self, app: Flask, watch: Watch, **options: bool) -> None:
        super().__init__(app, **options)
        self._watch = watch

    def _take(self, response: Any) -> "Watched":
        self._watch.answer(f"{response.request.method} {response.request.path}", response)
        super()._take(response)
        return self


class Story:
    """An app, its Cash, and one password typed right and one typed wrong; all that they leave behind is searched."""

    def __init__(self, cash: FaultyCash, folder: Path) -> None:
        self.cash, self.folder, self.canary, self.wrong = cash, folder, Canary(), Canary()
        self.watch = Watch([self.canary, self.wrong])
        self.configuration = configure(folder / "app.db", **cash.settings, **UNLIMITED)
        create(self.configuration["DATABASE"])
        cash.sandbox.change_password(*LOGIN.values(), self.canary.password)
        self.restart()

    def restart(self, **changes: Any) -> None:
        self.configuration |= changes
        self.app = create_app(self.configuration)

    def visitor(self, *, htmx: bool = False, **claims: Any) -> Watched:
        return Watched(self.app, self.watch, htmx=htmx).open(**claims)  # type: ignore[return-value]

    def connected(self, **options: Any) -> Watched:
        visitor = self.visitor(**options)
        visitor.log_in(**LOGIN, password=self.canary.password)
        assert visitor.save(administration="1571/x001").status == 200
        self.after("save")
        return visitor

    def after(self, what: str) -> None:
        """Searches the database, its -wal and -shm, and whatever else lies there."""
        self.watch.files(what, self.folder)

    def run(self, *line: str, typed: str = "", exit_code: int = 0) -> str:
        """A command of the operator; its output, which is searched too."""
        result = self.app.test_cli_runner().invoke(args=list(line), input=typed)
        assert result.exit_code == exit_code, result.output
        self.watch.look(f"output of {line[0]}", result.output.encode())
        self.after(line[0])
        return result.output
