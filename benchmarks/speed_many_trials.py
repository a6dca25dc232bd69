"""Mixed models a second, many trials fitted together, against single fits.

Run with ``OMP_NUM_THREADS=1`` for one core.
"""

import time

import numpy as np

from trialkit.numerics.covariance_structures import build_structure
from trialkit.numerics.many_trials import ManyFits, fit_many
from trialkit.numerics.mixed_fit import fit_mixed
from trialkit.numerics.mixed_inference import kenward_roger_basis, satterthwaite_df
from trialkit.numerics.subject_blocks import visit_blocks

TRIALS, SUBJECTS, VISITS, RUNS, CHECKED, SEED = 640, 200, 4, 5, 100, 20260402
DROPOUT, GAPS = 0.04, 0.05


def simulated() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return design (shared), outcomes by trial, and subject and visit of each record."""
    rng = np.random.default_rng(SEED)
    visits = np.arange(VISITS)
    Sigma = 50 * 0.7 ** np.abs(visits[:, np.newaxis] - visits) * (1 + visits / 8)
    Sigma = (Sigma + Sigma.T) / 2
    arm, baseline = np.arange(SUBJECTS) % 2, rng.standard_normal(SUBJECTS)
    errors = rng.standard_normal((TRIALS, SUBJECTS, VISITS)) @ np.linalg.cholesky(Sigma).T
    y = 40 + 5 * baseline[:, np.newaxis] + visits * (1 + arm[:, np.newaxis]) + errors
    lost = rng.random(y.shape) < GAPS
    lost[..., 1:] |= np.cumsum(rng.random((*y.shape[:2], VISITS - 1)) < DROPOUT, axis=-1) > 0
    y[lost] = np.nan
    by_visit = np.tile(np.eye(VISITS), (SUBJECTS, 1))
    treated = np.repeat(arm, VISITS)[:, np.newaxis]
    X = np.column_stack([by_visit, by_visit * treated, np.repeat(baseline, VISITS)])
    subject = np.repeat(np.arange(SUBJECTS), VISITS)
    return X, y.reshape(TRIALS, -1), subject, np.tile(visits, SUBJECTS)


def differences() -> np.ndarray:
    """Return the arms' difference at each visit, one row each."""
    return np.hstack([np.zeros((VISITS, VISITS)), np.eye(VISITS), np.zeros((VISITS, 1))])


def greatest_difference(many: ManyFits, X: np.ndarray, y: np.ndarray, *where: np.ndarray) -> float:
    """Return the greatest difference from single fits, relative to each number's size."""
    subject, visit = where
    structure, L, greatest = build_structure("unstructured", VISITS), differences(), 0.0
    for trial in range(CHECKED):
        there = ~np.isnan(y[trial])
        blocks = visit_blocks(
            X[there], y[trial, there], subject=subject[there], visit=visit[there], n_visits=VISITS
        )
        fit = fit_mixed(blocks, structure)
        turned = L @ fit.basis[0]
        adjusted = turned @ kenward_roger_basis(fit, linear=False)[0]
        pairs = (
            (many.beta, fit.beta[0]),
            (many.vcov, fit.vcov[0]),
            (many.Sigma, fit.Sigma[0]),
            (many.log_likelihood, fit.log_likelihood[0]),
            (many.df, satterthwaite_df(fit, L)[0]),
            (many.kenward_roger_std_error, np.sqrt((adjusted * turned).sum(axis=1))),
        )
        for together, alone in pairs:
            size = np.max(np.abs(alone))
            greatest = max(greatest, float(np.max(np.abs(together[trial] - alone)) / size))
    return greatest


def main() -> None:
    """Print the speed and the greatest difference."""
    X, y, subject, visit = simulated()
    structure, L = build_structure("unstructured", VISITS), differences()
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        many = fit_many(X, y, subject=subject, visit=visit, structure=structure, L=L)
        seconds.append(time.perf_counter() - began)
    print(
        f"{TRIALS} trials of {SUBJECTS} x {VISITS}, {100 * np.isnan(y).mean():.0f} % of records "
        f"missing, unstructured REML, {len(L)} contrasts with Satterthwaite and Kenward-Roger"
    )
    print(f"converged {int(many.converged.sum())}")
    print(
        f"fits a second on one core: median {TRIALS / np.median(seconds):.0f}, "
        f"best {TRIALS / min(seconds):.0f}"
    )
    difference = greatest_difference(many, X, y, subject, visit)
    print(f"greatest relative difference from {CHECKED} single fits: {difference:.1e}")


if __name__ == "__main__":
    main()
