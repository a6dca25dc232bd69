"""Permutation tests and bootstrap intervals beside scipy's, at 100 people an arm, in one run.

Run: python benchmarks/speed_resampling.py

A ratio is the time taken here over scipy's (below 1 is faster). Verb: frame in, result out.
"""

import sys
from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
from scipy import stats

import trialkit as tk
from trialkit.numerics.bootstrap import bootstrap
from trialkit.numerics.permutation import permutation_test

PEOPLE = 100
RELABELLINGS = 100_000
RESAMPLES = 10_000
# Relabellings that scipy holds at once: it is faster so than with 10 000 or all of them.
BATCH = 1000


def fastest(action: Callable[[], object], *, repeats: int) -> float:
    """Return the shortest time of several runs, in seconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return min(times)


def mean_difference(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the difference of means, as scipy's fast path wants it."""
    return one.mean(axis=axis) - other.mean(axis=axis)


def median_difference(one: np.ndarray, other: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the difference of medians."""
    return np.median(one, axis=axis) - np.median(other, axis=axis)


def trial(values: np.ndarray) -> pd.DataFrame:
    """Return both arms as a frame."""
    return pd.DataFrame({"arm": np.repeat(["a", "b"], PEOPLE), "y": values})


def line(what: str, *, numerics: float, verb: float, peer: float) -> None:
    """Print times in milliseconds, and the ratios to the peer's."""
    print(
        f"{what:44}{1e3 * numerics:11.1f}{1e3 * verb:11.1f}{1e3 * peer:11.1f}"
        f"{numerics / peer:11.3f}{verb / peer:11.3f}"
    )


def time_permutation(name: str, values: np.ndarray, *, repeats: int) -> None:
    """Time one permutation test against scipy's random relabellings."""
    one, other = values[PEOPLE:], values[:PEOPLE]
    frame = trial(values)
    options = {"draws": RELABELLINGS, "seed": 1}
    line(
        f"permutation, {name}",
        numerics=fastest(lambda: permutation_test(one, other, **options), repeats=repeats),
        verb=fastest(
            lambda: tk.permutation_test(frame, outcome="y", arm="arm", reference="a", **options),
            repeats=repeats,
        ),
        peer=fastest(
            lambda: stats.permutation_test(
                (one, other),
                mean_difference,
                vectorized=True,
                n_resamples=RELABELLINGS,
                batch=BATCH,
                rng=np.random.default_rng(1),
            ),
            repeats=repeats,
        ),
    )


def time_bootstrap(
    statistic: str, difference: Callable[..., np.ndarray], values: np.ndarray, *, repeats: int
) -> None:
    """Time one BCa interval against scipy's."""
    one, other = values[PEOPLE:], values[:PEOPLE]
    frame = trial(values)
    options = {"statistic": statistic, "draws": RESAMPLES, "seed": 1}
    line(
        f"BCa, difference of {statistic}s",
        numerics=fastest(
            lambda: bootstrap([one, other], [1.0, -1.0], size=10.0, **options), repeats=repeats
        ),
        verb=fastest(
            lambda: tk.bootstrap_difference(
                frame, outcome="y", arm="arm", reference="a", **options
            ),
            repeats=repeats,
        ),
        peer=fastest(
            lambda: stats.bootstrap(
                (one, other),
                difference,
                vectorized=True,
                n_resamples=RESAMPLES,
                method="BCa",
                rng=np.random.default_rng(1),
            ),
            repeats=repeats,
        ),
    )


def main() -> None:
    """Print the table."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    rng = np.random.default_rng(20181114)
    print(f"{PEOPLE} people an arm; fastest of {repeats} runs, milliseconds")
    heads = ("numerics", "verb", "scipy", "ratio", "verb ratio")
    print(f"{'':44}{''.join(f'{head:>11}' for head in heads)}")
    for name, step in {"0-10 ratings": 1.0, "half points": 0.5, "tenths": 0.1}.items():
        scores = np.round(rng.integers(0, round(10 / step) + 1, 2 * PEOPLE) * step, 1)
        time_permutation(f"exact, {name}", scores, repeats=repeats)
    time_permutation("seeded draws, no grid", rng.normal(5, 2, 2 * PEOPLE), repeats=repeats)
    scores = np.round(np.clip(rng.normal(5, 2, 2 * PEOPLE), 0, 10), 1)
    time_bootstrap("mean", mean_difference, scores, repeats=repeats)
    time_bootstrap("median", median_difference, scores, repeats=repeats)


if __name__ == "__main__":
    main()
