"""Small trials with missing visits, and their likelihood written out record by record."""

from dataclasses import dataclass, replace

import numpy as np

from trialkit.numerics.subject_blocks import Blocks, visit_blocks


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of a trial."""

    X: np.ndarray
    y: np.ndarray
    subject: np.ndarray
    visit: np.ndarray
    n_visits: int
    group: np.ndarray
    weights: np.ndarray

    def chosen(self, rows: np.ndarray) -> "Records":
        """Return some of the records, in some order."""
        names = ("X", "y", "subject", "visit", "group", "weights")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def records(*, people: int = 30, t: int = 3, seed: int = 7, missing: float = 0.2) -> Records:
    """Return two arms by visit with a baseline covariate; some records are missing."""
    rng = np.random.default_rng(seed)
    visits = np.arange(t)
    Sigma = (0.6 ** np.abs(visits[:, np.newaxis] - visits)) * np.sqrt(
        (1 + visits[:, np.newaxis]) * (1 + visits)
    )
    arm, baseline = np.arange(people) % 2, rng.standard_normal(people)
    outcome = rng.standard_normal((people, t)) @ np.linalg.cholesky(Sigma).T
    outcome += 0.7 * baseline[:, np.newaxis] + arm[:, np.newaxis] * visits
    subject, visit = np.nonzero(rng.random((people, t)) >= missing)
    by_visit = np.eye(t)[visit]
    X = np.column_stack([by_visit, by_visit * arm[subject, np.newaxis], baseline[subject]])
    return Records(
        X=X,
        y=outcome[subject, visit],
        subject=subject,
        visit=visit,
        n_visits=t,
        group=arm[subject],
        weights=rng.uniform(0.5, 2, subject.size),
    )


def blocks_of(trial: Records, *, grouped: bool = False, weighted: bool = False) -> Blocks:
    """Return the blocks of a trial."""
    return visit_blocks(
        trial.X,
        trial.y,
        subject=trial.subject,
        visit=trial.visit,
        n_visits=trial.n_visits,
        group=trial.group if grouped else None,
        n_groups=2 if grouped else 1,
        weights=trial.weights if weighted else None,
    )


def dense_log_likelihood(
    trial: Records, Sigma: np.ndarray, *, reml: bool, grouped: bool = False, weighted: bool = False
) -> float:
    """Return the log-likelihood from one covariance matrix of all records."""
    place = trial.visit + (trial.n_visits * trial.group if grouped else 0)
    same = trial.subject[:, np.newaxis] == trial.subject
    V = Sigma[np.ix_(place, place)] * same
    if weighted:
        V = V / np.sqrt(trial.weights[:, np.newaxis] * trial.weights)
    W = np.linalg.inv(V)
    H = trial.X.T @ W @ trial.X
    residual = trial.y - trial.X @ np.linalg.solve(H, trial.X.T @ W @ trial.y)
    n, p = trial.X.shape
    twice = np.linalg.slogdet(V)[1] + residual @ W @ residual
    twice += (n - (p if reml else 0)) * np.log(2 * np.pi)
    return -(twice + (np.linalg.slogdet(H)[1] if reml else 0)) / 2
