"""A study of tens of thousands of people: its counts are set apart where people read them."""

import re
from pathlib import Path

import pytest

from report import spoken, variants
from trialkit.language.speech import THOUSANDS, speaking
from trialkit.report.build import build_document
from trialkit.report.document import TableBlock
from trialkit.report.publish import report_files
from trialkit.result.study_results import StudyResults

# Digits without a space, but for decimals and what is a name: hashes, seeds, DOIs, versions.
UNMARKED = re.compile(r"(?<![\w.,/−-])\d{5,}(?![\w/])")
EVERYONE = 37 * variants.TIMES


@pytest.fixture
def results(tmp_path: Path) -> StudyResults:
    return variants.large(tmp_path)


def apart(number: int) -> str:
    return f"{number:_}".replace("_", THOUSANDS)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_count_of_five_digits_is_set_apart(results: StudyResults, language: str):
    with speaking(language):
        text = "\n".join(block.text for block in spoken.said(results))

    assert set(UNMARKED.findall(text)) <= {"20250101"}
    assert text.count(apart(EVERYONE)) > 5
    assert not re.search(rf"(?<!\d)\d{THOUSANDS}\d{{3}}(?![{THOUSANDS}\d])", text)  # four digits


def test_the_files_that_programs_read_stay_plain(results: StudyResults):
    files = report_files(results, formats=("html", "csv"))
    plain = {name: files[name].decode() for name in files if name.endswith(".csv")}

    assert len(plain) > 5
    assert all(THOUSANDS not in text for text in plain.values())
    assert any(f'"{EVERYONE}"' in text for text in plain.values())
    assert THOUSANDS not in results.to_json()
    assert str(EVERYONE) in results.to_json()
    assert apart(EVERYONE) in files["index.html"].decode()


def test_the_seed_is_a_name_and_no_size(results: StudyResults):
    rows = [
        row
        for block in build_document(results).parts
        if isinstance(block, TableBlock)
        for row in block.table.rows
    ]

    assert ("Seed", "20250101") in rows
