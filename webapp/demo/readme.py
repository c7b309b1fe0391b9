"""What the README tells a host to do; the demo's host does exactly that."""

import re
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"
PAGE_THERE = "https://cash.example"
LAUNCH_THERE = "THE LAUNCH TOKEN"
ROUTE = "/cash-launch-token"
ROUTE_THERE = f'"{ROUTE}"'


def block(language: str, holding: str) -> str:
    """The first fenced block in a language that holds a text. ValueError when there is none."""
    for found in re.findall(rf"^```{language}\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL):
        if holding in found:
            return str(found)
    raise ValueError(f"README.md has no {language} block with {holding!r}")


def markup() -> str:
    """The frame and the form that opens it."""
    return block("html", LAUNCH_THERE)


def signer() -> str:
    """How the token is signed, in Python."""
    return block("python", "def launch_token")


def script() -> str:
    """What listens to the frame."""
    return block("js", "cash:height")


def host_code() -> dict[str, str]:
    """All of it, by what it is."""
    return {"Markup": markup(), "The token, signed on your server": signer(), "Script": script()}
