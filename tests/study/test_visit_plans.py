"""What a plan of a model of several visits may say, and what is refused before it runs."""

from pathlib import Path

import pytest

from trial_folder import replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.study.read import read_study
from visit_trial import MMRM, STUDY, participants

REFUSED = [
    pytest.param(
        'visits = ["before", "week_4", "week_12"]',
        "analysis[0].visits[0]: expected a visit after the baseline",
        id="the baseline as an outcome",
    ),
    pytest.param(
        'visits = ["week_12"]', "expected two visits after the baseline or more", id="one visit"
    ),
    pytest.param(
        'visits = ["week_4", "week_8"]',
        "expected the visit of the estimand, 'week_12', among them",
        id="without the estimand's visit",
    ),
    pytest.param(
        'visits = ["week_4", "week_9", "week_12"]', "analysis[0].visits[1]", id="unknown visit"
    ),
    pytest.param("times = { week_9 = 9 }", "analysis[0].times.week_9", id="time of no visit"),
    pytest.param('covariance = "diagonal"', "analysis[0].covariance", id="unknown structure"),
    pytest.param('covariance = ["ar1", "un"]', "analysis[0].covariance[1]", id="unknown rung"),
    pytest.param('df_method = "infinite"', "analysis[0].df_method", id="unknown df"),
    pytest.param('group_covariance = "arm"', "analysis[0].group_covariance", id="not a column"),
    pytest.param('margins = "counterfactual"', "equal, proportional", id="unknown weighting"),
    pytest.param('vcov = "HC3"', "model, CR0, CR2, CR3", id="another model's errors"),
    pytest.param('weights = "equal"', "an option that method 'mmrm' reads", id="foreign option"),
    pytest.param('adjust_over = "all"', "`adjust` beside it", id="nothing to adjust"),
    pytest.param(
        'adjust = "sidak"\nfamily = "all"\n\n[multiplicity.all]\nprocedure = "holm"',
        "own adjustment, not both",
        id="adjusted twice",
    ),
]


def read(folder: Path, plan: str, *, study: str = STUDY):
    return read_study(write_trial(folder, study=f"{study}{plan}\n", data=participants()))


@pytest.mark.parametrize(("option", "said"), REFUSED)
def test_it_is_refused_with_its_place(option: str, said: str, tmp_path: Path):
    with pytest.raises(SpecificationError) as caught:
        read(tmp_path, MMRM + option)

    assert said in str(caught.value)


def test_an_estimand_at_the_baseline_is_refused(tmp_path: Path):
    study = replaced(STUDY, 'visit = "week_12"', 'visit = "before"')

    with pytest.raises(SpecificationError, match="an estimand at a visit after the baseline"):
        read(tmp_path, MMRM, study=study)


def test_an_endpoint_seen_once_after_the_baseline_is_refused(tmp_path: Path):
    study = replaced(STUDY, 'week_4 = "pain_4", week_8 = "pain_8", ', "")

    with pytest.raises(SpecificationError, match="two visits after the baseline or more"):
        read(tmp_path, MMRM, study=study)


def test_a_single_arm_has_nothing_to_compare(tmp_path: Path):
    study = replaced(STUDY, 'design = "parallel"', 'design = "pre_post"')
    study = replaced(study, "randomised = true", "randomised = false")
    study = replaced(
        study,
        '[[arm]]\nid = "breathing"\nlabel = "Slow breathing"\nrole = "active_comparator"\n',
        "",
    )
    study = replaced(study, 'reference = "breathing"\n', "")

    with pytest.raises(SpecificationError, match="expected a method for a single arm"):
        read(tmp_path, MMRM, study=study)


def test_every_option_is_read(tmp_path: Path):
    options = """
covariance = ["unstructured", "heterogeneous_toeplitz", "ar1"]
df_method = "satterthwaite"
reml = false
group_covariance = true
visit_effects = "common"
vcov = "CR2"
margins = "proportional"
summaries = ["average", "slope"]
times = { week_4 = 4, week_8 = 8, week_12 = 12.5 }
adjust = "dunnett"
adjust_over = "visits"
visits = ["week_4", "week_8", "week_12"]
missing_reason = "reason"
"""

    (analysis,) = read(tmp_path, MMRM + options).analysis

    assert analysis.covariance == ("unstructured", "heterogeneous_toeplitz", "ar1")
    assert analysis.times == {"week_4": 4.0, "week_8": 8.0, "week_12": 12.5}
    assert analysis.summaries == ("average", "slope")
    assert (analysis.reml, analysis.group_covariance) == (False, True)
