"""The text of each page of a PDF, read through the fonts' own maps to Unicode."""

import re
from pathlib import Path

import pikepdf

RANGE = re.compile(rb"beginbf(char|range)(.*?)endbf", re.DOTALL)
HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


def page_texts(path: Path) -> list[str]:
    """Return the text of every page, in the order in which it is drawn."""
    with pikepdf.open(path) as pdf:
        return [page_text(page) for page in pdf.pages]


def page_text(page: pikepdf.Page) -> str:
    """Return the text of one page."""
    fonts = page.Resources.get("/Font", {})
    maps = {name: to_unicode(font) for name, font in fonts.items() if "/ToUnicode" in font}
    current: dict[int, str] = {}
    text: list[str] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            current = maps.get(str(operands[0]), {})
        elif str(operator) == "Tj":
            text.append(decoded(bytes(operands[0]), current))
        elif str(operator) == "TJ":
            text += [
                decoded(bytes(part), current)
                for part in operands[0]
                if isinstance(part, pikepdf.String)
            ]
        elif str(operator) == "ET":
            text.append("\n")
    return "".join(text)


def decoded(codes: bytes, mapping: dict[int, str]) -> str:
    """Return the characters of two-byte codes."""
    pairs = zip(codes[::2], codes[1::2], strict=False)
    return "".join(mapping.get(high * 256 + low, "") for high, low in pairs)


def to_unicode(font: pikepdf.Object) -> dict[int, str]:
    """Return a font's map from code to characters."""
    mapping: dict[int, str] = {}
    for kind, body in RANGE.findall(font.ToUnicode.read_bytes()):
        values = HEX.findall(body)
        if kind == b"char":
            for code, characters in zip(values[::2], values[1::2], strict=False):
                mapping[int(code, 16)] = text_of(characters)
        else:
            for low, high, start in zip(values[::3], values[1::3], values[2::3], strict=False):
                for offset in range(int(high, 16) - int(low, 16) + 1):
                    mapping[int(low, 16) + offset] = chr(int(start, 16) + offset)
    return mapping


def text_of(digits: bytes) -> str:
    """Return the characters of UTF-16 in hexadecimal."""
    return bytes.fromhex(digits.decode()).decode("utf-16-be")
