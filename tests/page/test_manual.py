"""The manual knows every message that a user may get."""

import inspect

import pytest
from flask import Flask
from support.visitor import Visitor

from webapp.cash.client import errors
from webapp.cash.page import problems
from webapp.cash.page.problems import Problem
from webapp.config import LANGUAGES
from webapp.web.errors import REFUSALS, STATUSES

REASONS = ("dns", "read_timeout", "tls", "http_503", "not_xml", "in_flight")


def every_problem() -> set[str]:
    """The titles of all problems there are, in the language of the moment."""
    failures = [kind("x") for kind in vars(errors).values() if inspect.isclass(kind) and kind.__name__ != "CallFailed"]
    failures += [kind(reason) for kind in (errors.CashUnreachable, errors.CashBusy) for reason in REASONS]
    found = {problems.explain(failure).title for failure in failures if isinstance(failure, errors.CashError)}
    for name, make in inspect.getmembers(problems, inspect.isfunction):
        if inspect.signature(make).return_annotation is Problem and name != "explain":
            needed = inspect.signature(make).parameters.values()
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
