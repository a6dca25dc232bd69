"""Coverage of the intervals for two proportions, exact: every pair of counts is enumerated.

Run with ``python benchmarks/coverage_proportions.py``. Nothing is drawn at random, so there
is no Monte-Carlo error. Rates of both arms run over 0.05, 0.10, ... 0.95; the scenarios are
the shares of people whose 0-10 pain falls from 6 to 4.2 or less (30 % or more).
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import stats

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from trialkit.numerics.proportions import (
    Counts,
    Interval,
    number_needed_to_treat,
    odds_ratio,
    risk_difference_agresti_caffo,
    risk_difference_newcombe,
    risk_difference_wald,
    risk_ratio,
)
from trialkit.numerics.score_intervals import (
    odds_ratio_miettinen_nurminen,
    risk_difference_miettinen_nurminen,
    risk_difference_skewness_corrected,
    risk_ratio_miettinen_nurminen,
)

LEVEL = 0.95
GRID = np.round(np.arange(0.05, 0.951, 0.05), 2)
Make = Callable[[Counts, Counts], Interval]
Truth = Callable[[float, float], float]


def difference(p1: float, p0: float) -> float:
    """Return the risk difference."""
    return p1 - p0


def ratio(p1: float, p0: float) -> float:
    """Return the risk ratio."""
    return p1 / p0


def odds(p1: float, p0: float) -> float:
    """Return the odds ratio."""
    return p1 * (1 - p0) / (p0 * (1 - p1))


def bias_corrected(one: Counts, zero: Counts, *, conf_level: float) -> Interval:
    """Return the score interval of the odds ratio with Gart's correction."""
    return odds_ratio_miettinen_nurminen(one, zero, conf_level=conf_level, bias_corrected=True)


METHODS: dict[str, tuple[Callable[..., Interval], Truth]] = {
    "risk difference, Newcombe": (risk_difference_newcombe, difference),
    "risk difference, Miettinen-Nurminen": (risk_difference_miettinen_nurminen, difference),
    "risk difference, skewness-corrected": (risk_difference_skewness_corrected, difference),
    "risk difference, Agresti-Caffo": (risk_difference_agresti_caffo, difference),
    "risk difference, Wald": (risk_difference_wald, difference),
    "risk ratio, log-Wald (Katz)": (risk_ratio, ratio),
    "risk ratio, Miettinen-Nurminen": (risk_ratio_miettinen_nurminen, ratio),
    "odds ratio, log-Wald (Woolf)": (odds_ratio, odds),
    "odds ratio, Miettinen-Nurminen": (odds_ratio_miettinen_nurminen, odds),
    "odds ratio, bias-corrected": (bias_corrected, odds),
}
SLACK = 1e-12


def limits(make: Callable[..., Interval], n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return both limits for every pair of counts out of n."""
    found = [
        [
            make(Counts(events=x1, n=n), Counts(events=x0, n=n), conf_level=LEVEL)
            for x0 in range(n + 1)
        ]
        for x1 in range(n + 1)
    ]
    return tuple(
        np.array([[getattr(item, side) for item in row] for row in found])
        for side in ("conf_low", "conf_high")
    )


def covers(low: np.ndarray, high: np.ndarray, truth: float) -> np.ndarray:
    """Return whether each interval holds the truth."""
    slack = SLACK * max(1.0, abs(truth))
    return (low <= truth + slack) & (truth - slack <= high)


def needed_covers(low: np.ndarray, high: np.ndarray, difference: float) -> np.ndarray:
    """Return whether the interval of the number needed to treat holds 1 / difference.

    An interval whose lower limit is above its upper one runs through infinity.
    """
    if difference == 0:
        return low > high - SLACK
    number, slack = 1 / difference, SLACK * abs(1 / difference)
    inside = (low <= number + slack) & (number - slack <= high)
    either_side = (number >= low - slack) | (number <= high + slack)
    return np.where(low > high, either_side, inside)


def expected(covered: np.ndarray, n: int, p1: float, p0: float) -> float:
    """Return the probability of the tables whose interval covers."""
    counts = np.arange(n + 1)
    return float(stats.binom.pmf(counts, n, p1) @ covered @ stats.binom.pmf(counts, n, p0))


def scenarios() -> Iterator[tuple[str, float, float]]:
    """Yield name, share under treatment and share under control."""
    yield "normal scores", stats.norm.cdf(4.2, 4, 2), stats.norm.cdf(4.2, 5, 2)
    yield "skewed scores", stats.gamma.cdf(4.2, 1.5, scale=2), stats.gamma.cdf(4.2, 1.5, scale=3)
    yield "tied whole scores", stats.binom.cdf(4, 10, 0.4), stats.binom.cdf(4, 10, 0.5)


def table(n: int) -> None:
    """Print the coverage of every method with n people an arm."""
    print(f"\n{n} people an arm: coverage in %")
    heads = ("mean", "minimum", "at", *(name for name, _, _ in scenarios()))
    print(f"{'':38}" + "".join(f"{head:>19}" for head in heads))
    for name, (make, truth) in METHODS.items():
        low, high = limits(make, n)
        line(name, n, lambda p1, p0: covers(low, high, truth(p1, p0)))  # noqa: B023
    low, high = limits(needed, n)
    line("number needed to treat, Newcombe", n, lambda p1, p0: needed_covers(low, high, p1 - p0))


def needed(one: Counts, zero: Counts, *, conf_level: float) -> Interval:
    """Return the interval of the number needed to treat."""
    return number_needed_to_treat(risk_difference_newcombe(one, zero, conf_level=conf_level))


def line(name: str, n: int, covered: Callable[[float, float], np.ndarray]) -> None:
    """Print the coverage of one method: over the grid, where it is least, and by scenario."""
    grid = {(p1, p0): expected(covered(p1, p0), n, p1, p0) for p1 in GRID for p0 in GRID}
    worst = min(grid, key=grid.__getitem__)
    shown = [expected(covered(p1, p0), n, p1, p0) for _, p1, p0 in scenarios()]
    at = f"{worst[0]:.2f}, {worst[1]:.2f}"
    numbers = "".join(f"{100 * value:19.2f}" for value in shown)
    mean, least = 100 * np.mean(list(grid.values())), 100 * grid[worst]
    print(f"{name:38}{mean:19.2f}{least:19.2f}{at:>19}{numbers}")


if __name__ == "__main__":
    for people in (12, 60):
        table(people)
