"""Checks for the record, correlations, percent changes and one-sided differences as verbs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import trialkit as tk
from trialkit.errors import NotEstimableError, SpecificationError


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    rng = np.random.default_rng(22)
    arm = np.repeat(["breathing", "mindfulness", "audiobook"], [14, 23, 18])
    before = rng.integers(3, 10, arm.size).astype(float)
    after = np.round(0.6 * before + 2 + rng.normal(0, 1.2, arm.size), 1)
    return pd.DataFrame({"arm": arm, "before": before, "after": after})


def samples(trial: pd.DataFrame) -> list[np.ndarray]:
    return [people.to_numpy() for _, people in trial.groupby("arm")["after"]]


def test_checks_of_three_arms(trial: pd.DataFrame):
    result = tk.assumption_checks(trial, outcome="after", arm="arm", reference="breathing")

    terms = [(row.term, row.arm, row.reference_arm) for row in result.estimates]
    assert terms == [
        ("variance ratio F", "audiobook", "breathing"),
        ("Kolmogorov-Smirnov", "audiobook", "breathing"),
        ("variance ratio F", "mindfulness", "breathing"),
        ("Kolmogorov-Smirnov", "mindfulness", "breathing"),
        ("Bartlett", None, None),
        ("Levene (means)", None, None),
        ("Brown-Forsythe (medians)", None, None),
        ("Fligner-Killeen", None, None),
        ("Shapiro-Wilk", "breathing", None),
        ("Shapiro-Wilk", "audiobook", None),
        ("Shapiro-Wilk", "mindfulness", None),
    ]
    assert {row.quantity for row in result.estimates} == {"assumption_test"}
    assert all(0 < row.p_value <= 1 for row in result.estimates)


def test_checks_agree_with_scipy(trial: pd.DataFrame):
    result = tk.assumption_checks(trial, outcome="after", arm="arm")

    expected = {
        "Bartlett": stats.bartlett(*samples(trial)),
        "Levene (means)": stats.levene(*samples(trial), center="mean"),
        "Brown-Forsythe (medians)": stats.levene(*samples(trial), center="median"),
        "Fligner-Killeen": stats.fligner(*samples(trial)),
    }
    for term, test in expected.items():
        (row,) = result.select(term=term)
        assert row.statistic == pytest.approx(test.statistic, rel=1e-12)
        assert row.p_value == pytest.approx(test.pvalue, rel=1e-10)


def test_checks_say_that_they_choose_nothing(trial: pd.DataFrame):
    result = tk.assumption_checks(trial, outcome="after", arm="arm")

    assert "no test may be chosen by these" in result.notes[-1]
    assert "must not be chosen by these" in tk.assumption_checks.__doc__


def test_a_test_of_spread_that_cannot_be_made_is_named():
    pairs = pd.DataFrame({"arm": list("aabb"), "pain": [1.0, 2, 3, 4]})

    result = tk.assumption_checks(pairs, outcome="pain", arm="arm")

    assert result.select(term="Levene (means)") == result.select(term="Fligner-Killeen") == ()
    everyone = "in every arm all people lie equally far from"
    assert result.notes[:3] == (
        f"Levene (means): not made, {everyone} the mean",
        f"Brown-Forsythe (medians): not made, {everyone} the median",
        "Fligner-Killeen: not made, every value lies equally far from its arm's median",
    )


def test_three_people_have_no_test_of_normality(trial: pd.DataFrame):
    few = pd.concat([trial[trial["arm"].ne("audiobook")], trial[trial["arm"].eq("audiobook")][:3]])

    result = tk.assumption_checks(few, outcome="after", arm="arm")

    assert result.select(term="Shapiro-Wilk", arm="audiobook") == ()
    assert "Shapiro-Wilk needs 4 to 5000 people: not made in audiobook" in result.notes


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlation_by_arm(trial: pd.DataFrame, method: str):
    result = tk.correlation(trial, x="before", y="after", method=method, arm="arm")

    for arm, people in trial.groupby("arm"):
        (row,) = result.select(arm=str(arm))
        assert row.estimate == pytest.approx(people["before"].corr(people["after"], method=method))
        assert row.conf_low < row.estimate < row.conf_high
        assert (row.n_subjects, row.df) == (len(people), len(people) - 2)


def test_correlation_is_the_same_both_ways(trial: pd.DataFrame):
    one = tk.correlation(trial, x="before", y="after").estimates
    other = tk.correlation(trial, x="after", y="before").estimates

    assert one[0].estimate == pytest.approx(other[0].estimate, rel=1e-14)
    with pytest.raises(SpecificationError, match="pearson, spearman"):
        tk.correlation(trial, x="after", y="before", method="kendall")


def test_a_line_is_noted():
    frame = pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [2.0, 4, 6, 8]})

    result = tk.correlation(frame, x="x", y="y")

    assert (result.estimates[0].estimate, result.estimates[0].p_value) == (1.0, None)
    assert result.notes == ("the pairs lie on one line: neither a test nor an interval",)


def test_percent_change_by_arm(trial: pd.DataFrame):
    result = tk.percent_change(trial, outcome="after", baseline="before", arm="arm")

    changes = tk.paired_change(trial, outcome="after", baseline="before", arm="arm")
    for row, change in zip(result.estimates, changes.select(quantity="change"), strict=True):
        people = trial[trial["arm"].eq(row.arm)]
        ratio = people["after"].mean() / people["before"].mean()
        assert row.estimate == pytest.approx(100 * (ratio - 1), rel=1e-12)
        assert (row.p_value, row.df) == (change.p_value, change.df)
        assert row.conf_low < row.estimate < row.conf_high


def test_percent_change_says_when_its_interval_is_missing():
    frame = pd.DataFrame({"before": [-3.0, 4, 1, -1, 2], "after": [1.0, 0, 2, 1, 0]})

    result = tk.percent_change(frame, outcome="after", baseline="before")

    assert (result.estimates[0].conf_low, result.estimates[0].conf_high) == (None, None)
    assert result.notes == (
        "2 people have a value below zero; is 0 none on this scale?",
        "no interval: the mean before is not clear of zero",
    )


def test_a_baseline_of_nought_counts_like_any_other():
    frame = pd.DataFrame({"before": [0.0, 4, 6, 5, 5], "after": [1.0, 2, 4, 3, 5]})

    (row,) = tk.percent_change(frame, outcome="after", baseline="before").estimates

    assert row.n_subjects == 5
    assert row.estimate == pytest.approx(-25.0)


@pytest.mark.parametrize("method", ["welch", "student"])
@pytest.mark.parametrize("alternative", ["less", "greater"])
def test_a_one_sided_difference_agrees_with_scipy(
    trial: pd.DataFrame, method: str, alternative: str
):
    (row,) = tk.mean_difference(
        trial,
        outcome="after",
        arm="arm",
        reference="breathing",
        method=method,
        alternative=alternative,
        contrasts=["mindfulness - breathing"],
        conf_level=0.9,
    ).select(quantity="mean_difference")

    _, breathing, mindfulness = samples(trial)
    expected = stats.ttest_ind(
        mindfulness, breathing, equal_var=method == "student", alternative=alternative
    )
    limits = expected.confidence_interval(0.9)
    np.testing.assert_allclose(
        [row.statistic, row.p_value, row.conf_low, row.conf_high],
        [expected.statistic, expected.pvalue, limits.low, limits.high],
        rtol=1e-11,
    )
    assert row.method.endswith(f"one-sided ({alternative})")
    assert np.isinf([row.conf_low, row.conf_high]).sum() == 1


def test_a_one_sided_difference_of_printed_means():
    table = pd.DataFrame({"arm": ["a", "b"], "n": [9, 9], "mean": [5.0, 4], "std_dev": [1.0, 1.2]})
    both, less = (
        tk.mean_difference_from_summary(table, reference="a", alternative=word).estimates[-1]
        for word in ("two_sided", "less")
    )

    assert less.p_value == pytest.approx(both.p_value / 2, rel=1e-13)
    assert less.conf_low == -np.inf
    with pytest.raises(SpecificationError, match="two_sided, less, greater"):
        tk.mean_difference_from_summary(table, reference="a", alternative="lower")


def test_an_arm_without_spread_leaves_the_other_checks(trial: pd.DataFrame):
    still = trial.assign(after=trial["after"].where(trial["arm"] != "mindfulness", 4.1))

    result = tk.assumption_checks(still, outcome="after", arm="arm", reference="breathing")

    made = {(row.term, row.arm) for row in result.estimates}
    assert made == {
        ("variance ratio F", "audiobook"),
        ("Kolmogorov-Smirnov", "audiobook"),
        ("Kolmogorov-Smirnov", "mindfulness"),
        ("Levene (means)", None),
        ("Brown-Forsythe (medians)", None),
        ("Fligner-Killeen", None),
        ("Shapiro-Wilk", "audiobook"),
        ("Shapiro-Wilk", "breathing"),
    }
    assert any(note.startswith("Bartlett: not made") for note in result.notes)
    assert any(note.startswith("no spread in mindfulness") for note in result.notes)


def test_no_spread_anywhere_is_refused(trial: pd.DataFrame):
    with pytest.raises(NotEstimableError, match="no spread"):
        tk.assumption_checks(trial.assign(after=4.1), outcome="after", arm="arm")
