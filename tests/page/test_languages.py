"""Every text is there in every language, and times are written as users write them."""

import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from flask import Flask
from support.visitor import Visitor

from webapp.config import LANGUAGES
from webapp.web import languages

ROOT = Path(__file__).parents[2]
TRANSLATIONS = ROOT / "webapp" / "translations"


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every text in the source, collected anew as `make catalogues` does."""
    file = tmp_path_factory.mktemp("texts") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "-F", TRANSLATIONS / "babel.cfg"]
    command += ["-k", "_l", "-k", "N_", "-k", "_n:1,2", "-o", file, "."]
    subprocess.run([str(word) for word in command], cwd=ROOT, check=True)
    with file.open("rb") as stream:
        return read_po(stream)


@pytest.mark.parametrize("lang", ["nl", "de", "pt"])
def test_every_text_is_translated(source: Catalog, lang: str) -> None:
    with (TRANSLATIONS / lang / "LC_MESSAGES" / "messages.po").open("rb") as stream:
        catalogue = read_po(stream, locale=lang)
    for message in source:
        if message.id:
            ours = catalogue.get(message.id)
            assert ours is not None, f"{lang} lacks {message.id!r}: run `make catalogues`"
            texts = ours.string if isinstance(ours.string, tuple) else (ours.string,)
            assert all(texts), f"{lang} has no words for {message.id!r}"
            assert not ours.fuzzy, f"{lang} is unsure of {message.id!r}"
            assert not [str(error) for error in ours.check(catalogue)]
    assert {message.id for message in catalogue} == {message.id for message in source}, "texts nobody uses any more"


@pytest.mark.parametrize("lang", ["nl", "de", "pt"])
def test_what_is_compiled_is_what_is_written(lang: str) -> None:
    folder = TRANSLATIONS / lang / "LC_MESSAGES"
    with (folder / "messages.po").open("rb") as text, (folder / "messages.mo").open("rb") as compiled:
        written, built = read_po(text, locale=lang), read_mo(compiled)
    for message in written:
        if message.id:
            texts = message.string if isinstance(message.string, tuple) else [message.string]
            ours = built.get(message.id)
            assert ours is not None, "run `make catalogues`"
            assert list(ours.string if isinstance(ours.string, (tuple, list)) else [ours.string]) == list(texts)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_the_language_of_the_launch(app: Flask, lang: str) -> None:
    visitor = Visitor(app).open(lang=lang)
    assert visitor.page.css_first("html").attributes["lang"] == lang
    visitor.get(f"/manual?lang={lang}")
    assert visitor.page.css_first("html").attributes["lang"] == lang


@pytest.mark.parametrize("lang", ["fr", "nl_NL", "../x"])
def test_dutch_is_the_fallback(app: Flask, lang: str) -> None:
    assert Visitor(app).open(lang=lang).page.css_first("html").attributes["lang"] == "nl"
    assert Visitor(app).get(f"/manual?lang={lang}").page.css_first("html").attributes["lang"] == "nl"


def test_times_are_those_of_the_users_zone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    noon = int(datetime(2026, 7, 1, 12, 0, tzinfo=UTC).timestamp())
    with app.test_request_context("/?lang=nl"):
        assert languages.date(noon).startswith("1 juli")
        assert "14:00<" in languages.moment(noon), "Amsterdam is two hours ahead in summer"
        assert "2026-07-01T14:00:00+02:00" in languages.moment(noon)
        year_before = noon - 365 * 86400
        assert languages.date(year_before) == "1 juli 2025"
