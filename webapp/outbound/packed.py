"""A body that came packed, unpacked as it arrives and never further than it may."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .failures import CallFailed

GZIP = 16 + zlib.MAX_WBITS
PIECE = 64 * 1024  # bytes unpacked at a time


def unpacked(chunks: Iterable[bytes], limit: int, left: Callable[[], object] = lambda: None) -> Iterator[bytes]:
    """What gzip packed, in pieces; raises CallFailed for more than `limit` bytes, and for what is damaged or cut.

    `left` is asked before each piece, and raises when time is up: a small chunk may hold very much.
    """
    member, size = None, 0
    for chunk in chunks:
        while chunk:
            left()
            member = member or zlib.decompressobj(GZIP)
            piece = _inflate(member, chunk)
            size += len(piece)
            if size > limit:
                raise CallFailed("too_large", f"the reply is larger than {limit} bytes when unpacked")
            if piece:
                yield piece
            chunk = member.unconsumed_tail or member.unused_data
            member = None if member.eof else member
    if member:
        raise CallFailed("reset", "the packed reply broke off")


def _inflate(member: Any, chunk: bytes) -> bytes:
    try:
        piece: bytes = member.decompress(chunk, PIECE)
    except zlib.error:
        raise CallFailed("reset", "the packed reply is damaged") from None
    return piece
