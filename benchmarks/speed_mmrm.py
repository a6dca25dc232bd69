"""How long ``tk.mmrm`` takes beside R, one core, as ratios in one run.

The peer that runs here is ``nlme::gls`` (unstructured, REML). R's mmrm 0.3.18 was timed beside gls
on one machine once (medians, ``PEERS``), so that ours / gls in this run over mmrm / gls as
measured tells how many times faster than mmrm ours is, whatever the machine. Ours is always the
whole call: the frame checked, the model fitted, all adjusted means, all differences by visit,
joint tests, coefficients, Kenward-Roger; theirs is what the row says. Trials are SIMULATED.

The columns of a formula are worked out once for each set of levels and kept. ``cold`` is a call
that works them out, as the first in a program does; ``warm`` any other. What is promised is
promised cold.

Run: ``OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/speed_mmrm.py [--long] [--shared
FOLDER]``. ``--long`` also times gls at 1 000 x 8 (more than a minute a fit); FOLDER holds
``reference/data/fev_data.csv`` for the one trial of the table that is not simulated.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pandas as pd

import trialkit as tk
from trialkit.design.visits import build_coding

GLS = Path(__file__).with_name("speed_mmrm_gls.R")
ROLES = {
    "outcome": "AVAL",
    "subject": "USUBJID",
    "visit": "AVISIT",
    "arm": "ARMCD",
    "reference": "PBO",
}
CATEGORIES, BASELINE = "RACE + SEX", "BASE + BASE:AVISIT"
# Seconds, R 4.2.2 with mmrm 0.3.18, TMB 1.9.17 and nlme, medians on one core of one machine.
PEERS_GLS = {"fev": 0.292, "200 x 4": 0.567, "200 x 8": 18.8, "1000 x 4": 2.80, "1000 x 8": 82.5}
SPREAD = np.array([10.0, 8.0, 9.0, 12.0, 9.5, 11.0, 10.5, 8.5, 12.5, 11.5])


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison: a trial, what mmrm took for what, and gls at which size."""

    trial: str
    gls: str
    does: str
    seconds: float
    promise: float | None = None
    options: dict[str, str] = field(default_factory=dict)


ROWS = (
    Row(trial="fev", gls="fev", does="fit", seconds=0.036),
    Row(
        trial="fev",
        gls="fev",
        does="Satterthwaite contrasts",
        seconds=0.068,
        promise=3,
        options={"df_method": "satterthwaite"},
    ),
    Row(trial="fev", gls="fev", does="Kenward-Roger contrasts", seconds=0.107, promise=3),
    Row(trial="200 x 4", gls="200 x 4", does="fit", seconds=0.082),
    Row(trial="200 x 8", gls="200 x 8", does="fit", seconds=0.512),
    Row(trial="1000 x 4", gls="1000 x 4", does="fit", seconds=0.323, promise=10),
    Row(trial="1000 x 8", gls="1000 x 8", does="fit", seconds=2.5),
    Row(trial="20000 x 4", gls="1000 x 4", does="fit", seconds=6.7, promise=100),
    Row(trial="20000 x 8", gls="1000 x 4", does="fit", seconds=46.8),
    Row(
        trial="1000 x 10",
        gls="1000 x 4",
        does="Satterthwaite contrasts",
        seconds=1.9,
        options={"df_method": "satterthwaite"},
    ),
    Row(
        trial="1000 x 10",
        gls="1000 x 4",
        does="Kenward-Roger contrasts",
        seconds=28.3,
        promise=100,
    ),
)


def simulated(subjects: int, visits: int, *, missing: float, seed: int = 11) -> pd.DataFrame:
    """Return a trial of two arms, an unstructured covariance, and a share of records missing."""
    rng = np.random.default_rng(seed)
    apart = np.abs(np.subtract.outer(np.arange(visits), np.arange(visits)))
    correlation = 0.35 + 0.6 * 0.55**apart + 0.05 * np.eye(visits)
    spread = SPREAD[:visits]
    base = rng.normal(40, 9, subjects)
    treated = rng.permutation(np.arange(subjects) % 2)
    y = rng.standard_normal((subjects, visits)) @ np.linalg.cholesky(correlation).T * spread
    y += 30 + 0.3 * base[:, np.newaxis] + 3 * np.arange(visits)
    y += np.outer(treated, np.linspace(1, 4, visits))
    y[rng.random(y.shape) < missing] = np.nan
    return pd.DataFrame(
        {
            "USUBJID": np.repeat([f"PT{person:06d}" for person in range(subjects)], visits),
            "AVISIT": np.tile([f"VIS{visit + 1}" for visit in range(visits)], subjects),
            "VISITN": np.tile(np.arange(1, visits + 1), subjects),
            "ARMCD": np.repeat(np.where(treated, "TRT", "PBO"), visits),
            "BASE": np.repeat(base, visits),
            "RACE": np.repeat(rng.choice(["Asian", "Black", "White"], subjects), visits),
            "SEX": np.repeat(rng.choice(["Female", "Male"], subjects), visits),
            "AVAL": y.ravel(),
        }
    )


def trial_of(name: str) -> pd.DataFrame:
    """Return the trial of a size; the fev-like one lacks a third of its records."""
    if name == "fev":
        return simulated(200, 4, missing=1 / 3)
    subjects, visits = map(int, name.split(" x "))
    return simulated(subjects, visits, missing=0.1)


def covariates_of(name: str) -> str:
    """Return the covariates of a trial's model."""
    return CATEGORIES if name.startswith("fev") else BASELINE


def seconds(work: Callable[[], object], times: int) -> list[float]:
    """Return how long each of several runs takes."""
    taken = []
    for _ in range(times):
        started = perf_counter()
        work()
        taken.append(perf_counter() - started)
    return taken


def ours(frame: pd.DataFrame, name: str, options: dict[str, str]) -> dict[str, list[float]]:
    """Return the times of the whole call, cold and warm in turn."""

    def call() -> object:
        return tk.mmrm(frame, **ROLES, covariates=covariates_of(name), **options)

    call()
    times: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(5 if len(frame) > 50_000 else 15):
        build_coding.cache_clear()
        times["cold"] += seconds(call, 1)
        times["warm"] += seconds(call, 1)
    return times


def theirs(frame: pd.DataFrame, name: str, runs: int) -> list[float]:
    """Return the times of gls; stop if it ends at another likelihood than ours."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "trial.csv"
        frame.to_csv(path, index=False)
        printed = subprocess.run(
            [which("Rscript") or "Rscript", str(GLS), str(runs), covariates_of(name), str(path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
    own = tk.mmrm(frame, **ROLES, covariates=covariates_of(name)).glance()["log_likelihood"][0]
    if abs(float(printed[-1]) - own) > 0.01:
        raise SystemExit(f"{name}: gls ends at {printed[-1]}, ours at {own}")
    return [float(value) for value in printed[:-1]]


def gls_sizes(*, long: bool) -> dict[str, int]:
    """Return how many runs of gls each size gets."""
    runs = {"fev": 7, "200 x 4": 7, "1000 x 4": 5, "200 x 8": 1}
    return runs | ({"1000 x 8": 1} if long else {})


def measure(trials: dict[str, pd.DataFrame], *, long: bool) -> None:
    """Print the table."""
    runs = gls_sizes(long=long)
    gls: dict[str, float] = {}
    own: dict[int, dict[str, list[float]]] = {}
    for index, row in enumerate(ROWS):
        own[index] = ours(trials[row.trial], row.trial, row.options)
        if which("Rscript") and row.gls in runs and row.gls not in gls:
            gls[row.gls] = median(theirs(trials[row.gls], row.gls, runs[row.gls]))
        again = ours(trials[row.trial], row.trial, row.options)
        own[index] = {name: own[index][name] + again[name] for name in again}
    print(
        f"{'trial':>10} {'cold s':>8} {'warm s':>8}  {'gls at':>9} {'gls s':>7} {'ours/gls':>9}"
        f" {'mmrm/gls':>9}  {'mmrm did':<24} {'times faster, cold (warm)':>26}"
    )
    for index, row in enumerate(ROWS):
        times = {name: median(values) for name, values in own[index].items()}
        line = f"{row.trial:>10} {times['cold']:8.4f} {times['warm']:8.4f}"
        if row.gls not in gls:
            print(line, f"  {row.gls:>9} not timed")
            continue
        beside = row.seconds / PEERS_GLS[row.gls]
        faster = {name: beside * gls[row.gls] / value for name, value in times.items()}
        kept = ""
        if row.promise is not None:
            held = "held" if faster["cold"] >= row.promise else "MISSED"
            kept = f"  promised {row.promise:g}: {held}"
        print(
            f"{line}  {row.gls:>9} {gls[row.gls]:7.3f} {times['cold'] / gls[row.gls]:9.5f}"
            f" {beside:9.4f}  {row.does:<24} {faster['cold']:15.1f} ({faster['warm']:7.1f}){kept}"
        )
    loop = median(own[3]["warm"])
    print(f"a loop of trials of 200 x 4: {1 / loop:.0f} whole calls a second (mmrm: 13 fits)")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--long", action="store_true", help="also gls at 1000 x 8")
    parser.add_argument("--shared", type=Path, help="folder with reference/data/fev_data.csv")
    given = parser.parse_args()
    if {os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")} != {"1"}:
        sys.exit("one core: set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1")
    trials = {name: trial_of(name) for name in dict.fromkeys(row.trial for row in ROWS)}
    if given.shared is not None:
        fev = pd.read_csv(given.shared / "reference" / "data" / "fev_data.csv")
        trials["fev"] = fev.rename(columns={"FEV1": "AVAL", "FEV1_BL": "BASE"})
    measure(trials, long=given.long)


if __name__ == "__main__":
    main()
