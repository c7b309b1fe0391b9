"""What Cash answers, in our words: administrations and transactions, read from the shapes they may come in."""

from collections.abc import Iterator
from datetime import datetime

from ...outbound.failures import CallFailed
from ...outbound.text import clean
from ..model import Administration, ImportProblem, Transaction, TransactionStatus
from .xml import Node, read_text

NAMES = ("admname", "admnaam", "name", "naam")  # of an administration (assumed; cash-protocol has no source)
DEEPEST_LIST = 8


def read_token(parts: Node) -> str:
    """The token in an Authenticate answer (VDBF, H); raises CallFailed when there is none."""
    if token := parts.value("token"):
        return token
    raise CallFailed("no_token", "Cash accepted the login without giving a token")


def read_administrations(parts: Node) -> list[Administration]:
    """The administrations in a ListAdministrations answer, in Cash's order, each map and code once.

    Its shape is not known for certain, so all likely ones are read: a list of structs, one struct, and XML text
    of the shape REST has (UIT, M). Raises CallFailed for a list of something else.
    """
    found: dict[str, Administration] = {}
    if whole := parts.child("administrationlist"):
        for administration in _administrations(whole, "", DEEPEST_LIST):
            found.setdefault(administration.id, administration)
    return list(found.values())


def _administrations(node: Node, place: str, depth: int) -> Iterator[Administration]:
    if depth and not node.children and node.text.strip():
        yield from _administrations(read_text(node.text), place, depth - 1)
    elif (code := clean(node.value("admcode", "code"))) and not node.child("adms"):
        yield Administration(
            map=clean(node.value("admmap", "map")) or place,
            code=code,
            name=clean(node.value(*NAMES)) or code,
            read_only=node.value("readonly").upper() in ("J", "Y", "1", "TRUE"),
        )
    elif depth and node.name.lower() in ("dir", "item") and node.child("adms"):
        for inner in node.each("adms"):
            yield from _administrations(inner, clean(node.value("name")), depth - 1)
    elif depth and node.name.lower() != "dir":
        for inner in node.each():
            if not inner.children and inner.text.strip() and "<" not in inner.text:
                raise CallFailed("unknown_list", f"the administrations have an unknown field {clean(inner.name, 60)}")
            yield from _administrations(inner, place, depth - 1)


def read_transaction(parts: Node) -> Transaction:
    """The transaction in an Import or GetTransaction answer (WP, H); raises CallFailed for an unknown status."""
    node = parts.child("transaction")
    status = node.value("status") if node else ""
    if node is None or status not in ("1", "2", "3"):
        raise CallFailed("unknown_status", f"the transaction has status {clean(status, 20)!r}")
    books, initiator = node.child("administration"), node.child("initiator")
    return Transaction(
        id=clean(node.value("id")),
        status=TransactionStatus(int(status)),
        creation=_time(node.value("creation")),
        last_update=_time(node.value("lastupdate")),
        administration=Administration(
            map=clean(books.value("admmap")) if books else "",
            code=clean(books.value("admcode")) if books else "",
            name=clean(books.value("admcode")) if books else "",
        ),
        initiator_relation=clean(initiator.value("relation")) if initiator else "",
        initiator_user=clean(initiator.value("user")) if initiator else "",
        errors=tuple(_problems(node.child("err"))),
    )


def _time(text: str) -> datetime | None:
    """`2021-12-15 14:40:33`; Cash writes `0000-00-00 00:00:00` for never (WP, H)."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def _problems(err: Node | None) -> Iterator[ImportProblem]:
    """The errors of a transaction: XML as text (WP, H), or any other text as one message."""
    if err is None or not (err.text.strip() or err.children):
        return
    try:
        root = err if err.children else read_text(err.text)
    except CallFailed:
        yield ImportProblem(clean(err.text, 500), None, "")
        return
    for errors in [root, *root.each("errors")]:
        for error in errors.each("error"):
            line = error.value("line")
            yield ImportProblem(
                message=clean(error.value("message"), 500),
                line=int(line) if line.isdecimal() and len(line) < 10 else None,
                source=clean(error.value("source"), 500),
            )


def read_warehouses(records):  # placeholder until the client branch lands
    from time import time

    from ..model import Warehouse, WarehouseList

    listed = [r for r in records if r.get("2209") and r.get("2280", "N") in ("", "N")]
    return WarehouseList(int(time()), tuple(Warehouse(r["2209"], r.get("2001") or r["2209"]) for r in listed))
