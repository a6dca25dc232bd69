"""Simulate data.csv and ../mmrm_small/data.csv: no real person's data.

Three arms x five visits x 150 people, and two arms x three visits x 23 people; scores are
0-10 ratings to one decimal, with monotone dropout and single missed visits. The CSV files
are the reference; this program only says how they came about.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

SLOPES = {"Book listening": 0.05, "Slow breathing": 0.28, "Mindfulness": 0.46}


def trial(
    seed: int, sizes: dict[str, int], visits: int, dropout: float, missed: float
) -> pd.DataFrame:
    """Return the records of one trial."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(list(sizes), list(sizes.values()))
    n = len(arm)
    base = np.clip(rng.normal(6.0, 1.4, n), 2, 10).round(1)
    sex = rng.choice(["F", "M"], n, p=[0.6, 0.4])
    site = rng.choice(["A", "B", "C"], n)
    sd = np.linspace(1.3, 2.0, visits)
    R = 0.65 ** np.abs(np.subtract.outer(range(visits), range(visits)))
    e = rng.multivariate_normal(np.zeros(visits), np.outer(sd, sd) * R, n)
    effect = np.array([SLOPES[name] for name in arm])[:, None] * np.arange(1, visits + 1)
    y = 1.6 + 0.68 * base[:, None] - effect + 0.2 * (sex == "F")[:, None] + e
    y = np.clip(y, 0, 10).round(1)
    gone = np.cumsum(rng.random((n, visits)) < dropout, axis=1) > 0
    gone[:, 0] = False
    y[gone | (rng.random((n, visits)) < missed)] = np.nan
    return pd.DataFrame(
        {
            "USUBJID": np.repeat([f"P{i:03d}" for i in range(1, n + 1)], visits),
            "TRT01P": np.repeat(arm, visits),
            "AVISIT": np.tile([f"Week {2 * k}" for k in range(1, visits + 1)], n),
            "AVISITN": np.tile(range(1, visits + 1), n),
            "SEX": np.repeat(sex, visits),
            "SITE": np.repeat(site, visits),
            "BASE": np.repeat(base, visits),
            "AVAL": y.ravel(),
        }
    )


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1]
    pain = trial(
        20251021,
        {"Book listening": 48, "Slow breathing": 50, "Mindfulness": 52},
        visits=5,
        dropout=0.06,
        missed=0.03,
    )
    small = trial(7, {"Slow breathing": 12, "Mindfulness": 11}, 3, dropout=0.05, missed=0.04)
    pain.to_csv(folder / "mmrm_pain" / "data.csv", index=False)
    small.to_csv(folder / "mmrm_small" / "data.csv", index=False)
