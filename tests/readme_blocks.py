"""The fenced blocks of the README."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def block(language: str, holding: str = "", page: str = README) -> str:
    """The one block in a language that holds a text."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (found,) = (each for each in blocks if holding in each)
    return str(found)
