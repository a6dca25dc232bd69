"""Every PDF of the site is archival and accessible, by an independent validator."""

from pathlib import Path

import page
import pytest

from trialkit.study.read import read_study

STUDIES = sorted(
    read_study(plan.parent).id for plan in (Path(__file__).parents[2] / "data").glob("*/study.toml")
)


@pytest.mark.parametrize("profile", ["ua1", "3a"])
@pytest.mark.parametrize("study", STUDIES)
def test_no_rule_is_broken(site: Path, study: str, profile: str):
    report = page.validate_pdf(str(site / study / "report.pdf"), profile=profile)

    assert [failure.rule_id for failure in report.failures] == []
