"""Whether records determine the variances of random effects; refusals by name where not."""

from collections.abc import Sequence

import numpy as np

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray
from trialkit.numerics.random_blocks import RandomTerm

# Second derivatives this flat, on the scale of their diagonal, determine nothing.
FLAT = 1e-9


def require_estimable(levels: Sequence[Sequence[RandomTerm]], n: int) -> None:
    """Raise unless every factor has several groups, and fewer effects than records."""
    for level in levels:
        factor, groups = level[0].factor, level[0].n_groups
        columns = [name for term in level for name in term.columns]
        if groups < 2:
            raise NotEstimableError(
                tell(
                    "random: {factor} has one group only, so nothing varies between its groups; "
                    "leave it out",
                    factor=factor,
                )
            )
        if groups * len(columns) >= n:
            raise NotEstimableError(
                tell(
                    "random: {groups} groups of {factor} have {effects} random effects ({columns} "
                    "each), not fewer than the {n} records; they cannot be told from the residuals",
                    groups=groups,
                    factor=factor,
                    effects=groups * len(columns),
                    columns=tell_list(columns),
                    n=n,
                )
            )
        Z = np.hstack([term.Z for term in level])
        if np.linalg.matrix_rank(Z / np.maximum(np.linalg.norm(Z, axis=0), 1e-300)) < len(columns):
            raise NotEstimableError(
                tell(
                    "random: {columns} of {factor} are linearly dependent; leave one out "
                    "(uncorrelated coefficients are written `1 + x || {factor}`)",
                    columns=tell_list(columns),
                    factor=factor,
                )
            )


def require_determined(information: FloatArray, levels: Sequence[Sequence[RandomTerm]]) -> None:
    """Raise if the likelihood is flat in some direction of the variances."""
    unit = np.sqrt(np.maximum(np.abs(np.diag(information)), np.finfo(np.float64).tiny))
    values = np.linalg.eigvalsh(information / unit[:, np.newaxis] / unit)
    if np.abs(values).min() < FLAT:
        named = (
            tell("{columns} of {factor}", columns=tell_list(term.columns), factor=term.factor)
            for level in levels
            for term in level
        )
        raise NotEstimableError(
            tell(
                "random: the records do not tell the variances of {effects} apart (the likelihood "
                "is flat between them); leave out a random coefficient that does not vary within "
                "its groups",
                effects=tell_list(named, "; "),
            )
        )
