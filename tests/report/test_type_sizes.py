"""Type in print: charts speak in the report's own face, and nothing is too small to read."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from font_source_sans_pro import font_files_ttf
from matplotlib.text import Text

from present import sample
from report import variants
from trialkit.present import canvas
from trialkit.report.build import build_document
from trialkit.report.document import Block, Columns, Document, FigureBlock, KeyResult
from trialkit.report.drawing import drawn_size
from trialkit.report.paper import TEXT_WIDTH
from trialkit.report.typst import TEMPLATE
from trialkit.report.word_styles import STYLES
from trialkit.result.study_results import StudyResults

SMALLEST = 6.5
FULL = TEXT_WIDTH * 72 / 25.4
EM = 9.6  # of the text, where nothing had to shrink
# As the template sets them: two columns with 1.8 em between, and of the box of the main
# result six tenths less its insets of 1.3 em and a gutter of 1.6 em.
COLUMN = (FULL - 1.8 * EM) / 2
BESIDE = (FULL - 2 * 1.3 * EM - 1.6 * EM) * 0.6
STUDIES = [
    sample.two_arms,
    sample.four_arms,
    variants.real_single_arm,
    variants.stand_in,
    variants.p_values_only,
]
every_study = pytest.mark.parametrize("study", STUDIES)


def shown(blocks: tuple[Block, ...], room: float) -> Iterator[tuple[str, float, str]]:
    """Yield the id of each figure, the width it has in print, and its drawing."""
    for block in blocks:
        if isinstance(block, FigureBlock):
            yield block.figure.id, room, block.figure.svg
        elif isinstance(block, KeyResult) and block.figure is not None:
            yield block.figure.id, BESIDE, block.figure.svg
        elif isinstance(block, Columns):
            yield from shown((*block.left, *block.right), COLUMN)


@cache
def built(study: Callable[[], StudyResults]) -> tuple[Document, dict[str, list[Text]]]:
    """Return a document, and the texts written into each of its drawings."""
    written: dict[str, list[Text]] = defaultdict(list)
    drawn = canvas.Sheet.to_svg

    def watched(sheet: canvas.Sheet, figure_id: str) -> str:
        written[figure_id] += [item for item in sheet.axes.findobj(Text) if item.get_text().strip()]
        return drawn(sheet, figure_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas.Sheet, "to_svg", watched)
        return build_document(study()), dict(written)


@every_study
def test_no_word_of_a_chart_is_smaller_in_print_than_can_be_read(study):
    document, written = built(study)
    figures = list(shown((*document.front, *document.parts), FULL))

    assert figures
    for figure_id, room, svg in figures:
        scale = min(1.0, room / drawn_size(svg)[0])
        sizes = {item.get_fontsize() * scale for item in written[figure_id]}
        assert sizes, figure_id
        assert min(sizes) >= SMALLEST, (figure_id, scale)


@every_study
def test_the_charts_are_set_in_the_face_of_the_report(study):
    _, written = built(study)
    own = {Path(font_files_ttf[name]).name for name in ("SourceSansPro", "SourceSansProSemibold")}
    faces = {
        Path(str(item.get_fontproperties().get_file())).name
        for items in written.values()
        for item in items
    }

    assert faces
    assert faces <= own


def test_the_figure_at_the_foot_of_page_one_is_never_too_small():
    least = float(re.search(r"#let least-filler = ([\d.]+)", TEMPLATE.read_text())[1])
    document, written = built(sample.two_arms)
    filler = document.filler.figure
    scale = least * min(1.0, FULL / drawn_size(filler.svg)[0])

    assert min(item.get_fontsize() for item in written[filler.id]) * scale >= SMALLEST


def test_the_template_gives_the_widths_that_are_computed_with():
    template = TEMPLATE.read_text()

    assert "#let base = 9.6pt" in template
    assert "column-gutter: 1.8em" in template
    assert "inset: (x: 1.3em, y: 1.15em)" in template
    assert "let gutter = 1.6em.to-absolute()" in template
    assert "let left-width = (size.width - gutter) * 0.4" in template


def test_no_type_of_the_template_is_too_small():
    set_sizes = [
        float(size) for size in re.findall(r"size: (\d+(?:\.\d+)?)pt", TEMPLATE.read_text())
    ]
    tables = re.search(r"#let table-size\(item\) = (.*)", TEMPLATE.read_text())[1]

    assert min(set_sizes) >= 7
    assert min(float(size) for size in re.findall(r"([\d.]+)pt", tables)) >= 7


def test_no_type_of_word_is_too_small():
    half_points = {
        style.name: int(size)
        for style in STYLES
        for size in re.findall(r'<w:sz w:val="(\d+)"', style.text)
    }
    del half_points["Table End"]  # the empty line that Word needs after a table

    assert min(half_points.values()) / 2 >= 7
