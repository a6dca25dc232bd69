"""Time of a panel of 7 596 endpoints x 20 people, as a ratio to scipy in the same run."""

import time
from collections.abc import Callable
from statistics import median

import numpy as np
import pandas as pd
from scipy import stats

import trialkit as tk
from trialkit.numerics.multiplicity import benjamini_hochberg
from trialkit.numerics.panel import change_panel, paired_panel

ENDPOINTS, PEOPLE, RUNS = 7596, 20, 41


def data() -> tuple[pd.DataFrame, list[str], list[str]]:
    """Return before and after of every endpoint, people in rows, columns apart."""
    rng = np.random.default_rng(20250817)
    before = rng.normal(10, 2, size=(PEOPLE, ENDPOINTS))
    after = before + rng.normal(0, 1, size=before.shape)
    names = [[f"{visit} {i}" for i in range(ENDPOINTS)] for visit in ("before", "after")]
    frame = pd.DataFrame(np.hstack([before, after]), columns=names[0] + names[1])
    return frame.assign(id=range(PEOPLE)), names[0], names[1]


def seconds(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each call; they take turns, so that all see the same machine."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(RUNS):
        for name, run in calls.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return {name: median(values) for name, values in times.items()}


def main() -> None:
    """Print the table."""
    frame, first, second = data()
    before, after = frame[first].to_numpy(), frame[second].to_numpy()
    holes = np.where(np.random.default_rng(1).random(after.shape) < 0.05, np.nan, after)

    def peer() -> object:
        return stats.false_discovery_control(stats.ttest_rel(after, before, axis=0).pvalue)

    def function(values: np.ndarray = after) -> object:
        found = paired_panel(change_panel(values, before), conf_level=0.95)
        return found, benjamini_hochberg(found.p_value)

    def verb() -> tk.AnalysisResult:
        return tk.panel(frame, outcomes=second, baselines=first)

    result = verb()
    timed = seconds(
        {
            "scipy ttest_rel + false_discovery_control": peer,
            "numerics: t tests, intervals, adjustment": function,
            "the same, 5 % of values missing": lambda: function(holes),
            "tk.panel, from a frame to 7 596 rows": verb,
            "its tidy table": result.tidy,
        }
    )
    base = timed["scipy ttest_rel + false_discovery_control"]
    print(f"{ENDPOINTS} endpoints, {PEOPLE} people, median of {RUNS} runs")
    for name, value in timed.items():
        print(f"{name:45s} {value * 1e3:8.2f} ms   {value / base:5.2f} x")


if __name__ == "__main__":
    main()
