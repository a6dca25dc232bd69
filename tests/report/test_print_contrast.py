"""Every pair of text and ground in print can be read: contrast by arithmetic (WCAG 2.2)."""

import re
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from present import sample
from present.test_palette import contrast
from report import variants
from trialkit.present import canvas, palette
from trialkit.report.build import build_document
from trialkit.report.typst import COLOURS, TEMPLATE
from trialkit.report.word_styles import STYLES
from trialkit.result.study_results import StudyResults

TEXT, MARK = 4.5, 3.0
PAPER = palette.PAPER
# What the template sets on what: words, then their ground, by the names of the colours.
PRINTED = {
    "text": ("ink", "paper"),
    "muted text, notes, limits among the badges": ("muted", "paper"),
    "badge of a strength, verdict for, accent": ("accent", "paper"),
    "verdict against": ("against", "paper"),
    "main result": ("accent", "tint"),
    "main result left open, callout, code": ("ink", "tint"),
    "muted run in a tinted box": ("muted", "tint"),
    "verdict against in a tinted box": ("against", "tint"),
    "badge and band of simulated data": ("ink", "warning"),
    "callout of simulated data": ("ink", "warning_tint"),
    "muted run in that callout": ("muted", "warning_tint"),
    "accent in that callout": ("accent", "warning_tint"),
}
EDGES = {
    "edge of a strength": ("accent", "tint"),
    "edge of what speaks against": ("against", "tint"),
    "edge of a limit": ("muted", "tint"),
    "edge of a warning": ("warning_edge", "warning_tint"),
    "outline of a badge that warns": ("ink", "paper"),
}
STUDIES = [
    sample.two_arms,
    sample.four_arms,
    variants.real_single_arm,
    variants.stand_in,
    variants.p_values_only,
]


def colour(name: str) -> str:
    return PAPER if name == "paper" else COLOURS[name]


@pytest.mark.parametrize(("words", "ground"), PRINTED.values(), ids=PRINTED)
def test_words_in_the_pdf_reach_4_5(words: str, ground: str):
    assert contrast(colour(words), colour(ground)) >= TEXT


@pytest.mark.parametrize(("edge", "ground"), EDGES.values(), ids=EDGES)
def test_edges_in_the_pdf_reach_3(edge: str, ground: str):
    assert contrast(colour(edge), colour(ground)) >= MARK
    assert contrast(colour(edge), PAPER) >= MARK


def test_the_template_uses_no_colour_but_those():
    template = TEMPLATE.read_text()
    named = dict(re.findall(r"#let ([\w-]+) = rgb\(doc\.colours\.(\w+)\)", template))
    grounds = {named[name] for name in re.findall(r"\bfill: (tint|warn|warn-tint)\b", template)}
    words = {named[name] for name in re.findall(r"fill: (ink|muted|accent|against)\b", template)}

    assert not re.findall(r'rgb\("|luma\(|cmyk\(|#[0-9a-f]{6}', template)
    assert set(named.values()) <= set(COLOURS)
    assert grounds | {"warning_tint", "warning"} == {"tint", "warning", "warning_tint"}
    assert {pair[0] for pair in PRINTED.values()} >= words


def word_pairs() -> Iterator[tuple[str, str, str]]:
    """Yield the style, the colour of its words and their ground, for each style of Word."""
    by_id = {style.id: style for style in STYLES}
    for style in STYLES:
        words, ground, rest = None, None, style
        while rest is not None:
            found = re.search(r'<w:color w:val="(\w{6})"', rest.text)
            words = words or (found and found[1])
            filled = re.search(r'w:fill="(\w{6})"', rest.paragraph + rest.text)
            ground = ground or (filled and filled[1])
            rest = by_id.get(rest.based or "")
        shown = f"#{words}" if words else palette.INK
        yield style.name, shown, f"#{ground}" if ground else PAPER


@pytest.mark.parametrize(("name", "words", "ground"), list(word_pairs()))
def test_words_in_word_reach_4_5(name: str, words: str, ground: str):
    assert contrast(words, ground) >= TEXT, name


def test_runs_of_word_keep_4_5_in_every_box():
    runs = [shown for name, shown, _ in word_pairs() if name in {"Muted", "Accent", "Against"}]
    boxes = {ground for _, _, ground in word_pairs()} - {palette.WARNING.upper()}

    assert len(runs) == 3
    assert len(boxes) >= 3
    for shown in runs:
        for ground in boxes - {palette.WARNING}:
            assert contrast(shown, ground) >= TEXT, (shown, ground)


def over(top: str, share: float, ground: str) -> str:
    """Return the colour of a translucent mark on its ground."""
    parts = zip(to_rgba(top)[:3], to_rgba(ground)[:3], strict=True)
    return to_hex([share * a + (1 - share) * b for a, b in parts])


def test_a_translucent_mark_is_mixed_as_it_is_drawn():
    assert over("#000000", 0.5, "#ffffff") == "#808080"
    assert over("#0b6e74", 1.0, "#ffffff") == "#0b6e74"


def fills(sheet: canvas.Sheet) -> list[tuple[Bbox, str]]:
    """Return the filled shapes of a sheet in the order of drawing: where, and in what colour."""
    renderer = FigureCanvasAgg(sheet.axes.figure).get_renderer()
    found = []
    for patch in sheet.axes.findobj(Patch):
        red, green, blue, alpha = to_rgba(patch.get_facecolor())
        if patch in (sheet.axes.patch, sheet.axes.figure.patch) or not patch.get_fill():
            continue
        if alpha and patch.get_visible():
            mixed = over(to_hex((red, green, blue)), alpha, PAPER)
            found.append((patch.get_window_extent(renderer), mixed))
    return found


@cache
def pairs_in_figures(study: Callable[[], StudyResults]) -> list[tuple[str, str, str, str]]:
    """Return figure, words, their colour and their ground for every text of every figure."""
    pairs = []
    drawn = canvas.Sheet.to_svg

    def watched(sheet: canvas.Sheet, figure_id: str) -> str:
        renderer = FigureCanvasAgg(sheet.axes.figure).get_renderer()
        shapes = fills(sheet)
        for text in sheet.axes.findobj(Text):
            if not text.get_text().strip():
                continue
            box = text.get_window_extent(renderer)
            x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
            grounds = {shade for place, shade in shapes if place.contains(x, y)} | {PAPER}
            shown = to_hex(text.get_color())
            pairs.extend((figure_id, text.get_text(), shown, ground) for ground in grounds)
        return drawn(sheet, figure_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas.Sheet, "to_svg", watched)
        build_document(study())
    return pairs


@pytest.mark.parametrize("study", STUDIES)
def test_words_in_figures_reach_4_5_on_whatever_lies_under_them(study):
    pairs = pairs_in_figures(study)

    assert pairs
    poor = {pair for pair in pairs if contrast(pair[2], pair[3]) < TEXT}
    assert poor == set()


@pytest.mark.parametrize("arm", palette.ARM_COLOURS)
def test_marks_of_an_arm_reach_3_on_paper_and_on_their_own_tints(arm: str):
    # The mean and its interval lie over the steps and the box of a raincloud.
    for share in (0.13, 0.3, 0.42):
        tint = over(arm, share, PAPER)
        assert contrast(palette.INK, tint) >= TEXT, share
    assert contrast(arm, PAPER) >= MARK
    assert contrast(arm, over(arm, 0.3, PAPER)) >= MARK


@pytest.mark.parametrize("study", STUDIES)
def test_whole_dots_and_lines_of_figures_reach_3_or_are_scaffolding(study):
    seen: set[str] = set()
    drawn = canvas.Sheet.to_svg

    def watched(sheet: canvas.Sheet, figure_id: str) -> str:
        for line in (part for part in sheet.axes.get_children() if isinstance(part, Line2D)):
            if line.get_alpha() in (None, 1, 1.0) and line.get_linestyle() != "None":
                seen.add(to_hex(line.get_color()))
        return drawn(sheet, figure_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canvas.Sheet, "to_svg", watched)
        build_document(study())

    assert seen
    # People out of 100 who do not meet a rule are drawn as empty places, and so counted.
    assert [shade for shade in seen - {palette.EMPTY} if contrast(shade, PAPER) < MARK] == []
