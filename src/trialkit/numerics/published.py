"""Printed figures recomputed from one another; single numbers in, single numbers out."""

from math import sqrt

import numpy as np

from trialkit.numerics.tails import (
    chi_square_p_value,
    f_p_value,
    normal_quantile,
    t_quantile,
    two_sided_p_value,
)


def p_value_of_t(statistic: float, df: float) -> float:
    """Return the two-sided p of a t statistic; ``df`` infinite for z."""
    return float(two_sided_p_value(np.array([statistic]), np.array([df]))[0])


def p_value_of_f(statistic: float, df_num: float, df_den: float) -> float:
    """Return the upper tail of F."""
    return f_p_value(statistic, df_num, df_den)


def p_value_of_chi_square(statistic: float, df: float) -> float:
    """Return the upper tail of chi-square, whose degrees of freedom are whole."""
    return chi_square_p_value(statistic, int(df))


def paired_effect(t: float, n: float) -> float:
    """Return Cohen's d_z of a paired t of n people: t / sqrt(n)."""
    return t / sqrt(n)


def independent_effect(t: float, n_treatment: float, n_reference: float) -> float:
    """Return Cohen's d_s of Student's t of two arms: t sqrt(1 / n1 + 1 / n0)."""
    return t * sqrt(1 / n_treatment + 1 / n_reference)


def partial_eta_squared(f: float, df_num: float, df_den: float) -> float:
    """Return the share of variance that an F test stands for: F a / (F a + b)."""
    return f * df_num / (f * df_num + df_den)


def std_dev_of_interval(half_width: float, n: float, *, conf_level: float, normal: bool) -> float:
    """Return the standard deviation behind the interval of a mean of n people."""
    df = np.array([np.inf if normal else n - 1.0])
    return half_width * sqrt(n) / float(t_quantile(conf_level, df)[0])


def std_error_of_interval(half_width: float, conf_level: float) -> float:
    """Return the standard error behind an interval that was made with the normal."""
    return half_width / normal_quantile(conf_level)


def std_dev_of_changes(change: float, t: float, n: float) -> float:
    """Return the standard deviation of changes behind a mean change and its paired t."""
    return abs(change / t) * sqrt(n)


def correlation_of_changes(before: float, after: float, change: float) -> float:
    """Return the correlation behind three standard deviations: before, after, of the change.

    Var(after - before) = s0^2 + s1^2 - 2 r s0 s1, solved for r; it may leave [-1, 1], which
    no people's data can.
    """
    return (before**2 + after**2 - change**2) / (2 * before * after)
