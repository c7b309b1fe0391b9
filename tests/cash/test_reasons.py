"""The table of reason words: each word that the code can give stands in it, once, and everybody reads it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.cash.client import errors
from webapp.cash.client.errors import CashBusy, CashError, CashFault, CashUnreachable, error_for_reason
from webapp.cash.client.reasons import REASONS, is_down, is_rejection, meaning_of
from webapp.outbound import failures
from webapp.outbound.failures import Remedy

WEBAPP = Path(__file__).parents[2] / "webapp"
ROOMS = [*WEBAPP.glob("outbound/*.py"), *WEBAPP.glob("cash/client/*.py")]


def given_words() -> Iterator[tuple[str, str]]:
    """The file and the reason word of each failure that is made with a literal one; a number in it is a `*`."""
    makers = {"CallFailed", "error_for_reason", *(each.__name__ for each in CashError.__subclasses__())}
    for path in ROOMS:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in {*makers, "super().__init__"}:
                match node.args[0]:
                    case ast.Constant(value=str(word)):
                        yield path.name, word
                    case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue()]):
                        yield path.name, f"{prefix}*"


def _name(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return ast.unparse(called)
    return called.id if isinstance(called, ast.Name) else ""


@pytest.mark.parametrize(("file", "word"), sorted(set(given_words())))
def test_every_reason_word_in_the_code_stands_in_the_table(file: str, word: str) -> None:
    assert word in REASONS


def test_every_reason_word_in_the_table_can_happen() -> None:
    given = {word for _, word in given_words()}
    families = {word for word in REASONS if word.startswith(("code_", "http_"))}
    assert REASONS.keys() - families == given - families


def test_each_word_stands_once() -> None:
    for path in (WEBAPP / "outbound/failures.py", WEBAPP / "cash/client/reasons.py"):
        tables = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Dict)]
        words = [key.value for table in tables for key in table.keys if isinstance(key, ast.Constant)]
        assert len(words) == len(set(words))
        assert path.name == "failures.py" or not set(words) & failures.REASONS.keys()


@pytest.mark.parametrize("word", REASONS)
def test_each_word_has_the_class_of_who_can_mend_it(word: str) -> None:
    meaning, error = meaning_of(word), error_for_reason(word, "why", 7)
    assert (error.reason, error.detail, error.retry_after) == (word, "why", 7)
    expected: dict[Remedy, tuple[type[CashError], ...]] = {
        Remedy.OPERATOR: (CashFault,),
        Remedy.TIME: (CashUnreachable, CashBusy),
        Remedy.USER: (errors.CredentialsRejected, errors.NoAdministration),
    }
    assert type(error) in expected[meaning.remedy]
    assert not (meaning.down and meaning.remedy is Remedy.USER)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("http_418", CashUnreachable),
        ("http_599", CashUnreachable),
        ("code_777", CashFault),
        ("code_-1", CashFault),
        ("service", CashFault),  # a word of an earlier version
        ("unknown_code", CashFault),
        ("nonsense", CashFault),
        ("http_", CashFault),
        ("http_*x", CashFault),
        ("", CashFault),
    ],
)
def test_a_word_that_nobody_knows_has_a_class_too(word: str, kind: type[CashError]) -> None:
    assert type(error_for_reason(word)) is kind


def test_the_outage_watch_and_the_login_count_read_the_table() -> None:
    assert is_down("http_418")
    assert not is_down("http_429")
    assert not is_down("code_3")
    assert not is_down("nonsense")
    assert [word for word in REASONS if is_rejection(word)] == ["code_2"]
    assert not failures.UNKNOWN.down
