"""The HTML report: one file, nothing from outside, readable by eye, ear and keyboard."""

import gc
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

import pytest
from lxml import html

from present import sample
from report import variants
from report.grids import rows_of_page
from trialkit.present import palette
from trialkit.present.exhibit import Column, Table
from trialkit.report.build import build_document
from trialkit.report.document import Document, Heading, TableBlock
from trialkit.report.fonts import FACES, font_rules, web_face
from trialkit.report.html import ROLES, contents, render_html
from trialkit.report.publish import site_links
from trialkit.result.study_results import StudyResults

STUDIES = [
    sample.two_arms,
    sample.four_arms,
    variants.real_single_arm,
    variants.stand_in,
    variants.p_values_only,
    variants.hostile,
]
every_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)


@cache
def text_of(study: Callable[[], StudyResults]) -> str:
    results = study()
    return render_html(build_document(results, navigation=site_links(results, "..")))


def page_of(study: Callable[[], StudyResults]) -> html.HtmlElement:
    return html.fromstring(text_of(study))


@every_study
def test_nothing_comes_from_outside(study: Callable[[], StudyResults]):
    page = page_of(study)

    assert page.xpath("//script | //iframe | //object | //embed | //link | //base") == []
    assert page.xpath("//@src | //@srcset | //@background | //@action") == []
    assert page.xpath("//@*[starts-with(name(), 'on')]") == []
    style = "".join(page.xpath("//style/text()"))
    assert "@import" not in style
    assert set(re.findall(r"url\((.{5})", style)) <= {"data:"}
    for address in page.xpath("//@href"):
        assert address.startswith(("#", "../", "https://doi.org/")), address
    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'")


@every_study
def test_ids_are_unique_and_every_reference_is_met(study: Callable[[], StudyResults]):
    page = page_of(study)
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))
    wanted = [address[1:] for address in page.xpath("//@href") if address.startswith("#")]
    wanted += [name for names in page.xpath("//@aria-labelledby") for name in names.split()]
    wanted += re.findall(r"url\(#([^)]+)\)", html.tostring(page, encoding="unicode"))
    assert set(wanted) <= set(ids)


@every_study
def test_headings_go_down_one_step_at_a_time(study: Callable[[], StudyResults]):
    levels = [int(item.tag[1]) for item in page_of(study).xpath("//h1|//h2|//h3|//h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


@every_study
def test_landmarks_language_and_skip_link(study: Callable[[], StudyResults]):
    page = page_of(study)

    assert page.get("lang") == "en-GB"
    for landmark in ("main", "header", "footer", "nav"):
        assert page.xpath(f"//{landmark}"), landmark
    assert page.xpath("//body/a[1]/@href") == ["#main"]
    assert page.xpath("//meta[@name='viewport']")
    assert page.xpath("//title/text()")[0].strip()


@every_study
def test_drawings_are_named_and_their_numbers_are_there(study: Callable[[], StudyResults]):
    page = page_of(study)

    drawings = page.xpath("//main//*[local-name()='svg']")
    assert drawings
    for drawing in drawings:
        assert drawing.get("role") == "img"
        assert len(drawing.get("aria-label")) > 30
        figure = drawing.xpath("ancestor::figure[1]")[0]
        assert figure.xpath(".//details//table//td")


@every_study
def test_tables_have_heads_and_scroll_by_keyboard(study: Callable[[], StudyResults]):
    page = page_of(study)

    for table in page.xpath("//table"):
        assert table.xpath("./thead//th[@scope='col']")
        columns = len(table.xpath("./thead//th"))
        for row, texts in rows_of_page(table):
            assert len(texts) == (1 if row.xpath("./th[@scope='rowgroup']") else columns)
            assert len(row.xpath("./th")) <= 1 or row.getparent().tag == "thead"
    for region in page.xpath("//div[@class='scroll']"):
        assert (region.get("tabindex"), region.get("role")) == ("0", "group")


def document_of(block: TableBlock) -> Document:
    return Document(title="T", description="", front=(block,), running="r", dated=date(2020, 1, 1))


def named_alike(rows: int, align: str = "left") -> TableBlock:
    """Return a table whose first ten rows have one name, and whose last has another."""
    table = Table(
        id="t",
        title="T",
        columns=(Column(label="Arm", align=align), Column(label="Value")),
        rows=(*(("7", f"{number}") for number in range(rows)), ("8", "last")),
    )
    return TableBlock(caption="C", table=table)


def test_a_name_of_several_rows_is_said_once_and_again_after_eight():
    page = html.fromstring(render_html(document_of(named_alike(10))))

    heads = page.xpath("//main//tbody//th")
    assert [(head.text, head.get("rowspan"), head.get("scope")) for head in heads] == [
        ("7", "8", "row"),
        ("7", "2", "row"),
        ("8", None, "row"),
    ]


def test_a_number_is_no_name_and_is_said_in_every_row():
    page = html.fromstring(render_html(document_of(named_alike(10, "right"))))

    assert [head.text for head in page.xpath("//main//tbody//th")] == ["7"] * 10 + ["8"]


def test_text_is_never_markup():
    text = text_of(variants.hostile)

    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert variants.HOSTILE in html.fromstring(text).text_content()


def test_the_same_results_give_the_same_bytes():
    first, second = (render_html(build_document(sample.two_arms())) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("simulated", [True, False])
def test_the_banner_stands_on_simulated_pages_alone(simulated: bool):
    page = page_of(sample.two_arms if simulated else variants.real)

    assert bool(page.xpath("//aside[@class='banner']")) == simulated


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("paper", ["--paper", "--tint"])
@pytest.mark.parametrize("text", ["--ink", "--muted", "--accent", "--against"])
def test_text_stands_out_from_its_paper(text: str, paper: str, dark: bool):
    colours = {name: palette.DARK[value] if dark else value for name, value in ROLES.items()}

    assert contrast(colours[text], colours[paper]) >= 4.5


def test_the_warning_stands_out():
    assert contrast("#1f2a30", "#ffd54a") >= 7


def test_fonts_hold_the_characters_of_the_page_and_no_others():
    small, large = font_rules("ab"), font_rules("abcdefghijklmnopqrstuvwxyz")

    assert len(small) < len(large)
    assert small == font_rules("ba")
    assert web_face(FACES[0].path, "a")[:4] == b"wOF2"


def test_no_font_file_stays_open():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        web_face(FACES[0].path, "a")
        gc.collect()

    assert [str(item.message) for item in caught] == []


def test_a_group_of_rows_has_a_head_over_the_whole_width():
    columns = (Column(label="Who"), Column(label="n", align="right"))
    rows = (("Sex", ""), ("women", "9"), ("Age", "17"), ("mean", "45"), ("Alone", "1"))
    table = Table(id="t", title="T", columns=columns, rows=rows, inset=(1, 3))
    block = TableBlock(caption="T", table=table)
    document = Document(
        title="T", description="", front=(block,), running="r", dated=date(2020, 1, 1)
    )

    bodies = html.fromstring(render_html(document)).findall(".//tbody")
    (head,) = bodies[0][0]
    kinds = [row.get("class") for body in bodies for row in body]

    assert (head.get("scope"), head.get("colspan"), head.text) == ("rowgroup", "2", "Sex")
    assert kinds == ["group", "inset", "head", "inset", None]


def test_two_groups_have_a_body_each():
    columns = (Column(label="Who"), Column(label="n", align="right"))
    rows = (("Sex", ""), ("women", "9"), ("Age", ""), ("mean", "45"))
    table = Table(id="t", title="T", columns=columns, rows=rows, inset=(1, 3))
    document = Document(
        title="T",
        description="",
        front=(TableBlock(caption="T", table=table),),
        running="r",
        dated=date(2020, 1, 1),
    )

    bodies = html.fromstring(render_html(document)).findall(".//tbody")

    assert [[row[0].text for row in body] for body in bodies] == [["Sex", "women"], ["Age", "mean"]]


def headed(*roles: tuple[str, str]) -> Document:
    """Return a document of headings alone: (role, text)."""
    parts = tuple(
        Heading(text=text, role=role, anchor=f"place-{number}")
        for number, (role, text) in enumerate(roles)
    )
    return replace(build_document(variants.real()), front=(), parts=parts)


def test_the_contents_list_holds_sections_and_short_headings_inside_them():
    sentence = "A heading that is a whole sentence is too long to be an entry of a list."
    document = headed(
        ("section", "Methods"),
        ("subsection", "Design"),
        ("subsection", "What was done"),
        ("section", "Claims"),
        ("subsection", sentence),
        ("subsection", "Short"),
    )

    listed = [(item.text, [entry.text for entry in within]) for item, within in contents(document)]

    assert listed == [("Methods", ["Design", "What was done"]), ("Claims", [])]


def test_a_page_of_few_sections_has_no_contents_list():
    few = html.fromstring(render_html(headed(("section", "One"), ("section", "Two"))))
    more = html.fromstring(render_html(headed(*[("section", str(place)) for place in range(3)])))

    assert few.xpath("//nav[@class='contents']") == []
    assert more.xpath("//nav[@class='contents']//a/text()") == ["0", "1", "2"]


@every_study
def test_a_region_that_scrolls_has_a_name_and_is_no_landmark(study: Callable[[], StudyResults]):
    page = page_of(study)

    regions = page.xpath("//div[@class='scroll' or @class='drawing'] | //pre")
    assert regions
    for region in regions:
        assert (region.get("role"), region.get("tabindex")) == ("group", "0")
        assert region.get("aria-label") or region.get("aria-labelledby")
