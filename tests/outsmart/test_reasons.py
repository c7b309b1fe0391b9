"""The table of OutSmart's reason words: each word that the code can give stands in it, once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from webapp.outbound import failures
from webapp.outbound.failures import Remedy
from webapp.outsmart.errors import (
    OutSmartBusy,
    OutSmartError,
    OutSmartFault,
    OutSmartUnreachable,
    TokenRefused,
    WorkOrderGone,
    error_for_reason,
)
from webapp.outsmart.reasons import REASONS, is_about_rows, meaning_of

ROOM = Path(__file__).parents[2] / "webapp" / "outsmart"
FAMILIES = ("code_", "http_")


def given_words() -> Iterator[str]:
    """The word of each failure that is made with a literal one; a number in it is a `*`."""
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and ast.unparse(node.func) == "CallFailed":
                match node.args[0]:
                    case ast.Constant(value=str(word)):
                        yield word
                    case ast.JoinedStr(values=[ast.Constant(value=str(prefix)), ast.FormattedValue()]):
                        yield f"{prefix}*"


def test_every_word_of_the_code_stands_in_the_table_and_can_happen() -> None:
    given = set(given_words())
    assert given <= REASONS.keys()
    own = {word for word in REASONS if not word.startswith(FAMILIES)} - failures.REASONS.keys()
    assert own == given - failures.REASONS.keys() - {"code_*"}


@pytest.mark.parametrize("word", REASONS)
def test_each_word_has_the_class_of_who_can_mend_it(word: str) -> None:
    error = error_for_reason(word, "why", 7)
    assert (error.reason, error.detail, error.retry_after, str(error)) == (word, "why", 7, f"{word}: why")
    expected: dict[Remedy, tuple[type[OutSmartError], ...]] = {
        Remedy.OPERATOR: (OutSmartFault,),
        Remedy.TIME: (OutSmartUnreachable, OutSmartBusy),
        Remedy.USER: (TokenRefused, WorkOrderGone),
    }
    assert type(error) in expected[meaning_of(word).remedy]


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("http_418", OutSmartUnreachable),
        ("http_429", OutSmartBusy),
        ("in_flight", OutSmartBusy),
        ("code_4711", OutSmartFault),
        ("code_1004", TokenRefused),
        ("code_1500", WorkOrderGone),
        ("of another version", OutSmartFault),
    ],
)
def test_words_that_stand_nowhere_have_a_class_too(word: str, kind: type[OutSmartError]) -> None:
    error = error_for_reason(word)
    assert type(error) is kind
    assert str(error) == word


def test_codes_about_rows_are_told_from_all_others() -> None:
    rows = {1007, *(hundred * 100 + rest for hundred in range(11, 30) for rest in (0, 1))} - {
        *(1400, 1401, 1500, 1501, 1600, 1601)
    }
    assert {code for code in range(3_000) if is_about_rows(code)} == rows
