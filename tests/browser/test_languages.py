"""The page in each language of OutSmart."""

import gettext
from pathlib import Path

import pytest
from browser.conftest import OpenWindow
from playwright.sync_api import expect

import webapp
from webapp.config import LANGUAGES

CATALOGUES = Path(webapp.__file__).parent / "translations"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_the_language_of_the_launch(open_window: OpenWindow, lang: str) -> None:
    _ = gettext.translation("messages", CATALOGUES, [lang], fallback=lang == "en").gettext
    window = open_window().open(lang=lang)
    expect(window.text("html")).to_have_attribute("lang", lang)
    expect(window["submit-login"]).to_have_text(_("Submit"))
    expect(window.text("label[for=relation_code]")).to_have_text(_("Relation code"))

    window.log_in(password="verkeerd")
    problem = window["problem"]
    expect(problem.locator("h3")).to_have_text("Gegevens API gebruiker niet geldig")
    expect(problem.locator("h3")).to_have_attribute("lang", "nl")
    expect(problem.locator("p").first).to_contain_text(
        _("Check the relation code, email address and password, then try again.")
    )

    window.log_in()
    expect(window["settings"]).to_be_visible()
    expect(window.text("label[for=administration]")).to_have_text(_("Administration"))
    window.choose_administration("1571/x001")
    window.save()
    expect(window["status"]).to_contain_text(_("Saved. %(changes)s").partition("%")[0].strip())
    window.switch("import_relations")
    expect(window["changes"]).to_have_text(f"{_('Not saved:')} {_('Relations')}")
    window.click(".manual-link")
    expect(window["manual-title"]).to_have_text(_("Cash integration manual"))
