"""Texts without end: page one stays one page, nothing is lost, nothing runs off its paper."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape

import pikepdf
import pytest
from matplotlib.text import Text

from report import spoken, variants
from report.pdf_text import page_text
from trialkit.language.speech import speaking
from trialkit.present import canvas
from trialkit.report import room
from trialkit.report.build import build_document
from trialkit.report.document import Columns, Document, Heading, every_block
from trialkit.report.docx import render_docx
from trialkit.report.html import render_html
from trialkit.report.page_one import front_page
from trialkit.report.typst import render_pdf
from trialkit.result.study_results import StudyResults

Study = Callable[[], StudyResults]
STUDIES = [
    variants.long_texts,
    variants.long_words,
    variants.long_labels,
    variants.long_everything,
    variants.long_words_of_four,
]
every_study = pytest.mark.parametrize("study", STUDIES)
each_language = pytest.mark.parametrize("language", ["en", "de"])
each_paper = pytest.mark.parametrize("paper", ["a4", "letter"])
CONTENTS = {"en": "Contents", "de": "Inhalt"}
EDGE = 15 * 72 / 25.4  # the text keeps 20 mm from the sides, and nothing comes nearer than this
SMALLEST = 6.5


@cache
def document(study: Study, language: str = "en") -> Document:
    with speaking(language):
        return build_document(study())


@cache
def printed(study: Study, language: str, paper: str) -> bytes:
    with speaking(language):
        return render_pdf(document(study, language), paper=paper)


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "")


@every_study
@each_language
@each_paper
def test_page_one_is_one_page(study: Study, language: str, paper: str):
    with pikepdf.open(io.BytesIO(printed(study, language, paper))) as pdf:
        first, second = (squeezed(page_text(sheet)) for sheet in pdf.pages[:2])

    (last,) = [item for item in front_page(study()) if isinstance(item, Columns)]
    assert last.left
    assert second.removeprefix(squeezed(document(study, language).warning or "")).startswith(
        CONTENTS[language]
    )
    end = document(study, language).front[-1]
    assert squeezed("".join(spoken.words(end))[-12:]) in first


def type_sizes(content: pikepdf.Page) -> Iterator[float]:
    """Yield the sizes in which the text of a page is set."""
    scales, scale = [], 1.0
    for operands, operator in pikepdf.parse_content_stream(content):
        if str(operator) == "q":
            scales.append(scale)
        elif str(operator) == "Q":
            scale = scales.pop()
        elif str(operator) == "cm":
            scale *= abs(float(operands[0]))
        elif str(operator) == "Tf":
            yield float(operands[1]) * scale


@pytest.mark.parametrize("study", [variants.long_texts, variants.long_words, variants.long_labels])
@each_paper
def test_page_one_of_long_texts_can_be_read(study: Study, paper: str):
    with pikepdf.open(io.BytesIO(printed(study, "de", paper))) as pdf:
        sizes = list(type_sizes(pdf.pages[0]))

    assert len(sizes) > 20
    assert min(sizes) >= SMALLEST


def runs_of(content: pikepdf.Page) -> Iterator[tuple[float, float]]:
    """Yield where each stretch of text on a page begins and ends, from the paper's left edge."""
    fonts = content.Resources.get("/Font", {})
    widths = {name: glyph_widths(font) for name, font in fonts.items()}
    stack, matrix = [], pikepdf.Matrix()
    name, size, place = "", 0.0, pikepdf.Matrix()
    for operands, operator in pikepdf.parse_content_stream(content):
        match str(operator):
            case "q":
                stack.append(matrix)
            case "Q":
                matrix = stack.pop()
            case "cm":
                matrix = pikepdf.Matrix(*map(float, operands)) @ matrix
            case "Tf":
                name, size = str(operands[0]), float(operands[1])
            case "Tm":
                place = pikepdf.Matrix(*map(float, operands))
            case "Tj" | "TJ":
                parts = operands[0] if str(operator) == "TJ" else operands
                wide = size / 1000 * advance(parts, widths[name])
                whole = place @ matrix
                yield whole.e, whole.transform((wide, 0))[0]


def advance(parts: Iterator[object], widths: dict[int, float]) -> float:
    """Return how far text moves on, in thousandths of its size."""
    total = 0.0
    for part in parts:
        if isinstance(part, pikepdf.String):
            codes = bytes(part)
            pairs = zip(codes[::2], codes[1::2], strict=True)
            total += sum(widths.get(high * 256 + low, 1000.0) for high, low in pairs)
        else:
            total -= float(part)
    return total


def glyph_widths(font: pikepdf.Object) -> dict[int, float]:
    """Return the width of each glyph of a composite font."""
    found: dict[int, float] = {}
    items = list(font.DescendantFonts[0].get("/W", []))
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, pikepdf.Array):
            found |= {first + offset: float(wide) for offset, wide in enumerate(second)}
        else:
            wide = float(items.pop(0))
            found |= dict.fromkeys(range(first, int(second) + 1), wide)
    return found


@every_study
def test_no_word_runs_off_the_page(study: Study):
    with pikepdf.open(io.BytesIO(printed(study, "en", "a4"))) as pdf:
        pages = [(float(sheet.mediabox[2]), list(runs_of(sheet))) for sheet in pdf.pages]

    assert sum(len(runs) for _, runs in pages) > 200
    for number, (width, runs) in enumerate(pages, start=1):
        off = [run for run in runs if run[0] < EDGE or run[1] > width - EDGE]
        assert off == [], number


@every_study
def test_nothing_of_a_long_text_is_lost(study: Study):
    results, given = study(), document(study)
    further = squeezed("\n".join(text for block in given.parts for text in spoken.words(block)))
    header = results.study.study
    stated = [header.question, header.subtitle, header.participants, *header.limits]
    labels = [item.label for item in (*results.study.arm, *results.study.endpoint)]
    claims = [text for claim in results.claims for text in (claim.text, claim.article_title)]

    long = [text for text in (*stated, *labels, *claims) if text and len(text) > room.SUBTITLE]
    assert long
    assert [text for text in long if squeezed(text).rstrip(".") not in further] == []


@every_study
def test_what_page_one_shortens_says_where_it_stands_whole(study: Study):
    front = document(study).front
    anchors = {block.anchor for block in document(study).parts if isinstance(block, Heading)}
    links = set(re.findall(r"href='#([a-z-]+)'", repr(front)))

    assert links
    assert links <= anchors
    texts = [text for block in every_block(front) for text in spoken.words(block)]
    cut = [text for text in texts if room.ELLIPSIS in text]
    assert cut
    assert all(f" {room.ELLIPSIS}" in text for text in cut)


def test_a_study_of_short_texts_has_no_part_for_the_rest():
    given = document(variants.real)
    anchors = {block.anchor for block in given.parts if isinstance(block, Heading)}

    assert "limits" not in anchors
    assert "limits" in {
        block.anchor for block in document(variants.long_texts).parts if isinstance(block, Heading)
    }
    assert room.ELLIPSIS not in repr(given.front)


def test_the_loud_limit_stays_on_page_one():
    front = repr(document(variants.long_texts).front)

    assert "Run(text='about harms: " in front


def test_names_cut_alike_are_told_apart_by_their_ids():
    arms = room.with_short_names(variants.long_labels().study).arm

    assert all(arm.label.endswith(f" {room.ELLIPSIS} ({arm.id})") for arm in arms)
    assert len({arm.label for arm in arms}) == len(arms) > 1
    assert room.with_short_names(variants.real().study) is variants.real().study


@every_study
def test_no_word_of_a_chart_leaves_its_sheet_or_lies_on_another(study: Study):
    off, hits, seen = [], [], 0
    drawn = canvas.Sheet.to_svg

    def watched(sheet: canvas.Sheet, figure_id: str) -> str:
        nonlocal seen
        lines = [placed(item) for item in sheet.axes.findobj(Text) if item.get_text().strip()]
        seen += len(lines)
        for left, right, base, size, text in lines:
            if left < -0.5 or right > sheet.width + 0.5 or not 0 < base < sheet.height + 0.5:
                off.append((figure_id, text, size))
        for number, one in enumerate(lines):
            hits.extend((figure_id, one, two) for two in lines[number + 1 :] if touch(one, two))
        return drawn(sheet, figure_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas.Sheet, "to_svg", watched)
        build_document(study())

    assert seen > 50
    assert off == []
    assert hits == []


Line = tuple[float, float, float, float, str]


def placed(item: Text) -> Line:
    """Return where a line begins and ends, its base line, its size and its words."""
    x, base = item.get_position()
    width = canvas.stretch_width(item.get_text(), item.get_fontproperties())
    left = x - {"left": 0.0, "center": 0.5, "right": 1.0}[item.get_ha()] * width
    return left, left + width, base, item.get_fontsize(), item.get_text()


def touch(one: Line, two: Line) -> bool:
    """Return whether two lines lie over each other."""
    apart = one[1] <= two[0] + 0.5 or two[1] <= one[0] + 0.5
    return not apart and abs(one[2] - two[2]) < 0.72 * min(one[3], two[3])


@every_study
def test_a_long_word_can_break_in_every_table_of_the_page(study: Study):
    page = render_html(document(study))
    cells = re.findall(r"<t[dh]\b([^>]*)>(.*?)</t[dh]>", page, re.DOTALL)
    # What is wordy or a link breaks anywhere by its style, as running text does.
    plain = [cell for marks, cell in cells if "wordy" not in marks and "<a " not in cell]
    texts = [unescape(re.sub(r"<(?!wbr)[^>]+>", "", cell)) for cell in plain]
    words = {word for text in texts for part in text.split("<wbr>") for word in part.split()}

    assert len(words) > 100
    assert [word for word in words if len(word) > 40] == []
    assert "td.wordy{min-width:16rem;white-space:normal;overflow-wrap:anywhere}" in page
    assert "overflow-wrap:break-word" in page


@every_study
def test_no_column_of_word_is_squeezed_to_nothing(study: Study):
    with zipfile.ZipFile(io.BytesIO(render_docx(document(study)))) as archive:
        content = archive.read("word/document.xml").decode()
    widths = [int(twips) for twips in re.findall(r'<w:gridCol w:w="(\d+)"', content)]

    assert len(widths) > 20
    assert min(widths) >= 200  # a third of a centimetre holds two letters
    assert set(re.findall(r'<w:tblLayout w:type="(\w+)"', content)) == {"fixed"}
