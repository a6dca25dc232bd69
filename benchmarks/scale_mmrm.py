"""tk.mmrm at scale: a million subjects in memory, ten million records from Parquet.

Run: python benchmarks/scale_mmrm.py

Both data sets are SIMULATED (seed 2026): two arms, four visits, an unstructured covariance, a
covariate with a slope for each visit, 5 % of the outcomes missing, subjects named by text.
Each measurement is a process of its own, on one core; seconds are of the verb alone, memory is
the largest resident set of the whole process, libraries included.
"""

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import trialkit as tk

ONE_CORE = {
    **os.environ,
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
IN_MEMORY, FROM_PARQUET = 1_000_000, 2_500_000
# Subjects that are simulated at once.
PART = 100_000
VISITS = 4
KIBI = 1024


def simulated(first: int, subjects: int) -> pd.DataFrame:
    """Return the records of some subjects as a frame."""
    rng = np.random.default_rng([2026, first])
    base = rng.normal(20, 4, subjects)
    treated = np.arange(subjects) % 2
    person = rng.normal(0, 3, subjects)
    y = 5 + 0.5 * base[:, np.newaxis] + person[:, np.newaxis]
    y = y - np.outer(treated, np.linspace(0.2, 0.8, VISITS))
    y = y + rng.normal(0, 2, (subjects, VISITS)) * np.linspace(1, 1.5, VISITS)
    y[rng.random((subjects, VISITS)) < 0.05] = np.nan
    names = [f"SUBJ-{first + person:08d}" for person in range(subjects)]
    return pd.DataFrame(
        {
            "USUBJID": np.repeat(np.array(names, dtype=object), VISITS),
            "AVISIT": np.tile([f"VIS{visit + 1}" for visit in range(VISITS)], subjects),
            "ARM": np.repeat(np.where(treated == 1, "active", "sham"), VISITS),
            "BASE": np.repeat(base, VISITS),
            "AVAL": y.ravel(),
            "SITE": np.repeat(rng.integers(1, 40, subjects), VISITS),
        }
    )


def write_parquet(path: Path, subjects: int) -> None:
    """Write simulated records to one file, a part at a time."""
    writer = None
    for first in range(0, subjects, PART):
        table = pa.Table.from_pandas(
            simulated(first, min(PART, subjects - first)), preserve_index=False
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        # Row groups of the usual size, which cut a subject now and then.
        writer.write_table(table, row_group_size=PART * VISITS // 3)
    if writer is not None:
        writer.close()


def measure(kind: str, place: str, subjects: int) -> None:
    """Fit, and print one line."""
    if kind == "frame":
        parts = [simulated(i, min(PART, subjects - i)) for i in range(0, subjects, PART)]
        source: object = pd.concat(parts, ignore_index=True)
        del parts
    else:
        source = Path(place)
    start = perf_counter()
    result = tk.mmrm(
        source,
        outcome="AVAL",
        subject="USUBJID",
        visit="AVISIT",
        arm="ARM",
        reference="sham",
        covariates="BASE * AVISIT",
    )
    seconds = perf_counter() - start
    figures = result.glance().iloc[0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBI
    (row,) = result.select(quantity="ls_mean_difference", visit=f"VIS{VISITS}")
    print(
        f"{kind:9}{subjects * VISITS:>12,} rows{figures.n_records:>12,} complete"
        f"{figures.n_subjects:>11,} subjects{seconds:9.2f} s{peak:9.0f} MiB"
        f"   {row.estimate:.10f} ({row.std_error:.10f})"
    )


def main(arguments: Sequence[str]) -> None:
    """Measure each in a process of its own; an argument divides the sizes."""
    if arguments and arguments[0] in ("frame", "parquet", "write"):
        kind, place, subjects = arguments
        if kind == "write":
            write_parquet(Path(place), int(subjects))
        else:
            measure(kind, place, int(subjects))
        return
    share = int(arguments[0]) if arguments else 1
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/simulated.parquet"
        for kind, subjects in (
            ("frame", IN_MEMORY),
            ("write", FROM_PARQUET),
            ("parquet", FROM_PARQUET),
        ):
            subprocess.run(
                [sys.executable, __file__, kind, path, str(subjects // share)],
                env=ONE_CORE,
                check=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
