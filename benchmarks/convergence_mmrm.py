"""Fits of random trials: each ends at its highest maximum, or says that it did not.

Run as ``python benchmarks/convergence_mmrm.py [structure ...]``; see ``--help``.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from trialkit.errors import ConvergenceError, NotEstimableError
from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.mixed_fit import MixedFit, fit_mixed, require_converged
from trialkit.numerics.mixed_optimum import maximise
from trialkit.numerics.subject_blocks import Blocks, visit_blocks

PATTERNS = ("compound_symmetry", "ar1", "toeplitz", "ante_dependence")
STRUCTURES = (
    "unstructured",
    *PATTERNS,
    *(f"heterogeneous_{name}" for name in PATTERNS),
    "spatial_exponential",
)
TRIALS, STARTS, SEED = 1000, 12, 20260401
# A log-likelihood higher by more than this is another maximum.
HIGHER = 1e-6


@dataclass
class Tally:
    """What became of the fits of one structure."""

    ends: Counter[str] = field(default_factory=Counter)
    gradients: list[float] = field(default_factory=list)
    gains: list[float] = field(default_factory=list)
    higher: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    seconds: float = 0.0


def correlations(rng: np.random.Generator, t: int) -> np.ndarray:
    """Return a correlation matrix: of random factors, autoregressive, or all equal."""
    kind = rng.integers(3)
    if kind == 0:
        factors = rng.standard_normal((t, t + int(rng.integers(5))))
        products = factors @ factors.T
        length = np.sqrt(np.diag(products))
        return products / length / length[:, np.newaxis]
    if kind == 1:
        visits = np.arange(t)
        return rng.uniform(0.3, 0.97) ** np.abs(visits[:, np.newaxis] - visits)
    rho = rng.uniform(0.2, 0.95)
    return np.full((t, t), rho) + (1 - rho) * np.eye(t)


def spreads(rng: np.random.Generator, t: int) -> np.ndarray:
    """Return standard deviations by visit, variances over six orders of magnitude.

    Between trials in one half of them, between the visits of a trial in the other.
    """
    if rng.random() < 0.5:
        return np.sqrt(10 ** rng.uniform(-3, 3)) * rng.uniform(0.7, 1.4, t)
    return np.sqrt(10 ** rng.uniform(-3, 3, t))


def kept_records(rng: np.random.Generator, n: int, t: int) -> np.ndarray:
    """Return which records are there; up to 40 % are lost, at random or from a visit on."""
    dropout = rng.uniform(0, 0.4)
    kept = rng.random((n, t)) > rng.uniform(0, 0.4 - dropout)
    hazard = 1 - (1 - dropout) ** (1 / (t - 1))
    kept[:, 1:] &= np.cumsum(rng.random((n, t - 1)) < hazard, axis=1) == 0
    return kept


def simulated(seed: int, trial: int) -> tuple[Blocks, int]:
    """Return a trial of 10 to 200 per arm and 3 to 8 visits, arm by visit and baseline."""
    rng = np.random.default_rng([seed, trial])
    per_arm, t = int(10 ** rng.uniform(1, np.log10(200.99))), int(rng.integers(3, 9))
    arm = np.repeat([0, 1], per_arm)
    sd = spreads(rng, t)
    errors = rng.standard_normal((arm.size, t)) @ np.linalg.cholesky(correlations(rng, t)).T * sd
    baseline = rng.standard_normal(arm.size)
    effects = 0.5 * baseline[:, np.newaxis] + 0.3 * arm[:, np.newaxis] * np.arange(t) / t
    y = errors + sd * effects + 10 * rng.standard_normal()
    kept = kept_records(rng, arm.size, t)
    subject, visit = np.nonzero(kept)
    by_visit = np.eye(t)[visit]
    X = np.column_stack([by_visit, by_visit * arm[subject, np.newaxis], baseline[subject]])
    return visit_blocks(X, y[kept], subject=subject, visit=visit, n_visits=t), t


def random_starts(fit: MixedFit, seed: int, trial: int) -> np.ndarray:
    """Return covariance matrices from random correlations and variances."""
    rng = np.random.default_rng([seed, trial, 1])
    t = fit.Sigma.shape[-1]
    spread = np.sqrt(np.diag(fit.Sigma[0])) / fit.scale[0]
    factors = rng.standard_normal((STARTS, t, t + 2))
    products = factors @ np.swapaxes(factors, 1, 2)
    length = np.sqrt(np.diagonal(products, axis1=1, axis2=2))
    sd = spread * np.exp(rng.standard_normal((STARTS, t))) / length
    return products * sd[:, :, np.newaxis] * sd[:, np.newaxis, :]


def highest(fit: MixedFit, seed: int, trial: int) -> float:
    """Return the highest log-likelihood, relative to the fit's, that random starts reach."""
    starts = fit.structure.start(random_starts(fit, seed, trial))
    copies = fit.blocks.trials(np.zeros(STARTS, dtype=np.int64))
    found = maximise(copies, fit.structure, starts, reml=fit.reml)
    values = found.value[found.converged]
    return float(fit.optimum.value[0] - values.min()) if values.size else -np.inf


def check(tally: Tally, name: str, seed: int, trial: int, *, reml: bool) -> None:
    """Fit one trial twice and from random starts."""
    blocks, t = simulated(seed, trial)
    structure = build_structure(name, t, times=np.arange(t, dtype=np.float64))
    began = time.perf_counter()
    try:
        fit = fit_mixed(blocks, structure, reml=reml)
    except NotEstimableError:
        tally.ends["not estimable"] += 1
        return
    tally.seconds += time.perf_counter() - began
    try:
        require_converged(fit, name)
    except ConvergenceError as error:
        tally.ends[error.record.reason] += 1
        if highest(fit, seed, trial) > HIGHER:
            tally.missed.append(trial)
        return
    tally.ends["converged"] += 1
    tally.gradients.append(float(fit.optimum.gradient_norm[0]))
    tally.gains.append(float(fit.optimum.decrement[0]))
    if highest(fit, seed, trial) > HIGHER:
        tally.higher.append(trial)
    again = fit_mixed(blocks, structure, reml=reml)
    if any(
        getattr(fit, each).tobytes() != getattr(again, each).tobytes()
        for each in ("beta", "Sigma", "log_likelihood")
    ):
        tally.changed.append(trial)


def main() -> None:
    """Print one line a structure and likelihood."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("structures", nargs="*", default=STRUCTURES)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", choices=("REML", "ML"))
    chosen = parser.parse_args()
    for name in chosen.structures:
        for likelihood in (chosen.only,) if chosen.only else ("REML", "ML"):
            tally = Tally()
            for trial in range(chosen.trials):
                check(tally, name, chosen.seed, trial, reml=likelihood == "REML")
            print(
                f"{name} {likelihood}, seed {chosen.seed}: {dict(tally.ends)}; largest gradient "
                f"{max(tally.gradients):.1e}, largest gain left {max(tally.gains):.1e}; "
                f"random starts higher in {len(tally.higher)} {tally.higher[:8]}, and higher than "
                f"a refused fit in {len(tally.missed)} {tally.missed[:8]}; other bits in "
                f"{len(tally.changed)}; {1e3 * tally.seconds / chosen.trials:.1f} ms a fit",
                flush=True,
            )


if __name__ == "__main__":
    main()
