"""What Cash answers, in our words: administrations and transactions, read from the shapes they may come in."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from ...outbound.failures import CallFailed
from ...outbound.text import clean
from ..model import Administration, ImportProblem, Transaction, TransactionStatus, Warehouse
from .xml import Node

NAMES = ("admname", "admnaam", "name", "naam")  # of an administration (assumed; cash-protocol has no source)
DEEPEST_LIST = 8
MOST_WAREHOUSES = 2_000
LONGEST_CODE = 200  # characters of a code or a map; a longer one is none
LONGEST_SOURCE = 4_000  # characters


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
        for each in _administrations("", whole, "", DEEPEST_LIST):
            if len(each.map) <= LONGEST_CODE and len(each.code) <= LONGEST_CODE:
                found.setdefault(each.id, each)
    return list(found.values())


def _administrations(name: str, node: Node, place: str, depth: int) -> Iterator[Administration]:
    if depth and not node.children and node.text.strip():
        yield from _administrations("", node.document(), place, depth - 1)
    elif (code := node.key("admcode", "code")) and not node.child("adms"):
        yield Administration(
            map=node.key("admmap", "map") or place,
            code=code,
            name=clean(node.value(*NAMES)) or clean(code),
            read_only=node.value("readonly").upper() in ("J", "Y", "1", "TRUE"),
        )
    elif depth and name in ("dir", "item") and node.child("adms"):
        for inner in node.each("adms"):
            yield from _administrations("adms", inner, node.key("name"), depth - 1)
    elif depth and name != "dir":
        for inner_name, inner in node.members():
            if not inner.children and inner.text.strip() and "<" not in inner.text:
                raise CallFailed("unknown_list", f"the administrations have an unknown field {clean(inner_name, 60)}")
            yield from _administrations(inner_name, inner, place, depth - 1)


def read_transaction(parts: Node) -> Transaction:
    """The transaction in an Import or GetTransaction answer (WP, H); raises CallFailed for an unknown status."""
    node = parts.child("transaction")
    status = node.value("status") if node else ""
    if node is None or status not in ("1", "2", "3"):
        raise CallFailed("unknown_status", f"the transaction has status {clean(status, 20)!r}")
    books, initiator = node.child("administration"), node.child("initiator")
    return Transaction(
        id=node.key("id"),
        status=TransactionStatus(int(status)),
        creation=_time(node.value("creation")),
        last_update=_time(node.value("lastupdate")),
        administration=Administration(
            map=books.key("admmap") if books else "",
            code=books.key("admcode") if books else "",
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
        root = err if err.children else err.document()
    except CallFailed:
        yield ImportProblem(clean(err.text, 500), None, "")
        return
    for errors in [root, *root.each("errors")]:
        for error in errors.each("error"):
            line = error.value("line")
            yield ImportProblem(
                message=clean(error.value("message"), 500),
                line=int(line) if line.isdecimal() and len(line) < 10 else None,
                source=error.key("source")[:LONGEST_SOURCE],
            )


def read_warehouses(records: Iterable[Mapping[str, str]]) -> tuple[tuple[Warehouse, ...], bool]:
    """The warehouses in records 2209 that are not blocked (WP, H), each code once; and whether there are more.

    No more than MOST_WAREHOUSES are read, whatever Cash goes on to send.
    """
    found: dict[str, Warehouse] = {}
    for record in records:
        code, blocked = record.get("2209", ""), record.get("2280", "").strip()
        if blocked not in ("", "N") or not 0 < len(code) <= LONGEST_CODE or not code.strip() or code in found:
            continue
        if len(found) == MOST_WAREHOUSES:
            return tuple(found.values()), True
        found[code] = Warehouse(code, clean(record.get("2001", "")) or clean(code))
    return tuple(found.values()), False
