"""Where pages break: no heading and no caption alone, no note apart, no page half empty."""

import io
from dataclasses import replace
from datetime import date
from functools import cache

import pikepdf
import pytest

from present import sample
from report import variants
from report.pdf_text import page_text
from trialkit.present.exhibit import Column, Figure, Table
from trialkit.report.build import build_document
from trialkit.report.document import (
    Block,
    Bullets,
    Code,
    Document,
    FigureBlock,
    Heading,
    PageBreak,
    Run,
    TableBlock,
    paragraph,
)
from trialkit.report.paper import known_paper
from trialkit.report.typst import render_pdf

MM = 72 / 25.4
LINE = paragraph("A line of text that stands here to fill the page.")
PAPERS = pytest.mark.parametrize("paper", ["a4", "letter"])


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "")


def document(*parts: Block) -> Document:
    return Document(
        title="Does it?",
        description="A document",
        front=(Heading(text="Does it?", role="title", anchor="top"),),
        parts=parts,
        running="running",
        dated=date(2026, 1, 2),
    )


def heading(text: str = "The heading", role="section") -> Heading:
    return Heading(text=text, role=role, anchor=text.lower().replace(" ", "-"))


def table(rows: int, *notes: str) -> TableBlock:
    return TableBlock(
        caption="The caption",
        table=Table(
            id="table",
            title="A table",
            columns=(Column(label="What"), Column(label="Value", align="right")),
            rows=tuple((f"row{number:02d}", f"{number}.5") for number in range(rows)),
            footnotes=notes,
        ),
    )


def figure(height: float) -> FigureBlock:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 482 {height}">'
        f'<rect width="482" height="{height}" fill="#0b6e74"/></svg>\n'
    )
    drawn = Figure(
        id="figure",
        title="A figure",
        svg=svg,
        alt="A box.",
        data=table(1).table,
        footnotes=("The note of the figure.",),
    )
    return FigureBlock(caption="The figure", figure=drawn)


@cache
def pages_of(parts: tuple[Block, ...], paper: str = "a4") -> list[str]:
    """Return the text of the pages after page one."""
    with pikepdf.open(io.BytesIO(render_pdf(document(*parts), paper=paper))) as pdf:
        return [squeezed(page_text(page)) for page in pdf.pages][1:]


def page_with(pages: list[str], text: str) -> int:
    found = [number for number, page in enumerate(pages) if squeezed(text) in page]
    assert len(found) == 1, (text, found)
    return found[0]


# As many lines as bring what follows to the foot of a page, one after the other.
FILLS = range(46, 56, 2)


def test_the_fills_reach_the_foot_of_the_page():
    ends = {
        page_with(pages_of((*[LINE] * fill, paragraph("The end."))), "Theend.") for fill in FILLS
    }

    assert ends == {0, 1}


@PAPERS
@pytest.mark.parametrize("role", ["section", "subsection", "minor"])
def test_no_heading_stands_alone_at_the_foot(role, paper):
    for fill in FILLS:
        above = (heading("A part"), *[LINE] * (fill - 3))
        parts = (*above, heading(role=role), paragraph("What follows it."))
        pages = pages_of(parts, paper)
        assert page_with(pages, "The heading") == page_with(pages, "What follows it."), fill


@pytest.mark.parametrize("rows", [6, 40])
def test_a_caption_and_a_heading_keep_the_first_rows_of_their_table(rows):
    for fill in FILLS:
        pages = pages_of((*[LINE] * fill, heading(), table(rows)))
        start = page_with(pages, "The caption")
        assert page_with(pages, "The heading") == start, fill
        assert page_with(pages, "row02") == start, fill


def test_a_low_table_and_its_notes_are_never_parted():
    for fill in FILLS:
        pages = pages_of((*[LINE] * fill, table(6, "A note.", "Another note.")))
        places = {page_with(pages, text) for text in ("row00", "row05", "A note.", "Another note.")}
        assert len(places) == 1, fill


def test_a_row_that_heads_others_stays_with_the_first_of_them():
    rows = (("Sex, n (%)", "0.1"), ("male", "1"), ("female", "2"), ("other", "3")) * 12
    inset = tuple(number for number in range(len(rows)) if number % 4)
    given = table(1)
    grouped = replace(given, table=replace(given.table, rows=rows, inset=inset))

    for fill in FILLS:
        pages = pages_of((*[LINE] * (fill - 26), grouped))
        assert len(pages) > 1
        for page in pages:
            assert page.count("Sex,n(%)0.1") == page.count("Sex,n(%)0.1male1"), fill


@pytest.mark.parametrize("role", ["body", "small", "label"])
def test_a_text_that_ends_in_a_colon_stays_with_what_it_announces(role):
    for fill in FILLS:
        announced = (paragraph("These follow:", role=role), Code(text="one\ntwo", label="Two"))
        pages = pages_of((*[LINE] * fill, *announced))
        assert page_with(pages, "These follow:") == page_with(pages, "one"), fill


def test_a_bold_name_stays_with_what_it_names():
    for fill in FILLS:
        named = (paragraph(Run("The analysis.", "strong")), Bullets(items=((Run("It fits."),),)))
        pages = pages_of((*[LINE] * fill, *named))
        assert page_with(pages, "The analysis.") == page_with(pages, "It fits."), fill


def test_a_long_table_says_its_head_again_and_keeps_its_notes_together():
    pages = pages_of((table(90, "A note.", "Another note."),))

    assert page_with(pages, "row00") != page_with(pages, "row89")
    assert all(page.count("What") == 1 for page in pages[: page_with(pages, "row89") + 1])
    assert page_with(pages, "A note.") == page_with(pages, "Another note.")


def test_the_notes_of_a_long_table_stay_with_its_last_rows():
    for fill in range(30, 46):
        pages = pages_of((*[LINE] * fill, table(14, "A note.", "Another note.", "A third.")))
        end = page_with(pages, "A note.")
        assert end == page_with(pages, "A third."), fill
        assert end == page_with(pages, "row12") == page_with(pages, "row13"), fill


def named_alike() -> TableBlock:
    """Return a long table whose first cells are alike by four."""
    given = table(60, "A note.")
    rows = tuple((f"group{row // 4:02d}", f"{row:02d}.5") for row in range(60))
    return replace(given, table=replace(given.table, rows=rows))


def test_a_name_of_several_rows_is_said_once():
    pages = pages_of((named_alike(),))

    assert [sum(page.count(f"group{number:02d}") for page in pages) for number in range(15)] == (
        [1] * 15
    )
    assert [sum(page.count(f"{row:02d}.5") for page in pages) for row in range(60)] == [1] * 60


def test_the_last_rows_of_one_name_stay_with_it_and_with_the_notes():
    for fill in FILLS:
        pages = pages_of((*[LINE] * (fill - 22), named_alike()))
        texts = ("group14", "56.5", "59.5", "A note.")
        assert len({page_with(pages, text) for text in texts}) == 1, fill


def test_one_long_word_in_a_column_does_not_break_the_lines_of_another():
    given = table(1)
    columns = tuple(Column(label=label) for label in ("Analysis", "Role", "Method", "Estimand"))
    name = "Intensity after, at equal pain before: both trials"
    rows = [(f"{name} {row:02d}", "sensitivity", "Responders", "pain-cbf") for row in range(38)]
    rows[0] = ("First", "supplementary, unpleasantness", "Welch's comparison of means", "change")
    rows[1] = ("Second", "main", "Rank-sum test", "unpleasantness-cbf-any-responders")
    block = replace(given, table=replace(given.table, columns=columns, rows=tuple(rows)))

    # A page has room for so many rows of one line, not of two.
    assert page_with(pages_of((block,)), "trials37") == 0


def test_a_figure_stays_with_its_caption_and_its_notes():
    for fill in FILLS:
        pages = pages_of((*[LINE] * fill, figure(200)))
        assert page_with(pages, "The figure") == page_with(pages, "The note of the figure.")


def test_a_figure_with_room_stands_where_it_is_told_of():
    (page,) = pages_of((paragraph("Before it."), figure(200), paragraph("After it.")))
    order = [page.index(squeezed(text)) for text in ("Before it.", "The figure", "After it.")]

    assert order == sorted(order)


def test_text_goes_on_where_a_figure_has_no_room():
    pages = pages_of((*[LINE] * 24, paragraph("Before it."), figure(480), paragraph("After it.")))

    assert page_with(pages, "Before it.") == page_with(pages, "After it.") == 0
    assert page_with(pages, "The figure") == 1


def test_no_figure_strays_beyond_its_part():
    parts = (*[LINE] * 24, figure(480), heading("The next part"), LINE)
    pages = pages_of(parts)

    assert page_with(pages, "The figure") <= page_with(pages, "The next part")
    both = pages[page_with(pages, "The next part")]
    assert both.index("Thefigure") < both.index("Thenextpart")


def test_a_figure_does_not_come_before_the_heading_of_its_part():
    for fill in FILLS:
        pages = pages_of((*[LINE] * (fill - 26), heading(), figure(400), table(12)))
        first, last = page_with(pages, "The heading"), page_with(pages, "The figure")
        assert first <= last, fill
        if first == last:
            assert pages[first].index("Theheading") < pages[first].index("Thefigure"), fill


def test_a_drawing_higher_than_the_page_is_made_to_fit():
    pages = pages_of((figure(1600), paragraph("After it.")), "letter")

    # What is below it shows that nothing hangs over the edge of the page.
    assert page_with(pages, "The figure") == page_with(pages, "The note of the figure.") == 0
    assert page_with(pages, "After it.") == 0


def heading_places(pdf: pikepdf.Pdf) -> list[tuple[str, int, float]]:
    """Return the headings of the outline: text, page, and height above the paper's edge."""
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages)}
    found: list[tuple[str, int, float]] = []

    def visit(items: list[pikepdf.OutlineItem]) -> None:
        for item in items:
            target = item.destination if item.destination is not None else item.action.D
            found.append((item.title, numbers[target[0].objgen], float(target[3])))
            visit(item.children)

    with pdf.open_outline() as outline:
        visit(outline.root)
    return found


@PAPERS
@pytest.mark.parametrize("study", [sample.two_arms, sample.four_arms, variants.real_single_arm])
def test_every_heading_of_a_report_has_lines_below_it(study, paper):
    margin = known_paper(paper).bottom * MM
    with pikepdf.open(io.BytesIO(render_pdf(build_document(study()), paper=paper))) as pdf:
        places = heading_places(pdf)

    assert len(places) > 10
    # A heading and a line are higher than this; the foot of the text is at the margin.
    assert [place for place in places if place[2] < margin + 9 * MM] == []


def test_two_parts_that_follow_a_break_are_on_their_own_pages():
    pages = pages_of((paragraph("One."), PageBreak(), paragraph("Two.")))

    assert [page_with(pages, "One."), page_with(pages, "Two.")] == [0, 1]


def test_a_figure_that_almost_has_room_is_drawn_smaller_where_it_is_told_of():
    def places(height: float) -> tuple[int, int, int]:
        parts = (*[LINE] * 23, paragraph("Before it."), figure(height), paragraph("After it."))
        pages = pages_of(parts)
        before, drawn, after = (
            page_with(pages, text) for text in ("Before it.", "The figure", "After it.")
        )
        return before, drawn, after

    assert [places(height)[1] for height in (360, 380, 400)] == [0, 0, 0]
    # So much smaller would be too small to read; the text goes on.
    assert places(440) == (0, 1, 0)


def test_a_figure_without_room_stands_after_the_table_that_goes_on():
    for fill in range(28, 42, 2):
        pages = pages_of((*[LINE] * fill, heading(), figure(480), table(40), LINE))
        start = page_with(pages, "The caption")
        assert page_with(pages, "The heading") == start, fill
        for page in pages[start + 1 :]:
            told = page.find("Thefigure")
            # The rows of the table are not parted by the figure.
            assert told < 0 or "row" not in page[told:], fill


def test_figures_keep_their_order():
    for fill in FILLS:
        second = replace(figure(100), caption="The second")
        parts = (*[LINE] * (fill - 22), figure(480), LINE, second, *[LINE] * 30)
        pages = pages_of(parts)
        first = page_with(pages, "The figure")
        assert first <= page_with(pages, "The second"), fill
        page = pages[first]
        assert "Thesecond" not in page or page.index("Thefigure") < page.index("Thesecond"), fill
