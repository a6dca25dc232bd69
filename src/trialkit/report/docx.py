"""The document as a Word file, for those who edit and annotate: styles, tables, pictures.

The same document gives the same bytes: members are in order, undated and uncompressed (the
pictures are compressed already, and compressors differ), and every id is counted.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time
from typing import Final

import docx
from docx.document import Document as WordFile
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm

from trialkit.errors import SpecificationError
from trialkit.language.speech import decimal_mark, say
from trialkit.present.exhibit import Table
from trialkit.report.document import (
    Block,
    Document,
    FigureBlock,
    Heading,
    KeyResult,
    PageBreak,
    TableBlock,
    every_block,
)
from trialkit.report.paper import DEFAULT, Paper, PaperName, known_paper
from trialkit.report.pictures import png_pictures
from trialkit.report.typst import texts_of
from trialkit.report.word_blocks import anchors, contents, drawings, opens_page, word_blocks
from trialkit.report.word_columns import complete
from trialkit.report.word_fonts import font_part
from trialkit.report.word_styles import language_tag, numbering_part, styles_part
from trialkit.report.word_text import Places, bookmark_names, element, field, paragraph, text_run

# The earliest day that a ZIP file can name.
UNDATED: Final = (1980, 1, 1, 0, 0, 0)
PLAIN_FILE: Final = 0o644 << 16
CONTENT_TYPES: Final = "[Content_Types].xml"
# What XML 1.0 cannot hold.
NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Of Word's own template: a picture of some page, empty data, the styles of an older Word.
UNWANTED: Final = (
    RELATIONSHIP_TYPE.CUSTOM_XML,
    RELATIONSHIP_TYPE.FONT_TABLE,
    RELATIONSHIP_TYPE.WEB_SETTINGS,
    "http://schemas.microsoft.com/office/2007/relationships/stylesWithEffects",
    RELATIONSHIP_TYPE.THUMBNAIL,
    RELATIONSHIP_TYPE.EXTENDED_PROPERTIES,
)
PROGRAM: Final = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    b'extended-properties"><Application>trialkit</Application></Properties>'
)


def render_docx(document: Document, *, paper: PaperName = DEFAULT) -> bytes:
    """Return the document as a Word file.

    What only a page could show (the filler of a printed page one) is left out; everything
    else is said as in HTML and PDF. Figures are pictures with their sentence as alternative
    text, and the numbers in them are tables at the end; the date is the document's.

    Raises
    ------
    SpecificationError
        If a text has characters that a Word file cannot hold.
    """
    refuse_unwritable(document)
    word = docx.Document()
    clear_template(word)
    said: tuple[Block, ...] = (*document.front, *document.parts)
    blocks = (*said, *figure_numbers(said))
    places = Places(
        part=word.part,
        pictures=png_pictures(drawings(blocks)),
        bookmarks=bookmark_names(anchors(blocks)),
    )
    set_page(word, document, known_paper(paper))
    body = word.element.body
    parts = blocks[len(document.front) :]
    listed = contents(sections(parts), places)
    written = (
        *word_blocks(document.front, places),
        *([opens_page(listed[0])] if listed else []),
        *listed[1:],
        *word_blocks(parts if listed or not document.parts else (PageBreak(), *parts), places),
    )
    for position, child in enumerate(written):
        body.insert(position, child)
    for number, picture in enumerate(body.iter(qn("wp:docPr")), start=1):
        picture.set("id", str(number))
        picture.set("name", f"Picture {number}")
    complete(body)
    set_properties(word, document)
    stream = io.BytesIO()
    word.save(stream)
    return repacked(stream.getvalue())


def sections(blocks: Sequence[Block]) -> list[Heading]:
    """Return the headings that a contents list shows."""
    return [block for block in blocks if isinstance(block, Heading) and block.role == "section"]


def figure_numbers(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """Return the numbers in the figures as tables under a heading, each table once."""
    captions: dict[Table, str] = {}
    for block in every_block(blocks):
        if isinstance(block, FigureBlock) and block.with_data:
            figure, caption = block.figure, block.caption
            titled = caption if figure.title in caption else f"{caption}. {figure.title}"
            captions.pop(figure.data, None)  # the last of equal ones has the number
            captions[figure.data] = titled.removeprefix(". ")
        elif isinstance(block, KeyResult) and block.figure is not None:
            captions.setdefault(block.figure.data, block.figure.title)
    if not captions:
        return ()
    return (
        PageBreak(),
        Heading(text=say("The numbers in the figures"), role="section", anchor="figure-numbers"),
        *(TableBlock(caption=caption, table=table) for table, caption in captions.items()),
    )


def refuse_unwritable(document: Document) -> None:
    """Refuse a document with characters that XML has no way to write."""
    for text in texts_of(asdict(document)):
        found = NO_XML.search(text)
        if found is not None:
            raise SpecificationError(
                f"a Word file cannot hold the character U+{ord(found[0]):04X}, "
                f"first in {text[:60]!r}; take it out of that text"
            )


def clear_template(word: WordFile) -> None:
    """Leave of the template what a report needs, and put its own styles in."""
    package = word.part.package
    for rels in (word.part.rels, package.rels):
        for number in [key for key, rel in rels.items() if rel.reltype in UNWANTED]:
            del rels[number]
    word.part.relate_to(font_part(package), RELATIONSHIP_TYPE.FONT_TABLE)
    program = Part(
        PackURI("/docProps/app.xml"), CONTENT_TYPE.OFC_EXTENDED_PROPERTIES, PROGRAM, package
    )
    package.relate_to(program, RELATIONSHIP_TYPE.EXTENDED_PROPERTIES)
    own = (
        (word.styles.element, styles_part()),
        (word.part.numbering_part.element, numbering_part()),
        (word.settings.element, settings_part()),
    )
    for ours, wanted in own:
        ours.clear()
        ours.extend(list(wanted))
    word.element.body.clear_content()


def settings_part() -> BaseOxmlElement:
    """Return settings without what the template's author left in them."""
    mark = decimal_mark()
    return parse_xml(
        f'<w:settings {nsdecls("w")}><w:zoom w:percent="100"/>'
        "<w:embedTrueTypeFonts/><w:saveSubsetFonts/>"
        '<w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/>'
        '<w:compat><w:compatSetting w:name="compatibilityMode" '
        'w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat>'
        f'<w:themeFontLang w:val="{language_tag()}"/>'
        f'<w:decimalSymbol w:val="{mark}"/>'
        f'<w:listSeparator w:val="{";" if mark == "," else ","}"/></w:settings>'
    )


def set_page(word: WordFile, document: Document, paper: Paper) -> None:
    """Set the paper, the margins, and what stands at the head and the foot of every page."""
    (section,) = word.sections
    section.page_width, section.page_height = Mm(paper.width), Mm(paper.height)
    section.left_margin = section.right_margin = Mm(paper.side)
    section.top_margin, section.bottom_margin = Mm(paper.top), Mm(paper.bottom)
    section.header_distance = section.footer_distance = Mm(9)
    if document.warning is not None:
        section.header.is_linked_to_previous = False
        section.header.part.element[:] = [paragraph("Header", [text_run(document.warning)])]
    section.footer.is_linked_to_previous = False
    tab = element("w:r", None, element("w:tab"))
    said = [text_run(document.running), tab, *page_fields()]
    section.footer.part.element[:] = [paragraph("Footer", said)]


def page_fields() -> list[BaseOxmlElement]:
    """Return the number of the page and of all pages, in the order of the language."""
    fields = {"{page}": "PAGE", "{pages}": "NUMPAGES"}
    pieces = re.split(r"(\{pages?\})", say("page {page} of {pages}"))
    return [
        field(fields[piece]) if piece in fields else text_run(piece) for piece in pieces if piece
    ]


def set_properties(word: WordFile, document: Document) -> None:
    """Say what the file is, with the document's date for every date."""
    dated = datetime.combine(document.dated, time(), tzinfo=UTC)
    properties = word.core_properties
    properties.title = document.title[:255]
    properties.subject = document.running[:255]
    properties.comments = document.description[:255]
    properties.author = properties.last_modified_by = document.author
    properties.language = language_tag()
    properties.created = properties.modified = dated
    properties.revision = 1


def repacked(packed: bytes) -> bytes:
    """Return a package with its members in order, undated and as they are."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(packed)) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target,
    ):
        names = sorted(source.namelist(), key=lambda name: (name != CONTENT_TYPES, name))
        for name in names:
            member = zipfile.ZipInfo(name, UNDATED)
            member.create_system = 3
            member.external_attr = PLAIN_FILE
            target.writestr(member, source.read(name))
    return stream.getvalue()
