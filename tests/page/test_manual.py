"""The manual knows every message that a user may get."""

import inspect

import pytest
from flask import Flask
from support.visitor import Visitor

from webapp.cash.client import errors, reasons
from webapp.cash.page import problems
from webapp.cash.page.problems import Problem
from webapp.config import LANGUAGES
from webapp.web.errors import REFUSALS, STATUSES


def every_problem() -> set[str]:
    """The titles of all problems there are, in the language of the moment."""
    found = {problems.explain(errors.error_for_reason(reason)).title for reason in reasons.REASONS}
    for name, make in inspect.getmembers(problems, inspect.isfunction):
        if inspect.signature(make).return_annotation is Problem and name not in ("explain", "in_words"):
            needed = [each for each in inspect.signature(make).parameters.values() if each.kind != each.KEYWORD_ONLY]
            found.add(make(*["" if each.annotation is str else 60 for each in needed]).title)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_manual_tells_what_to_do_about_each_message(app: Flask, lang: str) -> None:
    manual = Visitor(app).get(f"/manual?lang={lang}").text
    with app.test_request_context(f"/?lang={lang}"):
        titles = {*every_problem(), *(str(title) for _, title, _ in REFUSALS.values())}
        titles |= {str(title) for title, _ in STATUSES.values()}
        missing = [title for title in titles if " ".join(title.split()) not in manual]
    assert len(titles) > 20
    assert missing == []
