"""The typefaces that a Word file carries with it, so that it looks alike on every computer.

A font travels obfuscated, as the format asks: its first 32 bytes are combined with a key that
stands beside it (ISO/IEC 29500-1, 17.8.1).
"""

from collections.abc import Iterator, Sequence
from typing import Final
from uuid import NAMESPACE_URL, UUID, uuid5

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsdecls
from docx.package import Package

from trialkit.report.fonts import SANS, SERIF, WORD_FACES, word_face
from trialkit.report.word_styles import MONO

OBFUSCATED: Final = "application/vnd.openxmlformats-officedocument.obfuscatedFont"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
HEAD: Final = 32  # bytes that are obfuscated
# Each family with what stands in where a program leaves carried fonts aside, and its kind.
FAMILIES: Final = (
    (SERIF, "Georgia", "roman"),
    (SANS, "Calibri", "swiss"),
    (MONO, "Courier New", "modern"),
)
SLOTS: Final = {400: "embedRegular", 700: "embedBold"}


def font_part(package: Package) -> Part:
    """Return the table of fonts of a Word file, with the cuts that it carries."""
    keys = [uuid5(NAMESPACE_URL, f"{face.family} {face.weight}") for face in WORD_FACES]
    places = [f"rId{number}" for number in range(1, len(WORD_FACES) + 1)]
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="00"/>'
        f'<w:family w:val="{kind}"/><w:pitch w:val="{"fixed" if name == MONO else "variable"}"/>'
        f"{''.join(entries(name, places, keys))}</w:font>"
        for name, other, kind in FAMILIES
    )
    content = f"{DECLARATION}<w:fonts {nsdecls('w', 'r')}>{listed}</w:fonts>".encode()
    table = Part(PackURI("/word/fontTable.xml"), CONTENT_TYPE.WML_FONT_TABLE, content, package)
    for face, place, key in zip(WORD_FACES, places, keys, strict=True):
        name = PackURI(f"/word/fonts/{face.path.stem}.odttf")
        cut = Part(name, OBFUSCATED, obfuscated(word_face(face), key), package)
        table.load_rel(RELATIONSHIP_TYPE.FONT, cut, place)
    return table


def entries(family: str, places: Sequence[str], keys: Sequence[UUID]) -> Iterator[str]:
    """Yield what ties each cut of a family to its file and its key."""
    for face, place, key in zip(WORD_FACES, places, keys, strict=True):
        if face.family == family:
            yield f'<w:{SLOTS[face.weight]} r:id="{place}" w:fontKey="{{{str(key).upper()}}}"/>'


def obfuscated(font: bytes, key: UUID) -> bytes:
    """Return a font file with its head combined with the key, whose bytes run backwards.

    >>> key = UUID(int=1)
    >>> obfuscated(obfuscated(bytes(40), key), key) == bytes(40), obfuscated(bytes(40), key)[0]
    (True, 1)
    """
    backwards = key.bytes[::-1]
    head = bytes(
        byte ^ backwards[position % len(backwards)] for position, byte in enumerate(font[:HEAD])
    )
    return head + font[HEAD:]
