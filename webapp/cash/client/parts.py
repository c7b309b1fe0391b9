"""Which part of a call gets which value."""

from collections.abc import Mapping

from ...outbound.failures import CallFailed
from ...outbound.text import clean
from .wsdl import Operation, Part, Wsdl

Value = str | Mapping[str, str]  # a text, or a struct of texts

# How parts may be spelled (VDBF, WP) and the order they come in: the token dialect (VDBF, H), and 3.0 (WP, H).
SPELLINGS = dict([("relatie", "relation"), ("pass", "password"), ("format", "formaat")])
KNOWN = {
    "relation",
    "email",
    "password",
    "service",
    "token",
    "administration",
    "export",
    "import",
    "id",
    "formaat",
}
ORDER = {
    "authenticate": ("relation", "email", "password", "service"),
    "listadministrations": ("token",),
    "export": ("token", "export", "administration", "formaat"),
    "import": ("token", "import", "administration", "formaat"),
    "gettransaction": ("token", "id"),
}
CREDENTIALS = ("relation", "email", "password")
OPTIONAL = {"service", "formaat"}


def has_log_in(wsdl: Wsdl) -> bool:
    """Whether calls need a token from Authenticate (VDBF, H); in 3.0 each call takes the credentials (WP, H)."""
    return "authenticate" in wsdl.operations


def fill(operation: Operation, values: Mapping[str, Value], by_token: bool) -> list[tuple[Part, Value]]:
    """Each part with its value: by the part's name, or by its position where the name says nothing.

    Raises CallFailed naming the part that nobody knows, or the value that no part takes.
    """
    order = ORDER[operation.name.lower()]
    if not by_token:
        order = ("token", *CREDENTIALS, *order[1:])
    named = [_known(part.name) for part in operation.parts]
    filled = []
    for position, part in enumerate(operation.parts):
        key = named[position] or (order[position] if position < len(order) else "")
        if not key or (not named[position] and key in named):
            raise CallFailed("wsdl_part", f"{operation.name} has an unknown part {clean(part.name, 60)}")
        filled.append((key, part))
    missing = set(order) - {key for key, _ in filled} - OPTIONAL - (set() if by_token else {"token"})
    if missing:
        raise CallFailed("wsdl_part", f"{operation.name} has no part for {', '.join(sorted(missing))}")
    return [(part, values.get(key, "")) for key, part in filled]


def _known(name: str) -> str:
    name = name.lower()
    return SPELLINGS.get(name, name if name in KNOWN else "")
