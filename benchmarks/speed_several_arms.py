"""How long simultaneous inference takes beside scipy, in one run.

Run: python benchmarks/speed_several_arms.py

scipy's dunnett integrates by quasi-Monte-Carlo, its tukey_hsd by an adaptive rule.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import pandas as pd
from scipy import stats

import trialkit as tk


def seconds(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several runs."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return min(taken)


def compare(arms: int) -> None:
    """Print the times of one trial."""
    rng = np.random.default_rng(arms)
    n = rng.integers(10, 40, arms)
    arm = np.repeat([f"arm {k}" for k in range(arms)], n)
    frame = pd.DataFrame({"arm": arm, "before": rng.normal(size=arm.size)})
    frame["after"] = frame["before"] + rng.normal(size=arm.size)
    groups = [values.to_numpy() for _, values in frame.groupby("arm")["after"]]
    options = {"outcome": "after", "arm": "arm", "reference": "arm 0"}

    def peer_dunnett() -> object:
        return stats.dunnett(*groups[1:], control=groups[0], rng=1).confidence_interval()

    def peer_tukey() -> object:
        return stats.tukey_hsd(*groups).confidence_interval()

    rows = {
        "Dunnett": (
            seconds(lambda: tk.multiple_comparisons(frame, **options, procedure="dunnett")),
            seconds(peer_dunnett, 2),
        ),
        "Tukey-Kramer": (
            seconds(lambda: tk.multiple_comparisons(frame, **options, procedure="tukey_kramer")),
            seconds(peer_tukey, 2),
        ),
        "Dunnett, one covariate": (
            seconds(lambda: tk.ancova(frame, **options, covariates="before", adjust="dunnett"), 2),
            float("nan"),
        ),
    }
    for name, (ours, theirs) in rows.items():
        ratio = ours / theirs
        print(f"{arms} arms, {name:<24} {ours:8.3f} s   scipy {theirs:8.3f} s   ratio {ratio:.2f}")


if __name__ == "__main__":
    for count in (3, 5, 8):
        compare(count)
