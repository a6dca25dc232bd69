"""Stream ends that a strict reader could misread are made clear; every offset follows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialkit.report.stream_ends import with_clear_stream_ends


def pdf_with(contents: list[bytes]) -> bytes:
    """Return a file laid out as the compiler lays out a PDF, one stream a content."""
    body = b"%PDF-1.7\n%bin\n\n"
    offsets = []
    for number, content in enumerate(contents, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n<</Length %d>>\nstream\n" % (number, len(content))
        body += content + b"\nendstream\nendobj\n\n"
    start = len(body)
    table = b"".join(b"%010d 00000 n\r\n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f\r\n" % (len(contents) + 1)
    return body + head + table + b"trailer\n<</Size 3>>\nstartxref\n%d\n%%%%EOF" % start


def offsets_of(pdf: bytes) -> list[int]:
    return [int(offset) for offset in re.findall(rb"(\d{10}) 00000 n", pdf)]


data = st.lists(st.binary(max_size=12).filter(lambda data: b"stream" not in data), min_size=1)


@given(data)
def test_every_offset_still_points_at_its_object(contents: list[bytes]):
    clear = with_clear_stream_ends(pdf_with(contents))

    for number, offset in enumerate(offsets_of(clear), start=1):
        assert clear[offset:].startswith(b"%d 0 obj" % number)
    start = int(re.search(rb"startxref\n(\d+)", clear)[1])
    assert clear[start:].startswith(b"xref\n0 ")


@given(data)
def test_every_stream_keeps_its_bytes_and_a_line_end_of_its_own(contents: list[bytes]):
    clear = with_clear_stream_ends(pdf_with(contents))

    for content, offset in zip(contents, offsets_of(clear), strict=True):
        _, _, rest = clear[offset:].partition(b"stream\n")
        assert rest.startswith(content)
        line_end = b"\r\n" if content.endswith(b"\r") else b"\n"
        assert rest[len(content) :].startswith(line_end + b"endstream")


@pytest.mark.parametrize("content", [b"", b"data", b"data\n"])
def test_clear_ends_are_left_alone(content: bytes):
    pdf = pdf_with([content])

    assert with_clear_stream_ends(pdf) == pdf
