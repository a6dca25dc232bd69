"""Coverage of the 95 % intervals that come from ranks, for scores as trials have them.

Shifts: the Hodges-Lehmann shift of two arms and the Walsh median of changes, with exact and
normal order statistics. Probability of superiority: Newcombe's interval, Brunner and Munzel's,
and effectsize's of the rank-biserial correlation, of arms and of changes. The population's own
value is known, or taken from two million people.

Whole-number ratings tie. Their shift is a whole number, so that both arms keep one shape (the
model under which a shift exists); the latent ratings are rounded and cut after a shift of half a
point, which is then no shift of the ratings, and the share that holds it is for information.

Run: ``python benchmarks/coverage_ranks.py [replicates]``.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.numerics.brunner_munzel import brunner_munzel, brunner_munzel_permutation
from trialkit.numerics.rank_sum import (
    hodges_lehmann,
    probability_of_superiority,
    rank_arms,
    rank_biserial,
)
from trialkit.numerics.signed_rank import paired_rank_biserial, pseudomedian, rank_changes

REPLICATES = 5_000
SIZES = (12, 60)
LARGE = 2_000_000
PROMISED = 1.5  # percentage points from 95
DISTRIBUTIONS = ("exact", "normal", "normal_corrected")

Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two populations: the treated and the reference, and the shift between them."""

    name: str
    treated: Draw
    reference: Draw
    shift: float


def normal(centre: float, spread: float = 1.0) -> Draw:
    """Symmetric scores."""
    return lambda rng, size: rng.normal(centre, spread, size)


def lognormal(shift: float) -> Draw:
    """Very skewed scores, moved up."""
    return lambda rng, size: np.exp(rng.standard_normal(size)) + shift


def gamma(shift: float) -> Draw:
    """Skewed scores (skewness 1, standard deviation 1), moved up."""
    return lambda rng, size: rng.gamma(4.0, 0.5, size) + shift


def ratings(shift: int) -> Draw:
    """Whole numbers from 0 to 8, centred on 4, moved up by whole points: 0 to 10."""
    return lambda rng, size: np.clip(np.rint(rng.normal(4, 2, size)), 0, 8) + shift


def latent(shift: float) -> Draw:
    """Whole numbers from 0 to 10: moved first, then rounded and cut."""
    return lambda rng, size: np.clip(np.rint(rng.normal(5 + shift, 2, size)), 0, 10)


SHIFTS = (
    *(Pair(name=f"normal {d:g}", treated=normal(d), reference=normal(0), shift=d) for d in (0, 1)),
    Pair(name="lognormal 1", treated=lognormal(1), reference=lognormal(0), shift=1),
    Pair(name="gamma 1", treated=gamma(1), reference=gamma(0), shift=1),
    *(
        Pair(name=f"ratings {d}", treated=ratings(d), reference=ratings(0), shift=d)
        for d in (0, 1, 2)
    ),
    Pair(name="latent 0.5", treated=latent(0.5), reference=latent(0), shift=0.5),
)
SUPERIORITIES = (
    *SHIFTS,
    Pair(name="normal 2", treated=normal(2), reference=normal(0), shift=2),
    Pair(name="latent 3", treated=latent(3), reference=latent(0), shift=3),
    Pair(name="spread 1:3", treated=normal(1, 3), reference=normal(0), shift=1),
)
CHANGES: tuple[tuple[str, Draw], ...] = (
    ("normal -1", normal(-1, 1.5)),
    ("normal -3", normal(-3, 1.5)),
    ("gamma -1", lambda rng, size: 1 - gamma(0)(rng, size)),
    ("lognormal -1", lambda rng, size: 1 - lognormal(0)(rng, size)),
    ("whole -1", lambda rng, size: np.rint(rng.normal(-1, 1.5, size))),
    ("whole 0", lambda rng, size: np.rint(rng.normal(0, 1.5, size))),
)


def holds(low: float, high: float, truth: float) -> bool:
    """Return whether an interval holds a value, its ends included."""
    return low <= truth + 1e-12 and truth <= high + 1e-12


def shift_of_arms(
    pair: Pair, n: int, rng: np.random.Generator, replicates: int
) -> Iterator[tuple[str, float]]:
    """Yield distribution and coverage of the Hodges-Lehmann interval."""
    x, y = pair.treated(rng, (replicates, n)), pair.reference(rng, (replicates, n))
    held = dict.fromkeys(DISTRIBUTIONS, 0)
    for treated, reference in zip(x, y, strict=True):
        arms = rank_arms(treated, reference)
        for name in DISTRIBUTIONS:
            found = hodges_lehmann(arms, distribution=name)
            held[name] += holds(found.conf_low, found.conf_high, pair.shift)
    yield from ((f"shift {name}", count / replicates) for name, count in held.items())


def superiority_of_arms(
    pair: Pair, n: int, rng: np.random.Generator, replicates: int
) -> Iterator[tuple[str, float]]:
    """Yield method and coverage of the probability of superiority."""
    truth = superiority(pair.treated(rng, (LARGE,)), pair.reference(rng, (LARGE,)))
    x, y = pair.treated(rng, (replicates, n)), pair.reference(rng, (replicates, n))
    held = {
        "Newcombe": 0,
        "rank-biserial": 0,
        "Brunner-Munzel t": 0,
        "Brunner-Munzel permutation": 0,
    }
    counted = dict.fromkeys(held, 0)
    few = replicates // 2  # relabelling is slower
    for done, (treated, reference) in enumerate(zip(x, y, strict=True)):
        arms = rank_arms(treated, reference)
        p = probability_of_superiority(arms)
        counted["Newcombe"] += 1
        held["Newcombe"] += holds(p.conf_low, p.conf_high, truth)
        r = rank_biserial(arms)
        if not np.isnan(r.conf_low):
            counted["rank-biserial"] += 1
            held["rank-biserial"] += holds(r.conf_low, r.conf_high, 2 * truth - 1)
        try:
            found = {"Brunner-Munzel t": brunner_munzel(treated, reference)}
        except NotEstimableError:
            continue
        if done < few:
            found["Brunner-Munzel permutation"] = brunner_munzel_permutation(
                treated, reference, draws=999, seed=done
            )
        for name, test in found.items():
            counted[name] += 1
            held[name] += holds(test.conf_low, test.conf_high, truth)
    yield from ((name, held[name] / counted[name]) for name in held)


def superiority(x: np.ndarray, y: np.ndarray) -> float:
    """Return P(X > Y) + P(X = Y) / 2 of two large samples."""
    ordered = np.sort(y)
    below = np.searchsorted(ordered, x, side="left") + np.searchsorted(ordered, x, side="right")
    return float(below.mean() / (2 * y.size))


def changes_within(
    draw: Draw, n: int, rng: np.random.Generator, replicates: int
) -> Iterator[tuple[str, float]]:
    """Yield method and coverage of the Walsh median and the paired rank-biserial."""
    first, second = draw(rng, (LARGE,)), draw(rng, (LARGE,))
    centre = float(np.median((first + second) / 2))
    moved = first[first != 0]
    sizes = np.sort(np.abs(moved))
    mid = np.searchsorted(sizes, np.abs(moved), "left") + np.searchsorted(
        sizes, np.abs(moved), "right"
    )
    dominance = float((np.sign(moved) * mid).mean() / moved.size)
    held = dict.fromkeys([*DISTRIBUTIONS, "paired rank-biserial"], 0)
    counted = 0
    for changes in draw(rng, (replicates, n)):
        for name in DISTRIBUTIONS:
            found = pseudomedian(changes, distribution=name)
            held[name] += holds(found.conf_low, found.conf_high, centre)
        r = paired_rank_biserial(rank_changes(np.zeros(n), changes))
        if not np.isnan(r.conf_low):
            counted += 1
            held["paired rank-biserial"] += holds(r.conf_low, r.conf_high, dominance)
    yield from ((f"Walsh median {name}", held[name] / replicates) for name in DISTRIBUTIONS)
    yield "paired rank-biserial", held["paired rank-biserial"] / max(counted, 1)


def main() -> None:
    """Print coverage of each interval, and mark those off 95 % by more than promised."""
    replicates = int(sys.argv[1]) if len(sys.argv) > 1 else REPLICATES
    error = 100 * float(np.sqrt(0.95 * 0.05 / replicates))
    print(f"{replicates} replicates; Monte-Carlo error {error:.2f} points (permutation: x 1.4)")
    print(f"{'scores':<14}{'n':>4}  {'interval':<30}{'coverage %':>11}")
    jobs: list[tuple[str, Callable[..., Iterator[tuple[str, float]]], object]] = [
        *((pair.name, shift_of_arms, pair) for pair in SHIFTS),
        *((pair.name, superiority_of_arms, pair) for pair in SUPERIORITIES),
        *((name, changes_within, draw) for name, draw in CHANGES),
    ]
    for number, (name, job, of) in enumerate(jobs):
        for n in SIZES:
            rng = np.random.default_rng([20261123, number, n])
            for interval, share in job(of, n, rng, replicates):
                off = abs(100 * share - 95) > PROMISED
                print(
                    f"{name:<14}{n:>4}  {interval:<30}{100 * share:>11.2f}{' *' * off}", flush=True
                )


if __name__ == "__main__":
    main()
