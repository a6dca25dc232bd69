"""Tables as CSV: every one of them, numbers as numbers, nothing that a spreadsheet runs."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from lxml import html

from present import sample
from report import variants
from report.grids import rows_of_page
from trial_folder import DATA, replaced, write_trial
from trialkit.language.speech import speaking
from trialkit.present.exhibit import Column, Table
from trialkit.report.build import build_document
from trialkit.report.document import Document, TableBlock
from trialkit.report.html import render_html
from trialkit.report.table_files import safe, table_files
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study

STUDIES = [sample.two_arms, sample.four_arms, variants.stand_in, variants.hostile]
every_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.__name__)


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def document_of(*tables: Table) -> Document:
    front = tuple(TableBlock(caption=table.title, table=table) for table in tables)
    return Document(title="T", description="", front=front, running="r", dated=date(2020, 1, 1))


def table_of(*cells: str, name: str = "t") -> Table:
    columns = tuple(Column(label=f"c{number}") for number in range(len(cells)))
    return Table(id=name, title="T", columns=columns, rows=(cells,))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n"])
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\ufeff", "\u200b", "\x00", "\xa0"])
def test_what_begins_as_a_formula_begins_with_an_apostrophe(start: str, before: str):
    cell = f'{before}{start}HYPERLINK("http://example.org";A1)'

    assert safe(cell).startswith("'")
    (_, (written,)) = lines(table_files(document_of(table_of(cell)))["tables/t.csv"])
    assert written.startswith("'")


@pytest.mark.parametrize(
    "cell", ["-1+1", "+A1", "=", "-", "- 3", "--1", "-1.5 to 2", "=cmd|' /C'!A0"]
)
def test_what_only_looks_like_a_number_is_made_safe(cell: str):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "written"),
    [("−1.55", "-1.55"), ("-1.55", "-1.55"), ("+3", "+3"), ("2e-05", "2e-05"), ("−3", "-3")],
)
def test_a_number_stays_a_number(cell: str, written: str):
    assert safe(cell) == written
    assert float(written)


@pytest.mark.parametrize(
    "cell", ["<0.001", "–", "−2.48 to −0.62", "Mind − Sham", "a=b", "a@b.org", ""]
)
def test_other_text_stays_as_it_is(cell: str):
    assert safe(cell) == cell


def test_a_number_has_a_point_in_every_language():
    assert safe("1,234") == "1,234"
    with speaking("de"):
        assert (safe("−1,55"), safe("1.234"), safe("3")) == ("-1.55", "1.234", "3")
        assert safe("−1,55 bis 2,0") == "−1,55 bis 2,0"


@pytest.mark.parametrize("end", [";", "\t", "\n", "\r\n", "; "])
def test_no_formula_begins_where_another_program_begins_a_cell(end: str):
    written = safe(f"a{end}=1+1;b")

    assert not re.search(r"[;\t\r\n]\s*=", written)
    assert written.replace("'", "") == f"a{end}=1+1;b"


def test_heads_are_made_safe_as_well():
    table = Table(id="t", title="T", columns=(Column(label="=1+1"),), rows=())

    assert lines(table_files(document_of(table))["tables/t.csv"]) == [["'=1+1"]]


@every_study
def test_no_cell_of_any_table_begins_as_a_formula(study: Callable[[], StudyResults]):
    for name, content in table_files(build_document(study())).items():
        for cell in (cell for line in lines(content) for cell in line):
            assert not re.match(r"\s*[=@＝＋－＠+]", cell), name
            assert not cell.lstrip().startswith("-") or float(cell) < 0, name


@every_study
def test_every_table_of_the_html_has_its_file(study: Callable[[], StudyResults]):
    document = build_document(study())
    page = html.fromstring(render_html(document))
    files = [lines(content) for content in table_files(document).values()]
    ours = {
        tuple(plain_cell(cell) for row in file for cell in row if cell not in {"Data", "SIMULATED"})
        for file in files
    }

    for table in page.xpath("//main//table"):
        assert tuple(cells_of(table)) in ours


def cells_of(table: html.HtmlElement) -> Iterator[str]:
    """Yield the cells of a table; a row that is set in says first what it belongs to."""
    head = ""
    for row, texts in rows_of_page(table, text_of):
        first, *others = map(plain_cell, texts)
        if row.get("class") == "inset":
            first = f"{head}: {first}"
        else:
            head = first
        if row.get("class") != "group":
            yield from (first, *others)


def text_of(cell: html.HtmlElement) -> str:
    """Return the text of a cell; the places of a document stand one behind the other."""
    return "; ".join(link.text for link in cell.xpath("./a")) or cell.text_content()


def plain_cell(cell: str) -> str:
    """Return a cell without guards, padding and the kind of its minus."""
    for mark in ("\u2060", "\u2007", "'", "’"):
        cell = cell.replace(mark, "")
    return " ".join(cell.replace("−", "-").split())


@every_study
def test_files_are_utf8_and_rectangular(study: Callable[[], StudyResults]):
    files = table_files(build_document(study()))

    assert files
    for name, content in files.items():
        assert re.fullmatch(r"tables/[A-Za-z0-9_-]+\.csv", name)
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b'"\r\n')
        assert len({len(line) for line in lines(content)}) == 1, name
    assert len({name.lower() for name in files}) == len(files)


def test_simulated_numbers_say_so_on_every_line():
    files = table_files(build_document(sample.two_arms()))
    head, *rows = lines(files["tables/analysis-primary.csv"])

    assert head[-1] == "Data"
    assert {row[-1] for row in rows} == {"SIMULATED"}
    real = table_files(build_document(variants.real()))
    assert not any(b"SIMULATED" in content for content in real.values())


def test_simulated_numbers_say_so_in_every_language():
    english = table_files(build_document(sample.two_arms()))
    with speaking("de"):
        german = table_files(build_document(sample.two_arms()))

    marked = {name for name, content in english.items() if b"SIMULATED" in content}
    assert marked == {name for name, content in german.items() if b"SIMULIERT" in content} != set()


@pytest.mark.parametrize("name", ["../up", "a/b", "C:\\x", "", "冥想", "con\x00"])
def test_a_name_stays_inside_the_folder(name: str):
    (file,) = table_files(document_of(table_of("1", name=name)))

    assert re.fullmatch(r"tables/[A-Za-z0-9_-]+\.csv", file)


def test_tables_of_one_name_get_numbers_and_equal_ones_one_file():
    one, other, same = table_of("1", name="a"), table_of("2", name="A"), table_of("1", name="a")

    files = table_files(document_of(one, other, same, replace(other, id="a")))

    assert [(name, lines(content)[1]) for name, content in files.items()] == [
        ("tables/a.csv", ["1"]),
        ("tables/A-2.csv", ["2"]),
    ]


def test_no_participant_is_named(tmp_path: Path):
    data = replaced(DATA, "p12,1,4,1", "p12,1,4,1.0625").replace("p0", "person-name-0")
    results = run_study(write_trial(tmp_path, data=data), articles=())

    for content in table_files(build_document(results)).values():
        assert b"person-name" not in content
        assert b"1.0625" not in content


def test_a_row_that_belongs_to_another_says_itself_to_which():
    columns = (Column(label="Who"), Column(label="n", align="right"))
    rows = (("Sex", ""), ("women", "9"), ("Age", "17"), ("mean", "45"), ("Alone", "1"))
    table = Table(id="t", title="T", columns=columns, rows=rows, inset=(1, 3))

    assert lines(table_files(document_of(table))["tables/t.csv"])[1:] == [
        ["Sex: women", "9"],
        ["Age", "17"],
        ["Age: mean", "45"],
        ["Alone", "1"],
    ]
