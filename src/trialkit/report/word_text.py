"""Paragraphs, runs, links and bookmarks of a Word file, each by the name of its style."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.parts.document import DocumentPart

from trialkit.report.addresses import outside
from trialkit.report.document import Run, Runs, RunStyle
from trialkit.report.pictures import Drawing

RUN_STYLES: Final[Mapping[RunStyle, str]] = {
    "strong": "Strong",
    "muted": "Muted",
    "accent": "Accent",
    "code": "CodeText",
}
LINE_ENDS: Final = re.compile(r"[\t\r\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What text may point at: the part that holds links and pictures, and the bookmarks.

    ``pictures`` holds the PNG of each drawing; ``bookmarks`` the name and the number of the
    bookmark of each anchor.
    """

    part: DocumentPart
    pictures: Mapping[Drawing, bytes]
    bookmarks: Mapping[str, tuple[str, int]]


def element(
    tag: str, attributes: Mapping[str, str] | None = None, *children: BaseOxmlElement
) -> BaseOxmlElement:
    """Return an element, its tag and attributes written with their prefixes."""
    named = {qn(name): value for name, value in (attributes or {}).items()}
    node: BaseOxmlElement = OxmlElement(tag, named)
    node.extend(children)
    return node


def value(tag: str, content: str) -> BaseOxmlElement:
    """Return an element that says one value."""
    return element(tag, {"w:val": content})


def paragraph(
    style: str, children: Sequence[BaseOxmlElement], *properties: BaseOxmlElement
) -> BaseOxmlElement:
    """Return a paragraph in a style; properties come in the order of the schema."""
    head = element("w:pPr", None, value("w:pStyle", style), *properties)
    return element("w:p", None, head, *children)


def text_run(text: str, style: str | None = None, *, bold: bool = False) -> BaseOxmlElement:
    """Return a stretch of text; line ends within it are spaces, as they are on a page."""
    styled = [value("w:rStyle", style)] if style else []
    strong = [element("w:b")] if bold else []
    head = [element("w:rPr", None, *styled, *strong)] if styled or strong else []
    return element("w:r", None, *head, text_element(LINE_ENDS.sub(" ", text)))


def text_element(text: str) -> BaseOxmlElement:
    """Return the text of a run, its outer spaces kept."""
    node = element("w:t", {"xml:space": "preserve"})
    node.text = text
    return node


def line_runs(text: str) -> list[BaseOxmlElement]:
    """Return lines of text, each on a line of its own."""
    runs: list[BaseOxmlElement] = []
    for number, line in enumerate(text.splitlines()):
        runs += [element("w:r", None, element("w:br"))] if number else []
        runs.append(text_run(line))
    return runs


def field(instruction: str) -> BaseOxmlElement:
    """Return a field that the reader's program fills in, such as the page number."""
    return element("w:fldSimple", {"w:instr": instruction}, text_run("1"))


def page_of(anchor: str, places: Places) -> BaseOxmlElement:
    """Return the page of a bookmark as a field; empty until the reader's program fills it in.

    No program but one that lays out pages knows the number, and a wrong one would mislead.
    """
    name, _ = places.bookmarks[anchor]
    return element("w:fldSimple", {"w:instr": f"PAGEREF {name} \\h"}, text_run(""))


def styled_runs(runs: Runs, places: Places) -> list[BaseOxmlElement]:
    """Return runs in their styles; those that lead somewhere as links."""
    return [linked(run, places) for run in runs]


def linked(run: Run, places: Places) -> BaseOxmlElement:
    """Return a run, inside a link where its address is of the web or of this document."""
    style = RUN_STYLES.get(run.style)
    address = run.href or ""
    inside = places.bookmarks.get(address.removeprefix("#"))
    if outside(address):
        number = places.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        target = {"r:id": number}
    elif inside is not None:
        target = {"w:anchor": inside[0]}
    else:
        return text_run(run.text, style)
    return element("w:hyperlink", target, text_run(run.text, style or "Hyperlink"))


def bookmarked(
    anchor: str, children: Sequence[BaseOxmlElement], places: Places
) -> list[BaseOxmlElement]:
    """Return text that links of this document can lead to."""
    name, number = places.bookmarks[anchor]
    start = element("w:bookmarkStart", {"w:id": str(number), "w:name": name})
    return [start, *children, element("w:bookmarkEnd", {"w:id": str(number)})]


def bookmark_names(anchors: Sequence[str]) -> dict[str, tuple[str, int]]:
    """Return a bookmark for each anchor: a name that Word allows, and a number.

    >>> bookmark_names(["claim-1-better"])
    {'claim-1-better': ('a1_claim_1_better', 1)}
    """
    return {
        anchor: (f"a{number}_{re.sub(r'[^A-Za-z0-9]', '_', anchor)}"[:40], number)
        for number, anchor in enumerate(dict.fromkeys(anchors), start=1)
    }
