"""Blocks of a document to paragraphs, tables and pictures of a Word file."""

import io
from collections.abc import Sequence
from typing import Final

from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt

from trialkit.language.speech import say
from trialkit.present import palette
from trialkit.present.exhibit import Figure
from trialkit.report.document import (
    Badges,
    Block,
    Bullets,
    Callout,
    Card,
    Code,
    Columns,
    Definitions,
    FigureBlock,
    Heading,
    HeadingRole,
    KeyResult,
    PageBreak,
    Paragraph,
    ParagraphRole,
    Place,
    Run,
    TableBlock,
    Verdicts,
    every_block,
)
from trialkit.report.drawing import drawn_size
from trialkit.report.pictures import Drawing
from trialkit.report.word_columns import COLUMN_WIDTH, end_section, ended, fits_columns
from trialkit.report.word_tables import table_element, verdicts_element
from trialkit.report.word_text import (
    Places,
    bookmarked,
    element,
    line_runs,
    linked,
    page_of,
    paragraph,
    styled_runs,
    text_run,
)

HEADING_STYLES: Final[dict[HeadingRole, str]] = {
    "title": "Title",
    "minor": "FrontHeading",
    "section": "Heading1",
    "subsection": "Heading2",
}
PARAGRAPH_STYLES: Final[dict[ParagraphRole, str]] = {
    "body": "Normal",
    "lead": "Lead",
    "subtitle": "Subtitle",
    "small": "SmallText",
    "label": "Label",
}
CARD_STYLE: Final = "Heading2"
WIDEST, TALLEST = 481.0, 640.0  # points of a picture, with room for its caption and notes
KEY_WIDEST: Final = 440.0
TOP: Final = 1  # level of the headings that a list of sections has
FEWEST_SECTIONS: Final = 3  # of which a list helps anybody


def word_blocks(
    blocks: Sequence[Block], places: Places, *, widest: float = WIDEST
) -> list[BaseOxmlElement]:
    """Return blocks as the children of a body; what follows a page break opens a page."""
    made: list[BaseOxmlElement] = []
    at_page_break = False
    for block in blocks:
        if isinstance(block, PageBreak):
            at_page_break = True
            continue
        if isinstance(block, Columns) and stands_in_columns(block):
            made = ended(made)
        parts = word_block(block, places, widest=widest)
        if at_page_break and parts:
            opens_page(parts[0])
            at_page_break = False
        made += parts
    return made


def stands_in_columns(block: Columns) -> bool:
    """Return whether there are two stacks, and neither needs the whole width."""
    return bool(block.left and block.right) and fits_columns((*block.left, *block.right))


def columns(block: Columns, places: Places) -> list[BaseOxmlElement]:
    """Return two stacks in two columns, or over the whole width where one has a table."""
    if not stands_in_columns(block):
        return word_blocks((*block.left, *block.right), places)
    made = word_blocks((*block.left, *block.right), places, widest=COLUMN_WIDTH)
    end_section(made[-1], columns=2)
    return made


def opens_page(first: BaseOxmlElement) -> BaseOxmlElement:
    """Return a paragraph that begins a page."""
    first.get_or_add_pPr().pageBreakBefore_val = True
    return first


def word_block(block: Block, places: Places, *, widest: float = WIDEST) -> list[BaseOxmlElement]:
    """Return one block; each begins with a paragraph."""
    match block:
        case KeyResult():
            return key_result(block, places)
        case FigureBlock():
            return figure_block(block, places, widest)
        case TableBlock():
            told = [place_runs(row, places) for row in block.places]
            table = table_element(block.whole, caption=block.caption, last=told)
            return [caption(block.caption), table, *notes(block.table.footnotes), table_end()]
        case Verdicts():
            head = paragraph("Caption", bookmarked(block.anchor, [text_run(block.caption)], places))
            return [head, verdicts_element(block, places), table_end()]
        case Columns():
            return columns(block, places)
        case Card():
            return card(block, places)
        case _:
            return text_block(block, places)


def text_block(block: Block, places: Places) -> list[BaseOxmlElement]:
    """Return a block that is nothing but text, one paragraph or several."""
    match block:
        case Heading():
            text = bookmarked(block.anchor, [text_run(block.text)], places)
            return [paragraph(HEADING_STYLES[block.role], text)]
        case Paragraph():
            return [paragraph(PARAGRAPH_STYLES[block.role], styled_runs(block.runs, places))]
        case Bullets():
            return [paragraph("ListBullet", styled_runs(item, places)) for item in block.items]
        case Badges():
            return [badges(block)]
        case Definitions():
            return [
                paragraph("Normal", [text_run(f"{term}: ", "Strong"), *styled_runs(said, places)])
                for term, said in block.items
            ]
        case Callout():
            return [callout(block, places)]
        case Code():
            return [paragraph("Code", line_runs(block.text))]
        case _:
            raise ValueError(f"a Word report has no form for a {block.kind}")


def place_runs(told: Sequence[Place], places: Places) -> list[BaseOxmlElement]:
    """Return links to headings, each on a line of its own with its page."""
    runs: list[BaseOxmlElement] = []
    for place in told:
        runs += [element("w:r", None, element("w:br"))] if runs else []
        link = linked(Run(place.text, href=f"#{place.anchor}"), places)
        runs += [link, text_run(" "), page_of(place.anchor, places)]
    return runs


def contents(sections: Sequence[Heading], places: Places) -> list[BaseOxmlElement]:
    """Return the list of sections as a field, so that Word can add the pages to it."""
    if len(sections) < FEWEST_SECTIONS:
        return []
    begin = [
        mark("begin"),
        element("w:r", None, instruction(f'TOC \\o "{TOP}-{TOP}" \\h \\z')),
        mark("separate"),
    ]
    links = [[linked(Run(item.text, href=f"#{item.anchor}"), places)] for item in sections]
    links[0] = [*begin, *links[0]]
    links[-1] = [*links[-1], mark("end")]
    head = paragraph("Label", [text_run(say("Contents"))])
    return [head, *(paragraph("Toc1", entry) for entry in links)]


def mark(kind: str) -> BaseOxmlElement:
    """Return a bound of a field that goes over several paragraphs."""
    return element("w:r", None, element("w:fldChar", {"w:fldCharType": kind}))


def instruction(text: str) -> BaseOxmlElement:
    """Return what a field is to be filled with."""
    node = element("w:instrText", {"xml:space": "preserve"})
    node.text = text
    return node


def caption(text: str) -> BaseOxmlElement:
    """Return the line above a table or a figure."""
    return paragraph("Caption", [text_run(text)])


def notes(items: Sequence[str]) -> list[BaseOxmlElement]:
    """Return the notes under a table or a figure."""
    return [paragraph("TableNote", [text_run(note)]) for note in items]


def table_end() -> BaseOxmlElement:
    """Return the room under a table, which also keeps two tables from becoming one."""
    return paragraph("TableEnd", [])


def badges(block: Badges) -> BaseOxmlElement:
    """Return badges on one line, parted by dots; loud ones on yellow."""
    styles = {"strength": "BadgeStrength", "limit": "BadgeLimit", "warning": "BadgeWarning"}
    runs: list[BaseOxmlElement] = []
    for badge in block.badges:
        runs += [text_run("  ·  ", "BadgeLimit")] if runs else []
        runs.append(text_run(badge.text, styles[badge.tone]))
    return paragraph("Badges", runs)


def key_result(block: KeyResult, places: Places) -> list[BaseOxmlElement]:
    """Return the main result in its tinted box."""
    style = "Headline" if block.certain else "OpenHeadline"
    said = [
        paragraph(style, [text_run(block.headline)]),
        *(paragraph("KeyText", styled_runs(sentence, places)) for sentence in block.sentences),
    ]
    if block.figure is None:
        return said
    drawn = key_drawing(block.figure)
    picture = picture_run(block.figure, drawn, places, widest=KEY_WIDEST)
    return [*said, paragraph("KeyFigure", [picture]), *notes(block.figure.footnotes)]


def figure_block(block: FigureBlock, places: Places, widest: float) -> list[BaseOxmlElement]:
    """Return a figure under its caption, with its notes."""
    head = [caption(block.caption)] if block.caption else []
    picture = picture_run(block.figure, Drawing(block.figure.svg), places, widest=widest)
    keep = [element("w:keepNext")] if block.figure.footnotes else []
    return [*head, paragraph("Figure", [picture], *keep), *notes(block.figure.footnotes)]


def picture_run(
    figure: Figure, drawn: Drawing, places: Places, *, widest: float = WIDEST
) -> BaseOxmlElement:
    """Return a picture in a line, with the sentence that says what it shows."""
    width, height = drawn_size(figure.svg)
    scale = min(1.0, widest / width, TALLEST / height)
    inline = places.part.new_pic_inline(
        io.BytesIO(places.pictures[drawn]), Pt(width * scale), Pt(height * scale)
    )
    properties = inline.find(qn("wp:docPr"))
    properties.set("descr", f"{figure.title}. {figure.alt}")
    return element("w:r", None, element("w:drawing", None, inline))


def key_drawing(figure: Figure) -> Drawing:
    """Return the drawing of the main result on the tint of its box."""
    return Drawing(figure.svg, palette.TINT)


def callout(block: Callout, places: Places) -> BaseOxmlElement:
    """Return a boxed remark."""
    style = "Callout" if block.tone == "limit" else f"Callout{block.tone.capitalize()}"
    gap = [text_run(" ")] if block.runs else []
    return paragraph(
        style, [text_run(block.title, "Strong"), *gap, *styled_runs(block.runs, places)]
    )


def card(block: Card, places: Places) -> list[BaseOxmlElement]:
    """Return an entry of an index."""
    title = bookmarked(block.anchor, [linked(Run(block.title, href=block.href), places)], places)
    return [paragraph(CARD_STYLE, title), *word_blocks(block.blocks, places)]


def drawings(blocks: Sequence[Block]) -> list[Drawing]:
    """Return every drawing that a Word file of the blocks holds."""
    return [
        key_drawing(block.figure) if isinstance(block, KeyResult) else Drawing(block.figure.svg)
        for block in every_block(blocks)
        if isinstance(block, KeyResult | FigureBlock) and block.figure is not None
    ]


def anchors(blocks: Sequence[Block]) -> list[str]:
    """Return every anchor that a link may lead to."""
    return [
        block.anchor
        for block in every_block(blocks)
        if isinstance(block, Heading | Verdicts | Card)
    ]
