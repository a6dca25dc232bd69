"""How often 95 % intervals of adjusted and of simultaneous differences contain the truth.

Run: python benchmarks/coverage_several_arms.py [replications]

First two arms and a baseline, 12 and 60 an arm: one slope or two, normal or skewed baseline,
equal or unequal variances. Then four arms of unequal size: all differences at once.
"""

import sys
from itertools import product

import numpy as np

from trialkit.numerics.contrast import evaluate_contrasts
from trialkit.numerics.least_squares import fit_least_squares
from trialkit.numerics.max_t import max_t_bound
from trialkit.numerics.means import sample_moments, welch_difference
from trialkit.numerics.one_way import classic_one_way
from trialkit.numerics.robust_covariance import coefficient_covariance
from trialkit.numerics.simultaneous import correlation_of
from trialkit.numerics.studentized_range import studentized_range_bound, studentized_range_sf

REPLICATIONS = 4000
METHODS = (
    ("ancova", "model"),
    ("ancova", "HC3"),
    ("anhecova", "model"),
    ("anhecova", "HC3"),
    ("anhecova", "superpopulation"),
)
EFFECT = 1.0


def trial(
    rng: np.random.Generator, n: tuple[int, int], *, skewed: bool, slopes: float, spread: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return arm, baseline and outcome; the difference of means in the population is 1."""
    arm = np.repeat([0.0, 1.0], n)
    before = rng.exponential(1.0, arm.size) - 1 if skewed else rng.normal(size=arm.size)
    slope = 0.7 + slopes * (arm - 0.5)
    error = rng.normal(size=arm.size) * np.where(arm == 1, spread, 1.0)
    return arm, before, EFFECT * arm + slope * before + error


def covered(arm: np.ndarray, before: np.ndarray, after: np.ndarray, model: str, kind: str) -> bool:
    """Return whether the interval of one method holds the truth."""
    centred = before - before.mean()
    columns = [np.ones_like(arm), arm, centred]
    if model == "anhecova":
        columns.append(arm * centred)
    X = np.column_stack(columns)
    fit = fit_least_squares(X, after)
    vcov = coefficient_covariance(X, after, fit, "HC2" if kind == "superpopulation" else kind)
    if kind == "superpopulation":
        vcov[1, 1] += np.var(centred * fit.beta[3], ddof=1) / arm.size
    found = evaluate_contrasts(
        np.eye(X.shape[1])[[1]],
        beta=fit.beta,
        vcov=vcov,
        df=np.array([float(fit.df_residual)]),
        conf_level=0.95,
    )
    return bool(found.conf_low[0] <= EFFECT <= found.conf_high[0])


def adjusted_differences(replications: int) -> None:
    """Print the coverage of each method in each scenario."""
    print(f"{'n':>9} {'baseline':>9} {'slopes':>8} {'SD ratio':>8}", end="")
    print("".join(f"{model + ' ' + kind:>26}" for model, kind in METHODS))
    scenarios = product(((12, 12), (60, 60), (20, 60)), (False, True), (0.0, 1.0), (1.0, 2.0))
    for number, (n, skewed, slopes, spread) in enumerate(scenarios):
        rng = np.random.default_rng([2611, number])
        held = np.zeros(len(METHODS))
        for _ in range(replications):
            records = trial(rng, n, skewed=skewed, slopes=slopes, spread=spread)
            held += [covered(*records, model, kind) for model, kind in METHODS]
        share = 100 * held / replications
        shape = "skewed" if skewed else "normal"
        print(f"{n[0]:>4}+{n[1]:<4} {shape:>9} {slopes:>8} {spread:>8}", end="")
        print("".join(f"{value:>26.1f}" for value in share), flush=True)
    print(f"Monte-Carlo error {100 * np.sqrt(0.05 * 0.95 / replications):.2f} points\n")


def simultaneous_differences(replications: int) -> None:
    """Print how often all differences of four arms are covered at once."""
    n = np.array([10, 14, 20, 30])
    pairs = [(i, j) for i in range(4) for j in range(i)]
    tukey = studentized_range_bound(0.05, 4, float(n.sum() - 4)) / np.sqrt(2)
    L = np.column_stack([-np.ones(3), np.eye(3)])
    dunnett = max_t_bound(0.05, correlation_of(L, np.diag(1 / n)), float(n.sum() - 4))
    for name, spreads in (
        ("equal", (1, 1, 1, 1)),
        ("largest in the smallest arm", (2.5, 1.5, 1, 1)),
    ):
        rng = np.random.default_rng(2612)
        held = np.zeros(3)
        for _ in range(replications):
            samples = [rng.normal(0, spread, size) for spread, size in zip(spreads, n, strict=True)]
            moments = [sample_moments(sample) for sample in samples]
            table = classic_one_way(samples)
            variance = table.within / table.df_within
            t = {
                (i, j): abs(moments[i].mean - moments[j].mean)
                / np.sqrt(variance * (1 / n[i] + 1 / n[j]))
                for i, j in pairs
            }
            welch = [welch_difference(moments[i], moments[j], conf_level=0.95) for i, j in pairs]
            howell = all(
                studentized_range_sf(abs(float(one.statistic[0])) * np.sqrt(2), 4, float(one.df[0]))
                >= 0.05
                for one in welch
            )
            held += [
                max(t.values()) <= tukey,
                howell,
                max(t[i, 0] for i in (1, 2, 3)) <= dunnett,
            ]
        share = 100 * held / replications
        print(
            f"four arms of 10, 14, 20, 30; variances {name}: Tukey-Kramer {share[0]:.1f}, ", end=""
        )
        print(f"Games-Howell {share[1]:.1f}, Dunnett {share[2]:.1f}")


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATIONS
    adjusted_differences(count)
    simultaneous_differences(count)
