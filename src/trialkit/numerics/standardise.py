"""Columns of a design matrix centred and scaled, so that large offsets cost no digits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from trialkit.errors import NotEstimableError
from trialkit.language.told import tell, tell_list
from trialkit.numerics.arrays import FloatArray

# Share of a column's length left after projecting out the columns before it.
DEPENDENCE_TOLERANCE = 1e-11
# A spread this small beside the values is the rounding of equal values.
ROUNDING = 8 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standardised:
    """Regressors without the intercept, each of mean 0 and largest size 1.

    Attributes
    ----------
    Z : array, shape (n, k)
    shift, scale : array, shape (k,)
        Regressor = shift + scale * column of Z.
    """

    Z: FloatArray
    shift: FloatArray
    scale: FloatArray


def standardise(regressors: FloatArray, names: Sequence[str]) -> Standardised:
    """Centre and scale regressors, and refuse those that others determine.

    Parameters
    ----------
    regressors : array, shape (n, k)
        Without a column of ones.
    names : sequence of str, length k

    Raises
    ------
    NotEstimableError
        If a regressor is constant or a linear combination of those before it; named.
    """
    shift = regressors.mean(axis=0) if regressors.size else np.zeros(regressors.shape[1])
    centred = regressors - shift
    scale = np.max(np.abs(centred), axis=0, initial=0.0)
    size = np.max(np.abs(regressors), axis=0, initial=0.0)
    constant = scale <= ROUNDING * size
    Z = centred / np.where(constant, 1.0, scale)
    dependent = np.flatnonzero(constant)
    if not dependent.size and regressors.shape[1]:
        R = linalg.qr(Z, mode="r")[0][: Z.shape[1]]
        short = np.zeros(Z.shape[1], dtype=bool)
        left = np.abs(np.diag(R))
        length = np.linalg.norm(Z, axis=0)
        short[: len(left)] = left <= DEPENDENCE_TOLERANCE * length[: len(left)]
        short[len(left) :] = True
        dependent = np.flatnonzero(short)
    if dependent.size:
        raise NotEstimableError(
            tell(
                "{terms}: a linear combination of the terms before it; leave it out of the "
                "covariates",
                terms=tell_list(names[j] for j in dependent.tolist()),
            )
        )
    return Standardised(Z=Z, shift=shift, scale=np.where(constant, 1.0, scale))
