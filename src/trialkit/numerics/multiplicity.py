"""P-values adjusted for the size of their family."""

import numpy as np

from trialkit.numerics.arrays import FloatArray


def holm(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the family-wise error rate, whatever their dependence.

    The i-th smallest of m becomes the largest of (m - j + 1) p_(j) over j <= i, at most 1.
    Equals R's ``p.adjust(p, "holm")`` and SAS's ``STEPBON``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1], no missing values.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Holm S (1979). Scand J Statist 6:65-70.
    """
    order = np.argsort(p, kind="stable")
    factor = np.arange(p.size, 0, -1)
    adjusted = np.minimum(np.maximum.accumulate(factor * p[order]), 1.0)
    return restore(adjusted, order)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the false discovery rate under independence.

    The i-th smallest of m becomes the smallest of (m / j) p_(j) over j >= i, at most 1.
    Equals R's ``p.adjust(p, "BH")`` and SAS's ``FDR``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1], no missing values.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Benjamini Y, Hochberg Y (1995). J R Statist Soc B 57:289-300.
    """
    order = np.argsort(p, kind="stable")
    factor = p.size / np.arange(1, p.size + 1)
    adjusted = np.minimum.accumulate((factor * p[order])[::-1])[::-1]
    return restore(np.minimum(adjusted, 1.0), order)


def restore(adjusted: FloatArray, order: np.ndarray) -> FloatArray:
    """Return adjusted p-values in the order in which the p-values came."""
    result = np.empty_like(adjusted)
    result[order] = adjusted
    return result
