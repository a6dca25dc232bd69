"""What an auditor looks for: every place of the checklist is where it says, in every format."""

import contextlib
import io
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import docx
import pikepdf
import pytest
from docx.oxml.ns import nsmap
from lxml import etree, html

from present import sample
from present.test_harms import LISTED, with_harms
from report import variants
from report.pdf_text import page_texts
from trial_folder import write_trial
from trialkit.present.checklist import checklist
from trialkit.present.exhibit import Column, Table
from trialkit.report.build import build_document
from trialkit.report.document import Code, Heading, Place, TableBlock
from trialkit.report.docx import render_docx
from trialkit.report.html import render_html
from trialkit.report.rerun import alone, commands
from trialkit.report.table_files import table_files
from trialkit.report.typst import render_pdf
from trialkit.result.analysis_result import AnalysisResult
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study

STUDIES = [sample.two_arms, sample.four_arms, variants.real_single_arm, variants.p_values_only]
every_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)
SPACES = re.compile(r"[\s\u00a0\u200b\u2060]+")


def squeezed(text: str) -> str:
    return SPACES.sub("", text)


def checklist_block(results: StudyResults) -> TableBlock:
    blocks = build_document(results).parts
    (found,) = (
        block for block in blocks if isinstance(block, TableBlock) and block.table.id == "checklist"
    )
    return found


@cache
def pdf_of(study: Callable[[], StudyResults]) -> bytes:
    return render_pdf(build_document(study()))


def pages_of_headings(pdf: pikepdf.Pdf) -> dict[str, set[int]]:
    """Return the pages on which headings stand, by the bookmarks of the file."""
    numbers = {page.objgen: number for number, page in enumerate(pdf.pages, start=1)}
    found: dict[str, set[int]] = {}

    def walk(items: list[pikepdf.OutlineItem]) -> None:
        for item in items:
            target = item.destination or item.action.D
            found.setdefault(squeezed(item.title), set()).add(numbers[target[0].objgen])
            walk(item.children)

    with pdf.open_outline() as outline:
        walk(outline.root)
    return found


@every_study
def test_the_checklist_names_the_pages_on_which_headings_stand(
    study: Callable[[], StudyResults], tmp_path: Path
):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(study))
    said = squeezed("".join(page_texts(path)))
    block = checklist_block(study())
    with pikepdf.open(path) as pdf:
        pages = pages_of_headings(pdf)

    checked = 0
    for place in {place for places in block.places for place in places}:
        title = squeezed(place.text)
        numbers = pages.get(title, {1})  # headings of page one have no bookmark
        assert any(f"{title},page{number}" in said for number in numbers), place
        checked += title in pages
    assert checked >= 2


@every_study
def test_the_contents_name_the_pages_of_the_sections(
    study: Callable[[], StudyResults], tmp_path: Path
):
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(study))
    second = squeezed(page_texts(path)[1]).replace(".", "")
    with pikepdf.open(path) as pdf:
        pages = pages_of_headings(pdf)

    for section in build_document(study()).sections:
        (number,) = pages[squeezed(section.text)]
        assert f"{squeezed(section.text)}{number}" in second


@every_study
def test_every_place_is_a_link_to_its_heading_in_html(study: Callable[[], StudyResults]):
    page = html.fromstring(render_html(build_document(study())))
    (table,) = page.xpath("//table[contains(@class, 'led')]")
    rows = table.xpath(".//tr[td]")
    wanted = [places for places in checklist_block(study()).places if places]

    links = [row.xpath("./td[last()]/a") for row in rows]
    assert [[a.text for a in row] for row in links if row] == [
        [place.text for place in row] for row in wanted
    ]
    for link in (link for row in links for link in row):
        (target,) = page.xpath(f"//*[@id='{link.get('href')[1:]}']")
        assert target.tag in {"h1", "h2", "h3"}
    # Stacked on a phone, the table is still one to whoever hears it.
    assert table.get("role") == "table"
    assert set(table.xpath(".//td/@role")) == {"cell"}


@every_study
def test_places_in_word_are_links_with_a_field_that_holds_no_guess(
    study: Callable[[], StudyResults],
):
    body = etree.fromstring(
        etree.tostring(docx.Document(io.BytesIO(render_docx(build_document(study())))).element)
    )
    names = set(body.xpath("//w:bookmarkStart/@w:name", namespaces=nsmap))
    fields = body.xpath("//w:fldSimple[starts-with(@w:instr, 'PAGEREF')]", namespaces=nsmap)

    assert len(fields) == sum(map(len, checklist_block(study()).places))
    for field in fields:
        assert field.get(f"{{{nsmap['w']}}}instr").split()[1] in names
        assert "".join(field.itertext()) == ""


@every_study
def test_word_lists_its_sections_in_a_field(study: Callable[[], StudyResults]):
    document = docx.Document(io.BytesIO(render_docx(build_document(study()))))
    entries = [item for item in document.paragraphs if item.style.name == "toc 1"]
    headings = [item.text for item in document.paragraphs if item.style.name == "Heading 1"]
    marks = document.element.xpath("//w:fldChar/@w:fldCharType")

    assert [entry.text for entry in entries] == headings
    assert marks == ["begin", "separate", "end"]
    (instruction,) = document.element.xpath("//w:instrText")
    assert instruction.text.startswith('TOC \\o "1-1"')
    head = entries[0]._p.getprevious()
    assert head.xpath("./w:pPr/w:pageBreakBefore")


def test_places_travel_in_the_csv_file():
    files = table_files(build_document(variants.real()))
    lines = files["tables/checklist.csv"].decode("utf-8-sig").splitlines()

    assert lines[0] == '"Item","What is asked","Here","Remark","Where"'
    assert len(lines) == 1 + sum(len(part) for _, part in checklist(variants.real()))
    assert any(line.endswith('"Page one; What is asked"') for line in lines)


def test_a_table_without_places_is_itself():
    table = Table(id="t", title="T", columns=(Column(label="A"),), rows=(("a",),))

    assert TableBlock(caption="T", table=table).whole is table
    with pytest.raises(ValueError, match="zip"):
        _ = TableBlock(caption="T", table=table, places=((), (Place(anchor="a", text="b"),))).whole


def test_no_place_leads_to_a_heading_that_the_report_lacks():
    results = replace(variants.real(), certificate=None, characteristics=(), flow=(), missing=())
    anchors = {
        block.anchor for block in build_document(results).parts if isinstance(block, Heading)
    }

    assert "people" not in anchors
    told = {place.anchor for places in checklist_block(results).places for place in places}
    assert "people" not in told
    assert "planned" in told


# ---- harms -------------------------------------------------------------------------------


def test_listed_harms_are_a_table_and_a_line_on_page_one(tmp_path: Path):
    results = with_harms(*LISTED)
    document = build_document(results)
    path = tmp_path / "report.pdf"
    path.write_bytes(render_pdf(document))
    first, second, *_ = map(squeezed, page_texts(path))

    assert "harms" in {block.table.id for block in document.parts if isinstance(block, TableBlock)}
    assert squeezed("Any harm: 4 of 17 (23.5 %) with mindfulness") in first
    assert squeezed("Any serious harm: 1 of 17 (5.9 %)") in first
    assert second.startswith("Contents")
    assert "about harms" not in str(document.front)


@pytest.mark.parametrize("header", ["collected", "not_collected", "not_in_data", None])
def test_without_listed_harms_page_one_and_the_part_on_harms_say_so(header: str | None):
    document = build_document(variants.with_header(variants.real(), harms=header))

    assert "about harms" in str(document.front)
    assert "does not mean that there were none" in str(document.parts)


# ---- rerunning ---------------------------------------------------------------------------


def last_table(code: str) -> str:
    """Run lines of Python and return what they print."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "rerun", "exec"), {})  # noqa: S102 (the report's own lines)
    return printed.getvalue()


def test_the_lines_that_rerun_an_analysis_make_its_numbers(tmp_path: Path):
    write_trial(tmp_path / "data" / "small")
    results = run_study(tmp_path / "data" / "small", articles=())
    record = results.find_record("primary")
    assert record is not None
    assert isinstance(record.result, AnalysisResult)
    by_verb, by_plan = (block.text for block in alone(results) if isinstance(block, Code))

    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        printed = [last_table(by_verb), last_table(by_plan)]
    finally:
        os.chdir(before)

    assert "tk.ancova(" in by_verb
    assert "run_planned" in by_plan
    for text in printed:
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", text)]
        for row in record.result.estimates:
            assert any(number == pytest.approx(row.estimate, abs=1e-6) for number in numbers)


def test_an_analysis_of_other_records_is_rerun_from_the_plan_alone():
    results = variants.p_values_only()
    codes = [block.text for block in alone(results) if isinstance(block, Code)]

    assert len(codes) == 1
    assert ", None)" in codes[0]


def test_where_nothing_ran_nothing_is_rerun():
    assert alone(replace(variants.real(), analyses=())) == ()


def test_the_commands_name_the_version_that_made_the_results():
    results = variants.real()
    unknown = replace(results, provenance=replace(results.provenance, trialkit="not installed"))

    assert f"trialkit {results.provenance.trialkit}\n" in commands(results)
    assert "not installed" not in commands(unknown)
    assert commands(results).splitlines()[-1].startswith("trialkit verify data/")
