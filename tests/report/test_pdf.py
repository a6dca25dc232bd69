"""The printed report: archival, accessible, the same bytes twice, page one on one page."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import page
import pikepdf
import pytest
import typst

from present import sample
from report import variants
from report.pdf_text import page_texts
from trialkit.errors import SpecificationError
from trialkit.present.synopsis import warning
from trialkit.report.build import build_document, running_line
from trialkit.report.publish import attached_results, write_report
from trialkit.report.typst import render_pdf
from trialkit.result.study_results import StudyResults

STUDIES = [
    pytest.param(sample.two_arms, id="simulated, two arms"),
    pytest.param(sample.four_arms, id="simulated, four arms with long labels"),
    pytest.param(variants.real_single_arm, id="single arm"),
    pytest.param(variants.open_result, id="open result"),
    pytest.param(variants.stand_in, id="published figures stand in"),
    pytest.param(variants.p_values_only, id="p-values only"),
    pytest.param(variants.hostile, id="hostile text"),
    pytest.param(variants.crowded, id="crowded page one"),
]
every_study = pytest.mark.parametrize("study", STUDIES)


def rendered(results: StudyResults) -> bytes:
    return render_pdf(build_document(results), (attached_results(results),))


@cache
def pdf_of(study: Callable[[], StudyResults]) -> bytes:
    return rendered(study())


def squeezed(text: str) -> str:
    """Return text without what a line break or an alignment may put into it."""
    return "".join(text.split()).replace("\u200b", "")


@pytest.fixture
def printed(study: Callable[[], StudyResults], tmp_path: Path) -> Path:
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf_of(study))
    return path


@every_study
def test_it_is_archival_and_accessible(printed: Path):
    for profile in ("ua1", "3a"):
        report = page.validate_pdf(str(printed), profile=profile)
        assert [failure.rule_id for failure in report.failures] == [], profile
        assert report.is_compliant


@every_study
def test_page_one_is_one_page(study: Callable[[], StudyResults], printed: Path):
    pages = page_texts(printed)
    last = build_document(study()).front[-1]

    assert "Forclinicians,onepage" in squeezed(pages[0])
    assert (
        squeezed(pages[1])
        .removeprefix(squeezed(warning(study().study) or ""))
        .startswith("Contents")
    )
    assert last.kind in {"paragraph", "verdicts", "columns"}
    if last.kind == "paragraph":
        assert squeezed("".join(run.text for run in last.runs)) in squeezed(pages[0])


@every_study
def test_every_page_has_its_number_and_the_hash(study: Callable[[], StudyResults], printed: Path):
    pages = page_texts(printed)

    for number, text in enumerate(pages, start=1):
        assert squeezed(f"page {number} of {len(pages)}") in squeezed(text)
        assert squeezed(running_line(study())) in squeezed(text)


@pytest.mark.parametrize("study", [sample.two_arms, sample.one_arm])
def test_every_page_of_a_simulated_study_says_so(printed: Path):
    for text in page_texts(printed):
        assert "SIMULATEDDATA:acomputermadethesenumbers" in squeezed(text)


@pytest.mark.parametrize("study", [variants.real, variants.stand_in])
def test_no_page_of_a_real_study_says_simulated(printed: Path):
    assert not any("SIMULATED" in text for text in page_texts(printed))


@pytest.mark.parametrize("study", [variants.real])
def test_the_results_travel_inside(study: Callable[[], StudyResults], printed: Path):
    with pikepdf.open(printed) as pdf:
        attached = pdf.attachments["results.json"].get_file().read_bytes()

    assert attached.decode() == study().to_json()
    assert json.loads(attached)["study"]["study"]["id"] == "sample"


@pytest.mark.parametrize("study", [variants.hostile])
def test_text_is_never_markup(printed: Path):
    with pikepdf.open(printed) as pdf:
        pages = len(pdf.pages)
    plain = page_texts(printed)

    assert squeezed(variants.HOSTILE) in squeezed(plain[0])
    assert pages < 20


def test_the_same_results_give_the_same_bytes():
    assert rendered(sample.two_arms()) == rendered(sample.two_arms())


def test_the_date_is_the_documents_and_not_the_clocks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    document = build_document(sample.two_arms())

    assert b"D:19700102" in render_pdf(document)


def test_a_character_without_a_glyph_is_named_with_its_text():
    results = variants.with_header(variants.real(), question="Does 冥想 ease \ufffe pain?")

    with pytest.raises(SpecificationError) as caught:
        rendered(results)

    for part in ("'冥' (U+51A5)", "(U+FFFE)", "first in 'Does 冥想 ease", "--format html,json"):
        assert part in str(caught.value)


def test_a_fault_of_the_compiler_with_floating_figures_costs_the_floats_alone(
    monkeypatch: pytest.MonkeyPatch,
):
    given = build_document(variants.real())
    compile_pdf, asked = typst.compile, []

    def failing(*places, sys_inputs: dict[str, str], **options):
        asked.append(sys_inputs.get("floats"))
        if asked[-1] is None:
            raise typst.TypstError("internal error: parent group (occurred at build.rs:202:14)")
        return compile_pdf(*places, sys_inputs=sys_inputs, **options)

    floating = render_pdf(given)
    monkeypatch.setattr(typst, "compile", failing)
    standing = render_pdf(given)

    assert asked == [None, "no"]
    assert standing.startswith(b"%PDF")
    assert standing != floating


def test_a_fault_of_the_compiler_is_told_and_leaves_the_other_formats(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def failing(*places, **options):
        raise typst.TypstError("internal error: parent group (occurred at build.rs:202:14)")

    monkeypatch.setattr(typst, "compile", failing)
    with pytest.raises(SpecificationError, match=r"cannot lay this report out.*parent group"):
        render_pdf(build_document(variants.real()))

    _, notes = write_report(variants.real(), tmp_path, ("html", "pdf"), optional=("pdf",))

    assert (tmp_path / "index.html").is_file()
    assert any(note.startswith("pdf left out: the PDF's compiler") for note in notes)
