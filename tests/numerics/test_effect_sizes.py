"""Effect sizes are what their names say, and refuse what does not vary."""

import numpy as np
import pytest

from trialkit.errors import NotEstimableError
from trialkit.numerics import effect_sizes as es
from trialkit.numerics.means import Moments, sample_moments

TREATMENT = Moments(n=17, mean=3.0, std_dev=1.5)
REFERENCE = Moments(n=20, mean=4.0, std_dev=1.0)


def test_each_standardiser():
    pooled = np.sqrt((16 * 1.5**2 + 19) / 35)
    for measure, standardiser in [
        (es.cohen_d_s, pooled),
        (es.glass_delta, 1.0),
        (es.cohen_d_unpooled, np.sqrt((1.5**2 + 1) / 2)),
    ]:
        found = measure(TREATMENT, REFERENCE, conf_level=0.95)
        assert found.estimate == pytest.approx(-1 / standardiser, rel=1e-14)
        assert found.conf_low < found.estimate < found.conf_high


@pytest.mark.parametrize(
    ("df", "J"),
    # mpmath at 30 digits, from the two gammas
    [(2, 0.56418958354775629), (10, 0.92274560805308704), (500, 0.99849912443796282)],
)
def test_hedges_correction_is_exact(df: int, J: float):
    assert es.hedges_correction(df) == pytest.approx(J, rel=1e-12)


def test_hedges_correction_needs_two_degrees_of_freedom():
    with pytest.raises(NotEstimableError, match="more than 1 degree of freedom"):
        es.hedges_correction(1)


def pairs(r: float, n: int = 40) -> es.Pairs:
    """Return pairs whose correlation is exactly r and whose standard deviations are 2 and 1."""
    rng = np.random.default_rng(3)
    raw = np.linalg.qr(np.column_stack([np.ones(n), rng.standard_normal((n, 2))]))[0][:, 1:]
    u, v = (raw * np.sqrt(n - 1)).T
    return es.paired_moments(2 * u + 6, r * v * 0 + (r * u + np.sqrt(1 - r * r) * v) + 5)


@pytest.mark.parametrize("r", [-0.5, 0.0, 0.5, 0.99, 0.999999])
def test_each_paired_standardiser(r: float):
    found = {
        measure: es.WITHIN[measure](pairs(r), conf_level=0.95).estimate for measure in es.WITHIN
    }

    s_d = np.sqrt(4 + 1 - 4 * r)
    assert found["cohen_d_z"] == pytest.approx(-1 / s_d, rel=1e-10)
    assert found["hedges_g_z"] == pytest.approx(-es.hedges_correction(39) / s_d, rel=1e-10)
    assert found["cohen_d_av"] == pytest.approx(-1 / 1.5, rel=1e-10)
    assert found["cohen_d_rm"] == pytest.approx(-np.sqrt(2 * (1 - r)) / s_d, rel=1e-9)


@pytest.mark.parametrize("measure", [*es.BETWEEN.values(), es.cohen_d_unpooled])
def test_arms_that_do_not_vary_are_refused(measure):
    still = Moments(n=5, mean=2.0, std_dev=0.0)

    with pytest.raises(NotEstimableError):
        measure(Moments(n=5, mean=3.0, std_dev=0.0), still, conf_level=0.95)
    with pytest.raises(NotEstimableError, match="needs at least two"):
        measure(TREATMENT, sample_moments(np.array([1.0])), conf_level=0.95)


def test_glass_needs_spread_in_the_reference_alone():
    still = Moments(n=9, mean=4.0, std_dev=0.0)

    with pytest.raises(NotEstimableError, match="reference arm does not vary"):
        es.glass_delta(TREATMENT, still, conf_level=0.95)
    assert es.glass_delta(still, REFERENCE, conf_level=0.95).estimate == 0.0


@pytest.mark.parametrize("measure", es.WITHIN.values())
def test_changes_that_do_not_vary_are_refused(measure):
    before = np.array([3.1, 5.4, 7.2, 6.6])

    with pytest.raises(NotEstimableError):
        measure(es.paired_moments(before, before - 1), conf_level=0.95)


def test_perfect_correlation_has_no_d_rm():
    before = np.array([1.0, 2.0, 4.0, 7.0])
    with pytest.raises(NotEstimableError, match="perfectly correlated"):
        es.cohen_d_rm(es.paired_moments(before, 2 * before), conf_level=0.95)


def test_a_common_part_does_not_change_an_effect_size():
    rng = np.random.default_rng(8)
    x, y = (np.round(rng.normal(5, 2, 30) * 64) / 64 for _ in range(2))
    y += 1
    plain = es.hedges_g_s(sample_moments(x), sample_moments(y), conf_level=0.95)

    moved = es.hedges_g_s(sample_moments(x + 1e9), sample_moments(y + 1e9), conf_level=0.95)

    assert moved.estimate == pytest.approx(plain.estimate, rel=1e-6)
    assert moved.conf_low == pytest.approx(plain.conf_low, rel=1e-6)


def test_superiority_follows_d():
    d = es.cohen_d_s(TREATMENT, REFERENCE, conf_level=0.95)

    found = es.superiority_of_normals(d)

    assert 0 < found.conf_low < found.estimate < 0.5
    assert es.superiority_of_normals(
        es.cohen_d_s(REFERENCE, TREATMENT, conf_level=0.95)
    ).estimate == pytest.approx(1 - found.estimate, rel=1e-14)
