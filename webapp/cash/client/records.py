"""Records as the XML text an Import takes."""

import re
from collections.abc import Iterable, Mapping
from html import escape


def write_records(records: Iterable[tuple[str, Mapping[str, str]]]) -> str:
    """Records as the XML text an Import takes: <CASH><R0101><F0101>…</F0101></R0101></CASH> (VDBF, H).

    In values, control characters and "|", which Cash uses inside, are dropped; a tab or new line becomes a space.
    """
    written = []
    for number, fields in records:
        if not re.fullmatch(r"\d{1,4}", number):
            raise ValueError(f"{number!r} is no record number")
        inside = []
        for name, value in fields.items():
            if not re.fullmatch(r"\d{4}|Z\w+", name, re.ASCII):
                raise ValueError(f"{name!r} is no field of a record")
            tag = f"F{name}" if name[0].isdecimal() else name
            kept = re.sub(r"[\x00-\x1f\x7f-\x9f|]", "", re.sub(r"[\t\n\r]+", " ", value))
            inside.append(f"<{tag}>{escape(kept, quote=False)}</{tag}>")
        written.append(f"<R{number:0>4}>{''.join(inside)}</R{number:0>4}>")
    if not written:
        raise ValueError("there are no records to import")
    return f'<?xml version="1.0"?>\n<CASH>{"".join(written)}</CASH>'
