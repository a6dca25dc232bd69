"""The document as PDF: archival (PDF/A-3a), accessible (PDF/UA-1), results attached."""

import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

import typst

from trialkit.errors import SpecificationError
from trialkit.language.speech import say, spoken
from trialkit.present import palette
from trialkit.report.alignment import aligned_cells
from trialkit.report.document import Document
from trialkit.report.drawing import drawn_size
from trialkit.report.fonts import copy_faces
from trialkit.report.paper import DEFAULT, PaperName, known_paper
from trialkit.report.stream_ends import with_clear_stream_ends

COLOURS: Final = {
    "ink": palette.INK,
    "muted": palette.MUTED,
    "line": palette.LINE,
    "rule": palette.EMPTY,
    "tint": palette.TINT,
    "accent": palette.TEAL,
    "against": palette.RUST_TEXT,
    "warning": palette.WARNING,
    "warning_tint": palette.WARNING_TINT,
    "warning_edge": palette.WARNING_EDGE,
}
# How the compiler says that none of its fonts has a glyph for a text.
NO_GLYPH: Final = re.compile(r'the text `"(?P<text>.*?)"` could not be displayed')
CODE_POINT: Final = re.compile(r"\\u\{(?P<digits>[0-9a-f]+)\}")
MOST_NAMED: Final = 8
# How the compiler says that a fault is its own and not the document's.
OWN_FAULT: Final = "internal error"
TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


# The region whose customs an English page has.
REGIONS: Final = {"en": "GB"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels inside the PDF."""

    name: str
    content: str
    mime_type: str
    description: str


def render_pdf(
    document: Document,
    attachments: tuple[Attachment, ...] = (),
    *,
    paper: PaperName = DEFAULT,
) -> bytes:
    """Return the document as PDF.

    The document reaches the template as JSON, never as markup, so no text of a study can
    change the layout. Nothing is read but the template and the fonts; the date is the
    document's, so the same document gives the same bytes.

    Raises
    ------
    SpecificationError
        If a text has characters that the report's fonts lack, or the compiler fails.
    """
    values = plain_values(document, attachments) | {"paper": paper_values(paper)}
    inputs = {f"attachment-{number}": item.content for number, item in enumerate(attachments)}
    inputs["document"] = json.dumps(values, ensure_ascii=False)
    try:
        pdf = printed(inputs, datetime.combine(document.dated, time(), tzinfo=UTC))
    except typst.TypstError as error:
        lacking = lacking_characters(f"{error} {getattr(error, 'diagnostic', '')}")
        if not lacking:
            raise
        raise unprintable(document, lacking) from error
    return with_clear_stream_ends(pdf)


def paper_values(name: PaperName) -> dict[str, object]:
    """Return what the template reads of the paper: its name, and lengths in millimetres."""
    paper = known_paper(name)
    return {**asdict(paper), "side": paper.side}


def printed(inputs: dict[str, str], dated: datetime) -> bytes:
    """Return the PDF; figures stand where the text has them if they cannot float.

    By where its pages break the compiler cannot tag some documents with floating figures.
    """
    try:
        return compiled(inputs, dated)
    except typst.TypstError as error:
        if OWN_FAULT not in str(error):
            raise
    try:
        return compiled(inputs | {"floats": "no"}, dated)
    except typst.TypstError as error:
        if OWN_FAULT not in str(error):
            raise
        raise SpecificationError(
            f"the PDF's compiler cannot lay this report out ({str(error).splitlines()[0]}); "
            "`--format html,docx,csv,json` works, and so may `--paper` of another size"
        ) from error


def compiled(inputs: dict[str, str], dated: datetime) -> bytes:
    """Return the template filled with the inputs, as PDF."""
    with tempfile.TemporaryDirectory(prefix="trialkit-fonts-") as folder:
        copy_faces(Path(folder))
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        pdf: bytes = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=dated,
        )
    return pdf


def lacking_characters(message: str) -> str:
    r"""Return the characters that the compiler could not display, each once.

    >>> lacking_characters(r'the text `"\u{e000}"` could not be displayed with font `"X"`')
    '\ue000'
    """
    texts = [match["text"] for match in NO_GLYPH.finditer(message)]
    plain = CODE_POINT.sub(lambda match: chr(int(match["digits"], 16)), "".join(texts))
    return "".join(dict.fromkeys(plain))


def unprintable(document: Document, lacking: str) -> SpecificationError:
    """Return the error that names characters without a glyph, and the first text with one."""
    named = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign in lacking[:MOST_NAMED])
    more = f" and {len(lacking) - MOST_NAMED} more" if len(lacking) > MOST_NAMED else ""
    found = (text for text in texts_of(asdict(document)) if set(lacking) & set(text))
    text = next(found, "")
    where = f", first in {text[:60]!r}" if text else ""
    return SpecificationError(
        f"the PDF's fonts have no glyph for {named}{more}{where}; "
        "`--format html,json` works, because a browser brings fonts of its own"
    )


def texts_of(value: Any) -> Iterator[str]:
    """Yield every text inside plain values."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_of(item)


def laid_out(value: Any) -> Any:
    """Return plain values with what the template cannot find out by itself.

    Every drawing carries its size in points; decimal columns of tables are padded.
    """
    if isinstance(value, list | tuple):
        return [laid_out(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: laid_out(item) for key, item in value.items() if key != "data"}
    if "svg" in plain:
        plain["width"], plain["height"] = drawn_size(plain["svg"])
    if {"columns", "rows"} <= plain.keys():
        alignments = [column["align"] for column in plain["columns"]]
        plain["rows"] = aligned_cells(plain["rows"], alignments)
    return plain


def plain_values(document: Document, attachments: tuple[Attachment, ...]) -> dict[str, object]:
    """Return what the template reads: the document, its date, colours and attachments."""
    values: dict[str, object] = laid_out(asdict(document))
    values["colours"] = COLOURS
    values["language"], values["region"] = spoken(), REGIONS.get(spoken())
    values["page_words"] = say("page {page} of {pages}")
    values["words"] = {"verdict": say("Verdict"), "because": say("Because")}
    values["place_words"] = say("page {page}")
    values["contents_words"] = say("Contents")
    dated = document.dated
    values["dated"] = {"year": dated.year, "month": dated.month, "day": dated.day}
    values["attachments"] = [
        {
            "name": item.name,
            "input": f"attachment-{number}",
            "mime_type": item.mime_type,
            "description": item.description,
        }
        for number, item in enumerate(attachments)
    ]
    return values
