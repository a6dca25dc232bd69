"""Every text inside the files of a report, whatever holds it: what a leak could stand in."""

import io
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from report.pdf_text import page_text

SPACES = re.compile("[\\s\u00ad\u2010-\u2012-]+")
PNG = b"\x89PNG\r\n\x1a\n"
# Of an image and its colours; texts, times and places have chunks of other names.
PLAIN_CHUNKS = {"IHDR", "PLTE", "IDAT", "IEND", "pHYs", "sRGB", "gAMA", "cHRM", "tRNS", "sBIT"}


def texts_inside(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    """Yield where and what for each text in a file of a report."""
    if content.startswith(b"%PDF"):
        yield from ((f"{name}: {where}", text) for where, text in pdf_texts(content))
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield f"{name}: names", " ".join(archive.namelist())
            yield f"{name}: comment", archive.comment.decode()
            for member in archive.namelist():
                yield from texts_inside(f"{name}/{member}", archive.read(member))
    elif content.startswith(PNG):
        yield f"{name}: chunks", " ".join(sorted(set(png_chunks(content)) - PLAIN_CHUNKS))
    elif name.endswith(".odttf"):
        yield name, content.decode("latin-1")  # a typeface, whose head is obfuscated
    else:
        yield name, content.decode("utf-8")


def pdf_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield what pages show, every string and name of the file, and every stream unpacked."""
    with pikepdf.open(io.BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages, start=1):
            yield f"page {number}", page_text(page)
        for number, item in enumerate(pdf.objects):
            yield f"object {number}", " ".join(strings(item))
            if isinstance(item, pikepdf.Stream):
                yield f"stream {number}", item.read_bytes().decode("utf-8", errors="replace")
        yield "trailer", " ".join(strings(pdf.trailer))


def strings(item: pikepdf.Object) -> Iterator[str]:
    """Yield the strings, names and keys of an object; what it refers to comes by itself."""
    if isinstance(item, pikepdf.String | pikepdf.Name):
        yield str(item)
    elif isinstance(item, pikepdf.Array):
        for child in item:
            if not getattr(child, "is_indirect", False):
                yield from strings(child)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        for key in item.keys():  # noqa: SIM118 (no Python mapping)
            yield str(key)
            child = item[key]
            if not getattr(child, "is_indirect", False):
                yield from strings(child)


def png_chunks(content: bytes) -> Iterator[str]:
    """Yield the types of a picture's chunks."""
    place = len(PNG)
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        yield content[place + 4 : place + 8].decode()
        place += 12 + length


def squeezed(text: str) -> str:
    """Return a text without white space and hyphens, which a line may break at."""
    return SPACES.sub("", text)


def leaks(files: dict[str, bytes], telling: tuple[str, ...]) -> list[str]:
    """Return where a telling text stands in the files of a report, and pictures that speak."""
    wanted = {squeezed(text) for text in telling}
    return [
        f"{where}: {text}"
        for name, content in files.items()
        for where, found in texts_inside(name, content)
        for text in (
            [found]
            if where.endswith("chunks") and found
            else sorted(text for text in wanted if text in squeezed(found))
        )
    ]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its place in it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
