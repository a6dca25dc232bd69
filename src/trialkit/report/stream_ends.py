"""Ends of PDF streams that no reader can misread.

A stream whose last byte happens to be a carriage return, before the line feed that closes
it, looks to a strict reader as if both were the line end: the stream then seems one byte
shorter than declared, which PDF/A forbids. Compressed data end so by chance, one stream in
256. Such a stream gets a line end of two bytes; every byte of data stays as it is.
"""

import re
from bisect import bisect_left
from typing import Final

AMBIGUOUS: Final = re.compile(rb"\r\nendstream\n")
ENTRY: Final = re.compile(rb"(\d{10})( \d{5} n)")
START: Final = re.compile(rb"(?<=startxref\n)\d+")


def with_clear_stream_ends(pdf: bytes) -> bytes:
    """Return the same PDF with a carriage return before each ambiguous line end.

    Expects one cross-reference table, as the compiler writes it; its offsets are moved
    by what was put in before them.
    """
    places = [match.start() for match in AMBIGUOUS.finditer(pdf)]
    if not places:
        return pdf
    body, mark, table = pdf.rpartition(b"\nxref\n")

    def moved(offset: bytes) -> int:
        return int(offset) + bisect_left(places, int(offset))

    table = ENTRY.sub(lambda match: b"%010d%s" % (moved(match[1]), match[2]), table)
    table = START.sub(lambda match: b"%d" % moved(match[0]), table)
    return AMBIGUOUS.sub(rb"\r\r\nendstream\n", body) + mark + table
