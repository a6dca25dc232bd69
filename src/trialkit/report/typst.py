"""The document as PDF: archival (PDF/A-3a), accessible (PDF/UA-1), results attached."""

import json
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, Final

import typst

from trialkit.present import palette
from trialkit.report.alignment import aligned_cells
from trialkit.report.document import Document
from trialkit.report.drawing import drawn_size
from trialkit.report.fonts import copy_faces
from trialkit.report.stream_ends import with_clear_stream_ends

COLOURS: Final = {
    "ink": palette.INK,
    "muted": palette.MUTED,
    "line": palette.LINE,
    "rule": palette.EMPTY,
    "tint": palette.TINT,
    "accent": palette.TEAL,
    "against": palette.RUST_TEXT,
    "warning": "#ffd54a",
}
TEMPLATE = Path(__file__).parent / "templates" / "report.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that travels inside the PDF."""

    name: str
    content: str
    mime_type: str
    description: str


def render_pdf(document: Document, attachments: tuple[Attachment, ...] = ()) -> bytes:
    """Return the document as PDF.

    The document reaches the template as JSON, never as markup, so no text of a study can
    change the layout. Nothing is read but the template and the fonts; the date is the
    document's, so the same document gives the same bytes.
    """
    inputs = {f"attachment-{number}": item.content for number, item in enumerate(attachments)}
    inputs["document"] = json.dumps(plain_values(document, attachments), ensure_ascii=False)
    with tempfile.TemporaryDirectory(prefix="trialkit-fonts-") as folder:
        copy_faces(Path(folder))
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[folder])
        pdf = typst.compile(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=inputs,
            pdf_standards=["a-3a", "ua-1"],
            timestamp=datetime.combine(document.dated, time(), tzinfo=UTC),
        )
    return with_clear_stream_ends(pdf)


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
