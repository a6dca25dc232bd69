"""Coverage of the 95 % interval of every effect size, for scores as trials have them.

Samples are drawn, the limits of each measure taken, and the share of intervals counted that
hold the effect size of the population, which is computed from the population's own moments.
Run: ``python benchmarks/coverage_effect_sizes.py [replicates]``.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from scipy import interpolate, special

from trialkit.numerics.effect_sizes import hedges_correction
from trialkit.numerics.noncentral_t import noncentrality_limits

Row = tuple[str, float]
REPLICATES = 10_000
SIZES = (12, 60)
SHIFTS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # upwards to downwards, in standard deviations of the scores
CORRELATIONS = (0.0, 0.5, 0.9)
PROMISED = 1.5  # percentage points from 95
LARGE = 2_000_000  # people in the simulated population of correlated non-normal scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One kind of score, made of standard normal deviates by an increasing function."""

    name: str
    of: Callable[[np.ndarray, float], np.ndarray]  # deviates and shift to scores


def normal(z: np.ndarray, shift: float) -> np.ndarray:
    """Return normal scores with standard deviation 1."""
    return z + shift


def skewed(z: np.ndarray, shift: float) -> np.ndarray:
    """Gamma with shape 4: skewness 1, excess kurtosis 1.5; standard deviation 1."""
    return special.gammaincinv(4.0, special.ndtr(z)) / 2 + shift


def ratings(z: np.ndarray, shift: float) -> np.ndarray:
    """Whole numbers from 0 to 10, centred on 5 and moved down by the shift; many ties."""
    return np.clip(np.rint(5.0 + 2.0 * (z + shift)), 0, 10)


KINDS = (
    Scores(name="normal", of=normal),
    Scores(name="skewed", of=skewed),
    Scores(name="ratings 0-10", of=ratings),
)


def limits(t: np.ndarray, df: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the noncentrality limits of many t by a spline through exact ones (to 1e-7)."""
    edge = np.arcsinh(np.abs(t).max()) + 0.1
    grid = np.linspace(-edge, edge, 161)
    exact = np.array([noncentrality_limits(np.sinh(g), df, conf_level=0.95) for g in grid])
    at = np.arcsinh(t)
    low, high = (interpolate.CubicSpline(grid, exact[:, side])(at) for side in (0, 1))
    return low, high


def share(truth: float, t: np.ndarray, scale: np.ndarray | float, df: int) -> float:
    """Return the coverage in percent of limits that are noncentralities times a scale."""
    low, high = limits(t, df)
    return 100 * float(np.mean((low * scale <= truth) & (truth <= high * scale)))


def two_arms(
    kind: Scores, n: int, shift: float, rng: np.random.Generator, replicates: int
) -> Iterator[Row]:
    """Yield measure and coverage for two arms of n people."""
    x = kind.of(rng.standard_normal((replicates, n)), -shift)
    y = kind.of(rng.standard_normal((replicates, n)), 0.0)
    many = rng.standard_normal(LARGE)
    far, near = kind.of(many, -shift), kind.of(many, 0.0)
    difference = far.mean() - near.mean()
    pooled = sqrt((far.var() + near.var()) / 2)
    vx, vy = x.var(axis=1, ddof=1), y.var(axis=1, ddof=1)
    gap = x.mean(axis=1) - y.mean(axis=1)
    scale = sqrt(2 / n)
    t = gap / np.sqrt((vx + vy) / 2) / scale
    yield "cohen_d_s", share(difference / pooled, t, scale, 2 * n - 2)
    J = hedges_correction(2 * n - 2)
    yield "hedges_g_s", share(difference / pooled, t, J * scale, 2 * n - 2)
    glass_scale = np.sqrt((vx / vy + 1) / n)
    truth = difference / near.std()
    yield "glass_delta", share(truth, gap / np.sqrt(vy) / glass_scale, glass_scale, n - 1)


def pairs(
    kind: Scores, n: int, shift: float, r: float, rng: np.random.Generator, replicates: int
) -> Iterator[Row]:
    """Yield measure and coverage for n people measured twice."""

    def draw(size: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
        first, second = rng.standard_normal((2, *size))
        return kind.of(first, 0.0), kind.of(r * first + sqrt(1 - r * r) * second, -shift)

    before, after = draw((LARGE,))
    change = after - before
    apart = 1 - np.corrcoef(before, after)[0, 1]
    truth = {
        "cohen_d_z": change.mean() / change.std(),
        "hedges_g_z": change.mean() / change.std(),
        "cohen_d_av": change.mean() / ((before.std() + after.std()) / 2),
        "cohen_d_rm": change.mean() / change.std() * sqrt(2 * apart),
    }
    before, after = draw((replicates, n))
    s0, s1, sd = (v.std(axis=1, ddof=1) for v in (before, after, after - before))
    varied = (s0 > 0) & (s1 > 0) & (sd > 0)
    before, after, s0, s1, sd = (v[varied] for v in (before, after, s0, s1, sd))
    t = (after - before).mean(axis=1) / (sd / sqrt(n))
    apart = (sd**2 - (s1 - s0) ** 2) / (2 * s0 * s1)
    scale = {
        "cohen_d_z": 1 / sqrt(n),
        "hedges_g_z": hedges_correction(n - 1) / sqrt(n),
        "cohen_d_av": sd / ((s0 + s1) / 2) / sqrt(n),
        "cohen_d_rm": np.sqrt(2 * apart / n),
    }
    for measure, true in truth.items():
        yield measure, share(true, t, scale[measure], n - 1)


def main() -> None:
    """Print coverage by scenario, with a mark where the promise is missed."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    rng = np.random.default_rng(20260)
    error = 100 * sqrt(0.95 * 0.05 / replicates)
    print(f"{replicates} replicates; Monte-Carlo error {error:.2f} points")
    print(f"{'measure':<12} {'scores':<13} {'n':>3} {'shift':>5} {'r':>4} {'coverage':>9}")
    for kind, n, shift in product(KINDS, SIZES, SHIFTS):
        rows = [("", *row) for row in two_arms(kind, n, shift, rng, replicates)]
        for r in CORRELATIONS:
            rows += [(f"{r:g}", *row) for row in pairs(kind, n, shift, r, rng, replicates)]
        for r_shown, measure, coverage in rows:
            mark = "" if abs(coverage - 95) <= PROMISED else "  missed"
            print(
                f"{measure:<12} {kind.name:<13} {n:>3} {shift:>5} {r_shown:>4} "
                f"{coverage:>8.2f}{mark}"
            )


if __name__ == "__main__":
    main()
