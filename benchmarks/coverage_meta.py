"""How often 95 % intervals of a meta-analysis contain the truth, with few trials.

Run: python benchmarks/coverage_meta.py [replications]

Estimates are normal with known variances; trials are equal in size or one is ten times the
others. ``share`` is the percentage of variance that lies between trials. Columns: the average
by z (DerSimonian-Laird and restricted maximum likelihood), by Hartung and Knapp, and never
narrower; the effect of a further trial (prediction) by both rules; tau squared by the Q
profile. A star marks what misses 95 by more than 1.5 points.
"""

import sys
from itertools import product
from math import sqrt

import numpy as np

from trialkit.numerics.heterogeneity import q_profile
from trialkit.numerics.meta_analysis import fit_meta, prediction_interval

TRIALS = (3, 5, 10, 20)
SHARES = (0, 50, 80)
AVERAGES = {
    "DL z": ("dersimonian_laird", "z"),
    "REML z": ("restricted_maximum_likelihood", "z"),
    "HK": ("restricted_maximum_likelihood", "hartung_knapp"),
    "HK safe": ("restricted_maximum_likelihood", "hartung_knapp_never_narrower"),
}
COLUMNS = (*AVERAGES, "pred", "pred k-2", "tau2")
LEVEL = 0.95


def variances(k: int, *, equal: bool) -> np.ndarray:
    """Return sampling variances with mean 1."""
    v = np.ones(k)
    if not equal:
        v[0] = 0.1
    return v / v.mean()


def one_replication(
    rng: np.random.Generator, v: np.ndarray, tau_squared: float
) -> dict[str, float]:
    """Return which intervals hold the truth in one simulated meta-analysis."""
    y = rng.normal(0.0, np.sqrt(v + tau_squared))
    further = rng.normal(0.0, sqrt(tau_squared)) if tau_squared else 0.0
    held: dict[str, float] = {}
    for name, (estimator, test) in AVERAGES.items():
        fit = fit_meta(y, v, estimator=estimator, test=test, conf_level=LEVEL)
        held[name] = float(fit.inference.conf_low[0] <= 0 <= fit.inference.conf_high[0])
        if name != "HK":
            continue
        for column, rule in (("pred", "as_tested"), ("pred k-2", "higgins")):
            interval = prediction_interval(fit, rule=rule, conf_level=LEVEL)
            held[column] = float(interval.conf_low <= further <= interval.conf_high)
    limits = q_profile(y, v, np.ones((v.size, 1)), conf_level=LEVEL)
    held["tau2"] = float(not limits.empty and limits.low <= tau_squared <= limits.high)
    return held


def main(replications: int) -> None:
    """Print a line a scenario."""
    error = 100 * sqrt(LEVEL * (1 - LEVEL) / replications)
    print(f"{replications} replications, Monte Carlo error {error:.1f} points")
    print(f"{'trials':>6} {'sizes':>8} {'share':>6}", *(f"{name:>9}" for name in COLUMNS))
    for k, equal, share in product(TRIALS, (True, False), SHARES):
        rng = np.random.default_rng([k, equal, share])
        v = variances(k, equal=equal)
        tau_squared = share / (100 - share)
        runs = [one_replication(rng, v, tau_squared) for _ in range(replications)]
        shown = []
        for name in COLUMNS:
            coverage = 100 * float(np.mean([run[name] for run in runs]))
            shown.append(f"{coverage:8.1f}{'*' if abs(coverage - 95) > 1.5 else ' '}")
        print(f"{k:6d} {'equal' if equal else 'unequal':>8} {share:5d}%", *shown, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
