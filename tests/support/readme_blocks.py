"""The fenced blocks of the README."""

import re

from support.app import ROOT

README = (ROOT / "README.md").read_text()


def block(language: str, holding: str = "", page: str = README) -> str:
    """The one block in a language that holds a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (found,) = (each for each in blocks if holding in each)
    return str(found)
