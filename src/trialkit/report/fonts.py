"""The report's typefaces: the few cuts it uses, for print and, subset, for the web and Word."""

import base64
import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
from fontTools import subset
from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class Face:
    """One cut of a family: its weight in CSS terms, and its file."""

    family: str
    weight: int
    path: Path


def folder_of(package: object) -> Path:
    """Return the folder of font files inside a font package."""
    return Path(str(getattr(package, "__file__"))).parent / "files"  # noqa: B009


SERIF, SANS = "Source Serif Pro", "Source Sans Pro"
FACES = (
    Face(SERIF, 400, folder_of(font_source_serif_pro) / "SourceSerifPro-Regular.ttf"),
    Face(SERIF, 600, folder_of(font_source_serif_pro) / "SourceSerifPro-Semibold.ttf"),
    Face(SANS, 400, folder_of(font_source_sans_pro) / "SourceSansPro-Regular.ttf"),
    Face(SANS, 600, folder_of(font_source_sans_pro) / "SourceSansPro-Semibold.ttf"),
)


# Word makes bold of a family's own bold cut.
WORD_FACES = (
    Face(SERIF, 400, folder_of(font_source_serif_pro) / "SourceSerifPro-Regular.ttf"),
    Face(SERIF, 700, folder_of(font_source_serif_pro) / "SourceSerifPro-Bold.ttf"),
    Face(SANS, 400, folder_of(font_source_sans_pro) / "SourceSansPro-Regular.ttf"),
    Face(SANS, 700, folder_of(font_source_sans_pro) / "SourceSansPro-Bold.ttf"),
)
# Who edits may type any letter of a European language: Latin, Greek, punctuation, signs.
TYPED = frozenset(
    chr(code)
    for first, last in ((0x20, 0x24F), (0x370, 0x3FF), (0x1E00, 0x1EFF), (0x2000, 0x22FF))
    for code in range(first, last + 1)
)


def copy_faces(folder: Path) -> None:
    """Copy the cuts in use into a folder.

    The font packages hold each cut twice, as TTF and as OTF; a compiler that is shown
    both takes the one the file system happens to list first.
    """
    for face in FACES:
        shutil.copyfile(face.path, folder / face.path.name)


def font_rules(text: str) -> str:
    """Return ``@font-face`` rules that carry the characters of a text and no others.

    The same text gives the same bytes: the time of the font file is kept.
    """
    characters = frozenset(text)
    return "\n".join(font_rule(face, characters) for face in FACES)


def font_rule(face: Face, characters: Iterable[str]) -> str:
    """Return one ``@font-face`` rule with its WOFF2 subset as a data address."""
    encoded = base64.b64encode(web_face(face.path, characters)).decode()
    return (
        f"@font-face{{font-family:'{face.family}';font-weight:{face.weight};font-style:normal;"
        f"font-display:swap;src:url(data:font/woff2;base64,{encoded}) format('woff2')}}"
    )


@cache
def word_face(face: Face) -> bytes:
    """Return a cut with all that may be typed, as a Word file can carry it.

    Word sets glyph beside glyph unless it is asked for more: features stay behind.
    """
    options = subset.Options()
    options.layout_features = []
    options.drop_tables += ["GDEF", "GPOS", "GSUB"]
    return subset_of(face.path, TYPED, options)


@cache
def advances(face: Face) -> Mapping[str, float]:
    """Return how wide each character of a cut is, in ems."""
    with TTFont(face.path, lazy=True) as font:
        em, widths = font["head"].unitsPerEm, font["hmtx"].metrics
        return {chr(code): widths[name][0] / em for code, name in font.getBestCmap().items()}


def web_face(path: Path, characters: Iterable[str]) -> bytes:
    """Return a WOFF2 file with the glyphs of the characters, with kerning and figures."""
    options = subset.Options()
    options.flavor = "woff2"
    options.desubroutinize = True
    options.layout_features = ["kern", "mark", "mkmk", "ccmp", "locl", "tnum", "lnum"]
    return subset_of(path, characters, options)


def subset_of(path: Path, characters: Iterable[str], options: subset.Options) -> bytes:
    """Return a font file with the glyphs of the characters; the time in it is kept."""
    options.hinting = False
    # Lazily, because a page needs few of the pairs that kerning lists: half the time.
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=sorted(ord(character) for character in characters))
    stream = io.BytesIO()
    with TTFont(path, recalcTimestamp=False, lazy=True) as font:
        subsetter.subset(font)
        font.flavor = options.flavor
        font.save(stream)
    return stream.getvalue()
