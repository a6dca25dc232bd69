"""The report in Word: named styles, whole tables, named pictures, the same bytes twice."""

import io
import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any, get_args
from uuid import UUID

import docx
import pytest
from docx.oxml.ns import nsmap, qn
from fontTools.ttLib import TTFont
from lxml import etree, html

from present import sample
from report import variants
from report.grids import rows_of_page
from trial_folder import DATA, replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.language.speech import speaking
from trialkit.present.canvas import text_width
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.present.synopsis import warning
from trialkit.report import document as blocks
from trialkit.report.build import build_document, running_line
from trialkit.report.document import Block, Document, Heading, Run, paragraph, plain
from trialkit.report.docx import render_docx
from trialkit.report.html import render_html
from trialkit.report.word_columns import COLUMN_WIDTH
from trialkit.report.word_fonts import obfuscated
from trialkit.report.word_styles import STYLES
from trialkit.report.word_tables import HEAD_LINES, TEXT_WIDTH, column_widths, text_size
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study

STUDIES = [
    sample.two_arms,
    sample.four_arms,
    variants.real_single_arm,
    variants.stand_in,
    variants.p_values_only,
    variants.hostile,
    variants.crowded,
]
every_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
NUMBER = re.compile(r"\d[\d.]*")
# Chunks of a PNG that hold the picture; any other could hold a name or a time.
PICTURE_CHUNKS = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"pHYs", b"sRGB", b"gAMA", b"tRNS"}


@cache
def docx_of(study: Callable[[], StudyResults]) -> bytes:
    return render_docx(build_document(study()))


@cache
def html_of(study: Callable[[], StudyResults]) -> str:
    return render_html(build_document(study()))


def members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        return {name: package.read(name) for name in package.namelist()}


def part(packed: bytes, name: str = "word/document.xml") -> etree._Element:
    return etree.fromstring(members(packed)[name])


def find(node: etree._Element, path: str) -> list[Any]:
    return node.xpath(path, namespaces=nsmap)


def text_of(node: etree._Element) -> str:
    return "".join(find(node, ".//w:t/text()"))


def squeezed(text: str) -> str:
    """Return text without what an alignment may put into it."""
    return " ".join(text.replace("\u2060", "").replace("\u2007", "").split())


def rows_of(table: etree._Element) -> tuple[tuple[str, ...], ...]:
    """Return the texts of a table; a cell that goes on under another has that one's."""
    found: list[tuple[str, ...]] = []
    for row in find(table, "./w:tr"):
        cells = find(row, "./w:tc")
        texts = [squeezed(text_of(cell)) for cell in cells]
        if find(cells[0], "./w:tcPr/w:vMerge[@w:val='continue']"):
            assert texts[0] == ""
            texts[0] = found[-1][0]
        found.append(tuple(texts))
    return tuple(found)


@every_study
def test_it_is_a_package_that_word_opens(study: Callable[[], StudyResults]):
    found = members(docx_of(study))
    types = etree.fromstring(found["[Content_Types].xml"])
    known = {item.get("Extension") for item in types if item.tag.endswith("Default")}
    named = {item.get("PartName") for item in types if item.tag.endswith("Override")}

    assert next(iter(found)) == "[Content_Types].xml"
    assert named <= {f"/{name}" for name in found}
    for name, content in found.items():
        assert name == "[Content_Types].xml" or (
            f"/{name}" in named or name.rpartition(".")[2] in known
        )
        if not name.endswith((".png", ".odttf")):
            etree.fromstring(content)
    opened = docx.Document(io.BytesIO(docx_of(study)))
    assert len(opened.tables) == len(find(part(docx_of(study)), "//w:tbl"))


@every_study
def test_every_relationship_is_met_and_nothing_is_fetched(study: Callable[[], StudyResults]):
    found = members(docx_of(study))
    outside = set()

    for name in found:
        if not name.endswith(".rels"):
            continue
        folder = PurePosixPath(name).parent.parent
        for item in etree.fromstring(found[name]):
            if item.get("TargetMode") == "External":
                assert item.get("Type").endswith("/hyperlink")
                outside.add(item.get("Target"))
            else:
                assert str(folder / item.get("Target")).lstrip("/") in found
    addresses = html.fromstring(html_of(study)).xpath("//a/@href")
    assert outside == {address for address in addresses if address.startswith("http")}
    body = part(docx_of(study))
    assert set(find(body, "//w:hyperlink/@w:anchor")) <= set(
        find(body, "//w:bookmarkStart/@w:name")
    )


@every_study
def test_tables_repeat_their_heads_and_keep_their_rows(study: Callable[[], StudyResults]):
    tables = find(part(docx_of(study)), "//w:tbl")

    assert tables
    for table in tables:
        head, *rows = find(table, "./w:tr")
        assert find(table, "./w:tblPr/w:tblStyle/@w:val") == ["ReportTable"]
        assert find(table, "./w:tblPr/w:tblCaption/@w:val") != [""]
        assert find(head, "./w:trPr/w:tblHeader")
        assert not any(find(row, "./w:trPr/w:tblHeader") for row in rows)
        assert all(find(row, "./w:trPr/w:cantSplit") for row in (head, *rows))
        above = table.getprevious()
        assert find(above, "./w:pPr/w:pStyle/@w:val") == ["Caption"]
        widths = [int(width) for width in find(table, "./w:tblGrid/w:gridCol/@w:w")]
        assert sum(widths) == TEXT_WIDTH
        assert min(widths) > 0
        for row in (head, *rows):
            spans = map(int, find(row, "./w:tc/w:tcPr/w:gridSpan/@w:val"))
            assert len(find(row, "./w:tc")) + sum(span - 1 for span in spans) == len(widths)


@every_study
def test_everything_is_set_by_a_style_that_is_there(study: Callable[[], StudyResults]):
    body = part(docx_of(study))
    known = set(find(part(docx_of(study), "word/styles.xml"), "//w:style/@w:styleId"))
    used = set(find(body, "//w:pStyle/@w:val | //w:rStyle/@w:val | //w:tblStyle/@w:val"))

    assert used <= known
    assert {"Title", "Heading1", "Heading2", "Caption", "TableText"} <= used
    assert all(find(item, "./w:pPr/w:pStyle") for item in find(body, "//w:p"))
    assert not find(body, "//w:rPr/*[not(self::w:rStyle or self::w:b)]")


def test_words_own_styles_have_their_names():
    names = {style.name for style in docx.Document(io.BytesIO(docx_of(sample.two_arms))).styles}

    assert {"Heading 1", "Heading 2", "Heading 3", "Caption", "Title", "List Bullet"} <= names
    assert len({style.id for style in STYLES}) == len(STYLES)


@every_study
def test_pictures_are_png_named_as_in_html(study: Callable[[], StudyResults]):
    found = members(docx_of(study))
    body = part(docx_of(study))
    drawings = html.fromstring(html_of(study)).xpath("//main//*[local-name()='svg']/@aria-label")

    assert [squeezed(alt) for alt in find(body, "//wp:docPr/@descr")] == [
        squeezed(alt) for alt in drawings
    ]
    assert len(set(find(body, "//wp:docPr/@id"))) == len(drawings)
    assert find(body, "//a:blip/@r:link") == []
    for extent in find(body, "//wp:extent"):
        assert 0 < int(extent.get("cx")) <= 170.1 * 36000
        assert 0 < int(extent.get("cy")) <= 226 * 36000
    for name, content in found.items():
        if "/media/" in name:
            assert set(chunks(content)) <= PICTURE_CHUNKS, name


def chunks(png: bytes) -> Iterator[bytes]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(png):
        (length,) = struct.unpack(">I", png[place : place + 4])
        yield png[place + 4 : place + 8]
        place += length + 12


@every_study
def test_every_table_and_number_of_the_html_is_there(study: Callable[[], StudyResults]):
    page = html.fromstring(html_of(study))
    body = part(docx_of(study))
    ours = {rows_of(table) for table in find(body, "//w:tbl")}

    for table in page.xpath("//main//table"):
        theirs = tuple(tuple(map(squeezed, texts)) for _, texts in rows_of_page(table))
        assert theirs in ours
    for drawing in page.xpath("//main//*[local-name()='svg']"):
        drawing.getparent().remove(drawing)
    said = " ".join(page.xpath("//main//text()"))
    assert set(NUMBER.findall(said)) <= set(NUMBER.findall(" ".join(find(body, "//w:t/text()"))))


@every_study
def test_every_text_of_the_document_is_there(study: Callable[[], StudyResults]):
    document = build_document(study())
    text = squeezed(" ".join(text_of(item) for item in find(part(docx_of(study)), "//w:p")))

    for block in blocks.every_block((*document.front, *document.parts)):
        if isinstance(block, Heading):
            assert squeezed(block.text) in text
        elif isinstance(block, blocks.Paragraph | blocks.Callout):
            assert squeezed("".join(run.text for run in block.runs)) in text
        elif isinstance(block, blocks.TableBlock):
            assert all(squeezed(note) in text for note in block.table.footnotes)


@every_study
def test_headings_are_those_of_the_html_and_the_figures_numbers(
    study: Callable[[], StudyResults],
):
    headings = [
        text_of(item)
        for item in find(part(docx_of(study)), "//w:p")
        if set(find(item, "./w:pPr/w:pStyle/@w:val"))
        & {"Title", "FrontHeading", "Heading1", "Heading2", "Heading3"}
    ]
    page = html.fromstring(html_of(study))

    assert headings[-1] == "The numbers in the figures"
    assert list(map(squeezed, headings[:-1])) == [
        squeezed(item.text_content())
        for item in page.xpath("//main//*[self::h1|self::h2|self::h3][not(ancestor::nav)]")
    ]


@every_study
def test_pages_are_a4_numbered_and_carry_the_hash(study: Callable[[], StudyResults]):
    packed = docx_of(study)
    sizes = find(part(packed), "//w:sectPr/w:pgSz")
    footer = part(packed, "word/footer1.xml")
    wanted = warning(study().study)

    assert {tuple(map(int, size.values()[:2])) for size in sizes} == {(11906, 16838)}
    assert find(footer, "//w:fldSimple/@w:instr") == ["PAGE", "NUMPAGES"]
    assert running_line(study()) in text_of(footer)
    if wanted is None:
        assert "word/header1.xml" not in members(packed)
    else:
        assert text_of(part(packed, "word/header1.xml")) == wanted


def test_language_and_properties_name_nobody_and_no_clock():
    document = replace(build_document(sample.two_arms()), dated=date(2020, 2, 29))
    packed = render_docx(document)
    properties = docx.Document(io.BytesIO(packed)).core_properties
    language = find(part(packed, "word/styles.xml"), "//w:docDefaults//w:lang/@w:val")

    assert (language, properties.language) == (["en-GB"], "en-GB")
    assert (properties.author, properties.last_modified_by) == ("trialkit", "trialkit")
    assert properties.title == document.title
    assert properties.created.isoformat() == properties.modified.isoformat()
    assert properties.created.date() == document.dated
    assert members(packed)["docProps/app.xml"].count(b"<") == 5
    assert not [name for name in members(packed) if "thumbnail" in name or "custom" in name]
    with zipfile.ZipFile(io.BytesIO(packed)) as package:
        assert {item.date_time for item in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("study", [sample.two_arms, sample.four_arms])
def test_the_same_results_give_the_same_bytes(study: Callable[[], StudyResults]):
    assert render_docx(build_document(study())) == docx_of(study)


def test_another_language_is_named_and_keeps_its_customs():
    with speaking("de"):
        packed = render_docx(document_of(paragraph("eins")))
    settings = part(packed, "word/settings.xml")

    assert find(part(packed, "word/styles.xml"), "//w:docDefaults//w:lang/@w:val") == ["de-DE"]
    assert docx.Document(io.BytesIO(packed)).core_properties.language == "de-DE"
    assert find(settings, "//w:decimalSymbol/@w:val") == [","]
    assert find(settings, "//w:listSeparator/@w:val") == [";"]
    footer = part(packed, "word/footer1.xml")
    assert find(footer, "//w:fldSimple/@w:instr") == ["PAGE", "NUMPAGES"]
    assert "{" not in text_of(footer)


def test_text_is_never_markup():
    assert variants.HOSTILE in text_of(part(docx_of(variants.hostile)))


def test_a_character_that_xml_cannot_hold_is_refused_by_number():
    results = variants.with_header(variants.real(), question="Does it \x0b help?")

    with pytest.raises(SpecificationError, match=r"U\+000B, first in 'Does it"):
        render_docx(build_document(results))


def test_no_participant_is_named(tmp_path: Path):
    data = replaced(DATA, "p12,1,4,1", "p12,1,4,1.0625").replace("p0", "person-name-0")
    results = run_study(write_trial(tmp_path, data=data), articles=())

    for content in members(render_docx(build_document(results))).values():
        assert b"person-name" not in content
        assert b"1.0625" not in content


# One of every kind of block, each with a word that must reach the page.
TABLE = Table(id="t", title="T", columns=(Column(label="H"),), rows=(("table-word",),))
FIGURE = Figure(id="f", title="F", svg='<svg viewBox="0 0 9 9"/>', alt="figure-word", data=TABLE)
EXAMPLES: dict[type, Any] = {
    Heading: Heading(text="heading-word", role="subsection", anchor="h"),
    blocks.Paragraph: paragraph("paragraph-word"),
    blocks.Bullets: blocks.Bullets(items=(plain("bullets-word"),)),
    blocks.Badges: blocks.Badges(badges=(blocks.Badge(text="badges-word", tone="limit"),)),
    blocks.KeyResult: blocks.KeyResult(headline="keyresult-word", certain=True, sentences=()),
    blocks.TableBlock: blocks.TableBlock(caption="tableblock-word", table=TABLE),
    blocks.FigureBlock: blocks.FigureBlock(caption="figureblock-word", figure=FIGURE),
    blocks.Verdicts: blocks.Verdicts(
        anchor="v", caption="verdicts-word", claim_head="Claim", rows=()
    ),
    blocks.Definitions: blocks.Definitions(items=(("term", plain("definitions-word")),)),
    blocks.Callout: blocks.Callout(title="callout-word", runs=()),
    blocks.Code: blocks.Code(text="code-word", label="Code"),
    blocks.PageBreak: blocks.PageBreak(),
    blocks.Columns: blocks.Columns(left=(paragraph("columns-word"),), right=()),
    blocks.Card: blocks.Card(title="card-word", href=None, anchor="c", blocks=()),
}


def document_of(*parts: Block) -> Document:
    return Document(title="T", description="", front=parts, running="r", dated=date(2020, 1, 1))


@pytest.mark.parametrize("kind", get_args(Block), ids=lambda kind: kind.__name__)
def test_every_kind_of_block_has_a_form_in_word(kind: type):
    assert kind in EXAMPLES, f"{kind.__name__} needs a form in word_blocks and an example here"

    body = part(render_docx(document_of(EXAMPLES[kind], paragraph("after"))))

    if kind is blocks.PageBreak:
        assert find(body, "//w:p[w:pPr/w:pageBreakBefore]/w:r/w:t/text()") == ["after"]
    else:
        assert f"{kind.__name__.lower()}-word" in text_of(body)


def test_links_lead_to_the_web_or_into_the_document_and_nowhere_else():
    body = part(
        render_docx(
            document_of(
                Heading(text="Here", role="section", anchor="here"),
                paragraph(
                    Run("web", href="https://example.org/"),
                    Run("inside", href="#here"),
                    Run("beside", href="../index.html"),
                    Run("script", href="javascript:alert(1)"),
                ),
            )
        )
    )

    assert [text_of(item) for item in find(body, "//w:hyperlink")] == ["web", "inside"]


def test_decimals_stand_under_each_other():
    columns = (Column(label="Arm"), Column(label="Points", align="decimal"))
    rows = (("a", "3"), ("b", "−12.25"), ("c", "0.5"), ("d", "–"))
    table = Table(id="t", title="T", columns=columns, rows=rows)
    body = part(render_docx(document_of(blocks.TableBlock(caption="T", table=table))))
    cells = [find(row, "./w:tc")[1] for row in find(body, "//w:tr")[1:]]

    assert [find(cell, ".//w:jc/@w:val") for cell in cells] == [["right"]] * 4
    insets = [sum(map(int, find(cell, ".//w:ind/@w:right"))) for cell in cells]
    assert insets[1] == insets[3] == 0
    digit = insets[2]
    assert digit == round(text_width("0", size=8.5) * 20)
    assert insets[0] > 2 * digit


def columns_of(*right: Block) -> list[etree._Element]:
    """Return the sections of a file with a text, two stacks, and a text."""
    stacks = blocks.Columns(left=(paragraph("left"),), right=right)
    body = part(render_docx(document_of(paragraph("before"), stacks, paragraph("after"))))
    assert [text for text in find(body, "//w:t/text()") if text in WORDS] == [*WORDS]
    return find(body, "//w:sectPr")


WORDS = ("before", "left", "right", "after")


def test_two_stacks_stand_in_columns_on_the_page_of_what_is_around_them():
    sections = columns_of(paragraph("right"))

    ends = [find(section, "ancestor::w:p//w:t/text()") for section in sections]
    assert ends == [["before"], ["right"], []]
    assert [find(section, "./w:cols/@w:num") for section in sections] == [[], ["2"], []]
    assert [find(section, "./w:type/@w:val") for section in sections] == [["continuous"]] * 3
    for tag in ("pgSz", "pgMar", "footerReference"):
        values = [dict(find(section, f"./w:{tag}")[0].attrib) for section in sections]
        assert values[0] == values[1] == values[2], tag


def test_a_table_is_never_in_a_column():
    columns = (Column(label="Who"), Column(label="n"))
    table = Table(id="t", title="T", columns=columns, rows=(("right", "1"),))

    assert len(columns_of(blocks.TableBlock(caption="C", table=table))) == 1


def test_a_picture_in_a_column_is_no_wider_than_the_column():
    block = EXAMPLES[blocks.FigureBlock]
    drawn = 'viewBox="0 0 482 100"'
    wide = replace(block.figure, svg=re.sub(r'viewBox="[^"]*"', drawn, block.figure.svg))
    stacks = blocks.Columns(left=(paragraph("left"),), right=(replace(block, figure=wide),))
    body = part(render_docx(document_of(stacks, paragraph("after"))))

    (width,) = find(body, "//wp:extent/@cx")
    assert int(width) == pytest.approx(COLUMN_WIDTH * 12700, abs=12700)


def test_a_name_of_several_rows_is_said_once_and_heads_them_all():
    columns = (Column(label="Arm"), Column(label="Measure"))
    rows = (("one", "a"), ("two", "b"), ("two", "c"), ("two", "d"))
    table = Table(id="t", title="T", columns=columns, rows=rows)
    body = part(render_docx(document_of(blocks.TableBlock(caption="T", table=table))))
    merged = [find(row, "./w:tc/w:tcPr/w:vMerge/@w:val") for row in find(body, "//w:tr")]

    assert merged == [[], [], ["restart"], ["continue"], ["continue"]]
    assert text_of(body).count("two") == 1
    assert rows_of(find(body, "//w:tbl")[0])[1:] == rows


def test_the_head_of_a_group_runs_over_the_whole_width_and_its_rows_are_set_in():
    columns = (Column(label="Who"), Column(label="n", align="decimal"))
    rows = (("A head of a group that is long", ""), ("women", "9"), ("men", "8"), ("all", "17"))
    table = Table(id="t", title="T", columns=columns, rows=rows, inset=(1, 2))
    _, group, *others = find(
        part(render_docx(document_of(blocks.TableBlock(caption="T", table=table)))), "//w:tr"
    )

    assert find(group, "./w:tc/w:tcPr/w:gridSpan/@w:val") == ["2"]
    assert find(group, ".//w:keepNext")
    indents = [find(row, "./w:tc[1]//w:ind/@w:left") for row in others]
    assert indents[0] == indents[1] != []
    assert indents[2] == []


@every_study
def test_no_column_is_narrower_than_its_numbers(study: Callable[[], StudyResults]):
    document = build_document(study())

    for block in blocks.every_block(document.parts):
        if isinstance(block, blocks.TableBlock):
            size, _ = text_size(len(block.table.columns))
            for index, width in enumerate(column_widths(block.table, size)):
                if block.table.columns[index].align == "decimal":
                    longest = max(text_width(row[index], size=size) for row in block.table.rows)
                    assert width >= longest * 20, (block.caption, index)


def test_a_long_head_over_short_numbers_has_few_lines_and_no_broken_word():
    label = "Difference of the adjusted means of pain at rest at the first visit, points"
    columns = (
        Column(label="Analysis, by its whole long name in the plan of the study"),
        Column(label=label, align="decimal"),
    )
    table = Table(id="t", title="T", columns=columns, rows=(("words " * 40, "0.5"),))

    _, width = column_widths(table, 8.5)

    words = [text_width(word, size=8.5, bold=True) * 20 for word in label.split()]
    assert width >= max(words)
    assert width * HEAD_LINES >= text_width(label, size=8.5, bold=True) * 20


def test_the_typefaces_travel_with_the_file():
    packed = docx_of(sample.two_arms)
    found = members(packed)
    table = part(packed, "word/fontTable.xml")
    places = {
        item.get("Id"): item.get("Target")
        for item in etree.fromstring(found["word/_rels/fontTable.xml.rels"])
    }
    cuts = find(table, "//w:embedRegular | //w:embedBold")

    assert len(cuts) == 4
    assert find(part(packed, "word/settings.xml"), "//w:embedTrueTypeFonts")
    for cut in cuts:
        key = UUID(cut.get(qn("w:fontKey")))
        font = TTFont(io.BytesIO(obfuscated(found[f"word/{places[cut.get(qn('r:id'))]}"], key)))
        assert font["name"].getDebugName(1) == cut.getparent().get(qn("w:name"))
        assert font["name"].getDebugName(2) in cut.tag
        assert set(map(ord, "aäßŁΩ−≤“…")) <= set(font.getBestCmap())
        assert font["OS/2"].fsType == 0  # may be embedded and installed


def test_a_table_longer_than_a_page_is_not_kept_whole():
    rows = (("head", ""), *((f"row {number}", "1") for number in range(60)))
    columns = (Column(label="Who"), Column(label="n", align="decimal"))
    table = Table(id="t", title="T", columns=columns, rows=rows, inset=tuple(range(1, 61)))
    body = part(render_docx(document_of(blocks.TableBlock(caption="T", table=table))))

    kept = [bool(find(row, ".//w:keepNext")) for row in find(body, "//w:tr")[1:]]
    assert kept[0]
    assert kept[-2]
    assert not any(kept[1:-2])
