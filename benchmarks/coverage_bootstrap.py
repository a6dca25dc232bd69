"""How often 95 % bootstrap and permutation intervals contain the truth.

Run: python benchmarks/coverage_bootstrap.py [replications] [draws]

Differences between two arms and changes within people, 12 and 60 an arm, for normal, skewed and
tied 0-10 scores. The truth is known exactly. A star marks what misses 95 by more than 1.5 points.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from trialkit.numerics.bootstrap import acceleration, summarise
from trialkit.numerics.permutation import permutation_test
from trialkit.numerics.resampling import STATISTICS
from trialkit.numerics.sign_flip import sign_flip_test

INTERVALS = ("bca", "percentile", "basic")
RELABELLING_REPLICATIONS = 2000
GRID = np.arange(11)


@dataclass(frozen=True)
class Source:
    """Where scores come from, and their mean and median."""

    draw: Callable[[np.random.Generator, int], np.ndarray]
    mean: float
    median: float


def normal(mean: float, std_dev: float) -> Source:
    """Return normal scores."""
    return Source(lambda rng, n: rng.normal(mean, std_dev, n), mean, mean)


def exponential(mean: float) -> Source:
    """Return exponential scores: skewness 2."""
    return Source(lambda rng, n: rng.exponential(mean, n), mean, mean * np.log(2))


def on_scale(probability: np.ndarray, values: np.ndarray) -> Source:
    """Return scores with known probabilities."""
    below = np.cumsum(probability)
    return Source(
        lambda rng, n: rng.choice(values, n, p=probability).astype(float),
        float(probability @ values),
        float(values[np.searchsorted(below, 0.5)]),
    )


def rating(mean: float, std_dev: float) -> np.ndarray:
    """Return the probabilities of a normal score, rounded and cut off at 0 and 10."""
    edges = np.concatenate([[-np.inf], GRID[:-1] + 0.5, [np.inf]])
    return np.diff(stats.norm.cdf(edges, mean, std_dev))


def rating_change(before: np.ndarray, after: np.ndarray) -> Source:
    """Return the change of two independent ratings."""
    return on_scale(np.convolve(after, before[::-1]), np.arange(-10, 11))


ARMS = {
    "normal": (normal(4.0, 2.0), normal(5.0, 2.5)),
    "skewed": (exponential(2.0), exponential(3.0)),
    "tied": (on_scale(rating(2.0, 2.5), GRID), on_scale(rating(4.0, 2.5), GRID)),
}
CHANGES = {
    "normal": normal(-1.0, 2.0),
    "skewed": exponential(2.0),
    "tied": rating_change(rating(4.0, 2.5), rating(2.0, 2.5)),
}


def hits(
    sources: tuple[Source, ...], *, statistic: str, n: int, replications: int, draws: int
) -> dict[str, float]:
    """Return the share of replications in which each interval holds the truth."""
    summary = STATISTICS[statistic]
    signs = (1.0, -1.0)[: len(sources)]
    truth = sum(
        sign * getattr(source, statistic) for sign, source in zip(signs, sources, strict=True)
    )
    held = dict.fromkeys(INTERVALS, 0)
    for replication in range(replications):
        rng = np.random.default_rng([20181114, n, replication])
        samples = [np.sort(source.draw(rng, n)) for source in sources]
        if all(np.ptp(values) == 0 for values in samples):
            continue
        parts = [
            sign * summary.resampled(values, draws, replication, stream)
            for stream, (values, sign) in enumerate(zip(samples, signs, strict=True))
        ]
        estimate = sum(sign * summary.of(v) for sign, v in zip(signs, samples, strict=True))
        influence = [sign * summary.influence(v) for sign, v in zip(signs, samples, strict=True)]
        for interval in INTERVALS:
            try:
                found = summarise(
                    np.sum(parts, axis=0),
                    estimate=float(estimate),
                    acceleration=acceleration(influence),
                    interval=interval,
                    conf_level=0.95,
                )
            except ValueError:  # refused: counts as not holding the truth
                continue
            held[interval] += found.conf_low - 1e-9 <= truth <= found.conf_high + 1e-9
    return {interval: count / replications for interval, count in held.items()}


def relabelling_hits(sources: tuple[Source, ...], *, n: int, replications: int) -> float:
    """Return the share of replications in which the interval of a relabelling test holds."""
    held = 0
    truth = sources[0].mean - (sources[1].mean if len(sources) == 2 else 0.0)
    for replication in range(replications):
        rng = np.random.default_rng([20181114, n, replication])
        # Hundredths, so that every sample is on a grid and the test exact.
        samples = [np.round(source.draw(rng, n), 2) for source in sources]
        if len(samples) == 2:
            test = permutation_test(samples[0], samples[1])
        else:
            test = sign_flip_test(np.zeros(n), samples[0])
        held += test.conf_low - 1e-9 <= truth <= test.conf_high + 1e-9
    return held / replications


def cell(share: float, replications: int) -> str:
    """Return a coverage with its Monte-Carlo error, starred if it misses."""
    error = 100 * np.sqrt(share * (1 - share) / replications)
    star = "*" if abs(share - 0.95) > 0.015 else " "
    return f"{100 * share:6.1f}{star}({error:.1f})"


def main() -> None:
    """Print the table."""
    replications = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    draws = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    designs = {
        "difference": ARMS,
        "change": {name: (source,) for name, source in CHANGES.items()},
    }
    print(f"{replications} replications, {draws} resamples; coverage in % (Monte-Carlo error)")
    head = "".join(f"{name:>14}" for name in (*INTERVALS, "relabelling"))
    print(f"{'':36}{head}")
    for (design, sources), statistic, n in product(designs.items(), STATISTICS, (12, 60)):
        for name, parts in sources.items():
            shares = hits(parts, statistic=statistic, n=n, replications=replications, draws=draws)
            cells = [cell(share, replications) for share in shares.values()]
            if statistic == "mean":
                few = min(replications, RELABELLING_REPLICATIONS)
                cells.append(cell(relabelling_hits(parts, n=n, replications=few), few))
            row = "".join(f"{text:>14}" for text in cells)
            print(f"{design:12}{statistic:8}{name:8} n = {n:<3}{row}", flush=True)


if __name__ == "__main__":
    main()
