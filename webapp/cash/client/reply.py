"""What a SOAP reply means: the parts of an answer, a refusal, or a fault."""

import re
from collections.abc import Iterable

from ...outbound.failures import CallFailed
from .budget import Budget
from .reasons import ResponseError
from .xml import Node, read_tree

FAULT_CODES = {"Client", "Server", "MustUnderstand", "VersionMismatch"}  # of SOAP 1.1


def answer(root: Node) -> Node:
    """The element that holds the parts of a good answer; raises ResponseError, or CallFailed for what is no answer."""
    body = root.child("body") if root.name.lower() == "envelope" else None
    parts = next((node for node in body.each() if node.name.lower() != "multiref"), None) if body else None
    if parts is None:
        raise CallFailed("not_soap", "the XML is no SOAP reply")
    if parts.name.lower() == "fault":
        raise CallFailed("soap_fault", _fault(parts))
    for holder in (parts, *parts.each()):  # all parts may be in one, a struct called `return` or otherwise (PHP)
        if response := holder.child("response"):
            refuse(response)
            return holder
    raise CallFailed("no_code", "the reply has no response code")


def refuse(response: Node) -> None:
    """Raises ResponseError for a response code other than 1 (VDBF, WP, H)."""
    code = response.value("code")
    if not re.fullmatch(r"-?\d{1,9}", code):
        raise CallFailed("no_code", "the reply has no response code")
    if int(code) != 1:
        raise ResponseError(int(code))


def raise_fault(chunks: Iterable[bytes], budget: Budget) -> None:
    """Raises for a reply with HTTP 500: the SOAP fault in it, or just the status."""
    try:
        answer(read_tree(chunks, budget))
    except CallFailed as failure:
        if failure.reason in ("soap_fault", "read_timeout", "deadline"):
            raise
    raise CallFailed("http_500")


def _fault(fault: Node) -> str:
    """Whose fault it is, for the operator's log. Not its text: that may repeat what was sent, in any form."""
    code = fault.value("faultcode").rpartition(":")[2].partition(".")[0]
    return code if code in FAULT_CODES else "an unknown faultcode"
