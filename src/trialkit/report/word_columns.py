"""Two stacks of blocks in a Word file: one after the other in two columns of even height.

No table is used for it, so that a screen reader hears the left stack and then the right one;
where they are too high for the page, both columns go on with the next.
"""

import copy
from collections.abc import Sequence
from typing import Final

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement

from trialkit.report.document import Block, Bullets, FigureBlock, Heading, Paragraph
from trialkit.report.word_text import element, paragraph, value

SPACE: Final = 440  # twips between the columns
COLUMN_WIDTH: Final = 229.0  # points: half of the text less the half of that room
# What is no wider than it is given; a table fills the page.
NARROW: Final = (Bullets, FigureBlock, Heading, Paragraph)


def fits_columns(blocks: Sequence[Block]) -> bool:
    """Return whether blocks can stand in half the width of a page."""
    return all(isinstance(block, NARROW) for block in blocks)


def end_section(last: BaseOxmlElement, *, columns: int = 1) -> None:
    """End a section of so many columns with a paragraph; the page is set by `complete`."""
    shape = {"w:space": str(SPACE)} | ({"w:num": str(columns)} if columns > 1 else {})
    section = element("w:sectPr", None, value("w:type", "continuous"), element("w:cols", shape))
    properties = last.get_or_add_pPr()
    properties.append(section)


def ended(made: list[BaseOxmlElement]) -> list[BaseOxmlElement]:
    """Return elements with the end of their section; a table is followed by a line for it."""
    if made and made[-1].tag != qn("w:p"):
        made.append(paragraph("TableEnd", []))
    if made:
        end_section(made[-1])
    return made


def complete(body: BaseOxmlElement) -> None:
    """Give every section of a body the page of the last; none begins a page."""
    last = body[-1]
    inner = [node for node in body.iter(qn("w:sectPr")) if node is not last]
    if not inner:
        return
    for node in inner:
        columns = node.find(qn("w:cols"))
        whole = copy.deepcopy(last)
        for tag in ("w:type", "w:cols"):
            for old in whole.findall(qn(tag)):
                whole.remove(old)
        after_margins(whole, columns)
        before_size(whole)
        node.getparent().replace(node, whole)
    for old in last.findall(qn("w:type")):
        last.remove(old)
    before_size(last)


def before_size(section: BaseOxmlElement) -> None:
    """Say that a section goes on the page of the one before it, where the schema has it."""
    size = section.find(qn("w:pgSz"))
    section.insert(section.index(size), value("w:type", "continuous"))


def after_margins(section: BaseOxmlElement, columns: BaseOxmlElement) -> None:
    """Put columns where the schema has them."""
    margins = section.find(qn("w:pgMar"))
    section.insert(section.index(margins) + 1, columns)
