"""A planned model with random effects: what it gives is what the verb gives."""

from pathlib import Path

import pandas as pd
import pytest

import trialkit as tk
from trial_folder import write_trial
from trialkit.errors import SpecificationError
from trialkit.present.tables import analysis_table
from trialkit.report.findings import analysis_blocks
from trialkit.result.study_results import StudyResults
from trialkit.run.study import run_study
from visit_trial import STUDY, participants

MIXED = """
[[analysis]]
id = "sites"
estimand = "week-12"
method = "mixed_model"
random = "1 | site"
covariates = "BASE"
"""


def people_at_sites() -> str:
    """Return the people of the trial, dealt out to five sites."""
    head, *rows = participants().splitlines()
    return "\n".join([f"{head},site", *(f"{row},s{n // 8}" for n, row in enumerate(rows))]) + "\n"


def run(folder: Path, plan: str = MIXED) -> StudyResults:
    return run_study(write_trial(folder, study=STUDY + plan, data=people_at_sites()), articles=())


@pytest.mark.parametrize(
    ("options", "called"),
    [
        ("", {}),
        (
            'df_method = "kenward_roger"\ninformation = "expected"\nmargins = "proportional"\n',
            {"df_method": "kenward_roger", "information": "expected", "margins": "proportional"},
        ),
        ("reml = false\n", {"reml": False}),
    ],
    ids=["defaults", "kenward-roger", "maximum likelihood"],
)
def test_the_plan_gives_what_the_verb_gives(options: str, called: dict, tmp_path: Path):
    planned = run(tmp_path, MIXED + options).find_record("sites").result
    frame = pd.read_csv(tmp_path / "participants.csv").rename(columns={"pain_0": "BASE"})

    direct = tk.mixed_model(
        frame,
        outcome="pain_12",
        arm="arm",
        reference="breathing",
        random="1 | site",
        covariates="BASE",
        subject="id",
        **called,
    )

    (mine,) = planned.select(quantity="ls_mean_difference")
    (theirs,) = direct.select(quantity="ls_mean_difference")
    for name in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        assert getattr(mine, name) == pytest.approx(getattr(theirs, name), rel=1e-9)
    assert (mine.parameter, mine.visit, mine.n_subjects) == ("pain", "week_12", 34)


def test_its_table_tells_the_spread_of_the_groups(tmp_path: Path):
    results = run(tmp_path)
    record = results.find_record("sites")
    fit = {item.name: item.value for item in record.result.fit}

    table = analysis_table(results, record)

    assert f"Standard deviations: site {fit['std_dev[site]']:.2f}, residual" in " ".join(
        table.footnotes
    )
    assert [block.kind for block in analysis_blocks(results, record)] == ["paragraph", "table"]
    assert "coefficient" not in str(table.rows)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ('df_method = "between_within"', "satterthwaite, kenward_roger, kenward_roger_linear"),
        ('covariance = "unstructured"', "an option that method 'mixed_model' reads"),
        ('information = "guessed"', "analysis[0].information"),
    ],
)
def test_what_it_does_not_read_is_refused(option: str, said: str, tmp_path: Path):
    with pytest.raises(SpecificationError) as caught:
        run(tmp_path, MIXED + option + "\n")

    assert said in str(caught.value)


def test_it_needs_its_random_effects(tmp_path: Path):
    with pytest.raises(SpecificationError, match="`random`, which method 'mixed_model' needs"):
        run(tmp_path, MIXED.replace('random = "1 | site"\n', ""))
