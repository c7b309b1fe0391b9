"""XML that travels as text may be packed as xsd:base64Binary, which PHP unpacks by itself (PHP)."""

import re
from base64 import b64decode

BASE64 = re.compile(rb"[A-Za-z0-9+/\s]+=*\s*")
HEAD = 64  # bytes that tell


class Unpacked:
    """XML in base64 as the bytes it stands for; any other text as it is. `packed` is None until that is known."""

    def __init__(self) -> None:
        self.packed: bool | None = None
        self._rest = b""

    def feed(self, chunk: bytes, last: bool = False) -> bytes:
        """As much as is known of what was fed so far."""
        if self.packed is False:
            return chunk
        data = self._rest + chunk
        if self.packed is None:
            if len(data) < HEAD and b"<" not in data and not last:
                self._rest = data
                return b""
            self.packed = bool(BASE64.fullmatch(data[:HEAD])) and _decoded(data[:HEAD]).lstrip().startswith(b"<")
        if not self.packed:
            self._rest = b""
            return data
        data = b"".join(data.split())
        whole = len(data) - len(data) % 4
        self._rest = data[whole:]
        return _decoded(data[:whole])


def _decoded(data: bytes) -> bytes:
    data = b"".join(data.split()).rstrip(b"=")
    return b64decode(data + b"=" * (-len(data) % 4)) if len(data) % 4 != 1 else b64decode(data[:-1])
