"""A single arm's change stands beside what its entry rule alone would have brought."""

import pytest

import trialkit as tk
from trial_folder import DATA, STUDY, replaced, write_trial
from trialkit.errors import SpecificationError
from trialkit.present.guard_rails import NO_COMPARISON, guard_rails
from trialkit.run.study import run_study

CUT = "at_least = 5, mean = 4.0, std_dev = 2.0, correlation = 0.6"
ENTRY = f'entry = {{ {CUT}, source = "a survey" }}\n'


def single_arm(entry: str = "") -> str:
    """Return the small study with one arm and a paired analysis."""
    study = STUDY[: STUDY.index('[[arm]]\nid = "mindfulness"')]
    rest = STUDY[STUDY.index('[[visit]]\nid = "before"') : STUDY.index("[[estimand]]")]
    rest = replaced(rest, 'better = "lower"\n', f'better = "lower"\n{entry}')
    study = replaced(study, 'design = "parallel"', 'design = "pre_post"')
    study = replaced(study, "randomised = true", "randomised = false")
    study = replaced(study, 'arm = "arm"\n', "")
    asked = """
[[estimand]]
id = "change"
population = "itt"
endpoint = "pain"
visit = "after"
summary = "mean change"

[[analysis]]
id = "change"
estimand = "change"
method = "paired_change"
"""
    return study + rest + asked


def run(folder, entry=""):
    lines = [line for line in DATA.splitlines() if ",1," not in line[:6]]
    data = "\n".join(lines) + "\n"
    return run_study(write_trial(folder, study=single_arm(entry), data=data), articles=())


def sentences(results):
    endpoint = results.study.endpoint[0]
    return guard_rails(results, endpoint, results.analyses)


def test_without_a_rule_nobody_can_say(tmp_path):
    results = run(tmp_path)

    assert sentences(results)[0] == NO_COMPARISON
    assert "No entry rule is declared" in sentences(results)[1]
    assert len(results.find_record("change").result.select(quantity="change")) == 1


def test_the_rule_says_how_much_is_expected(tmp_path):
    results = run(tmp_path, ENTRY)

    seen, expected = results.find_record("change").result.select(quantity="change")
    alone = tk.expected_regression_to_mean(mean=4, std_dev=2, correlation=0.6, at_least=5)
    assert expected.estimate == alone.select(quantity="change")[0].estimate
    assert (expected.p_value, expected.conf_low) == (None, None)
    assert seen.p_value is not None
    text = sentences(results)[1]
    assert "People entered with pain of at least 5" in text
    assert f"{abs(expected.estimate):.2f} points lower later with no treatment at all" in text
    assert "a survey" in text


def test_a_rank_test_has_its_guard_rail_too(tmp_path):
    study = single_arm(ENTRY).replace('method = "paired_change"', 'method = "signed_rank"')
    lines = [line for line in DATA.splitlines() if ",1," not in line[:6]]
    folder = write_trial(tmp_path, study=study, data="\n".join(lines) + "\n")

    text = sentences(run_study(folder, articles=()))[1]

    assert "later with no treatment at all. The change seen is 1.00 points lower" in text


def test_two_cuts_are_refused(tmp_path):
    with pytest.raises(SpecificationError, match="give exactly one of at_least, at_most"):
        run(tmp_path, ENTRY.replace("at_least = 5", "at_least = 5, at_most = 9"))


def test_compared_arms_need_no_guard_rails(tmp_path):
    results = run_study(write_trial(tmp_path), articles=())

    assert guard_rails(results, results.study.endpoint[0], results.analyses) == ()
