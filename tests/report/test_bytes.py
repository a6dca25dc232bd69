"""The same results give the same bytes: in any process, place, language, zone and Python."""

import io
import os
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from present import sample
from report import variants
from report.renders import in_a_process
from report.variants import with_header
from trialkit.report.publish import FORMATS, report_files
from trialkit.result.study_results import StudyResults

# Another interpreter that has trialkit and its dependencies, such as another Python version.
INTERPRETER = "TRIALKIT_OTHER_PYTHON"
PLAIN = {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C.UTF-8"}
ELSEWHERE = {
    "PYTHONHASHSEED": "4711",
    "TZ": "Pacific/Kiritimati",
    "LANG": "de_DE.UTF-8",
    "LC_ALL": "POSIX",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "PYTHONOPTIMIZE": "1",
}
EPOCH = {"SOURCE_DATE_EPOCH": "1000000000"}  # 9 September 2001


def rendered(results: StudyResults, folder: Path, **environment: str) -> dict[str, bytes]:
    """Return the files of a report made in a process in a folder of its own."""
    folder.mkdir()
    path = results.write(folder / "results.json")
    return in_a_process(path, folder / "out", HOME=str(folder), **environment)


def differing(one: dict[str, bytes], other: dict[str, bytes]) -> list[str]:
    """Return the files that are not the same to the byte."""
    return sorted(name for name in one | other if one.get(name) != other.get(name))


@pytest.mark.parametrize(
    "results",
    [variants.real(), variants.hostile(), sample.four_arms()],
    ids=["claims", "hostile", "arms"],
)
def test_processes_make_the_same_bytes(results: StudyResults, tmp_path: Path):
    here = report_files(results, formats=FORMATS)
    one = rendered(results, tmp_path / "one", **PLAIN)
    (tmp_path / "a folder with ümläute").mkdir()
    other = rendered(results, tmp_path / "a folder with ümläute" / "two", **ELSEWHERE)

    assert {Path(name).suffix for name in one} == {".html", ".pdf", ".docx", ".csv"}
    assert differing(one, other) == []
    assert differing(one, here) == []


def test_the_date_is_that_of_the_study_or_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    undated = variants.real()
    dated = with_header(undated, dated=date(2024, 5, 17))
    first, again = (
        rendered(undated, tmp_path / name, **PLAIN, **EPOCH) for name in ("first", "again")
    )

    assert differing(first, again) == []
    assert b"2001-09-09T00:00:00Z" in docx_properties(first["report.docx"])
    changed = set(differing(first, report_files(undated, formats=FORMATS)))
    assert {"report.docx", "report.pdf"} <= changed <= {"report.docx", "report.pdf", "index.html"}
    # A study that says its date is not dated by the environment.
    stated = rendered(dated, tmp_path / "stated", **ELSEWHERE, **EPOCH)
    assert differing(stated, report_files(dated, formats=FORMATS)) == []


def docx_properties(content: bytes) -> bytes:
    """Return what a Word file says of itself."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read("docProps/core.xml")


def test_other_results_make_other_bytes():
    results = variants.real()
    row = results.analyses[0].result.estimates[0]
    changed = results.analyses[0].result.with_estimates([replace(row, estimate=-1.6)])
    other = replace(
        results, analyses=(replace(results.analyses[0], result=changed), *results.analyses[1:])
    )

    names = differing(report_files(results, formats=FORMATS), report_files(other, formats=FORMATS))
    assert {"index.html", "report.docx", "report.pdf", "tables/analysis-primary.csv"} <= set(names)


def test_another_python_makes_the_same_bytes(tmp_path: Path):
    interpreter = os.environ.get(INTERPRETER)
    if not interpreter:
        pytest.skip(f"{INTERPRETER} names no other interpreter with trialkit and its dependencies")
    results = variants.real()
    path = results.write(tmp_path / "results.json")

    other = in_a_process(path, tmp_path / "out", interpreter=interpreter, HOME=str(tmp_path))

    assert differing(other, report_files(results, formats=FORMATS)) == []
