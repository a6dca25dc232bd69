"""How often the last visit differs "significantly" in small trials in which the arms are alike.

Two arms of 10, four visits, an unstructured covariance with variances that grow, arm x visit
means, REML. One person in five leaves before the last visit, those with high values more
likely (missing at random). Three tests of the same estimate: Kenward-Roger (standard error
and degrees of freedom, the default of ``tk.mmrm``), Satterthwaite (the model's standard error),
and uncorrected (the model's standard error, normal distribution).

A trial whose fit does not converge has no p-value: it is counted as not significant, and the
last line says how far the rates would move were it significant.

Run: ``python benchmarks/type_one_error_mmrm.py [simulations]``.
"""

import sys
from math import sqrt

import numpy as np

from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.many_trials import ManyFits, fit_many
from trialkit.numerics.tails import two_sided_p_value

SIMULATIONS = 5_000
PER_ARM, VISITS = 10, 4
LEVEL, PROMISED = 0.05, 0.6  # points from 5 %
SPREAD = np.array([6.0, 7.5, 8.0, 10.0])
CORRELATION = np.array(
    [[1.0, 0.7, 0.45, 0.5], [0.7, 1.0, 0.6, 0.4], [0.45, 0.6, 1.0, 0.75], [0.5, 0.4, 0.75, 1.0]]
)
SIGMA = CORRELATION * np.outer(SPREAD, SPREAD)
# Chance to leave after a visit at an average value, and what a value one spread higher adds to
# its logit; about one person in five has left before the last visit.
LEAVING, SLOPE = -2.72, 0.7


def outcomes(rng: np.random.Generator, trials: int) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes, shape (b, n, v), and how many visits each person has, shape (b, n)."""
    n = 2 * PER_ARM
    y = rng.standard_normal((trials, n, VISITS)) @ np.linalg.cholesky(SIGMA).T
    logit = LEAVING + SLOPE * y[..., :-1] / SPREAD[:-1]
    stays = rng.random(logit.shape) >= 1 / (1 + np.exp(-logit))
    return y, 1 + np.cumprod(stays, axis=-1).sum(axis=-1)


def fits(simulations: int) -> ManyFits:
    """Return the differences of the arms at the last visit, with their errors and df."""
    y, seen = outcomes(np.random.default_rng(20250817), simulations)
    y[np.arange(VISITS) >= seen[..., np.newaxis]] = np.nan
    arm = np.repeat(np.arange(2 * PER_ARM) >= PER_ARM, VISITS)
    visit = np.tile(np.arange(VISITS), 2 * PER_ARM)
    at_visit = np.eye(VISITS)[visit]
    last = np.zeros((1, 2 * VISITS))
    last[0, -1] = 1.0
    return fit_many(
        np.hstack([at_visit, at_visit * arm[:, np.newaxis]]),
        y.reshape(simulations, -1),
        subject=np.repeat(np.arange(2 * PER_ARM), VISITS),
        visit=visit,
        structure=build_structure("unstructured", VISITS),
        L=last,
    )


def p_values(fit: ManyFits) -> dict[str, np.ndarray]:
    """Return the p-value of each trial by each of the tests; 1 where there is none."""
    tests = {
        "Kenward-Roger": (fit.kenward_roger_std_error, fit.df),
        "Satterthwaite": (fit.std_error, fit.df),
        "uncorrected": (fit.std_error, np.full_like(fit.df, np.inf)),
    }
    with_p = fit.converged[:, np.newaxis]
    return {
        name: np.where(with_p, two_sided_p_value(fit.estimate / error, df), 1.0)[:, 0]
        for name, (error, df) in tests.items()
    }


def main(simulations: int) -> None:
    """Print the rates."""
    fit = fits(simulations)
    error = 100 * sqrt(LEVEL * (1 - LEVEL) / simulations)
    _, seen = outcomes(np.random.default_rng(20250817), simulations)
    left = 100 * np.mean(seen < VISITS)
    print(f"{simulations} trials of 2 x {PER_ARM}, {VISITS} visits, {left:.1f} % leave")
    print(f"rate of p < {LEVEL} at the last visit; Monte Carlo error {error:.2f} points")
    for name, p in p_values(fit).items():
        rate = 100 * np.mean(p < LEVEL)
        verdict = ""
        if name == "Kenward-Roger":
            held = abs(rate - 100 * LEVEL) <= PROMISED
            verdict = f"  promised within {PROMISED} points: {'held' if held else 'MISSED'}"
        print(f"  {name:<14} {rate:5.2f} %{verdict}")
    lost = int((~fit.converged).sum())
    more = 100 * lost / simulations
    print(f"not converged: {lost} (not significant above; were they, {more:.2f} points more)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else SIMULATIONS)
