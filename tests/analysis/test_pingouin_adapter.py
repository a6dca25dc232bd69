"""Each fault of pingouin 0.7 still stands, and the adapter's answer is right or a refusal.

A test that fails because pingouin itself became right is good news: drop the guard.
"""

import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pingouin as pg
import pytest
from scipy import stats

from trialkit.analysis import _pingouin as adapter
from trialkit.errors import DataError, NotEstimableError, SpecificationError
from trialkit.numerics.noncentral_t import t_test_power

known_deprecation = pytest.mark.filterwarnings(
    "ignore:The inplace keyword:pandas.errors.Pandas4Warning"
)


@pytest.fixture(scope="module")
def arms() -> SimpleNamespace:
    """Two arms of unequal size and spread, the treated ones lower."""
    rng = np.random.default_rng(5)
    return SimpleNamespace(x=rng.normal(3.5, 1.0, 24), y=rng.normal(5.5, 3.0, 12))


@pytest.fixture(scope="module")
def pairs() -> SimpleNamespace:
    """Two strongly correlated measurements of 15 people."""
    rng = np.random.default_rng(6)
    before = rng.normal(6, 2, 15)
    return SimpleNamespace(before=before, after=before - 0.7 + rng.normal(0, 0.9, 15))


@pytest.fixture(scope="module")
def visits() -> pd.DataFrame:
    """Ten people in two arms of five, three visits each, nothing missing."""
    rng = np.random.default_rng(7)
    people = pd.DataFrame({"id": range(10), "arm": ["sham"] * 5 + ["mindfulness"] * 5})
    frame = people.merge(pd.DataFrame({"visit": ["w0", "w4", "w8"]}), how="cross")
    return frame.assign(pain=rng.normal(5, 1.5, len(frame)).round(3))


def one_row_each(visits: pd.DataFrame) -> pd.DataFrame:
    """Return a row a person and a column a visit."""
    return visits.set_index(["id", "visit"])["pain"].unstack()  # noqa: PD010 (no averaging)


def test_intervals_come_back_unrounded(arms: SimpleNamespace):
    raw = pg.ttest(arms.x, arms.y, correction=True).iloc[0]["CI95"]
    assert np.array_equal(raw, np.round(raw, 2))

    test = adapter.t_test(arms.x, arms.y, paired=False, correction=True)

    limits = stats.ttest_ind(arms.x, arms.y, equal_var=False).confidence_interval(0.95)
    np.testing.assert_allclose(
        [test.conf_low, test.conf_high], [limits.low, limits.high], rtol=1e-12
    )


def test_a_bayes_factor_is_a_number(arms: SimpleNamespace):
    raw = pg.ttest(arms.x, arms.y, correction=False).iloc[0]["BF10"]
    assert isinstance(raw, str)

    factor = adapter.bayes_factor(arms.x, arms.y, paired=False, correction=False)

    t = stats.ttest_ind(arms.x, arms.y).statistic
    unrounded = pg.bayesfactor_ttest(t, arms.x.size, arms.y.size, r=np.sqrt(0.5))
    assert factor.bf10 == pytest.approx(float(unrounded), rel=1e-3)
    assert factor.relative_error < 1e-10


def test_a_welch_t_is_refused_in_a_bayes_factor(arms: SimpleNamespace):
    welch, student = (
        float(pg.ttest(arms.x, arms.y, correction=choice).iloc[0]["BF10"])
        for choice in (True, False)
    )
    assert abs(welch / student - 1) > 0.2  # pingouin gives another factor

    with pytest.raises(SpecificationError, match="Bayes factor is that of Student's t"):
        adapter.bayes_factor(arms.x, arms.y, paired=False, correction=True)


def test_an_effect_size_has_its_sign(arms: SimpleNamespace):
    assert pg.ttest(arms.x, arms.y).iloc[0]["cohen_d"] > 0  # though x is the lower

    d = adapter.t_test(arms.x, arms.y, paired=False, correction=False).effect_sizes["cohen_d_s"]

    assert d.estimate == pytest.approx(pg.compute_effsize(arms.x, arms.y, eftype="cohen"))
    assert d.conf_low < d.estimate < 0


def test_the_paired_effect_size_says_which_it_is(pairs: SimpleNamespace):
    change = pairs.after - pairs.before
    d_z = change.mean() / change.std(ddof=1)
    raw = pg.ttest(pairs.after, pairs.before, paired=True).iloc[0]["cohen_d"]
    assert abs(raw) < 0.7 * abs(d_z)  # pingouin's is d_av, called Cohen's d

    found = adapter.t_test(pairs.after, pairs.before, paired=True, correction=False).effect_sizes

    assert found["cohen_d_z"].estimate == pytest.approx(d_z, rel=1e-12)
    s = (pairs.before.std(ddof=1) + pairs.after.std(ddof=1)) / 2
    assert found["cohen_d_av"].estimate == pytest.approx(change.mean() / s, rel=1e-12)


def test_paired_power_is_that_of_d_z(pairs: SimpleNamespace):
    change = pairs.after - pairs.before
    d_z, n = change.mean() / change.std(ddof=1), change.size
    raw = pg.ttest(pairs.after, pairs.before, paired=True).iloc[0]["power"]
    right = pg.power_ttest(d=d_z, n=n, contrast="paired")
    assert raw < right - 0.1

    assert adapter.paired_power(pairs.after, pairs.before) == pytest.approx(right, rel=1e-9)


def test_power_is_the_share_of_rejections():
    rng = np.random.default_rng(11)
    changes = rng.normal(0.6, 1, (20_000, 12))
    share = float(np.mean(stats.ttest_1samp(changes, 0, axis=1).pvalue < 0.05))

    assert t_test_power(0.6 * np.sqrt(12), 11.0, alpha=0.05) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(("correlation", "pingouins"), [(0.0, 88.6), (0.9, 99.98)])
def test_a_paired_interval_covers_what_it_says(correlation: float, pingouins: float):
    rng = np.random.default_rng(12)
    raw_holds, holds, draws, n, shift = 0, 0, 500, 20, 0.8
    for _ in range(draws):
        before, own = rng.standard_normal((2, n))
        after = correlation * before + np.sqrt(1 - correlation**2) * own - shift
        d = pg.compute_effsize(after, before, paired=True, eftype="cohen")
        low, high = pg.compute_esci(d, n, n, paired=True, decimals=8)
        raw_holds += low <= -shift <= high
        found = adapter.t_test(after, before, paired=True, correction=False)
        interval = found.effect_sizes["cohen_d_av"]
        holds += interval.conf_low <= -shift <= interval.conf_high

    assert 100 * raw_holds / draws == pytest.approx(pingouins, abs=3.0)
    assert abs(100 * raw_holds / draws - 95) > 2.5
    assert 100 * holds / draws == pytest.approx(95.0, abs=2.5)


def test_the_test_does_not_change_with_the_size_of_the_arms(arms: SimpleNamespace):
    unequal = pg.ttest(arms.x, arms.y, correction="auto").iloc[0]["dof"]
    equal = pg.ttest(arms.x[:12], arms.y, correction="auto").iloc[0]["dof"]
    assert unequal != int(unequal)
    assert equal == 22

    with pytest.raises(SpecificationError, match=r"expected True .* or False .*'auto'"):
        adapter.t_test(arms.x, arms.y, paired=False, correction="auto")  # type: ignore[arg-type]


def test_missing_values_are_refused_and_not_left_out(arms: SimpleNamespace):
    x = arms.x.copy()
    x[3] = np.nan
    assert pg.ttest(x, arms.y, correction=False).iloc[0]["dof"] == 33  # one fewer, in silence

    with pytest.raises(DataError, match="found 1 missing"):
        adapter.t_test(x, arms.y, paired=False, correction=False)


@known_deprecation
def test_an_incomplete_subject_is_refused_by_name_of_number(visits: pd.DataFrame):
    gappy = visits.drop(index=4)
    raw = pg.rm_anova(gappy, dv="pain", within="visit", subject="id", detailed=True)
    assert raw.loc[1, "DF"] == 16  # nine people are left, in silence

    for call, options in ((adapter.rm_anova, {}), (adapter.mixed_anova, {"between": "arm"})):
        with pytest.raises(DataError, match="found 1 of 10 without all") as caught:
            call(gappy, dv="pain", within="visit", subject="id", **options)
        assert len(caught.value.records) == 2


@known_deprecation
def test_mixed_anova_drops_people_in_silence(visits: pd.DataFrame):
    raw = pg.mixed_anova(
        visits.drop(index=4), dv="pain", within="visit", subject="id", between="arm"
    )

    assert raw.set_index("Source").loc["arm", "DF2"] == 7


@known_deprecation
def test_a_duplicate_visit_is_refused(visits: pd.DataFrame):
    again = visits.iloc[[4]].assign(pain=9.9)
    doubled = pd.concat([visits, again], ignore_index=True)
    averaged = visits.copy()
    averaged.loc[4, "pain"] = (visits.loc[4, "pain"] + 9.9) / 2
    options = {"dv": "pain", "within": "visit", "subject": "id"}
    # pingouin averages the two.
    assert pg.rm_anova(doubled, **options).loc[0, "F"] == pytest.approx(
        pg.rm_anova(averaged, **options).loc[0, "F"], rel=1e-12
    )

    with pytest.raises(DataError, match="found 2 records that share") as caught:
        adapter.rm_anova(doubled, **options)
    assert sorted(caught.value.records["pain"]) == sorted([visits.loc[4, "pain"], 9.9])


def test_complete_records_pass_through(visits: pd.DataFrame):
    table = adapter.rm_anova(visits, dv="pain", within="visit", subject="id")

    wide = one_row_each(visits).to_numpy()
    rows, columns = wide.mean(axis=1, keepdims=True), wide.mean(axis=0)
    residual = wide - rows - columns + wide.mean()
    F = (10 * ((columns - wide.mean()) ** 2).sum() / 2) / ((residual**2).sum() / 18)
    assert table.loc[0, "F"] == pytest.approx(F, rel=1e-10)


@known_deprecation
def test_unequal_arms_are_refused_in_a_mixed_anova(visits: pd.DataFrame):
    options = {"dv": "pain", "within": "visit", "subject": "id", "between": "arm"}
    unequal = visits[visits["id"] > 1]
    raw = pg.mixed_anova(unequal, **options).set_index("Source")
    # Type II weighs each person alike: the visits are compared by their plain means.
    wide = one_row_each(unequal).to_numpy()
    plain = 8 * ((wide.mean(axis=0) - wide.mean()) ** 2).sum()
    assert raw.loc["visit", "SS"] == pytest.approx(plain, rel=1e-9)

    with pytest.raises(DataError, match="mindfulness: 5, sham: 3"):
        adapter.mixed_anova(unequal, **options)


def test_a_balanced_mixed_anova_passes_and_a_corrected_one_does_not(visits: pd.DataFrame):
    options = {"dv": "pain", "within": "visit", "subject": "id", "between": "arm"}
    table = adapter.mixed_anova(visits, **options).set_index("Source")

    person = visits.groupby(["arm", "id"])["pain"].mean()
    t = stats.ttest_ind(person["sham"], person["mindfulness"])
    assert table.loc["arm", "F"] == pytest.approx(t.statistic**2, rel=1e-10)
    with pytest.raises(SpecificationError, match="corrected tests"):
        adapter.mixed_anova(visits, **options, correction=True)


def test_several_tests_are_not_left_unadjusted(visits: pd.DataFrame):
    options = {"dv": "pain", "within": "visit", "subject": "id"}
    assert "p_corr" not in pg.pairwise_tests(visits, **options)

    for word in ("none", "tukey"):
        with pytest.raises(SpecificationError, match="expected one of holm, bonf"):
            adapter.pairwise_tests(visits, **options, padjust=word)

    table = adapter.pairwise_tests(visits, **options, padjust="holm")
    wide = one_row_each(visits)
    expected = [stats.ttest_rel(wide[a], wide[b]).pvalue for a, b in table[["A", "B"]].to_numpy()]
    np.testing.assert_allclose(table["p_unc"].astype(float), expected, rtol=1e-10)
    _, adjusted = pg.multicomp(expected, method="holm")
    np.testing.assert_allclose(table["p_corr"].astype(float), adjusted, rtol=1e-10)
    assert "BF10" not in table


def test_ids_reused_across_arms_are_refused(visits: pd.DataFrame):
    options = {"dv": "pain", "within": "visit", "subject": "id", "between": "arm"}
    reused = visits.assign(id=visits["id"] % 5)
    raw = pg.pairwise_tests(reused, **options)
    right = pg.pairwise_tests(visits, **options)
    assert raw.loc[0, "dof"] == 4  # ten people counted as five
    assert right.loc[0, "dof"] == 9

    with pytest.raises(DataError, match="found 0, 1, 2 and 2 more in several"):
        adapter.pairwise_tests(reused, **options, padjust="holm")


def test_separation_is_refused():
    frame = pd.DataFrame({"dose": np.arange(20.0), "responded": np.repeat([0, 1], 10)})
    raw = pg.logistic_regression(frame[["dose"]], frame["responded"])
    assert raw.loc[1, "se"] > 100  # no warning, a coefficient of its own making

    with pytest.raises(NotEstimableError, match="dose: separates responded = 1"):
        adapter.logistic_regression(frame, outcome="responded", terms=["dose"])


def test_logistic_regression_without_separation_maximises_the_likelihood():
    rng = np.random.default_rng(9)
    dose = rng.normal(size=80)
    responded = (rng.random(80) < 1 / (1 + np.exp(-dose))).astype(int)
    frame = pd.DataFrame({"dose": dose, "responded": responded})

    table = adapter.logistic_regression(frame, outcome="responded", terms=["dose"])

    fitted = 1 / (1 + np.exp(-(table.loc[0, "coef"] + table.loc[1, "coef"] * dose)))
    residual = responded - fitted
    np.testing.assert_allclose([residual.sum(), residual @ dose], 0, atol=1e-2)


@known_deprecation
def test_a_mediation_p_value_is_never_zero():
    rng = np.random.default_rng(10)
    x = rng.normal(size=60)
    m = 0.9 * x + rng.normal(scale=0.3, size=60)
    frame = pd.DataFrame({"x": x, "m": m, "y": m + rng.normal(scale=0.3, size=60)})
    raw = pg.mediation_analysis(frame, x="x", m="m", y="y", n_boot=199, seed=1)
    assert raw.set_index("path").loc["Indirect", "pval"] == 0.0

    table = adapter.mediation(frame, x="x", m="m", y="y", draws=199, seed=1).set_index("path")

    assert table.loc["Indirect", "pval"] == pytest.approx(2 / 200)
    unchanged = raw.set_index("path").drop(index="Indirect")
    pd.testing.assert_series_equal(table.drop(index="Indirect")["pval"], unchanged["pval"])


def test_missing_records_are_refused_in_mediation_and_regression():
    frame = pd.DataFrame({"x": [1.0, 2, 3, np.nan], "m": 1.0, "y": [0.0, 1, 0, 1]})

    with pytest.raises(DataError, match="found 1 of 4 without a value") as caught:
        adapter.mediation(frame, x="x", m="m", y="y", draws=10, seed=1)
    assert len(caught.value.records) == 1
    with pytest.raises(DataError, match="found 1 of 4"):
        adapter.logistic_regression(frame, outcome="y", terms=["x"])


def test_only_the_known_warning_is_silenced():
    with pytest.warns(RuntimeWarning, match="another"), adapter.known_deprecation():
        warnings.warn("another", RuntimeWarning, stacklevel=1)
    with warnings.catch_warnings(), adapter.known_deprecation():
        warnings.warn("The inplace keyword is", pd.errors.Pandas4Warning, stacklevel=1)


def test_pingouin_is_not_imported_with_the_package():
    names = {"effect_size", "bayes_factor", "equivalence", "correlation", "percent_change"}
    program = (
        "import sys, trialkit as tk\n"
        f"for name in {sorted(names)}: getattr(tk, name)\n"
        "print('pingouin' in sys.modules)"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout

    assert output.strip() == "False"
