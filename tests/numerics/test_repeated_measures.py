"""The split-plot table follows from the multivariate model, whatever the size of the values."""

import numpy as np
import pytest
from scipy import stats

from trialkit.errors import NotEstimableError
from trialkit.numerics import repeated_measures as rm


def simulated(*sizes: int, visits: int, seed: int = 1) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [
        5 + rng.normal(size=(n, 1)) + rng.normal(size=(n, visits)) * np.linspace(0.5, 2, visits)
        for n in sizes
    ]


def table(samples: list[np.ndarray], sums_of_squares: str = "III", epsilon: float = 1.0):
    profiles = rm.fit_profiles(samples)
    return [
        rm.between_test(profiles),
        *(
            rm.within_test(profiles, term, sums_of_squares=sums_of_squares, epsilon=epsilon)
            for term in ("visit", "arm:visit")
        ),
    ]


def test_two_visits_are_t_tests_of_the_changes():
    first, second = simulated(9, 14, visits=2)
    _, visit, crossed = table([first, second])
    changes = [sample[:, 1] - sample[:, 0] for sample in (first, second)]

    student = stats.ttest_ind(*changes)

    assert crossed.statistic == pytest.approx(student.statistic**2, rel=1e-12)
    assert crossed.p_value == pytest.approx(student.pvalue, rel=1e-11)
    assert (crossed.df_num, crossed.df_den) == (1.0, 21.0)
    # Type III: the mean change with each arm counting once.
    pooled = sum(np.var(change, ddof=1) * (len(change) - 1) for change in changes) / 21
    mean = np.mean([change.mean() for change in changes])
    expected = mean**2 / (pooled / 4 * sum(1 / len(change) for change in changes))
    assert visit.statistic == pytest.approx(expected, rel=1e-12)


def test_the_test_between_people_is_the_one_way_analysis_of_their_means():
    samples = simulated(5, 8, 11, visits=4)

    between = table(samples)[0]
    one_way = stats.f_oneway(*(sample.mean(axis=1) for sample in samples))

    assert between.statistic == pytest.approx(one_way.statistic, rel=1e-12)
    assert between.p_value == pytest.approx(one_way.pvalue, rel=1e-11)


def test_the_two_types_differ_only_in_the_visits_of_unequal_arms():
    unequal, equal = simulated(5, 12, visits=3), simulated(8, 8, visits=3)

    third, second = table(unequal, "III"), table(unequal, "II")

    assert third[1].statistic != pytest.approx(second[1].statistic, rel=1e-3)
    assert (third[0], third[2]) == (second[0], second[2])
    balanced = [test.statistic for test in table(equal, "III")]
    assert balanced == pytest.approx([test.statistic for test in table(equal, "II")])


def test_sums_of_squares_of_equal_arms_add_up():
    samples = simulated(7, 7, 7, visits=4)
    values = np.concatenate(samples)

    between, visit, crossed = table(samples)

    total = np.sum((values - values.mean()) ** 2)
    parts = sum(test.sum_of_squares for test in (between, visit, crossed))
    errors = between.error_sum_of_squares + visit.error_sum_of_squares
    assert parts + errors == pytest.approx(total, rel=1e-12)


def test_a_large_common_part_costs_few_digits():
    samples = [np.round(sample, 3) for sample in simulated(6, 9, visits=3)]

    near = table(samples)
    far = table([sample + 1e9 for sample in samples])

    # A value of 1e9 with three decimals holds seven digits of its spread.
    for one, other in zip(near, far, strict=True):
        assert other.statistic == pytest.approx(one.statistic, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-120, 1e-9, 1e100])
def test_the_unit_changes_no_test(scale):
    samples = simulated(6, 9, visits=3)

    for one, other in zip(
        table(samples), table([sample * scale for sample in samples]), strict=True
    ):
        assert other.statistic == pytest.approx(one.statistic, rel=1e-11)
        assert other.p_value == pytest.approx(one.p_value, rel=1e-11)


def test_epsilons_lie_between_their_bounds():
    for seed in range(20):
        found = rm.sphericity(rm.fit_profiles(simulated(6, 7, visits=4, seed=seed)))
        assert 1 / 3 <= found.greenhouse_geisser <= 1
        assert found.huynh_feldt >= found.greenhouse_geisser
        assert 0 < found.mauchly <= 1
        assert 0 < found.p_value <= 1


def test_spherical_errors_have_no_epsilon():
    # Residuals about the mean of four people: contrasts orthogonal and equal in length.
    values = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1.0]])

    found = rm.sphericity(rm.fit_profiles([values, 2 * values]))

    assert found.greenhouse_geisser == pytest.approx(1, rel=1e-14)
    assert found.mauchly == pytest.approx(1, rel=1e-12)
    assert found.p_value == pytest.approx(1, rel=1e-9)
    assert found.huynh_feldt > 1


def test_more_visits_than_people_leave_the_univariate_tests():
    profiles = rm.fit_profiles(simulated(3, 3, visits=8))

    assert np.isnan(rm.sphericity(profiles).p_value)
    assert rm.multivariate_test(profiles, "visit", sums_of_squares="III") is None
    assert 0 < rm.within_test(profiles, "visit", sums_of_squares="III", epsilon=1).p_value < 1


def test_one_root_makes_all_multivariate_tests_the_same():
    profiles = rm.fit_profiles(simulated(9, 12, visits=3))

    found = rm.multivariate_test(profiles, "arm:visit", sums_of_squares="III")

    assert found is not None
    assert found.pillai == pytest.approx(1 - found.wilks, rel=1e-12)
    assert found.pillai_test == pytest.approx(found.wilks_test, rel=1e-11)


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        ([np.empty((0, 3)), np.ones((4, 3))], "no means"),
        ([np.ones((1, 2)), np.ones((1, 2))], "no degree of freedom"),
    ],
)
def test_too_few_people_are_refused(samples, told):
    with pytest.raises(NotEstimableError, match=told):
        rm.fit_profiles(samples)


def test_profiles_without_error_are_refused():
    people = np.arange(6.0)[:, np.newaxis] / 7
    parallel = rm.fit_profiles([people + np.array([0.1, 0.2, last]) for last in (0.4, 0.1)])
    level = rm.fit_profiles([np.array([[1.0, -1], [3, -3], [2, -2]]) / 7 for _ in range(2)])

    with pytest.raises(NotEstimableError, match="changes between visits do not vary"):
        rm.within_test(parallel, "visit", sums_of_squares="III", epsilon=1)
    with pytest.raises(NotEstimableError, match="changes between visits do not vary"):
        rm.sphericity(parallel)
    with pytest.raises(NotEstimableError, match="means over visits do not vary"):
        rm.between_test(level)
