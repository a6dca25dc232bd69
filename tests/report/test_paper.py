"""A4 and Letter: the sheet is the one asked for, and page one is one page on both."""

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import docx
import page
import pikepdf
import pytest
from click.testing import CliRunner
from docx.shared import Mm

from present import sample
from report import variants
from report.pdf_text import page_texts
from trialkit.cli import cli
from trialkit.errors import SpecificationError
from trialkit.report.build import build_document
from trialkit.report.docx import render_docx
from trialkit.report.paper import PAPER_VARIABLE, PAPERS, TEXT_WIDTH, known_paper
from trialkit.report.publish import render_report, report_files
from trialkit.report.typst import render_pdf
from trialkit.reproduce import run_scripts
from trialkit.result.study_results import StudyResults

POINTS = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
FULL_PAGES = [
    sample.two_arms,
    sample.four_arms,
    variants.real_single_arm,
    variants.stand_in,
    variants.p_values_only,
    variants.hostile,
    variants.crowded,
]
each_paper = pytest.mark.parametrize("paper", POINTS)


@cache
def printed(study: Callable[[], StudyResults], paper: str) -> bytes:
    return render_pdf(build_document(study()), paper=paper)


def squeezed(text: str) -> str:
    return "".join(text.split()).replace("\u200b", "")


@each_paper
def test_the_sheet_of_the_pdf_is_the_one_asked_for(paper: str):
    with pikepdf.open(io.BytesIO(printed(sample.two_arms, paper))) as pdf:
        for sheet in pdf.pages:
            assert [float(side) for side in sheet.mediabox[2:]] == pytest.approx(
                POINTS[paper], abs=0.05
            )


@each_paper
def test_the_sheet_of_word_is_the_one_asked_for(paper: str):
    document = docx.Document(
        io.BytesIO(render_docx(build_document(sample.two_arms()), paper=paper))
    )
    wanted = known_paper(paper)

    assert len(document.sections) == 3  # page one above its columns, the columns, all the rest
    for section in document.sections:
        assert abs(section.page_width - Mm(wanted.width)) < Mm(0.1)
        assert abs(section.page_height - Mm(wanted.height)) < Mm(0.1)
        # Tables and tabs are as wide as the text, so the text may not change with the sheet.
        text = section.page_width - section.left_margin - section.right_margin
        assert abs(text - Mm(TEXT_WIDTH)) < Mm(0.1)


@pytest.mark.parametrize("study", FULL_PAGES)
def test_page_one_is_one_page_on_letter(study: Callable[[], StudyResults], tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(study, "letter"))
    first, second, *_ = page_texts(path)

    assert "Forclinicians,onepage" in squeezed(first)
    assert "Contents" in squeezed(second)[:200]
    assert "Methods" in squeezed(second)


def test_letter_is_archival_and_accessible(tmp_path: Path):
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(sample.two_arms, "letter"))

    for profile in ("ua1", "3a"):
        report = page.validate_pdf(str(path), profile=profile)
        assert [failure.rule_id for failure in report.failures] == [], profile


@each_paper
def test_the_same_paper_gives_the_same_bytes(paper: str):
    document = build_document(variants.real())

    assert render_pdf(document, paper=paper) == render_pdf(document, paper=paper)
    assert render_docx(document, paper=paper) == render_docx(document, paper=paper)


def test_a4_is_what_nobody_has_to_ask_for(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PAPER_VARIABLE, raising=False)
    document = build_document(variants.real())

    assert known_paper().name == "a4"
    assert render_docx(document) == render_docx(document, paper="a4")
    assert render_docx(document) != render_docx(document, paper="letter")


def test_only_print_depends_on_the_paper(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(PAPER_VARIABLE, raising=False)
    a4 = report_files(variants.real())
    letter = report_files(variants.real(), paper="letter")

    assert {name for name in a4 if a4[name] != letter[name]} == {"report.pdf", "report.docx"}


def test_the_environment_tells_every_report_of_a_site(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv(PAPER_VARIABLE, "letter")
    (path,) = render_report(variants.real(), tmp_path, formats=("pdf",))

    with pikepdf.open(path) as pdf:
        assert float(pdf.pages[0].mediabox[3]) == pytest.approx(792)


def test_reproduce_hands_the_paper_to_each_script(tmp_path: Path):
    scripts = tmp_path / "analyses"
    scripts.mkdir()
    (scripts / "one.py").write_text(
        "import os, pathlib\n"
        f"told = os.environ['{PAPER_VARIABLE}']\n"
        "(pathlib.Path(os.environ['TRIALKIT_REPORTS']) / 'told.txt').write_text(told)\n"
    )
    output = tmp_path / "reports"
    output.mkdir()
    run_scripts(scripts, output, paper="letter")

    assert (output / "told.txt").read_text() == "letter"


@pytest.mark.parametrize("name", ["a5", "us letter", "A44"])
def test_another_paper_is_refused_with_those_there_are(name: str, tmp_path: Path):
    with pytest.raises(SpecificationError) as caught:
        render_report(variants.real(), tmp_path / "report", paper=name)

    assert str(caught.value) == f"paper: expected 'a4' or 'letter', found {name!r}"
    assert not (tmp_path / "report").exists()


@each_paper
def test_the_command_takes_the_paper(paper: str, tmp_path: Path):
    stored = variants.real().write(tmp_path / "results.json")
    told = ["report", str(stored), "-q", "--format", "pdf", "--paper", paper.upper()]
    done = CliRunner().invoke(cli, told, catch_exceptions=False)

    assert done.exit_code == 0, done.output
    with pikepdf.open(tmp_path / "report.pdf") as pdf:
        assert float(pdf.pages[0].mediabox[3]) == pytest.approx(POINTS[paper][1], abs=0.05)


@pytest.mark.parametrize("command", ["run", "report", "reproduce"])
def test_the_command_refuses_another_paper(command: str, tmp_path: Path):
    done = CliRunner().invoke(cli, [command, str(tmp_path), "--paper", "a5"])

    assert done.exit_code == 2
    assert "'a5' is not one of 'a4', 'letter'" in done.output


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.name)
def test_margins_leave_room_to_hold_the_page(paper):
    assert paper.side >= 20
    assert min(paper.top, paper.bottom) >= 15
    # The band that warns of simulated data is 10 mm high.
    assert paper.top > 12
