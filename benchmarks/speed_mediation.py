"""How long a bootstrapped mediation takes beside pingouin's, at equal draws, in one run.

``python benchmarks/speed_mediation.py`` prints seconds (the best of a few runs) and their
ratio. pingouin has one exposure; its parallel mediators are timed on two arms, and three
arms with two mediators and two covariates are timed on our side alone.
"""

import platform
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pingouin

import trialkit as tk

PEOPLE = 200
DRAWS = 5_000
RUNS = 3


def trial(arms: int) -> pd.DataFrame:
    """Return people with two mediators; everything is invented."""
    rng = np.random.default_rng(1)
    arm = np.arange(PEOPLE) % arms
    breaths = -2.0 * (arm > 0) + rng.normal(0, 2, PEOPLE)
    anxiety = -1.0 * arm + rng.normal(0, 4, PEOPLE)
    before, age = rng.normal(5, 1, PEOPLE), rng.normal(40, 10, PEOPLE)
    pain = 0.2 * breaths + 0.1 * anxiety + 0.5 * before + rng.normal(0, 1, PEOPLE)
    columns = {"breaths": breaths, "anxiety": anxiety, "before": before, "age": age, "pain": pain}
    return pd.DataFrame({"x": arm.astype(float), "arm": arm.astype(str), **columns})


def seconds(run: Callable[[], object]) -> float:
    """Return the shortest of a few runs."""
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def ours(frame: pd.DataFrame, mediators: list[str], covariates: str = "1") -> float:
    """Time the BCa bootstrap of ``tk.mediation``."""
    return seconds(
        lambda: tk.mediation(
            frame,
            outcome="pain",
            arm="arm",
            reference="0",
            mediators=mediators,
            covariates=covariates,
            draws=DRAWS,
            seed=1,
        )
    )


def theirs(frame: pd.DataFrame, mediators: list[str], covariates: list[str] | None = None) -> float:
    """Time the bias-corrected bootstrap of ``pingouin.mediation_analysis``."""
    return seconds(
        lambda: pingouin.mediation_analysis(
            data=frame, x="x", m=mediators, y="pain", covar=covariates, n_boot=DRAWS, seed=1
        )
    )


def main() -> None:
    """Print the table."""
    two, three = trial(2), trial(3)
    ours(two, ["breaths"])  # what is loaded on first use is not timed
    print(f"python {platform.python_version()}, numpy {np.__version__}, ", end="")
    print(f"pingouin {pingouin.__version__}; n = {PEOPLE}, {DRAWS} draws, best of {RUNS}")
    print(f"{'':44}{'trialkit':>10}{'pingouin':>10}{'ratio':>8}")
    rows = [
        ("2 arms, 1 mediator", ["breaths"], "1", None),
        ("2 arms, 2 mediators", ["breaths", "anxiety"], "1", None),
        (
            "2 arms, 2 mediators, 2 covariates",
            ["breaths", "anxiety"],
            "before + age",
            ["before", "age"],
        ),
    ]
    for name, mediators, formula, covariates in rows:
        own, other = ours(two, mediators, formula), theirs(two, mediators, covariates)
        print(f"{name:44}{own:9.3f}s{other:9.3f}s{other / own:7.0f}x")
    own = ours(three, ["breaths", "anxiety"], "before + age")
    print(f"{'3 arms, 2 mediators, 2 covariates':44}{own:9.3f}s{'-':>10}{'-':>8}")


if __name__ == "__main__":
    main()
