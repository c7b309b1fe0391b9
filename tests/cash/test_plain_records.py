"""Records in their usual form are read in another way than odd ones: nobody can tell by what comes out."""

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.cash.client import export_stream
from webapp.cash.client.export_stream import read_records
from webapp.cash.client.plain_records import PlainRecords
from webapp.outbound.failures import CallFailed

PIECES = st.sampled_from(
    [
        *("<cash>", "<CASH>", "</cash>", '<?xml version="1.0" encoding="UTF-8"?>', "Content-type: text/xml ", "<html>"),
        *("<R2260>", "</R2260>", "<R0101>", "</R0101>", "<F2260>", "</F2260>", "<F2001>", "</F2001>"),
        *("<F2260>A1</F2260>", "<F2001>Buis &amp; zo</F2001>", "<F2001></F2001>", "<F2001/>", '<F2260 name="code">'),
        *("<R2260><F2260>A1</F2260></R2260>", "<R2260><F2260>A1</F2260><F2001>Zo</F2001></R2260>", "<R2260></R2260>"),
        *(
            "&lt;",
            "&amp;",
            "&#233;",
            "&",
            "&nope;",
            "<",
            ">",
            "]]>",
            "<!-- -->",
            "\r\n",
            "\n ",
            "é",
            "tekst",
            "<x:F2260>",
        ),
    ]
)
WHOLE = st.lists(
    st.sampled_from(
        [
            "<R2260><F2260>A1</F2260><F2001>Buis &amp; &lt;zo&gt;</F2001><Zjpg></Zjpg></R2260>",
            "<R2229><F0101>000100</F0101></R2229>\n",
            "<R2260><F2260>A1</F2260><F2260>twee keer</F2260></R2260>",
            "<R2260><F2260>A&#49;</F2260></R2260>",
            '<R2260><F2260 name="Artikelcode">A1</F2260></R2260>',
            "<R2260>\n <F2260>A1</F2260>\n</R2260>",
            "<R2260></R2260>",
            "<R2260><F2001>Bouten & moeren</F2001></R2260>",
        ]
    ),
    max_size=8,
).map(lambda records: f'<?xml version="1.0"?><cash>{"".join(records)}</cash>')


def read(text: str, size: int) -> object:
    """The records, or why there are none; the reply comes in chunks of so many bytes."""
    reply = (
        "<Envelope><Body><ExportResponse><response><code>1</code></response>"
        f"<exportResult>{escape(text, quote=False)}</exportResult></ExportResponse></Body></Envelope>"
    ).encode()
    found = []
    try:
        for record in read_records(reply[at : at + size] for at in range(0, len(reply), size)):
            found.append(record)
    except CallFailed as error:
        return error.reason
    return found


@given(text=st.one_of(WHOLE, st.lists(PIECES, max_size=12).map("".join)), size=st.sampled_from([7, 64, 10_000]))
def test_what_is_read_without_a_parser_is_what_the_parser_reads(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PlainRecords, "feed", lambda self, text: text)
        patch.setattr(PlainRecords, "close", lambda self: "")
        parsed = read(text, size)
    assert read(text, size) == parsed


def test_plain_records_need_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(*_: object) -> None:
        raise AssertionError("a record was parsed")

    monkeypatch.setattr(export_stream._Records, "end", explode)
    plain = "<R2260><F2260>A1</F2260><F2001>Buis &amp; zo</F2001></R2260>" * 3
    with pytest.raises(AssertionError):
        read(f"<cash>{plain}<R2260><F2260/></R2260></cash>", 100)
    monkeypatch.undo()
    assert read(f"<cash>{plain}</cash>", 100) == [{"record": "2260", "2260": "A1", "2001": "Buis & zo"}] * 3
