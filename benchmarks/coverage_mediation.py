"""Coverage of the 95 % intervals of indirect effects, and how often they miss zero when it holds.

Three arms, two mediators and a baseline; the interval is that of the first mediator in the
second arm. Each scenario is drawn anew, all four intervals are taken from the same data, and
the share of intervals counted that hold the product of paths of the population (of a large
sample for ratings, whose rounding moves it).
What misses 95 by more than 1.5 points: BCa where one path is zero (down to 91 with 40 people an
arm), delta where both exist (91 to 92 with 12, 93 to 94 with 40), and every interval, on the
cautious side, where a path or both are zero and people are few.
Run: ``python benchmarks/coverage_mediation.py [replicates] [draws]``.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from scipy import special

from trialkit.numerics.mediation import (
    MediationData,
    delta_inference,
    fit_mediation,
    indirect_effects,
)
from trialkit.numerics.mediation_intervals import drawn_inference
from trialkit.numerics.mediation_resampling import (
    bootstrap_effects,
    jackknife_effects,
    make_basis,
    simulated_effects,
)

REPLICATES, DRAWS = 3_000, 1_999
SIZES = (12, 40)
PATHS = ((0.0, 0.0), (0.0, 0.5), (0.8, 0.0), (0.8, 0.5))  # a and b, in standard deviations
LEVEL = 0.95
LARGE = 300_000
METHODS = ("bca", "percentile", "monte_carlo", "delta")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """One kind of score: how errors are made of normal deviates, and how sums are recorded."""

    name: str
    error: Callable[[np.ndarray], np.ndarray]
    record: Callable[[np.ndarray], np.ndarray]


def skewed(z: np.ndarray) -> np.ndarray:
    """Gamma with shape 4: skewness 1; mean 0 and standard deviation 1."""
    return special.gammaincinv(4.0, special.ndtr(z)) / 2 - 2


def ratings(score: np.ndarray) -> np.ndarray:
    """Whole numbers from 0 to 10; many ties."""
    return np.clip(np.rint(5.0 + 2.0 * score), 0, 10)


def unchanged(score: np.ndarray) -> np.ndarray:
    """Return scores as they are."""
    return score


KINDS = (
    Scores(name="normal", error=unchanged, record=unchanged),
    Scores(name="skewed", error=skewed, record=unchanged),
    Scores(name="ratings 0-10", error=unchanged, record=ratings),
)


def draw(kind: Scores, n: int, a: float, b: float, rng: np.random.Generator) -> MediationData:
    """Return a trial with n people an arm."""
    arm = np.repeat([0, 1, 2], n)
    arms = np.column_stack([arm == 1, arm == 2]).astype(float)
    before, e1, e2, e3 = kind.error(rng.standard_normal((4, arm.size)))
    first = kind.record(0.3 * before + a * arms[:, 0] + 0.5 * a * arms[:, 1] + e1)
    second = kind.record(0.3 * before + 0.4 * arms[:, 1] + 0.3 * e1 + e2)
    unit = 2.0 if kind.record is ratings else 1.0
    paths = b * (first - first.mean()) / unit + 0.2 * (second - second.mean()) / unit
    outcome = kind.record(0.4 * before + paths - 0.3 * arms[:, 1] + e3)
    return MediationData(
        covariates=np.column_stack([np.ones(arm.size), kind.record(before)]),
        arms=arms,
        mediators=np.column_stack([first, second]),
        outcome=outcome,
        names=("1", "before", "arm 1", "arm 2", "first", "second"),
    )


def intervals(
    data: MediationData, draws: int, rng: np.random.Generator
) -> dict[str, tuple[float, float]]:
    """Return the limits of every method."""
    fit = fit_mediation(data)
    estimate = indirect_effects(fit.a, fit.b)
    basis = make_basis(data)
    resampled = bootstrap_effects(basis, draws=draws, seed=rng).effects
    simulated = simulated_effects(fit, draws=draws, seed=rng)
    jackknife = jackknife_effects(basis)
    found = {
        "bca": drawn_inference(estimate, resampled, conf_level=LEVEL, jackknife=jackknife),
        "percentile": drawn_inference(estimate, resampled, conf_level=LEVEL),
        "monte_carlo": drawn_inference(estimate, simulated, conf_level=LEVEL),
    }
    limits = {name: (item.conf_low[0, 0], item.conf_high[0, 0]) for name, item in found.items()}
    delta = delta_inference(fit, conf_level=LEVEL)
    return {**limits, "delta": (float(delta.conf_low[0]), float(delta.conf_high[0]))}


def main() -> None:
    """Print coverage in percent, scenario by scenario."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else DRAWS
    error = 100 * sqrt(LEVEL * (1 - LEVEL) / replicates)
    print(f"{replicates} trials a scenario, {draws} draws; Monte-Carlo error {error:.1f}")
    print(f"{'scores':14}{'n':>4}{'a':>6}{'b':>6}" + "".join(f"{name:>13}" for name in METHODS))
    for kind, n, (a, b) in product(KINDS, SIZES, PATHS):
        rng = np.random.default_rng([n, int(10 * a), int(10 * b), KINDS.index(kind)])
        large = fit_mediation(draw(kind, LARGE, a, b, rng))
        truth = 0.0 if a * b == 0 else float(large.a[0, 0] * large.b[0])
        held, made = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0)
        for _ in range(replicates):
            for name, (low, high) in intervals(draw(kind, n, a, b, rng), draws, rng).items():
                held[name] += low <= truth <= high
                made[name] += low <= high
        shares = "".join(f"{100 * held[name] / made[name]:13.1f}" for name in METHODS)
        none = replicates - made["bca"]
        told = f"   {none} without BCa" if none else ""
        print(f"{kind.name:14}{n:4}{a:6.1f}{b:6.1f}{shares}{told}", flush=True)


if __name__ == "__main__":
    main()
