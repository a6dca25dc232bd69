"""The document as one self-contained HTML file: no script, no outside address."""

import re
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trialkit.language.speech import say, spoken
from trialkit.present import palette
from trialkit.present.exhibit import Figure
from trialkit.report.alignment import aligned_rows
from trialkit.report.document import Document, Heading
from trialkit.report.drawing import drawn_size
from trialkit.report.fonts import font_rules

TEMPLATES: Final = Path(__file__).parent / "templates"
FONTS_HERE: Final = "/*fonts*/"
ROLES: Final = {
    "--paper": palette.PAPER,
    "--tint": palette.TINT,
    "--ink": palette.INK,
    "--muted": palette.MUTED,
    "--line": palette.LINE,
    "--rule": palette.EMPTY,
    "--accent": palette.TEAL,
    "--against": palette.RUST_TEXT,
}
CODES: Final = {"en": "en-GB"}  # the custom of a language, where a page names it
SHORT: Final = 64  # characters; longer headings are no entries of a contents list
WIDE: Final = 400.0  # points; wider drawings scroll in their region on a phone
LONG_WORD: Final = re.compile(r"\S{33,}")
PIECE: Final = 8  # letters between two places where a long word may break
OWN_ID: Final = re.compile(r'(\sid="|href="#|url\(#)')


def render_html(document: Document) -> str:
    """Return the document as HTML.

    Text is escaped by the template engine; drawings are our own SVG and go in as they
    are. The fonts are subset to the characters of the page.
    """
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        inline_svg=inline_svg,
        aligned_rows=aligned_rows,
        drawing_of=drawing_of,
        numbers_of=numbers_of,
        pieces=pieces,
        words=words(),
    )
    page = environment.get_template("page.html.j2").render(
        doc=document,
        lang=CODES.get(spoken(), spoken()),
        contents=contents(document),
        fonts=FONTS_HERE,
        colours=ROLES,
        dark_colours=dark_colours(),
        style=(TEMPLATES / "style.css").read_text(encoding="utf-8"),
    )
    return page.replace(FONTS_HERE, font_rules(page), 1)


def words() -> dict[str, str]:
    """Return what the page itself says, in the language that is spoken."""
    return {
        "skip": say("Skip to the report"),
        "site": say("Site"),
        "warning": say("Warning"),
        "contents": say("Contents"),
        "top": say("Back to the top"),
        "numbers": say("The numbers in this figure"),
        "badges": say("What kind of evidence this is"),
        "verdict": say("Verdict"),
        "because": say("Because"),
    }


def pieces(text: str) -> list[str]:
    """Return text parted where a long word may break, so that none widens a table without end.

    >>> pieces("a word"), pieces("&" * 33)
    (['a word'], ['&&&&&&&&', '&&&&&&&&', '&&&&&&&&', '&&&&&&&&', '&'])
    """
    breaks = (
        place
        for word in LONG_WORD.finditer(text)
        for place in range(word.start() + PIECE, word.end(), PIECE)
    )
    return [text[start:end] for start, end in pairwise([0, *breaks, len(text)])]


def drawing_of(title: str) -> str:
    """Return the name of the region in which a drawing scrolls."""
    return say("{title}, drawing", title=title)


def numbers_of(title: str) -> str:
    """Return the name of the table that holds the numbers of a drawing."""
    return say("{title}, numbers", title=title)


def contents(document: Document) -> list[tuple[Heading, tuple[Heading, ...]]]:
    """Return the sections and, where they are short enough for a list, what is in each."""
    found: list[tuple[Heading, list[Heading]]] = []
    for block in (*document.front, *document.parts):
        if isinstance(block, Heading) and block.role == "section":
            found.append((block, []))
        elif isinstance(block, Heading) and block.role == "subsection" and found:
            found[-1][1].append(block)
    return [
        (section, tuple(within) if all(len(item.text) <= SHORT for item in within) else ())
        for section, within in found
    ]


def dark_colours() -> dict[str, str]:
    """Return the colours of the page and of its drawings on dark paper."""
    roles = {name: palette.DARK[light] for name, light in ROLES.items()}
    return roles | palette.dark_theme()


def inline_svg(figure: Figure, path: str) -> str:
    """Return a drawing for a page: named for who cannot see it, its ids under ``path``.

    A drawing may stand on a page twice; ids may not.
    """
    svg = OWN_ID.sub(lambda match: f"{match[1]}{path}-", palette.themed(figure.svg))
    width, _ = drawn_size(figure.svg)
    name = escape(f"{figure.title}. {figure.alt}")
    # Half as large again as in print where there is room, about its size in print on a phone.
    least = 0.85 if width > WIDE else 0.75
    sizes = f"--width:{width / 11:.2f}rem;--least:{width / 12 * least:.2f}rem"
    attributes = f'<svg role="img" aria-label="{name}" style="{sizes}" '
    return svg.strip().replace("<svg ", attributes, 1)
