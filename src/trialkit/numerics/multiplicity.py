"""P-values adjusted for the size of their family.

Every function takes the p-values of one family and returns them adjusted, in the order in
which they came. A missing p-value (NaN) is no test: it stays missing and the others are
adjusted as if it were not there, as R's ``p.adjust`` does. Equal p-values stay equal.
"""

from collections.abc import Callable

import numpy as np

from trialkit.errors import SpecificationError
from trialkit.numerics.arrays import FloatArray

# From rising p-values without missing ones to adjusted ones, which may pass 1.
Rule = Callable[[FloatArray], FloatArray]


def holm(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the family-wise error rate, whatever their dependence.

    The i-th smallest of m becomes the largest of (m - j + 1) p_(j) over j <= i, at most 1.
    Equals R's ``p.adjust(p, "holm")`` and SAS's ``STEPBON``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Holm S (1979). Scand J Statist 6:65-70.
    """
    return adjusted_in_order(p, lambda q: np.maximum.accumulate(np.arange(q.size, 0, -1) * q))


def hochberg(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the family-wise error rate of independent tests.

    The i-th smallest of m becomes the smallest of (m - j + 1) p_(j) over j >= i. Never
    larger than Holm's, and valid also under positive dependence (Sarkar 1998). Equals R's
    ``p.adjust(p, "hochberg")`` and SAS's ``HOCHBERG``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Hochberg Y (1988). Biometrika 75:800-802.
    """
    return adjusted_in_order(p, lambda q: smallest_from_here(np.arange(q.size, 0, -1) * q))


def hommel(p: FloatArray) -> FloatArray:
    """Adjust p-values by the closed test of Simes, under independence or positive dependence.

    Never larger than Hochberg's. Each p becomes the smallest level at which Hommel's
    procedure rejects it. Equals R's ``p.adjust(p, "hommel")`` and SAS's ``HOMMEL``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Hommel G (1988). Biometrika 75:383-386. Wright SP (1992). Biometrics 48:1005-1013.
    """
    return adjusted_in_order(p, hommel_rule)


def bonferroni(p: FloatArray) -> FloatArray:
    """Multiply p-values by the size of their family: the family-wise error rate, always.

    Equals R's ``p.adjust(p, "bonferroni")`` and SAS's ``BON``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Dunn OJ (1961). J Am Statist Assoc 56:52-64.
    """
    return adjusted_in_order(p, lambda q: q.size * q)


def sidak(p: FloatArray) -> FloatArray:
    """Adjust p-values to 1 - (1 - p)^m: exact for m independent tests.

    Conservative for two-sided t tests that share an error variance (Sidak 1967). Small
    p-values keep their digits. Equals SAS's ``SIDAK`` and emmeans ``adjust = "sidak"``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Šidák Z (1967). J Am Statist Assoc 62:626-633.
    """

    def rule(q: FloatArray) -> FloatArray:
        with np.errstate(divide="ignore"):  # p = 1 stays 1
            return np.asarray(-np.expm1(q.size * np.log1p(-q)))

    return adjusted_in_order(p, rule)


def benjamini_hochberg(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the false discovery rate under independence.

    The i-th smallest of m becomes the smallest of (m / j) p_(j) over j >= i, at most 1.
    Equals R's ``p.adjust(p, "BH")`` and SAS's ``FDR``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Benjamini Y, Hochberg Y (1995). J R Statist Soc B 57:289-300.
    """
    return adjusted_in_order(p, lambda q: smallest_from_here(q.size / ranks(q) * q))


def benjamini_yekutieli(p: FloatArray) -> FloatArray:
    """Adjust p-values to control the false discovery rate, whatever their dependence.

    Benjamini and Hochberg's times 1 + 1/2 + ... + 1/m, at most 1. Equals R's
    ``p.adjust(p, "BY")``.

    Parameters
    ----------
    p : array, shape (m,)
        In [0, 1]; NaN stays NaN and does not count.

    Returns
    -------
    array, shape (m,)
        In the order of ``p``.

    References
    ----------
    Benjamini Y, Yekutieli D (2001). Ann Statist 29:1165-1188.
    """
    return adjusted_in_order(
        p, lambda q: smallest_from_here(np.sum(1 / ranks(q)) * q.size / ranks(q) * q)
    )


def hommel_rule(q: FloatArray) -> FloatArray:
    """Return Hommel's adjusted p-values of rising ones.

    For a family of size s, Simes's test of its s largest is c = min s p_(m-s+i) / i. An
    intersection that holds p_(j) is rejected at the level of the largest c that bears on
    it (Wright 1992, algorithm of his appendix, over s = m, ..., 2).
    """
    m = q.size
    adjusted = q.copy()
    for s in range(m, 1, -1):
        tail = q[m - s + 1 :]
        c = float(np.min(s * tail / np.arange(2, s + 1)))
        adjusted[m - s + 1 :] = np.maximum(adjusted[m - s + 1 :], c)
        head = slice(0, m - s + 1)
        adjusted[head] = np.maximum(adjusted[head], np.minimum(c, s * q[head]))
    return adjusted


def ranks(q: FloatArray) -> FloatArray:
    """Return 1, 2, ..., m."""
    return np.arange(1.0, q.size + 1)


def smallest_from_here(values: FloatArray) -> FloatArray:
    """Return at each place the smallest of the values from there on."""
    return np.asarray(np.minimum.accumulate(values[::-1])[::-1])


def adjusted_in_order(p: FloatArray, rule: Rule) -> FloatArray:
    """Apply a rule for rising p-values to those that are there, and put them back.

    Raises
    ------
    SpecificationError
        If a value lies outside [0, 1].
    """
    result = np.asarray(p, dtype=np.float64).copy()
    there = np.flatnonzero(~np.isnan(result))
    if np.any((result[there] < 0) | (result[there] > 1)):
        raise SpecificationError("p-values: expected numbers in [0, 1]")
    order = there[np.argsort(result[there], kind="stable")]
    if order.size:
        result[order] = np.minimum(rule(result[order]), 1.0)
    return result
